"""Laws of matching: what is shown is found again, and more that is shown is never worse.

    python benchmarks/laws.py --data ../data --record docs/results/laws.txt
    python benchmarks/laws.py --quick --model default --model my-model

The folder of data may have `ink-pairs`, `comic` and `open-cartoon/val`, as they are described in
docs/results.md; what is not there is left out. Invented pages are drawn. Where a picture has no ink
of its own, a pen draws it. Judged are areas as they are found that are neither paper nor ink in
truth, each with the root of its size: right is a colour within 14 in CIELAB that is sure enough to
be taken, guesses included, without a painter, as `batch` fills areas.

- itself: the page in colour as reference; its largest panel alone (judged within it); the page
  mirrored; the page at .7 and at 1.4 of its size.
- more: 1, 2, 4, 8 and 16 references, the nearest of the same series first (of an invented one the
  cover), then other scenes; right, and beside it the share whose colour is within 14 of theirs.
- harmless: two references, the same twice, with one of another series, with the second in grey,
  with one of a single colour, and a hundred (the pool again and again).
- corrected: a page is coloured after one other; its largest wrong areas are told their colour, or
  all of them, as by somebody who paints the page right; and others of the series are coloured
  again. Right before and after; of the wrong ones whose colour was told, the share put right, all
  and figures'; and of the right ones, the share that is right no more.
- taught: `finetune` on pages of the series, and other pages of it after one reference. Those of
  ink-pairs are taught by the comic, and the other way round; those of an invented series by others
  of it. Right before and after.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from chapters import as_bundle
from law_books import Book, Picture, find_books
from law_teaching import taught_model
from numpy.typing import NDArray

from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.images.areas import area_colors
from mangacolor.images.geometry import Float32, UInt8, resize, to_grey
from mangacolor.images.kinds import are_figures
from mangacolor.images.panels import Box, find_panels
from mangacolor.images.tones import smooth_tones
from mangacolor.metrics.areas import NEAR, distance, is_painted, to_lab
from mangacolor.runtime.area_model import TaughtModel
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.colored_areas import ENOUGH, settled
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.lessons import learn_areas
from mangacolor.runtime.lessons import within as those_of
from mangacolor.runtime.reference_areas import (
    ReferenceAreas,
    gathered,
    joined,
    read_references,
)
from mangacolor.runtime.remembered import remembering
from mangacolor.runtime.seen import SeenPage, see_page
from mangacolor.version import __version__

COUNTS = (1, 2, 4, 8, 16)
SCALES = (0.7, 1.4)
# Most areas of a page that are told, and the least of them in pixels.
STROKES, STROKED = 12, 200
HUNDRED = 100
# Probability from which an area is of a figure.
HALF = 0.5


class Case(NamedTuple):
    """A page to colour, and the truth of its areas."""

    seen: SeenPage
    truth: UInt8
    weight: NDArray[np.float64]
    sizes: NDArray[np.int64]


class Share:
    """What is right of what is painted, and of it what references show; added up."""

    def __init__(self) -> None:
        self.sums: list[NDArray[np.float64]] = []

    def add(self, *values: float) -> None:
        self.sums.append(np.array(values, np.float64))

    def shares(self) -> NDArray[np.float64]:
        """All but the first value, as shares of the first."""
        total = np.sum(self.sums, axis=0)
        found: NDArray[np.float64] = total[1:] / total[0]
        return found


class Model:
    """Networks of areas; a picture is described, and a reference read, once."""

    def __init__(self, graphs: TaughtModel, named: str = "", steps: int = 0) -> None:
        self._graphs, self.named, self.steps = graphs, named, steps
        self._maps: dict[bytes, Sequence[Float32]] = {}
        self._read: dict[int, tuple[UInt8, ReferenceAreas]] = {}
        self.read, self.match, self.surfaces = graphs.read, graphs.match, graphs.surfaces
        self.remembered, self.sees_afar = graphs.remembered, graphs.sees_afar

    def describe(self, picture: Float32) -> Sequence[Float32]:
        key = picture.tobytes()
        if key not in self._maps:
            # Only the last page's views are asked for again.
            if len(self._maps) > 40:
                self._maps.pop(next(iter(self._maps)))
            self._maps[key] = self._graphs.describe(picture)
        return self._maps[key]

    def areas_of(self, pictures: Sequence[UInt8]) -> ReferenceAreas:
        for picture in pictures:
            if id(picture) not in self._read:
                self._read[id(picture)] = picture, read_references(self, [picture])
        return remembering(self, gathered([self._read[id(picture)][1] for picture in pictures]))


def make_case(model: Model, picture: Picture) -> Case:
    grey, color = picture.ink(), picture.color
    seen = see_page(smooth_tones(grey), model, grey)
    truth = area_colors(seen.areas, grey, color)
    sizes = np.bincount(seen.areas.ravel(), minlength=len(truth))
    sizes[0] = 0
    return Case(seen, truth, np.sqrt(sizes) * is_painted(to_lab(truth)), sizes)


def is_right(model: Model, case: Case, references: ReferenceAreas) -> NDArray[np.bool_]:
    colored, _ = settled(color_areas(model, case.seen, references))
    near = distance(to_lab(colored.laid), to_lab(case.truth)) < NEAR
    found: NDArray[np.bool_] = near & (colored.sure >= ENOUGH)
    return found


def is_shown(case: Case, references: ReferenceAreas) -> NDArray[np.bool_]:
    return is_among(case, to_lab(np.unique(references.colors, axis=0)))


def is_among(case: Case, lab: Float32) -> NDArray[np.bool_]:
    """Areas that have one of some colours."""
    return np.array([(distance(lab, one) < NEAR).any() for one in to_lab(case.truth)])


def are_drawn(case: Case) -> NDArray[np.bool_]:
    """Areas of figures, and not of what is behind them."""
    kinds = case.seen.kinds
    return are_figures(kinds) > HALF if kinds.size else np.ones(len(case.truth), np.bool_)


def within(case: Case, box: Box, height: int, width: int) -> NDArray[np.bool_]:
    """Areas most of which lies in a box of the page."""
    h, w = case.seen.areas.shape
    x0, y0, x1, y1 = box
    part = case.seen.areas[y0 * h // height : y1 * h // height, x0 * w // width : x1 * w // width]
    inside = np.bincount(part.ravel(), minlength=len(case.sizes))
    found: NDArray[np.bool_] = inside > case.sizes / 2
    return found


def itself(model: Model, books: list[Book]) -> Iterator[tuple[str, Share]]:
    rows: dict[str, Share] = {}

    def add(name: str, case: Case, reference: UInt8, weight: NDArray[np.float64]) -> None:
        right = is_right(model, case, model.areas_of([reference]))
        rows.setdefault(name, Share()).add(weight.sum(), (weight * right).sum())

    for book in books:
        for picture in (book.pictures[i] for i in book.judged):
            case, color = make_case(model, picture), picture.color
            height, width = color.shape[:2]
            add("page", case, color, case.weight)
            box = max(find_panels(color), key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
            panel = np.ascontiguousarray(color[box[1] : box[3], box[0] : box[2]])
            add("panel", case, panel, case.weight * within(case, box, height, width))
            add("mirrored", case, np.ascontiguousarray(color[:, ::-1]), case.weight)
            for scale in SCALES:
                other = resize(color, round(height * scale), round(width * scale))
                add(f"at {scale}", case, other, case.weight)
    yield from rows.items()


def more(model: Model, books: list[Book]) -> Iterator[tuple[str, Share]]:
    rows: dict[str, Share] = {}
    for book in books:
        for index in book.judged:
            case, pool = make_case(model, book.pictures[index]), book.others(index)
            for count in (x for x in COUNTS if x <= 2 * len(pool)):
                references = model.areas_of(pool[:count])
                right, shown = is_right(model, case, references), is_shown(case, references)
                rows.setdefault(f"{count}", Share()).add(
                    case.weight.sum(), (case.weight * right).sum(), (case.weight * shown).sum()
                )
    yield from rows.items()


def harmless(model: Model, books: list[Book]) -> Iterator[tuple[str, Share]]:
    rows: dict[str, Share] = {}
    for book in books:
        for index in book.judged:
            case, pool = make_case(model, book.pictures[index]), book.others(index)
            one, two = pool[0], pool[min(1, len(pool) - 1)]
            grey = np.repeat(to_grey(two)[..., None], 3, axis=2)
            flat = np.full((300, 200, 3), (200, 30, 40), np.uint8)
            times = -(-HUNDRED // len(pool))
            for name, given in {
                "one": [one],
                "two": [one, two],
                "each twice": [one, one, two, two],
                "+ a stranger": [one, two, book.stranger],
                "+ one in grey": [one, two, grey],
                "+ one colour": [one, two, flat],
                "a hundred": (pool * times)[:HUNDRED],
            }.items():
                right = is_right(model, case, model.areas_of(given))
                share = rows.setdefault(name, Share())
                share.add(case.weight.sum(), (case.weight * right).sum())
    yield from rows.items()


def corrected(model: Model, books: list[Book]) -> Iterator[tuple[str, Share]]:
    rows: dict[str, Share] = {}

    def add(row: str, of: NDArray[np.float64], *wanted: NDArray[np.bool_]) -> None:
        rows.setdefault(row, Share()).add(of.sum(), *((of * x).sum() for x in wanted))

    for book in (book for book in books if book.followers):
        first = book.pictures[book.judged[0]]
        taken = {id(book.pictures[i].color) for i in (book.judged[0], *book.followers)}
        given = [x for x in book.others(book.judged[0]) if id(x) not in taken][:1]
        references, case = model.areas_of(given), make_case(model, first)
        plain, right = color_areas(model, case.seen, references), is_right(model, case, references)
        wrong = ~right & (case.weight > 0) & (case.sizes >= STROKED)
        order = sorted(np.flatnonzero(wrong), key=lambda area: -case.sizes[area])
        followers = [make_case(model, book.pictures[i]) for i in book.followers]
        for other in followers:
            add("before", other.weight, is_right(model, other, references))
        for row, count in ((f"{STROKES} strokes", STROKES), ("the whole page", len(order))):
            told = {int(area): [int(x) for x in case.truth[area]] for area in order[:count]}
            known = [references, learn_areas(model, case.seen, plain, told)]
            if row == "the whole page":
                shown = model.areas_of([first.color])
                known.append(those_of(shown, case.seen.areas, told, len(given)))
            learned, colors = joined(known), to_lab(case.truth[order[:count]])
            for other in followers:
                was, now = (is_right(model, other, x) for x in (references, learned))
                asked = other.weight * (is_among(other, colors) & ~was)
                add(row, other.weight, now)
                add(f"{row}: put right", asked, now)
                add(f"{row}: of figures", asked * are_drawn(other), now)
                add(f"{row}: spoilt", other.weight * was, ~now)
    yield from rows.items()


def taught(model: Model, books: list[Book]) -> Iterator[tuple[str, Share]]:
    before, after = Share(), Share()
    for book in (book for book in books if len(book.lessons) > 1):
        pupil = Model(taught_model(model.named, book.lessons, model.steps))
        for index in dict.fromkeys([*book.judged, *book.followers]):
            given = book.others(index)[:1]
            for share, own in ((before, model), (after, pupil)):
                case = make_case(own, book.pictures[index])
                right = is_right(own, case, own.areas_of(given))
                share.add(case.weight.sum(), (case.weight * right).sum())
    if before.sums:
        yield "before", before
        yield f"{model.steps} steps", after


LAWS: dict[str, Callable[[Model, list[Book]], Iterator[tuple[str, Share]]]] = {
    "itself": itself,
    "more": more,
    "harmless": harmless,
    "corrected": corrected,
    "taught": taught,
}


def measure(
    folder: Path, books: dict[str, list[Book]], laws: Sequence[str], steps: int
) -> list[str]:
    """The lines of a model: a table a law, a column a set."""
    graphs = Engine.open(read_bundle(folder), "cpu").areas
    if graphs is None:
        raise SystemExit(f"{folder} is no model of areas.")
    model, lines = Model(graphs, str(folder), steps), []
    for law in laws:
        rows: dict[str, dict[str, str]] = {}
        for name, some in books.items():
            for row, share in LAWS[law](model, some):
                text = "  ".join(f"{value:.3f}" for value in share.shares())
                rows.setdefault(row, {})[name] = text
        head = f"{law + (', right and shown' if law == 'more' else ''):26}"
        lines += ["", head + "".join(f"{name:16}" for name in books)]
        for row, cells in rows.items():
            lines.append(f"{row:26}" + "".join(f"{cells.get(x, ''):16}" for x in books))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with ink-pairs, comic and open-cartoon")
    parser.add_argument("--without", action="append", default=[], help="a set to leave out")
    parser.add_argument("--pages", type=int, default=4, help="pages judged of each set")
    parser.add_argument("--height", type=int, help="pixels that all pictures are reduced to")
    parser.add_argument("--seed", type=int, default=900_000, help="of invented series")
    parser.add_argument("--quick", action="store_true", help="a page or two a set, few references")
    parser.add_argument("--law", action="append", choices=list(LAWS), help="only these")
    parser.add_argument("--steps", type=int, default=100, help="of teaching; it may end before")
    parser.add_argument("--model", action="append", type=Path, help="bundle or checkpoint")
    parser.add_argument("--record", type=Path, help="file that gets what is printed")
    asked = parser.parse_args()
    start = time.perf_counter()
    pages, most = (1, 5) if asked.quick else (asked.pages, 17)
    books = find_books(asked.data, asked.without, pages, most, asked.seed, asked.height)
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for model in asked.model or [default_bundle()]:
            folder = default_bundle() if str(model) == "default" else as_bundle(model, Path(name))
            lines += [
                "",
                f"model {model.name}",
                *measure(folder, books, asked.law or list(LAWS), asked.steps),
            ]
    counts = ", ".join(f"{sum(len(b.judged) for b in some)} {x}" for x, some in books.items())
    high = f", at most {asked.height} pixels high" if asked.height else ""
    title = (
        f"pages judged: {counts}{high}; mangacolor {__version__}, {platform.machine()};"
        f" {time.perf_counter() - start:.0f} s in all"
    )
    text = "\n".join(line.rstrip() for line in [title, *lines]) + "\n"
    print(text, end="")
    if asked.record is not None:
        asked.record.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
