"""Reader threads, one engine, writer threads: order kept, memory bounded."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from mangacolor.batch.engine import Engine, PlacedStyle, StyleTensors
from mangacolor.batch.events import Done, Failed, Report, Smaller
from mangacolor.batch.journal import Journal, fingerprint
from mangacolor.batch.plan import Task
from mangacolor.bundle import Bundle
from mangacolor.config import BatchConfig
from mangacolor.errors import MangacolorError, MemoryLimitError, ModelError
from mangacolor.files import atomic_write
from mangacolor.images.geometry import (
    Float32,
    crop,
    fit_size,
    pad_to_multiple,
    resize,
    to_signed,
    to_uint8,
)
from mangacolor.images.ink import lay_ink
from mangacolor.images.page import Page, encode_page, read_page

__all__ = ["Pipeline", "Prepared", "prepare", "working_size"]

# Pages of one shape that go through the engine together; the CPU gains nothing by it.
_TOGETHER = {"cuda": 4, "tensorrt": 4}
# Padded sides are multiples of this at least: fewer shapes, each of which costs set-up on a GPU.
_BUCKET = 32
# A strip longer than this is not shrunk to the longer side: nothing would be left of it.
_STRIP = 2.5
_LARGEST_STRIP = 4.0

# When memory is not enough, the next size tried, and the last.
_SHRINK, _SMALLEST = 0.75, 128

# What one page may fail with while the others go on.
_PAGE_ERRORS = (MangacolorError, OSError, MemoryError)


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A page ready for the engine.

    Attributes:
        task, mark: which page, and its fingerprint.
        page: as read.
        lineart: float32 (1, h, w), fitted and padded white.
        fitted: height and width of the page within `lineart`.
        size: longer side that was asked for.
    """

    task: Task
    mark: str
    page: Page
    lineart: Float32
    fitted: tuple[int, int]
    size: int


def working_size(h: int, w: int, size: int) -> tuple[int, int]:
    """Height and width at which a page is coloured.

    The longer side becomes `size`; of a long strip the shorter side becomes size / 2.5, as long as
    the area stays below four times size * size.

    Args:
        h, w: of the page.
        size: longer side asked for.
    """
    long, short = max(h, w), min(h, w)
    aspect = long / short
    if aspect > _STRIP:
        wanted = size / _STRIP * aspect
        size = max(size, round(min(wanted, size * math.sqrt(_LARGEST_STRIP * aspect))))
    return fit_size(h, w, size)


def prepare(task: Task, job: str, bundle: Bundle, size: int) -> Prepared:
    """Reads a page and makes its line art.

    Raises:
        InputError: the page cannot be read.
    """
    content = task.read()
    page = read_page(content, task.name)
    height, width = page.grey.shape
    fitted = working_size(height, width, size)
    small = resize(page.grey, *fitted)
    multiple = math.lcm(bundle.size_multiple, _BUCKET)
    lineart = to_signed(pad_to_multiple(small, multiple, bundle.minimum_size))[None]
    return Prepared(task, fingerprint(job, content), page, lineart, fitted, size)


class Pipeline:
    """One run over the pages of a chapter.

    Attributes:
        done: fingerprints of coloured pages, by name.
        failed: reasons, by name.
        model_error: the first error of the model, if there was one.
    """

    def __init__(
        self,
        engine: Engine,
        style: StyleTensors,
        config: BatchConfig,
        job: str,
        journal: Journal,
        report: Report,
    ) -> None:
        self.done: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.model_error: ModelError | None = None
        self._engine, self._style, self._config = engine, style, config
        self._size = config.size or engine.bundle.page_size
        # The style on the device, by the number of pages that are coloured together.
        self._placed: dict[int, PlacedStyle] = {}
        self._job, self._journal, self._report = job, journal, report
        # Pages on their way out, in order: a write under way, or why there is none.
        self._leaving: deque[tuple[Task, Future[str] | Exception]] = deque()

    def warm_up(self, tasks: Sequence[Task]) -> None:
        """Colours blank pages of the first page's shape, where a device sets itself up for shapes.

        So no page's time holds the set-up, and pages per second are true from the first page on.
        """
        if self._engine.device == "cpu":
            return
        count = min(len(tasks), _TOGETHER.get(self._engine.device, 1))
        # What fails here fails again, and is told, with its page.
        with contextlib.suppress(*_PAGE_ERRORS):
            shape = prepare(tasks[0], self._job, self._engine.bundle, self._size).lineart.shape
            blank = np.ones((count, *shape), np.float32)
            self._engine.color(blank, self._style_for(count))

    def run(self, tasks: Sequence[Task]) -> None:
        """Colours the pages.

        Raises:
            KeyboardInterrupt: after the pages that were coloured are in place.
        """
        cores = os.cpu_count() or 1
        readers = 1 if self._engine.device == "cpu" else min(4, cores)
        writers = min(8, cores)
        together = _TOGETHER.get(self._engine.device, 1)
        with (
            ThreadPoolExecutor(readers, "read") as reading,
            ThreadPoolExecutor(writers, "write") as writing,
        ):
            try:
                for group in self._groups(tasks, reading, readers + together, together):
                    for prepared, color in self._colors(group):
                        future = writing.submit(self._finish, prepared, color)
                        self._leaving.append((prepared.task, future))
                    self._settle(writers)
            except BaseException:
                reading.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                self._settle(0)

    def _groups(
        self, tasks: Sequence[Task], reading: ThreadPoolExecutor, ahead: int, together: int
    ) -> Iterator[list[Prepared]]:
        """Pages that are ready, in order, neighbours of one shape together."""
        waiting = deque(tasks)
        coming: deque[tuple[Task, Future[Prepared]]] = deque()
        while waiting or coming:
            while waiting and len(coming) < ahead:
                task = waiting.popleft()
                future = reading.submit(prepare, task, self._job, self._engine.bundle, self._size)
                coming.append((task, future))
            task, future = coming.popleft()
            try:
                group = [future.result()]
            except _PAGE_ERRORS as error:
                self._leaving.append((task, error))
                continue
            while len(group) < together and coming and coming[0][1].done():
                following = coming[0][1]
                if following.exception() or following.result().lineart.shape != (
                    group[0].lineart.shape
                ):
                    break
                group.append(following.result())
                coming.popleft()
            yield group

    def _colors(self, group: list[Prepared]) -> Iterator[tuple[Prepared, Float32]]:
        """The engine's colour for each page, float32 (3, h, w); what fails together goes alone."""
        if any(page.size > self._size for page in group):
            # Prepared before memory ran out.
            for page in group:
                yield from self._again(page)
            return
        try:
            colors = self._engine.color(
                np.stack([page.lineart for page in group]), self._style_for(len(group))
            )
        except ModelError as error:
            if len(group) > 1:
                for page in group:
                    yield from self._colors([page])
            elif isinstance(error, MemoryLimitError) and self._shrink(group[0].size):
                yield from self._again(group[0])
            else:
                self.model_error = self.model_error or error
                self._leaving.append((group[0].task, error))
            return
        yield from zip(group, colors, strict=True)

    def _again(self, page: Prepared) -> Iterator[tuple[Prepared, Float32]]:
        """The same page at the size that memory allows now."""
        try:
            smaller = prepare(page.task, self._job, self._engine.bundle, self._size)
        except _PAGE_ERRORS as error:
            self._leaving.append((page.task, error))
            return
        yield from self._colors([smaller])

    def _shrink(self, failed: int) -> bool:
        """Goes on at the next smaller size with emptied memory; False if there is none."""
        size = min(self._size, int(failed * _SHRINK) // _BUCKET * _BUCKET)
        if size < _SMALLEST:
            return False
        self._size = size
        self._placed.clear()
        self._engine = self._engine.reopened()
        self._report(Smaller(size))
        return True

    def _style_for(self, count: int) -> PlacedStyle:
        if count not in self._placed:
            self._placed[count] = self._engine.place(self._style, count)
        return self._placed[count]

    def _finish(self, prepared: Prepared, color: Float32) -> str:
        """Composes, encodes and writes one page; gives its fingerprint."""
        small = crop(to_uint8(color.transpose(1, 2, 0)), *prepared.fitted)
        full = lay_ink(prepared.page.grey, small)
        target = prepared.task.target(prepared.mark)
        atomic_write(target, encode_page(prepared.page, full, self._config.quality))
        self._journal.add(prepared.task.name, prepared.mark)
        return prepared.mark

    def _settle(self, limit: int) -> None:
        """Waits until at most `limit` pages are on their way out, and reports the others."""
        while len(self._leaving) > limit or (self._leaving and _settled(self._leaving[0][1])):
            task, outcome = self._leaving[0]
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                self.done[task.name] = outcome.result()
            except _PAGE_ERRORS as error:
                reason = _reason(error)
                self.failed[task.name] = reason
                self._leaving.popleft()
                self._report(Failed(task.name, reason))
            else:
                self._leaving.popleft()
                self._report(Done(task.name))


def _settled(outcome: Future[str] | Exception) -> bool:
    return isinstance(outcome, Exception) or outcome.done()


def _reason(error: Exception) -> str:
    if isinstance(error, MangacolorError):
        return f"{error.message} {error.hint}".strip()
    if isinstance(error, OSError):
        return f"It cannot be written: {error.strerror or error}."
    return "There was not enough memory."
