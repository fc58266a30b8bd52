"""Areas of invented series that no training has seen: what they mix, and whether they are matched.

    python benchmarks/areas.py --record docs/results/areas.txt
    python benchmarks/areas.py --model runs/features/step-00003000.safetensors --model default

Draws series as training does, from other seeds, and matches the areas of every panel in ink with
those of the cover, and of the cover and the panels of another page in colour. Counted is the area
of parts that these show:

- part: what is matched best is the same part of the same character;
- colour: it is the same part, or has its colour (24 of 255 apart at most).

Whatever the references show, with guesses where the model makes them, and without the painter,
counted is the area of

- painted: what is neither white nor black, that has its colour (14 apart in CIELAB at most);
- paper: balloons, lettering and gutters, that is said to be white.

`pieces` are areas a panel, `mixed` is the share of parts' area that lies in areas of another part.
The median and the quartiles are those of series.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from mangacolor.cli.options import find_weights
from mangacolor.data.area_series import PAGES, SeenView, draw_series
from mangacolor.images.geometry import to_signed
from mangacolor.metrics.areas import NEAR, distance, is_painted, to_lab
from mangacolor.nets.checkpoint import load_generator
from mangacolor.runtime.areas import color_views
from mangacolor.runtime.checkpoint import TorchAreas
from mangacolor.runtime.colored_areas import ENOUGH
from mangacolor.runtime.looks import look_at
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.train.area_views import SurfaceFinder
from mangacolor.version import __version__

# Training takes seeds from 10,000 + 1,000,003 for each seed of a recipe on.
FIRST = 900_000
# Labels below are paper and lettering; an area of which less is one part is not judged.
FIRST_PART, PURE, SAME_COLOR = 16, 0.6, 24.0
COLUMNS = ("cover", "cover + a page")


class Counted(NamedTuple):
    """Pixels of a series' parts that references show, and of those that are matched rightly; of all
    that is painted and of paper, and of those that have their colour.
    """

    total: float
    part: float
    color: float
    painted: float
    painted_right: float
    paper: float
    paper_right: float


def count(model: TorchAreas, series: list[SeenView], given: list[SeenView]) -> Counted:
    """Matches a series' panels in ink with references."""
    by_page = [[x for x in given if x.page == page] for page in sorted({x.page for x in given})]
    given = [seen for page in by_page for seen in page]
    described = [look_at(model, [x.view for x in page]) for page in by_page]
    features = [found for page, _ in described for found in page]
    tokens = np.concatenate(
        [
            model.read(found, x.view.facts, to_signed(x.colors))
            for found, x in zip(features, given, strict=True)
        ]
    )
    labels = np.concatenate([np.where(x.shares >= PURE, x.labels, -1) for x in given])
    colors = np.concatenate([x.colors for x in given]).astype(np.float32)
    references = ReferenceAreas(
        tokens,
        colors.astype(np.uint8),
        sizes=np.concatenate([x.view.sizes for x in given]),
        looks=np.concatenate([found for _, page in described for found in page]),
    )
    ink = [seen for seen in series if not seen.colored]
    views = [seen.view for seen in ink]
    matched = color_views(model, views, references, guessing=False)
    colored = color_views(model, views, references)
    sums = np.zeros(len(Counted._fields))
    for seen, (_, _, best), (made, sure, _) in zip(ink, matched, colored, strict=True):
        judged = (seen.labels >= FIRST_PART) & (seen.shares >= PURE) & np.isin(seen.labels, labels)
        part = labels[best] == seen.labels
        apart = np.linalg.norm(seen.colors.astype(np.float32) - colors[best], axis=1)
        truth = to_lab(seen.colors)
        right = (distance(to_lab(made), truth) < NEAR) & (sure >= ENOUGH)
        pure = seen.shares >= PURE
        painted, paper = pure & is_painted(truth), pure & (seen.labels < FIRST_PART)
        chosen = (
            *(judged & x for x in (np.True_, part, part | (apart <= SAME_COLOR))),
            *(painted, painted & right, paper, paper & right),
        )
        sums += [seen.view.sizes[where].sum() for where in chosen]
    return Counted(*map(float, sums))


def pieces(series: list[SeenView]) -> tuple[float, float]:
    """Areas a panel in ink, and the share of parts' area that lies in areas of something else."""
    ink = [seen for seen in series if not seen.colored]
    parts = [(seen.view.sizes, seen.shares, seen.labels >= FIRST_PART) for seen in ink]
    area = sum(float(sizes[is_part].sum()) for sizes, _, is_part in parts)
    mixed = sum(float((sizes * (1 - shares))[is_part].sum()) for sizes, shares, is_part in parts)
    return float(np.mean([len(seen.labels) for seen in ink])), mixed / max(area, 1.0)


def shown(values: list[float]) -> str:
    low, middle, high = np.percentile(values, (25, 50, 75))
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


def row(name: str, found: list[Counted]) -> str:
    """A line: shares of all series together, then the median and quartiles of series."""
    all_ = Counted(*np.sum(found, axis=0))
    known = [x for x in found if x.total]
    spread = shown([x.color / x.total for x in known])
    shares = (
        all_.part / all_.total,
        all_.color / all_.total,
        all_.painted_right / all_.painted,
        all_.paper_right / all_.paper,
    )
    return f"{name:40}" + "".join(f"{share:<10.3f}" for share in shares) + spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=24)
    parser.add_argument("--seed", type=int, default=FIRST, help="of the first series")
    parser.add_argument("--model", action="append", help="`default`, a checkpoint or a bundle")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()
    first = asked.model[0] if asked.model else "default"
    drawn = [_job(draw_series(asked.seed + i, find=_finder(first))) for i in range(asked.series)]
    drawing = time.perf_counter() - start
    found = [pieces(series) for series in drawn]
    lines = [
        f"{asked.series} series from seed {asked.seed}; mangacolor {__version__},"
        f" {platform.machine()}; {drawing / asked.series:.1f} s to draw each",
        f"pieces a panel {shown([x for x, _ in found])}, mixed {shown([y for _, y in found])}",
        "",
        f"{'model, references':40}"
        + "".join(f"{name:10}" for name in ("part", "colour", "painted", "paper"))
        + "colour by series",
    ]
    for name in asked.model or ["default"]:
        lines += rows(name, drawn)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


def _finder(name: str) -> SurfaceFinder | None:
    """How a model finds areas: by its network, if it has one."""
    generator, _ = load_generator(find_weights(name))
    return SurfaceFinder(generator.surfaces) if generator.config.sees_surfaces else None


def _job(series: list[SeenView]) -> list[SeenView]:
    """The last page in ink, and in colour what is shown beside it: never the page itself."""
    return [seen for seen in series if seen.colored == (seen.page != PAGES)]


@torch.no_grad()
def rows(name: str, drawn: list[list[SeenView]]) -> list[str]:
    """What a model matches."""
    generator, _ = load_generator(find_weights(name))
    model: Any = TorchAreas(generator.eval(), torch.device("cpu"))
    table: dict[str, list[Counted]] = {column: [] for column in COLUMNS}
    for series in drawn:
        colored = [seen for seen in series if seen.colored]
        for column, given in zip(
            COLUMNS, ([x for x in colored if x.page == 0], colored), strict=True
        ):
            table[column].append(count(model, series, given))
    return [row(f"{Path(name).name}, {column}", found) for column, found in table.items()]


if __name__ == "__main__":
    main()
