"""Colours prepared pages with one engine, as large as memory allows."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mangacolor.batch.backoff import GroupSize
from mangacolor.batch.book import Book
from mangacolor.batch.compose import compose
from mangacolor.batch.events import Listener, Notice, Smaller
from mangacolor.batch.plan import Task
from mangacolor.batch.prepared import Kept, Prepared, Stays, prepare, prepare_page
from mangacolor.bundle import HINT_CHANNELS
from mangacolor.config import BatchConfig
from mangacolor.errors import MemoryLimitError, ModelError
from mangacolor.images.geometry import Float32, UInt8, crop, to_uint8
from mangacolor.images.own_color import keep_own
from mangacolor.images.page import Page
from mangacolor.runtime.areas import ColoredAreas, to_hints, with_told
from mangacolor.runtime.engine import Engine, PlacedStyle, StyleTensors
from mangacolor.runtime.prepare import BUCKET
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Colored", "Colorist", "Uncolored"]

# Pages of one shape that go through the engine together; the CPU gains nothing by it.
_TOGETHER = {"cuda": 4, "tensorrt": 4}
# Pages at the start that may be in colour, when a page is looked for to warm up with.
_COVERS = 4
# When memory is not enough, the next size tried, and the last.
_SHRINK, _SMALLEST = 0.75, 128


@dataclasses.dataclass(frozen=True)
class Colored:
    """A page and its colour.

    Attributes:
        page: as it was prepared.
        color: float32 (3, h, w) in [-1, 1], the painter's.
        areas: in the references' colours, if the model knows areas.
    """

    page: Prepared
    color: Float32
    areas: ColoredAreas | None


@dataclasses.dataclass(frozen=True)
class Uncolored:
    """A page that could not be coloured, and why."""

    task: Task
    error: Exception


def _hints(group: list[Prepared], colored: list[ColoredAreas | None]) -> Float32 | None:
    """What the painter is told of each page, fitted and padded like its line art."""
    if any(areas is None for areas in colored):
        return None
    hints = np.zeros((len(group), HINT_CHANNELS, *group[0].lineart.shape[1:]), np.float32)
    for told, page, areas in zip(hints, group, colored, strict=True):
        if areas is not None:
            h, w = page.fitted
            told[:, :h, :w] = to_hints(areas, h, w)
    return hints


class Colorist:
    """An engine and what a chapter is coloured after.

    Args:
        engine: coloured with.
        style: of the references.
        config: of the chapter.
        job: digest of references, model and settings.
        areas: of the references, for a model of areas.
        told: colours of areas by hand, by page.
        small: sizes and fingerprints of pages that are done, but smaller than was asked for.
        report: called for notices, and when a smaller size is gone on at.

    Attributes:
        size, asked: longer side at which pages are coloured now, and at first.
        model_error: the first error of the model, if there was one.
    """

    def __init__(
        self,
        engine: Engine,
        style: StyleTensors,
        config: BatchConfig,
        job: str,
        areas: ReferenceAreas | None,
        told: Mapping[str, Mapping[int, Sequence[int]]],
        small: Mapping[str, tuple[int, str]],
        report: Listener,
    ) -> None:
        self.size = self.asked = config.size or engine.bundle.page_size
        self.model_error: ModelError | None = None
        self._engine, self._style, self._config, self._job = engine, style, config, job
        self._areas, self._told, self._small, self._report = areas, told, small, report
        # Pages that go through the engine together: fewer once memory was not enough.
        self._group = GroupSize(_TOGETHER.get(engine.device, 1))
        # The style on the device, by the number of pages that are coloured together.
        self._placed: dict[int, PlacedStyle] = {}

    @property
    def device(self) -> str:
        return self._engine.device

    @property
    def together(self) -> int:
        """How many pages of one shape are best coloured together now."""
        return self._group.now

    def warm_up(self, tasks: Sequence[Task]) -> None:
        """Colours blank pages of the first page's shape, where a device sets itself up for shapes.

        So no page's time holds the set-up, and pages per second are true from the first page on.
        """
        if self._engine.device == "cpu":
            return
        count = min(len(tasks), self._group.now)
        # What fails here fails again, and is told, with its page.
        with contextlib.suppress(Exception):
            # Often the first page is a cover, in colour already.
            looked = (self.prepare(task, self._config.recolor) for task in tasks[:_COVERS])
            first = next((page for page in looked if isinstance(page, Prepared)), None)
            if first is None:
                return
            blank = np.ones((count, *first.lineart.shape), np.float32)
            self._engine.color(blank, self._style_for(count))

    def prepare(self, task: Task, recolor: bool) -> Prepared | Kept | Book | Stays:
        """A page at the size that memory allows; raises as `prepare` does."""
        size, mark = self._small.get(task.name, (0, ""))
        if size >= self.size:
            return Stays(task, mark)
        engine = self._engine
        return prepare(task, self._job, engine.bundle, self.size, recolor, engine.see_page)

    def colors(self, group: list[Prepared]) -> Iterator[Colored | Uncolored | Stays]:
        """The pages in colour, in their order; what fails together goes alone.

        Args:
            group: pages whose line art has one shape.
        """
        if any(page.size > self.size for page in group):
            # Prepared before memory ran out.
            for page in group:
                yield from self._again(page)
            return
        try:
            colored = [self._color_areas(page) for page in group]
            colors = self._engine.color(
                np.stack([page.lineart for page in group]),
                self._style_for(len(group)),
                _hints(group, colored),
            )
        except Exception as error:
            if len(group) > 1:
                memory = isinstance(error, MemoryLimitError)
                if memory:
                    self._part(len(group))
                while group:
                    count = self._group.now if memory else 1
                    yield from self.colors(group[:count])
                    group = group[count:]
            elif isinstance(error, MemoryLimitError) and self._shrink(group[0].size):
                yield from self._again(group[0])
            else:
                if isinstance(error, ModelError):
                    self.model_error = self.model_error or error
                yield Uncolored(group[0].task, error)
            return
        self._group.went_well(len(group))
        yield from map(Colored, group, colors, colored)

    def _color_areas(self, page: Prepared) -> ColoredAreas | None:
        if page.seen is None or self._areas is None:
            return None
        left_out = sum(view.left_out for view in page.seen.views)
        if left_out:
            words = f"has more areas than are matched; the {left_out} smallest are the painter's"
            self._report(Notice(f"{page.page.name} {words}"))
        colored = self._engine.color_areas(page.seen, self._areas)
        return with_told(colored, self._told.get(page.task.name, {}))

    def _again(self, page: Prepared) -> Iterator[Colored | Uncolored | Stays]:
        """The same page at the size that memory allows now."""
        try:
            smaller = self.prepare(page.task, recolor=True)
        except Exception as error:
            yield Uncolored(page.task, error)
            return
        if isinstance(smaller, Stays):
            yield smaller
        # A page that is to be coloured is never kept.
        if isinstance(smaller, Prepared):
            yield from self.colors([smaller])

    def paint(self, page: Page) -> UInt8:
        """One page of a book in colour, at the size that memory allows."""
        task = Task(page.name, lambda: b"", Path)
        while True:
            prepared = prepare_page(
                task, "", page, self._engine.bundle, self.size, self._engine.see_page
            )
            try:
                colored = self._color_areas(prepared)
                told = _hints([prepared], [colored])
                (color,) = self._engine.color(prepared.lineart[None], self._style_for(1), told)
            except MemoryLimitError:
                if not self._shrink(prepared.size):
                    raise
                continue
            return self.composed(Colored(prepared, color, colored))

    def composed(self, colored: Colored) -> UInt8:
        """A page at its own size, uint8 (H, W, 3) sRGB: its own ink over its colour."""
        prepared = colored.page
        small = crop(to_uint8(colored.color.transpose(1, 2, 0)), *prepared.fitted)
        full = compose(prepared.page.grey, small, self._config, prepared.shaded, colored.areas)
        own = prepared.page.own
        if own is None or self._config.recolor:
            return full
        return keep_own(full, own.color, own.places)

    def _part(self, failed: int) -> None:
        """Goes on with half as many pages at a time and emptied memory."""
        self._group.failed(failed)
        self._empty()

    def _empty(self) -> None:
        """Opens the model anew: its memory holds nothing of former pages."""
        self._placed.clear()
        self._engine.reopen()

    def _shrink(self, failed: int) -> bool:
        """Goes on at the next smaller size with emptied memory; False if there is none."""
        size = min(self.size, int(failed * _SHRINK) // BUCKET * BUCKET)
        if size < _SMALLEST:
            return False
        self.size = size
        self._empty()
        self._report(Smaller(size))
        return True

    def _style_for(self, count: int) -> PlacedStyle:
        if count not in self._placed:
            self._placed[count] = self._engine.place(self._style, count)
        return self._placed[count]
