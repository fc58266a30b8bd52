"""Parts in their own hue: whether each character's hair, coat ... comes out in its own colour.

    python benchmarks/parts.py --record docs/results/parts.txt
    python benchmarks/parts.py --model runs/mine/best.safetensors --folder drawn --save colored

Draws chapters of an invented comic and colours each twice: after its cover, on which is the whole
cast, and after the cover and its first two pages, which are then not scored; for comparison the
same other pages after the cover alone. docs/metrics.md says what is counted. Beside the model are

- truth: the coloured pages as they were drawn; shadows and lines shift a few hues;
- true colour, flats / no flats: what `batch` makes of the page if its network were perfect;
- grey: the page as it is;
- shown: the share of parts of which the references show anything at all.

Each cell is parts in their own hue, and chroma R2 (pooled, at full size) after it. `--folder` keeps
the drawn chapters, and takes those that lie there if they are the ones asked for.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from chapters import Page, as_bundle, cover_labels, draw_chapters, read_pages, read_parts
from numpy.typing import NDArray

from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.bundle import default_bundle
from mangacolor.config import BatchConfig, Look
from mangacolor.images.page import read_color
from mangacolor.metrics.chroma import ChromaR2
from mangacolor.metrics.judged import Judged, share_right
from mangacolor.metrics.parts import find_parts
from mangacolor.runtime.compose import compose
from mangacolor.version import __version__

# Pages of a chapter that are references beside the cover.
GIVEN = 2
COLUMNS = ("cover", f"cover, not pages 1-{GIVEN}", f"cover + pages 1-{GIVEN}")
OWNER = re.compile(r"^([A-H]|creature \d+) ")


class Figure:
    """One cell: what is added up over pages."""

    def __init__(self) -> None:
        self.parts: list[Judged] = []
        self.by_name: dict[str, list[Judged]] = defaultdict(list)
        self._r2 = ChromaR2()
        self.shown: list[bool] = []

    def add(
        self, chapter: Path, page: Page, result: NDArray[np.uint8], shown: set[int] | None = None
    ) -> None:
        names, colors = read_parts(chapter)
        found = find_parts(result, page.grey, page.labels, colors)
        self.parts += found
        self.shown += [part.label in shown for part in found] if shown is not None else []
        for part in found:
            self.by_name[OWNER.sub("", names[part.label])].append(part)
        self._r2.add(_unit(result), _unit(page.truth))

    def __str__(self) -> str:
        return f"{share_right(self.parts):.3f}  {self._r2.value():+.3f}"


def _unit(picture: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 255


def color(pages: Sequence[Page], references: list[Path], model: Path, out: Path) -> float:
    """Colours pages of a chapter into a folder; seconds a page."""
    with tempfile.TemporaryDirectory() as name:
        for page in pages:
            (Path(name) / page.path.name).write_bytes(page.path.read_bytes())
        config = BatchConfig(device="cpu")
        request = Request(Path(name), references, config, out=out, overwrite=True)
        summary = color_chapter(request, model)
    if summary.failed:
        raise RuntimeError(f"Pages that failed: {summary.failed}")
    return summary.seconds / len(pages)


def measure(
    chapters: list[Path], model: Path, out: Path
) -> tuple[dict[str, dict[str, Figure]], float]:
    """Row to column to figure, and the mean seconds a page that colouring took."""
    table: dict[str, dict[str, Figure]] = defaultdict(lambda: defaultdict(Figure))
    seconds = []
    for chapter in chapters:
        pages = read_pages(chapter)
        cover, others = [chapter / "cover.png"], pages[GIVEN:]
        given = [chapter / "color" / page.path.name for page in pages[:GIVEN]]
        on_cover = set(np.unique(cover_labels(chapter)).tolist())
        on_all = on_cover.union(*(np.unique(page.labels).tolist() for page in pages[:GIVEN]))
        alone, more = out / chapter.name / "cover", out / chapter.name / "cover-and-pages"
        seconds.append(color(pages, cover, model, alone))
        if others:
            seconds.append(color(others, cover + given, model, more))
        for page in pages:
            results = {
                "truth": page.truth,
                "true colour, no flats": compose(page.grey, page.truth, Look(flats=False)),
                "true colour, flats": compose(page.grey, page.truth, Look()),
                "model": read_color(alone / page.path.name),
                "grey": np.repeat(page.grey[..., None], 3, axis=2),
            }
            for row, result in results.items():
                for column in COLUMNS[: 2 if page in others else 1]:
                    table[row][column].add(chapter, page, result, on_cover)
        for page in others:
            result = read_color(more / page.path.name)
            table["model"][COLUMNS[2]].add(chapter, page, result, on_all)
    return table, float(np.mean(seconds))


def show(table: dict[str, dict[str, Figure]]) -> list[str]:
    """Lines of the table, and of one by part after the cover."""
    lines = [
        "parts in their own hue, chroma R2",
        f"{'':24}" + "".join(f"{column:24}" for column in COLUMNS),
    ]
    for row, cells in table.items():
        texts = [str(cells[column]) if column in cells else "" for column in COLUMNS]
        lines.append(f"{row:24}" + "".join(f"{text:24}" for text in texts))
    shown = [f"{np.mean(table['model'][column].shown):.3f}" for column in COLUMNS]
    lines.append(f"{'shown':24}" + "".join(f"{text:24}" for text in shown))
    few = len(table["truth"][COLUMNS[1]].parts)
    lines += [
        f"{'parts':24}{len(table['truth'][COLUMNS[0]].parts):<24}{few:<24}{few:<24}",
        "",
        f"{'by part, cover':24}{'model':12}{'no flats':12}{'flats':12}{'truth':12}{'parts':12}",
    ]
    chosen = ("model", "true colour, no flats", "true colour, flats", "truth")
    rows = [table[row][COLUMNS[0]].by_name for row in chosen]
    for part, found in sorted(rows[0].items(), key=lambda item: -len(item[1])):
        shares = "".join(f"{share_right(row[part]):<12.2f}" for row in rows)
        lines.append(f"{part:24}{shares}{len(found)}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=3)
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="of the drawn chapters, to keep or to take")
    parser.add_argument("--model", type=Path, default=default_bundle(), help="bundle or checkpoint")
    parser.add_argument("--save", type=Path, help="folder that gets the coloured pages")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        drawn = asked.folder or Path(name) / "drawn"
        chapters = draw_chapters(drawn, asked.series, asked.pages, asked.seed)
        bundle = as_bundle(asked.model, Path(name))
        table, each = measure(chapters, bundle, asked.save or Path(name) / "colored")
    title = (
        f"{asked.series} chapters of {asked.pages} pages, seed {asked.seed}; model"
        f" {asked.model.name}; mangacolor {__version__}, {platform.machine()};"
        f" {each:.1f} s a page, {time.perf_counter() - start:.0f} s in all"
    )
    text = "\n".join(line.rstrip() for line in [title, *show(table)]) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
