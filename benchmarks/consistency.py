"""Whether a character keeps its colours over a chapter: on invented comics, whose parts are known.

    python benchmarks/consistency.py --series 3 --pages 4 --record docs/results/consistency.txt

Draws chapters, colours each with its own cover as the only reference, and looks at every part (hair
of A, coat of B ...) that is on several pages. Distances are in the a*b* plane of
CIELAB, where 2 to 3 can just be seen beside each other:

- drift: of a page's mean colour of the part from the part's mean over the chapter;
- off: of that mean from the true colour;
- grey: of the true colour from grey, which is what a page without colour would be off.

Medians over parts, and the middle half.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.color import rgb2lab

from mangacolor import __version__
from mangacolor.batch.run import color_chapter
from mangacolor.bundle import default_bundle
from mangacolor.comic.chapter import write_chapters
from mangacolor.config import BatchConfig
from mangacolor.images.page import read_color

# Labels below are paper, balloons and effects; those of a cast follow.
CAST, CREATURES = 16, 320
# Pixels of a part that a page must show, and darkness below which colour is not seen.
LEAST, DARK = 400, 25


class Part(NamedTuple):
    """One part of one character over a chapter."""

    drift: float
    off: float
    grey: float


def is_of_cast(label: int) -> bool:
    return CAST <= label < CREATURES


def means(labels: NDArray[np.int32], picture: NDArray[np.uint8]) -> dict[int, NDArray[np.float64]]:
    """Mean a*b* of every part that is large enough, without its dark lines."""
    lab = rgb2lab(picture)
    found = {}
    for label in np.unique(labels):
        where = (labels == label) & (lab[..., 0] > DARK)
        if is_of_cast(int(label)) and where.sum() >= LEAST:
            found[int(label)] = lab[where][:, 1:].mean(axis=0)
    return found


def parts_of(folder: Path, coloured: Path) -> list[Part]:
    """All parts of a chapter that are on several pages."""
    pages, truths = defaultdict(list), defaultdict(list)
    for path in sorted((folder / "labels").glob("page-*.png")):
        labels = np.asarray(Image.open(path)).astype(np.int32)
        for label, mean in means(labels, read_color(coloured / path.name)).items():
            pages[label].append(mean)
        for label, mean in means(labels, read_color(folder / "color" / path.name)).items():
            truths[label].append(mean)
    found = []
    for label, colours in pages.items():
        if len(colours) < 2 or label not in truths:
            continue
        mean, truth = np.mean(colours, axis=0), np.mean(truths[label], axis=0)
        drift = float(np.linalg.norm(np.array(colours) - mean, axis=1).mean())
        off, grey = float(np.linalg.norm(mean - truth)), float(np.linalg.norm(truth))
        found.append(Part(drift, off, grey))
    return found


def middle(values: list[float]) -> str:
    low, median, high = statistics.quantiles(values, n=4)
    return f"{median:5.1f} ({low:.1f} to {high:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=3)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", type=Path, default=default_bundle())
    parser.add_argument("--record", type=Path)
    asked = parser.parse_args()
    rows: dict[str, list[Part]] = {"drawn": [], "coloured": []}
    with tempfile.TemporaryDirectory() as name:
        made = write_chapters(Path(name) / "comics", asked.series, asked.pages, asked.seed, 1400)
        for folder in made:
            out = Path(name) / "out" / folder.name
            reference = [folder / "cover.png"]
            config = BatchConfig(device="cpu")
            color_chapter(folder / "sketch", reference, asked.model, config, out=out)
            rows["drawn"] += parts_of(folder, folder / "color")
            rows["coloured"] += parts_of(folder, out)
    lines = [
        f"{asked.series} chapters of {asked.pages} pages, seed {asked.seed};"
        f" {len(rows['coloured'])} parts; model {asked.model.name};"
        f" mangacolor {__version__}, {platform.machine()}",
        f"{'':10}{'drift':24}{'off':24}{'grey':24}",
    ]
    for label, parts in rows.items():
        columns = zip(*parts, strict=True)
        lines.append(f"{label:10}" + "".join(f"{middle(list(column)):24}" for column in columns))
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text)


if __name__ == "__main__":
    main()
