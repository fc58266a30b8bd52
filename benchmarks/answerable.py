"""Answerable areas: pages of real ink whose true colours are known, another page as reference.

    python benchmarks/answerable.py ink-pairs --record docs/results/answerable.txt
    python benchmarks/answerable.py ink-pairs --model runs/mine/best.safetensors --save colored

Every page is coloured by `batch` after another page of its series and judged by its areas whose
colour that page shows; docs/metrics.md says how. Beside the model stand the truth itself, what
`batch` makes of the true colours, the truth where the other page shows its colour with grey
elsewhere, what the model makes of a page after that very page in colour, and the page as it is.
Columns:

- areas: right, weighted by the root of their size, and the same of the result without its chroma,
  since grey things are right by doing nothing;
- pixels: answerable pixels within the same distance, and again without chroma;
- chroma R2, pooled over all pixels.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from chapters import as_bundle
from numpy.typing import NDArray

from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.bundle import default_bundle
from mangacolor.config import BatchConfig, Look
from mangacolor.data.layouts import Example, find_examples
from mangacolor.evaluate.protocol import references
from mangacolor.images.areas import find_areas
from mangacolor.images.geometry import UInt8, fit_size, resize, to_grey
from mangacolor.images.page import read_color, read_page
from mangacolor.images.tones import smooth_tones
from mangacolor.metrics.answerable import find_answerable, judge_areas
from mangacolor.metrics.areas import NEAR, distance, to_lab, without_chroma
from mangacolor.metrics.chroma import ChromaR2
from mangacolor.metrics.judged import Judged, share_right
from mangacolor.runtime.compose import compose
from mangacolor.version import __version__

# Longer side at which everything is judged.
SIDE = 900


class Case(NamedTuple):
    """A page at the size at which it is judged, and what of it can be answered."""

    truth: UInt8
    areas: NDArray[np.int32]
    answerable: NDArray[np.bool_]


class Figure:
    """One row: what is added up over pages."""

    def __init__(self) -> None:
        self.answers: dict[bool, list[Judged]] = {False: [], True: []}
        self.pixels = np.zeros(3)
        self._r2 = ChromaR2()

    def add(self, case: Case, result: UInt8) -> None:
        h, w = case.areas.shape
        result = resize(result, h, w)
        truth = to_lab(case.truth)
        where = case.answerable
        self.pixels[2] += where.sum()
        for grey in (False, True):
            lab = without_chroma(to_lab(result)) if grey else to_lab(result)
            self.answers[grey] += judge_areas(lab, truth, case.areas, where)
            near = distance(lab, truth) < NEAR
            self.pixels[int(grey)] += (near & where).sum()
        self._r2.add(_unit(result), _unit(case.truth))

    def __str__(self) -> str:
        areas = [share_right(self.answers[grey]) for grey in (False, True)]
        pixels = self.pixels[:2] / self.pixels[2]
        return (
            f"{areas[0]:<8.3f}{areas[1]:<8.3f}{pixels[0]:<8.3f}{pixels[1]:<8.3f}"
            f"{self._r2.value():+.3f}"
        )


def _unit(picture: UInt8) -> torch.Tensor:
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 255


def make_case(page: UInt8, truth: UInt8, reference: UInt8) -> Case:
    h, w = fit_size(*page.shape, SIDE)
    small = resize(truth, h, w)
    shown = resize(reference, *fit_size(*reference.shape[:2], SIDE))
    areas = find_areas(resize(smooth_tones(page), h, w))
    return Case(small, areas, find_answerable(to_lab(small), to_lab(shown)))


def only_answered(case: Case) -> UInt8:
    """The truth where the reference shows its colour, and grey elsewhere: all that can be known."""
    grey = np.repeat(to_grey(case.truth)[..., None], 3, axis=2)
    return np.where(case.answerable[..., None], case.truth, grey)


def color(page: Path, reference: Path, model: Path, out: Path) -> tuple[UInt8, float]:
    """A page as `batch` colours it, and the seconds that took."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / page.name).write_bytes(page.read_bytes())
        config = BatchConfig(device="cpu")
        request = Request(Path(name), [reference], config, out=out, overwrite=True)
        summary = color_chapter(request, model)
    if summary.failed:
        raise RuntimeError(f"Pages that failed: {summary.failed}")
    return read_color(out / page.name), summary.seconds


def measure(
    examples: list[Example], seed: int, model: Path, out: Path
) -> tuple[dict[str, Figure], float]:
    """Row to figure, and the mean seconds a page that colouring took."""
    table: dict[str, Figure] = defaultdict(Figure)
    seconds = []
    for index, other in sorted(references(examples, "series", seed).items()):
        example, reference = examples[index], examples[other].color
        assert example.lineart is not None
        page, truth = read_page(example.lineart).grey, read_color(example.color)
        case = make_case(page, truth, read_color(reference))
        result, spent = color(example.lineart, reference, model, out)
        seconds.append(spent)
        again, _ = color(example.lineart, example.color, model, out / "itself")
        results = {
            "truth": truth,
            "true colour, no flats": compose(page, truth, Look(flats=False)),
            "true colour, flats": compose(page, truth, Look()),
            "what the other page shows": only_answered(case),
            "model": result,
            "model, the page itself": again,
            "grey": np.repeat(page[..., None], 3, axis=2),
        }
        for row, picture in results.items():
            table[row].add(case, picture)
    return table, float(np.mean(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path, help="folder of pairs of line art and colour")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of references")
    parser.add_argument("--model", type=Path, default=default_bundle(), help="bundle or checkpoint")
    parser.add_argument("--save", type=Path, help="folder that gets the coloured pages")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    start = time.perf_counter()
    examples = [found for found in find_examples(asked.pairs) if found.lineart]
    with tempfile.TemporaryDirectory() as name:
        bundle = as_bundle(asked.model, Path(name))
        table, each = measure(examples, asked.seed, bundle, asked.save or Path(name) / "colored")
    count = len(table["truth"].answers[False]) if table else 0
    if not count:
        parser.error(f"{asked.pairs} has no page whose areas another page could answer.")
    lines = [
        f"{asked.pairs.name}, longer side {SIDE} px, {count} answerable areas; model"
        f" {asked.model.name}; mangacolor {__version__}, {platform.machine()};"
        f" {each:.1f} s a page, {time.perf_counter() - start:.0f} s in all",
        f"{'':28}{'areas':8}{'in grey':8}{'pixels':8}{'in grey':8}chroma R2",
        *(f"{row:28}{figure}" for row, figure in table.items()),
    ]
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
