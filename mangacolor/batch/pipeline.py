"""Reader threads, one engine, writer threads: order kept, memory bounded."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from mangacolor.batch.backoff import GroupSize
from mangacolor.batch.book import Book, check_one_file, write_book
from mangacolor.batch.compose import compose
from mangacolor.batch.events import Copied, Done, Failed, Notice, Report, Smaller
from mangacolor.batch.failures import Cause, cause_of, reason_of, writing
from mangacolor.batch.journal import Journal
from mangacolor.batch.layered import Layered
from mangacolor.batch.plan import Task, mark_of
from mangacolor.batch.why import Reasons
from mangacolor.bundle import HINT_CHANNELS, Bundle
from mangacolor.config import BatchConfig
from mangacolor.errors import MemoryLimitError, ModelError, StorageError
from mangacolor.files import atomic_write
from mangacolor.images.areas import find_areas
from mangacolor.images.formats import encode_as, encode_copy
from mangacolor.images.geometry import (
    Float32,
    UInt8,
    crop,
    to_uint8,
)
from mangacolor.images.own_color import keep_own
from mangacolor.images.page import Page, read_page
from mangacolor.images.strips import working_size
from mangacolor.runtime.areas import (
    ColoredAreas,
    ReferenceAreas,
    SeenPage,
    see_page,
    to_hints,
    with_told,
)
from mangacolor.runtime.engine import Engine, PlacedStyle, StyleTensors
from mangacolor.runtime.prepare import BUCKET, to_lineart

__all__ = ["Kept", "Pipeline", "Prepared", "prepare", "working_size"]

# Pages of one shape that go through the engine together; the CPU gains nothing by it.
_TOGETHER = {"cuda": 4, "tensorrt": 4}

# Pages at the start that may be in colour, when a page is looked for to warm up with.
_COVERS = 4
# When memory is not enough, the next size tried, and the last.
_SHRINK, _SMALLEST = 0.75, 128

# After these no page can be written any more.
_FULL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A page ready for the engine.

    Attributes:
        task, mark: which page, and its fingerprint.
        page: as read.
        shaded: uint8 (H, W), the page with its screentone smoothed, which the network sees.
        lineart: float32 (1, h, w), fitted and padded white.
        fitted: height and width of the page within `lineart`.
        size: longer side that was asked for.
        seen: its areas, for a model of areas.
    """

    task: Task
    mark: str
    page: Page
    shaded: UInt8
    lineart: Float32
    fitted: tuple[int, int]
    size: int
    seen: SeenPage | None = None


@dataclasses.dataclass(frozen=True)
class Kept:
    """A page that is in colour already, and its file's content."""

    task: Task
    mark: str
    content: bytes


@dataclasses.dataclass(frozen=True)
class Stays:
    """A page that is done, as small as memory allows."""

    task: Task
    mark: str


def prepare(
    task: Task, job: str, bundle: Bundle, size: int, recolor: bool = True
) -> Prepared | Kept | Book:
    """Reads a page and makes its line art; a file of several pages is a `Book`.

    Args:
        task: which page.
        job: digest of references, model and settings.
        bundle: says which sizes the network takes.
        size: longer side at which it is coloured.
        recolor: take a page that is in colour for a black-and-white one; else it is `Kept`.

    Raises:
        InputError: the page cannot be read.
    """
    content = task.read()
    mark = mark_of(task, job, content)
    page = read_page(content, task.name)
    if page.pages > 1:
        return Book(task, mark, content)
    if page.colored and not recolor:
        return Kept(task, mark, content)
    return _prepare_page(task, mark, page, bundle, size)


def _prepare_page(task: Task, mark: str, page: Page, bundle: Bundle, size: int) -> Prepared:
    shaded, lineart, fitted = to_lineart(page.grey, size, bundle.size_multiple, bundle.minimum_size)
    seen = see_page(shaded) if bundle.style == "areas" else None
    return Prepared(task, mark, page, shaded, lineart, fitted, size, seen)


# A page, its painted colour, and its areas in the references' colours.
_Colored = tuple[Prepared, Float32, ColoredAreas | None]


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


class Pipeline:
    """One run over the pages of a chapter.

    Attributes:
        done: fingerprints of coloured pages, by name.
        failed: reasons, by name.
        copied: how many of the done pages were in colour already.
        stayed: done pages that are as small as before: memory is still not enough for more.
        model_error: the first error of the model, if there was one.
        disk_error: why no page can be written any more, if that ended the run.
    """

    def __init__(
        self,
        engine: Engine,
        style: StyleTensors,
        config: BatchConfig,
        job: str,
        journal: Journal,
        report: Report,
        areas: ReferenceAreas | None = None,
        told: Mapping[str, Mapping[int, Sequence[int]]] | None = None,
        small: Mapping[str, tuple[int, str]] | None = None,
        reasons: Reasons | None = None,
        layered: Layered | None = None,
    ) -> None:
        self.done: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.causes: set[Cause] = set()
        self.copied = 0
        self.stayed: set[str] = set()
        self.model_error: ModelError | None = None
        self.disk_error: OSError | None = None
        self._engine, self._style, self._config = engine, style, config
        self._areas, self._told, self._small = areas, told or {}, small or {}
        self._reasons, self._layered = reasons, layered
        self._size = self._asked = config.size or engine.bundle.page_size
        # Pages that go through the engine together: fewer once memory was not enough.
        self._group = GroupSize(_TOGETHER.get(engine.device, 1))
        # The style on the device, by the number of pages that are coloured together.
        self._placed: dict[int, PlacedStyle] = {}
        self._job, self._journal, self._report = job, journal, report
        # Pages on their way out, in order: a write under way, or why there is none.
        self._leaving: deque[tuple[Task, Future[str] | Exception]] = deque()
        self._kept: set[str] = set()

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
            looked = (self._prepare(task, self._config.recolor) for task in tasks[:_COVERS])
            first = next((page for page in looked if isinstance(page, Prepared)), None)
            if first is None:
                return
            blank = np.ones((count, *first.lineart.shape), np.float32)
            self._engine.color(blank, self._style_for(count))

    def run(self, tasks: Sequence[Task]) -> None:
        """Colours the pages; whatever one of them raises is that page's failure.

        Raises:
            KeyboardInterrupt: after the pages that were coloured are in place.
        """
        cores = os.cpu_count() or 1
        readers = min(4, max(1, cores // 2)) if self._engine.device == "cpu" else min(4, cores)
        # Pages are worked on side by side: threads for one page would be in the others' way.
        cv2.setNumThreads(1)
        writers = min(8, cores)
        with (
            ThreadPoolExecutor(readers, "read") as reading,
            ThreadPoolExecutor(writers, "write") as writing,
        ):
            try:
                for group in self._groups(tasks, reading, readers + self._group.now):
                    if isinstance(group, Book):
                        self._leaving.append((group.task, self._color_book(group)))
                        self._settle(writers)
                        if self.disk_error is not None:
                            break
                        continue
                    if isinstance(group, Stays):
                        self._leave_small(group)
                        continue
                    if isinstance(group, Kept):
                        future = writing.submit(self._copy, group)
                        self._kept.add(group.task.name)
                        self._leaving.append((group.task, future))
                        self._settle(writers)
                        if self.disk_error is not None:
                            break
                        continue
                    for prepared, color, colored in self._colors(group):
                        future = writing.submit(self._finish, prepared, color, colored)
                        self._leaving.append((prepared.task, future))
                    self._settle(writers)
                    if self.disk_error is not None:
                        break
            except BaseException:
                reading.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                self._settle(0)

    def _groups(
        self, tasks: Sequence[Task], reading: ThreadPoolExecutor, ahead: int
    ) -> Iterator[list[Prepared] | Kept | Book | Stays]:
        """Pages that are ready, in order, neighbours of one shape together."""
        waiting = deque(tasks)
        coming: deque[tuple[Task, Future[Prepared | Kept | Book | Stays]]] = deque()
        while waiting or coming:
            while waiting and len(coming) < ahead:
                task = waiting.popleft()
                future = reading.submit(self._prepare, task, self._config.recolor)
                coming.append((task, future))
            task, future = coming.popleft()
            try:
                ready = future.result()
            except Exception as error:
                self._leaving.append((task, error))
                continue
            if not isinstance(ready, Prepared):
                yield ready
                continue
            self._tell_of_others(ready.page)
            group = [ready]
            while len(group) < self._group.now and coming and coming[0][1].done():
                following = coming[0][1]
                if following.exception() or not isinstance(next_ := following.result(), Prepared):
                    break
                if next_.lineart.shape != ready.lineart.shape:
                    break
                self._tell_of_others(next_.page)
                group.append(next_)
                coming.popleft()
            yield group

    def _tell_of_others(self, page: Page) -> None:
        if page.pictures > page.pages:
            others = page.pictures - 1
            what = "1 other picture is" if others == 1 else f"{others} other pictures are"
            self._report(Notice(f"{page.name} is an animation; its {what} left out"))

    def _color_book(self, book: Book) -> Future[str] | Exception:
        """Colours every page of a file and writes it."""
        try:
            check_one_file(book, self._config.format)
            with writing():
                self._journal.begin(book.task.name, None)
                painted = write_book(book, self._paint, recolor=self._config.recolor)
                smaller = self._size if self._size < self._asked else 0
                target = book.task.target(book.mark)
                self._journal.add(book.task.name, book.mark, target, smaller)
                if self._layered is not None:
                    self._layered.skip(self._journal, book.task.name, book.mark)
        except Exception as error:
            if isinstance(error, ModelError):
                self.model_error = self.model_error or error
            return error
        if not painted:
            self._kept.add(book.task.name)
        elif self._layered is not None:
            self._report(Notice(f"{book.task.name} is a file of several pages: without layers"))
        done: Future[str] = Future()
        done.set_result(book.mark)
        return done

    def _paint(self, page: Page) -> UInt8:
        """One page of a book in colour, at the size that memory allows."""
        task = Task(page.name, lambda: b"", Path)
        while True:
            prepared = _prepare_page(task, "", page, self._engine.bundle, self._size)
            try:
                colored = self._color_areas(prepared)
                told = _hints([prepared], [colored])
                (color,) = self._engine.color(prepared.lineart[None], self._style_for(1), told)
            except MemoryLimitError:
                if not self._shrink(prepared.size):
                    raise
                continue
            return self._composed(prepared, color, colored)

    def _prepare(self, task: Task, recolor: bool) -> Prepared | Kept | Book | Stays:
        size, mark = self._small.get(task.name, (0, ""))
        if size >= self._size:
            return Stays(task, mark)
        return prepare(task, self._job, self._engine.bundle, self._size, recolor)

    def _colors(self, group: list[Prepared]) -> Iterator[_Colored]:
        """The engine's colour for each page, float32 (3, h, w), and that of its areas if the model
        knows any; what fails together goes alone.
        """
        if any(page.size > self._size for page in group):
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
                    yield from self._colors(group[:count])
                    group = group[count:]
            elif isinstance(error, MemoryLimitError) and self._shrink(group[0].size):
                yield from self._again(group[0])
            else:
                if isinstance(error, ModelError):
                    self.model_error = self.model_error or error
                self._leaving.append((group[0].task, error))
            return
        self._group.went_well(len(group))
        yield from zip(group, colors, colored, strict=True)

    def _color_areas(self, page: Prepared) -> ColoredAreas | None:
        if page.seen is None or self._areas is None:
            return None
        left_out = sum(view.left_out for view in page.seen.views)
        if left_out:
            words = f"has more areas than are matched; the {left_out} smallest are the painter's"
            self._report(Notice(f"{page.page.name} {words}"))
        colored = self._engine.color_areas(page.seen, self._areas)
        return with_told(colored, self._told.get(page.task.name, {}))

    def _again(self, page: Prepared) -> Iterator[_Colored]:
        """The same page at the size that memory allows now."""
        try:
            smaller = self._prepare(page.task, recolor=True)
        except Exception as error:
            self._leaving.append((page.task, error))
            return
        if isinstance(smaller, Stays):
            self._leave_small(smaller)
        # A page that is to be coloured is never kept.
        if isinstance(smaller, Prepared):
            yield from self._colors([smaller])

    def _leave_small(self, page: Stays) -> None:
        done: Future[str] = Future()
        done.set_result(page.mark)
        self.stayed.add(page.task.name)
        self._leaving.append((page.task, done))

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
        size = min(self._size, int(failed * _SHRINK) // BUCKET * BUCKET)
        if size < _SMALLEST:
            return False
        self._size = size
        self._empty()
        self._report(Smaller(size))
        return True

    def _style_for(self, count: int) -> PlacedStyle:
        if count not in self._placed:
            self._placed[count] = self._engine.place(self._style, count)
        return self._placed[count]

    def _finish(self, prepared: Prepared, color: Float32, colored: ColoredAreas | None) -> str:
        """Composes, encodes and writes one page; gives its fingerprint."""
        full = self._composed(prepared, color, colored)
        if self._reasons is not None:
            self._reasons.note(prepared.task.name, colored, full)
        if self._layered is not None:
            areas = find_areas(prepared.shaded) if colored is None else colored.areas
            with writing():
                self._layered.write(
                    self._journal, prepared.task.name, prepared.mark, prepared.page, full, areas
                )
        target = prepared.task.target(prepared.mark)
        content = encode_as(prepared.page, full, self._config.quality, self._config.format)
        with writing():
            self._journal.begin(prepared.task.name, content)
            atomic_write(target, content)
            smaller = prepared.size if prepared.size < self._asked else 0
            self._journal.add(prepared.task.name, prepared.mark, target, smaller)
        return prepared.mark

    def _composed(self, prepared: Prepared, color: Float32, colored: ColoredAreas | None) -> UInt8:
        small = crop(to_uint8(color.transpose(1, 2, 0)), *prepared.fitted)
        full = compose(prepared.page.grey, small, self._config, prepared.shaded, colored)
        own = prepared.page.own
        if own is None or self._config.recolor:
            return full
        return keep_own(full, own.color, own.places)

    def _copy(self, kept: Kept) -> str:
        """Writes one page as it was; gives its fingerprint."""
        target, name = kept.task.target(kept.mark), kept.task.name
        content = encode_copy(kept.content, name, self._config.quality, self._config.format)
        with writing():
            self._journal.begin(name, content)
            atomic_write(target, content)
            self._journal.add(kept.task.name, kept.mark, target)
            if self._layered is not None:
                self._layered.skip(self._journal, name, kept.mark)
        return kept.mark

    def _settle(self, limit: int) -> None:
        """Waits until at most `limit` pages are on their way out, and reports the others."""
        while len(self._leaving) > limit or (self._leaving and _settled(self._leaving[0][1])):
            task, outcome = self._leaving[0]
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                self.done[task.name] = outcome.result()
            except Exception as error:
                reason = reason_of(error)
                system = error.__cause__ if isinstance(error, StorageError) else None
                if isinstance(system, OSError) and system.errno in _FULL:
                    self.disk_error = system
                self.failed[task.name] = reason
                self.causes.add(cause_of(error))
                self._leaving.popleft()
                self._report(Failed(task.name, reason))
            else:
                self._leaving.popleft()
                if task.name in self.stayed:
                    continue
                kept = task.name in self._kept
                self.copied += kept
                self._report(Copied(task.name) if kept else Done(task.name))


def _settled(outcome: Future[str] | Exception) -> bool:
    return isinstance(outcome, Exception) or outcome.done()
