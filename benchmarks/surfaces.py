"""Surfaces: whether areas are whole things, on invented pages with known parts and on real ones.

    python benchmarks/surfaces.py --record docs/results/surfaces.txt
    python benchmarks/surfaces.py --model runs/mine/bundle --pages 4
    python benchmarks/surfaces.py --manga FOLDER --save colored

Pages that no training draws, as lines alone and with what a mangaka lays over them, are cut into
areas by ink and by the model's network of surfaces, joined up to several borders:

- pure: share of the pixels whose area belongs mostly to their part;
- whole: share of each connected part that lies in its largest area;
- pieces: areas for so many parts;
- whole, as pure: whole where the network is as pure as ink, between two of the borders.

Gaps are cut into the lines between two parts of the plain pages, of 2 to 12 pixels: `apart` is the
share of those pairs whose larger halves still have two areas, of those that had without the gap.

`--manga` colours a folder of real pages by `batch`, after invented covers of other works or
`--ref`, and reads `manga-points.json`: points set by hand on surfaces, and pairs of surfaces that
must differ. `same` is the share of pairs of points of one surface that have one colour, `differ`
that of pairs across surfaces that have two. With `--against` another model colours the same pages
in the same run.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from surface_manga import covers, probed

from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.data.surface_pages import SurfacePage, draw_surface_page
from mangacolor.images.areas import AREA_PIXELS, find_areas
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import UInt8, fit_seen, resize
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.images.paper import find_paper
from mangacolor.images.surfaces import JOIN, MULTIPLE, Surfaces, find_surfaces
from mangacolor.images.tones import smooth_tones
from mangacolor.manga.lay import lay_manga
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.surfaces import look
from mangacolor.version import __version__

# Pages from here on are drawn by no training.
FIRST = 900_001
JOINS = (60.0, 90.0, JOIN, 150.0)
GAPS = (2, 4, 6, 9, 12)
# Parts of fewer pixels are not counted, nor pairs that touch along fewer.
LEAST, LEAST_CONTACT = 60, 40

Labels = NDArray[Any]


def by_ink(page: UInt8) -> Labels:
    """Areas that ink closes, as models without a network of surfaces have them."""
    return find_areas(smooth_dots(smooth_tones(page)))


class Network:
    """A bundle's network of surfaces, whose answer for a page is asked once for several borders."""

    def __init__(self, bundle: Path) -> None:
        self._areas = Engine.open(read_bundle(bundle), "cpu").areas
        if self._areas is None or self._areas.finding is None:
            raise SystemExit(f"{bundle} has no network of surfaces.")
        self.seconds: list[float] = []

    def look(self, page: UInt8) -> tuple[UInt8, NDArray[np.float32]]:
        """Borders uint8 (h, w), and kinds."""
        start = time.process_time()
        assert self._areas is not None
        found = look(self._areas, page)
        assert found is not None
        self.seconds.append(time.process_time() - start)
        return (found[0] * 255 + 0.5).astype(np.uint8), found[1]


def fitted(page: SurfacePage) -> SurfacePage:
    """A page at the size at which areas are found."""
    h, w = fit_seen(*page.ink.shape, AREA_PIXELS, MULTIPLE)
    rows, columns = (
        (np.arange(n) * 2 + 1) * of // (2 * n) for n, of in zip((h, w), page.ink.shape, strict=True)
    )
    at = rows[:, None], columns
    ink, art = resize(page.ink, h, w), resize(page.art, h, w)
    return SurfacePage(ink, art, page.labels[at], page.kinds[at], page.table)


def connected(labels: Labels) -> Labels:
    """Connected parts, numbered from 1; 0 where they are small, paper or words."""
    found = np.zeros(labels.shape, np.int64)
    count = 0
    for label in np.unique(labels[labels > 2]):
        pieces, parts, stats, _ = cv2.connectedComponentsWithStats(
            (labels == label).astype(np.uint8)
        )
        keep = stats[:, cv2.CC_STAT_AREA] >= LEAST
        keep[0] = False
        number = np.where(keep, np.cumsum(keep) + count, 0)
        found += number[parts]
        count += int(keep.sum())
        assert pieces == len(stats)
    return found


def purity(areas: Labels, labels: Labels, parts: Labels) -> tuple[float, float, int, int]:
    """Pure, whole, areas and parts of a page."""
    there = parts > 0
    area, part, label = areas[there].astype(np.int64), parts[there], labels[there].astype(np.int64)
    pure = largest(area, label) / len(area)
    return pure, largest(part, area) / len(area), len(np.unique(area)), len(np.unique(part))


def largest(groups: Labels, values: Labels) -> float:
    """Pixels that have the value that is most frequent in their group."""
    width = int(values.max()) + 1
    pairs, counts = np.unique(groups * width + values, return_counts=True)
    best = np.zeros(int(groups.max()) + 1, np.int64)
    np.maximum.at(best, pairs // width, counts)
    return float(best.sum())


def cut_gap(page: SurfacePage, rng: np.random.Generator, width: int) -> tuple[UInt8, set[Any]]:
    """A page with a gap in the line between every fourth pair of parts, and these pairs."""
    parts = connected(page.labels)
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    # Lines lie on both sides of a border: what is beside each other is looked for across them.
    for dy, dx in ((0, 1), (1, 0)):
        one, other = parts[: len(parts) - dy, : parts.shape[1] - dx], parts[dy:, dx:]
        for y, x in zip(*np.nonzero((one != other) & (one > 0) & (other > 0)), strict=True):
            a, b = sorted((int(one[y, x]), int(other[y, x])))
            pairs.setdefault((a, b), []).append((int(y), int(x)))
    ink, cut = page.ink.copy(), set()
    for pair, places in sorted(pairs.items()):
        if len(places) < LEAST_CONTACT or rng.random() > 0.25:
            continue
        y, x = places[int(rng.integers(len(places)))]
        reach = width + 3
        bottom, right = (min(n, at + reach + 1) for n, at in zip(ink.shape, (y, x), strict=True))
        box = np.s_[max(0, y - reach) : bottom, max(0, x - reach) : right]
        rows, columns = np.ogrid[box]
        near = (rows - y) ** 2 + (columns - x) ** 2 <= (width / 2 + 1) ** 2
        near |= (abs(rows - y) <= width / 2) & (abs(columns - x) <= width / 2)
        ink[box][near & np.isin(parts[box], (0, *pair))] = 255
        cut.add(pair)
    return ink, cut


def apart(areas: Labels, parts: Labels, pairs: set[Any]) -> set[Any]:
    """Those pairs of parts whose largest areas are two."""
    home = {}
    for part in {part for pair in pairs for part in pair}:
        home[part] = int(np.bincount(areas[parts == part].ravel()).argmax())
    return {pair for pair in pairs if home[pair[0]] != home[pair[1]]}


def leaks(
    pages: Sequence[SurfacePage], ways: dict[str, Callable[[UInt8], Labels]]
) -> dict[str, list[float]]:
    """Share of pairs of parts that stay apart, by way and width of the gap."""
    kept = {name: [0] * len(GAPS) for name in ways}
    whole = {name: [0] * len(GAPS) for name in ways}
    for number, page in enumerate(pages):
        parts = connected(page.labels)
        for name, way in ways.items():
            before = way(page.ink)
            for i, width in enumerate(GAPS):
                ink, pairs = cut_gap(page, np.random.default_rng(number), width)
                closed = apart(before, parts, pairs)
                kept[name][i] += len(apart(way(ink), parts, closed))
                whole[name][i] += len(closed)
    return {
        name: [k / max(1, n) for k, n in zip(kept[name], whole[name], strict=True)] for name in ways
    }


def measure(bundle: Path, count: int, gap_pages: int) -> list[str]:
    """Lines of the tables of invented pages."""
    network = Network(bundle)
    pages = [fitted(draw_surface_page(FIRST + number)) for number in range(count)]
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    white: dict[str, list[tuple[float, float]]] = {"ink": [], "network": []}
    right, finding = [], []
    for number, page in enumerate(pages):
        parts = connected(page.labels)
        laid = lay_manga(page.ink, page.labels, page.table, np.random.default_rng(number)).page
        for kind, picture in (("plain", page.ink), ("laid", laid)):
            rows.setdefault((kind, "ink"), []).append(purity(by_ink(picture), page.labels, parts))
            borders, kinds = network.look(picture)
            for join in JOINS:
                start = time.process_time()
                found = find_surfaces(borders, kinds, join)
                finding.append(time.process_time() - start)
                row = purity(found.areas, page.labels, parts)
                rows.setdefault((kind, f"{join:g}"), []).append(row)
            truth = page.kinds[::2, ::2]
            known = truth != UNKNOWN
            right.append(float((kinds.argmax(axis=0) == truth)[known].mean()))
            joined = find_surfaces(borders, kinds)
            for name, shown in (("ink", paper_by_ink(picture)), ("network", paper_of(joined))):
                white[name].append(paper_shares(shown, page.kinds))
    lines = [f"{'':8}{'border':>8}{'pure':>8}{'whole':>8}{'pieces':>8}{'parts':>8}"]
    for kind in ("plain", "laid"):
        means = {name: np.mean(v, axis=0) for (k, name), v in rows.items() if k == kind}
        lines += [
            f"{kind:8}{name:>8}{m[0]:8.3f}{m[1]:8.3f}{m[2]:8.0f}{m[3]:8.0f}"
            for name, m in means.items()
        ]
        pure = [means[f"{join:g}"][0] for join in JOINS][::-1]
        whole = [means[f"{join:g}"][1] for join in JOINS][::-1]
        lines.append(
            f"{kind:8}whole, as pure as ink: {np.interp(means['ink'][0], pure, whole):.3f}"
        )
    lines.append(f"places of the right kind: {np.mean(right):.3f}")
    for name, shares in white.items():
        found, wrong = np.nanmean(shares, axis=0)
        lines.append(f"paper by {name}: {found:.3f} of gutters and words, {wrong:.3f} of the rest")
    lines.append(
        f"seconds of CPU a page: network {np.median(network.seconds):.2f},"
        f" areas {np.median(finding):.2f}"
    )
    if gap_pages:
        ways = {
            "ink": by_ink,
            "network": lambda page: find_surfaces(*network.look(page)).areas,
        }
        lines.append(f"{'apart':10}" + "".join(f"{width:>7} px" for width in GAPS))
        for name, kept in leaks(pages[:gap_pages], ways).items():
            lines.append(f"{name:10}" + "".join(f"{share:10.3f}" for share in kept))
    return lines


def paper_by_ink(page: UInt8) -> Labels:
    """What `find_paper` finds, at the page's size."""
    return resize(find_paper(smooth_tones(page)), *page.shape) > 127


def paper_of(surfaces: Surfaces) -> Labels:
    """What the network takes for gutters, balloons and lettering."""
    from mangacolor.images.kinds import is_paper

    found: Labels = is_paper(surfaces.kinds)[surfaces.areas]
    return found


def paper_shares(paper: Labels, kinds: UInt8) -> tuple[float, float]:
    """Shares of gutters and words that are found, and of what is none."""
    truth = np.isin(kinds, (Kind.GUTTER, Kind.BALLOON, Kind.LETTERING))
    if not truth.any():
        return np.nan, float(paper.mean())
    return float(paper[truth].mean()), float(paper[~truth].mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=default_bundle(), help="bundle")
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--gap-pages", type=int, default=2, help="of them, for gaps")
    parser.add_argument("--manga", type=Path, help="folder of the pages of manga-points.json")
    parser.add_argument("--ref", type=Path, nargs="+", help="their references, one after the other")
    parser.add_argument("--against", type=Path, help="another bundle for the real pages")
    parser.add_argument("--save", type=Path, help="folder that gets the coloured pages")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    lines = [f"model {asked.model.name}; mangacolor {__version__}, {platform.machine()}"]
    if asked.manga is None:
        lines[0] += f"; {asked.pages} invented pages"
        lines += measure(asked.model, asked.pages, asked.gap_pages)
    else:
        with tempfile.TemporaryDirectory() as name:
            references = asked.ref or covers(Path(name))
            for model in filter(None, (asked.against, asked.model)):
                out = (asked.save or Path(name)) / model.name
                lines.append(f"{model.name:16}{probed(asked.manga, references, model, out)}")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
