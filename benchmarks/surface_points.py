"""Surfaces on drawings of real hands: whether areas are whole, and what they are taken for.

    python benchmarks/surface_points.py --manga FOLDER --record docs/results/surface-points.txt
    python benchmarks/surface_points.py --manga FOLDER --pairs FOLDER --named open-cartoon/val \
        --model a/bundle b/bundle

`--manga` has the pages that `manga-points.json` names: points set by hand on surfaces, through
their tone, hatching and shadow, and pairs of surfaces that must differ. No reference is needed:

Each page is looked at several times, more and more of its edges cut off, for all of this moves by
hundredths with where pixels happen to lie:

- one: share of pairs of points of one surface that lie in one area, surfaces weigh alike;
- two: share of pairs of points of two surfaces that must differ and lie in two areas;
- skin, hair: share of points on them whose area is taken for it.

`--pairs` has drawn ink (`*-line.webp`) beside its colours (`*-color.webp`): the parts are what has
one colour there. They are told apart as they are and with what a mangaka lays over them; `pure`
and `whole` are those of `benchmarks/surfaces.py`, at several borders.

`--named` has the pictures that `named-kinds.csv` names, of illustrators from whom nothing is
learned: crops of them are drawn as manga, and told is how much of what was named skin (hair,
clothes ...) is taken for it, and how much of what is taken for it was named so.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import itertools
import json
import platform
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from surface_manga import CUTS, POINTS
from surfaces import JOINS, Network, connected, purity

from mangacolor.bundle import default_bundle
from mangacolor.data.picture_kinds import read_kinds
from mangacolor.data.surface_pictures import cut_picture_crop, name_picture
from mangacolor.images.areas import AREA_PIXELS
from mangacolor.images.geometry import Float32, UInt8, fit_seen, resize
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.images.page import read_color, read_page
from mangacolor.images.surfaces import JOIN, MULTIPLE, OUTLINE, find_colored, find_surfaces
from mangacolor.manga.lay import lay_manga
from mangacolor.version import __version__

# What is laid depends on kinds, which colours do not tell: lots are drawn, so often a
# page.
LOTS = 4
# Crops of a picture whose parts are named, and their side.
CROPS, SIDE = 8, 512
NAMES = Path(__file__).parent / "named-kinds.csv"
LAID = (Kind.SKIN, Kind.HAIR, Kind.CLOTHES, Kind.THING, Kind.BACKDROP)


def points(network: Network, folder: Path) -> list[str]:
    """Lines of the table of points."""
    one: dict[float, list[float]] = {join: [] for join in JOINS}
    two: dict[float, list[float]] = {join: [] for join in JOINS}
    taken: dict[str, list[float]] = {"skin": [], "hair": []}
    for name, marked in json.loads(POINTS.read_text()).items():
        found = [path for path in folder.iterdir() if name in path.name]
        if not found:
            continue
        page = read_page(found[0]).grey
        views = [_cut(network, page, cut) for cut in CUTS]
        for view, join in itertools.product(views, JOINS):
            at, known = _areas_at(view, join, marked)
            for key, areas in at.items():
                one[join].append(np.mean([a == b for a, b in itertools.combinations(areas, 2)]))
                kind = key.split()[0]
                if join == JOIN and kind in taken:
                    said = known[areas].argmax(axis=1)
                    taken[kind].append(float((said == Kind[kind.upper()]).mean()))
            for key, other in marked["differ"]:
                two[join].append(np.mean([a != b for a in at[key] for b in at[other]]))
    count = len(one[JOIN]) // len(CUTS)
    lines = [f"{'border':>8}{'one':>8}{'two':>8}   {count} surfaces of printed manga"]
    lines += [f"{join:8g}{np.mean(one[join]):8.3f}{np.mean(two[join]):8.3f}" for join in JOINS]
    said = ", ".join(f"{kind} as {kind} {np.mean(found):.3f}" for kind, found in taken.items())
    return [*lines, said]


class _View(NamedTuple):
    """A page less its edges: what the network says of it, and where its points are."""

    borders: UInt8
    kinds: Float32
    cut: int
    scale: float


def _cut(network: Network, page: UInt8, cut: int) -> _View:
    h, w = page.shape
    page = page[cut : h - cut, cut : w - cut]
    size = fit_seen(*page.shape, AREA_PIXELS, MULTIPLE)
    return _View(*network.look(resize(page, *size)), cut, size[0] / page.shape[0])


def _areas_at(
    view: _View, join: float, marked: dict[str, Any]
) -> tuple[dict[str, list[int]], Float32]:
    """The areas of a page's points, by surface, and what all areas are."""
    # All of the pages have screentone.
    surfaces = find_surfaces(view.borders, view.kinds, join, OUTLINE)
    at = {
        key: [
            int(surfaces.areas[int(y), int(x)])
            for x, y in (np.asarray(value) - view.cut) * view.scale
        ]
        for key, value in marked.items()
        if key != "differ"
    }
    return at, surfaces.kinds


def pairs(network: Network, folder: Path) -> list[str]:
    """Lines of the table of drawn ink."""
    rows: dict[tuple[str, float], list[Any]] = {}
    for number, path in enumerate(sorted(folder.glob("*-line.webp"))):
        ink = read_page(path).grey
        h, w = fit_seen(*ink.shape, AREA_PIXELS, MULTIPLE)
        ink = resize(ink, h, w)
        color = resize(read_color(Path(str(path).replace("-line", "-color"))), h, w)
        # Smaller numbers are paper and words elsewhere.
        labels = find_colored(color).astype(np.int64) + 3
        parts = connected(labels)
        shown = [("plain", ink)]
        for lot in range(LOTS):
            rng = np.random.default_rng((number, lot))
            table = rng.choice(LAID, int(labels.max()) + 1).astype(np.uint8)
            laid = lay_manga(ink, labels.astype(np.int32), table, rng, words=False).page
            shown.append(("laid", laid))
        for kind, picture in shown:
            borders, kinds = network.look(picture)
            for join in JOINS:
                found = find_surfaces(borders, kinds, join)
                rows.setdefault((kind, join), []).append(purity(found.areas, labels, parts))
    lines = [f"{'':8}{'border':>8}{'pure':>8}{'whole':>8}{'pieces':>8}{'parts':>8}   drawn ink"]
    for (kind, join), found in rows.items():
        mean = np.mean(found, axis=0)
        numbers = f"{mean[0]:8.3f}{mean[1]:8.3f}{mean[2]:8.0f}{mean[3]:8.0f}"
        lines.append(f"{kind:8}{join:8g}{numbers}")
    return lines


def named(network: Network, folder: Path) -> list[str]:
    """Lines of the table of what is named in pictures."""
    counts = np.zeros((len(Kind), len(Kind)))
    places = read_kinds(NAMES)
    for number, (name, those) in enumerate(sorted(places.items())):
        color = read_color(folder / name)
        where = name_picture(color, those)
        for lot in range(CROPS):
            rng = np.random.default_rng((number, lot))
            crop = cut_picture_crop(color, SIDE, rng, None, where)
            said = network.look(crop.page)[1].argmax(axis=0)
            known = crop.kinds != UNKNOWN
            np.add.at(counts, (crop.kinds[known], said[known]), 1)
    lines = [f"{'named':10}{'found':>8}{'right':>8}   {len(places)} pictures"]
    for kind in (Kind.SKIN, Kind.HAIR, Kind.CLOTHES, Kind.BACKDROP):
        right = counts[kind, kind]
        found, true = right / counts[kind].sum(), right / counts[:, kind].sum()
        lines.append(f"{kind.name.lower():10}{found:8.3f}{true:8.3f}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, nargs="+", default=[default_bundle()])
    parser.add_argument("--manga", type=Path, help="folder of the pages of manga-points.json")
    parser.add_argument("--pairs", type=Path, help="folder of drawn ink and its colours")
    parser.add_argument("--named", type=Path, help="folder of the pictures of named-kinds.csv")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    lines = [f"mangacolor {__version__}, {platform.machine()}"]
    for model in asked.model:
        network = Network(model)
        lines.append(f"model {model.name}")
        lines += points(network, asked.manga) if asked.manga else []
        lines += pairs(network, asked.pairs) if asked.pairs else []
        lines += named(network, asked.named) if asked.named else []
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
