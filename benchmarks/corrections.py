"""What a page that is put right by a few strokes does for the other pages of its chapter.

    python benchmarks/corrections.py --record docs/results/corrections.txt

Draws chapters of invented comics, colours them after their cover, gives the largest wrong areas of
known parts on one page a stroke of their true colour, as a person would, and colours them again
with `--strokes`. Counted are parts in their own hue (docs/metrics.md) on the other pages: all of
them, and those that were wrong before and whose part got a stroke.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import dataclasses
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
from chapters import Page, as_bundle, draw_chapters, read_pages, read_parts
from numpy.typing import NDArray
from PIL import Image

from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.bundle import default_bundle
from mangacolor.config import BatchConfig
from mangacolor.images.page import read_color
from mangacolor.images.tones import smooth_tones
from mangacolor.metrics.parts import find_parts
from mangacolor.runtime.seen import see_page
from mangacolor.version import __version__

# Labels below are paper and lettering; an area of which less is one part gets no stroke.
FIRST_PART, PURE, NEAR = 16, 0.8, 24.0
RGB = tuple[int, int, int]


@dataclasses.dataclass
class Counted:
    """Parts on the pages without strokes: all, and those that were to be learned."""

    before: list[bool] = dataclasses.field(default_factory=list)
    after: list[bool] = dataclasses.field(default_factory=list)
    learned: list[bool] = dataclasses.field(default_factory=list)
    strokes: int = 0


def color(chapter: Path, pages: list[Page], model: Path, out: Path, strokes: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        for page in pages:
            (Path(name) / page.path.name).write_bytes(page.path.read_bytes())
        config = BatchConfig(device="cpu")
        cover = [chapter / "cover.png"]
        request = Request(Path(name), cover, config, out=out, overwrite=True, strokes=strokes)
        summary = color_chapter(request, model)
    if summary.failed:
        raise RuntimeError(f"Pages that failed: {summary.failed}")


def paint(
    page: Page, result: NDArray[np.uint8], colors: dict[int, RGB], most: int
) -> tuple[Image.Image, set[int]]:
    """Strokes on the largest areas of a page that have another colour than theirs, and whose."""
    areas = see_page(smooth_tones(page.grey)).areas
    h, w = areas.shape
    height, width = page.grey.shape
    rows, columns = np.arange(h) * height // h, np.arange(w) * width // w
    at = np.ix_(rows, columns)
    labels, made = page.labels[at], result[at].astype(np.float32)
    sizes = np.bincount(areas.ravel())
    strokes = np.zeros((h, w, 4), np.uint8)
    given: set[int] = set()
    for area in np.argsort(-sizes):
        if len(given) == most or sizes[area] < 200:
            break
        here = areas == area
        numbers, counts = np.unique(labels[here], return_counts=True)
        label = int(numbers[counts.argmax()])
        if label < FIRST_PART or counts.max() < PURE * sizes[area] or label in given:
            continue
        if np.linalg.norm(np.median(made[here], axis=0) - colors[label]) <= NEAR:
            continue
        strokes[here] = (*colors[label], 255)
        given.add(label)
    return Image.fromarray(strokes).resize((width, height), Image.Resampling.NEAREST), given


def measure(chapter: Path, model: Path, folder: Path, most: int, counted: Counted) -> None:
    pages = read_pages(chapter)
    _, colors = read_parts(chapter)
    first, others = pages[0], pages[1:]
    before, after, drawn = folder / "before", folder / "after", folder / "strokes"
    drawn.mkdir(parents=True)
    color(chapter, pages, model, before, None)
    strokes, given = paint(first, read_color(before / first.path.name), colors, most)
    counted.strokes += len(given)
    if not given:
        return
    strokes.save(drawn / first.path.name)
    color(chapter, pages, model, after, drawn)
    for page in others:
        was, now = (
            find_parts(read_color(done / page.path.name), page.grey, page.labels, colors)
            for done in (before, after)
        )
        for one, other in zip(was, now, strict=True):
            counted.before.append(one.right)
            counted.after.append(other.right)
            if one.label in given and not one.right:
                counted.learned.append(other.right)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=3)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--strokes", type=int, default=12, help="most strokes on the one page")
    parser.add_argument("--folder", type=Path, help="of the drawn chapters, to keep or to take")
    parser.add_argument("--model", type=Path, default=default_bundle(), help="bundle or checkpoint")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    start = time.perf_counter()
    counted = Counted()
    with tempfile.TemporaryDirectory() as name:
        drawn = asked.folder or Path(name) / "drawn"
        model = as_bundle(asked.model, Path(name))
        for chapter in draw_chapters(drawn, asked.series, asked.pages, asked.seed):
            measure(chapter, model, Path(name) / chapter.name, asked.strokes, counted)
    text = (
        f"{asked.series} chapters of {asked.pages} pages, seed {asked.seed}; model"
        f" {asked.model.name}; mangacolor {__version__}, {platform.machine()};"
        f" {time.perf_counter() - start:.0f} s in all\n"
        f"strokes on the first pages                       {counted.strokes}\n"
        f"parts of the other pages in their own hue before {np.mean(counted.before):.3f}"
        f" of {len(counted.before)}\n"
        f"                                          after  {np.mean(counted.after):.3f}\n"
        f"wrong ones whose part got a stroke, put right    {np.mean(counted.learned):.3f}"
        f" of {len(counted.learned)}\n"
    )
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
