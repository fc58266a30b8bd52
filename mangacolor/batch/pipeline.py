"""Reader threads, one engine, writer threads: order kept, memory bounded."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import cv2

from mangacolor.batch.book import Book, check_one_file, write_book
from mangacolor.batch.colorist import Colored, Colorist, Uncolored
from mangacolor.batch.events import Copied, Done, Failed, Listener, Notice
from mangacolor.batch.failures import Cause, cause_of, reason_of, writing
from mangacolor.batch.journal import Journal
from mangacolor.batch.layered import Layered
from mangacolor.batch.plan import Task
from mangacolor.batch.prepared import Kept, Prepared, Stays
from mangacolor.batch.why import Reasons
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, ModelError, StorageError
from mangacolor.files import atomic_write
from mangacolor.images.areas import Labels, find_areas
from mangacolor.images.formats import encode_as, encode_copy
from mangacolor.images.geometry import UInt8
from mangacolor.images.looks import looks_of
from mangacolor.images.page import Page, read_color
from mangacolor.runtime.color import ColoredPage

__all__ = ["Pipeline"]

# After these no page can be written any more.
_FULL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


@contextlib.contextmanager
def _one_thread_a_page() -> Iterator[None]:
    """Pages are worked on side by side: threads for one page would be in the others' way."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        # It holds for the process, whose other work is not ours.
        cv2.setNumThreads(before)


class Pipeline:
    """One run over the pages of a chapter.

    Args:
        colorist: colours them.
        config: of the chapter.
        journal: of what is in place.
        report: called in the thread that runs it, for each page in order.
        reasons: gets what each page was coloured after.
        layered: writes layers, too.

    Attributes:
        done: fingerprints of coloured pages, by name.
        failed: reasons, by name.
        copied: how many of the done pages were in colour already.
        stayed: done pages that are as small as before: memory is still not enough for more.
        disk_error: why no page can be written any more, if that ended the run.
    """

    def __init__(
        self,
        colorist: Colorist,
        config: BatchConfig,
        journal: Journal,
        report: Listener,
        reasons: Reasons | None = None,
        layered: Layered | None = None,
    ) -> None:
        self.done: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.causes: set[Cause] = set()
        self.copied = 0
        self.stayed: set[str] = set()
        self.disk_error: OSError | None = None
        self._colorist, self._config = colorist, config
        self._reasons, self._layered = reasons, layered
        self._journal, self._report = journal, report
        # Pages on their way out, in order: a write under way, or why there is none.
        self._leaving: deque[tuple[Task, Future[str] | Exception]] = deque()
        self._kept: set[str] = set()
        # What writers found, to be reported in the thread that runs it.
        self._told: deque[Notice] = deque()

    def run(self, tasks: Sequence[Task]) -> None:
        """Colours the pages; whatever one of them raises is that page's failure.

        Raises:
            KeyboardInterrupt: after the pages that were coloured are in place.
        """
        cores = os.cpu_count() or 1
        readers = min(4, max(1, cores // 2)) if self._colorist.device == "cpu" else min(4, cores)
        writers = min(8, cores)
        with (
            _one_thread_a_page(),
            ThreadPoolExecutor(readers, "read") as reading,
            ThreadPoolExecutor(writers, "write") as writing,
        ):
            try:
                for ready in self._groups(tasks, reading, readers + self._colorist.together):
                    self._send(ready, writing)
                    self._settle(writers)
                    if self.disk_error is not None:
                        break
            except BaseException:
                reading.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                self._settle(0)

    def _send(
        self, ready: list[Prepared] | Kept | Book | Stays, writing: ThreadPoolExecutor
    ) -> None:
        """Colours what is to be coloured, and puts it on its way out."""
        if isinstance(ready, Book):
            self._leaving.append((ready.task, self._color_book(ready)))
        elif isinstance(ready, Stays):
            self._leave_small(ready)
        elif isinstance(ready, Kept):
            self._kept.add(ready.task.name)
            self._leaving.append((ready.task, writing.submit(self._copy, ready)))
        else:
            for colored in self._colorist.colors(ready):
                if isinstance(colored, Uncolored):
                    self._leaving.append((colored.task, colored.error))
                elif isinstance(colored, Stays):
                    self._leave_small(colored)
                else:
                    future = writing.submit(self._finish, colored)
                    self._leaving.append((colored.page.task, future))

    def _groups(
        self, tasks: Sequence[Task], reading: ThreadPoolExecutor, ahead: int
    ) -> Iterator[list[Prepared] | Kept | Book | Stays]:
        """Pages that are ready, in order, neighbours of one shape together."""
        waiting = deque(tasks)
        coming: deque[tuple[Task, Future[Prepared | Kept | Book | Stays]]] = deque()
        while waiting or coming:
            while waiting and len(coming) < ahead:
                task = waiting.popleft()
                future = reading.submit(self._colorist.prepare, task, self._config.recolor)
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
            while len(group) < self._colorist.together and coming and coming[0][1].done():
                following = coming[0][1]
                if following.exception() or not isinstance(next_ := following.result(), Prepared):
                    break
                if next_.ready.shape != ready.ready.shape:
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
                paint = functools.partial(self._paint, book)
                painted = write_book(book, paint, recolor=self._config.recolor)
                smaller = self._smaller(self._colorist.size)
                target = book.task.target(book.mark)
                self._journal.add(book.task.name, book.mark, target, smaller)
                if self._layered is not None:
                    self._layered.skip(self._journal, book.task.name, book.mark)
        except Exception as error:
            if isinstance(error, ModelError):
                self._colorist.model_error = self._colorist.model_error or error
            return error
        if not painted:
            self._kept.add(book.task.name)
        done: Future[str] = Future()
        done.set_result(book.mark)
        return done

    def _paint(self, book: Book, page: Page, number: int) -> UInt8:
        """One page of a book in colour, with its layers."""
        full, colored = self._colorist.paint(page)
        if self._layered is not None:
            areas = _areas_of(colored)
            self._write_layers(book.task.name, book.mark, page, full, areas, number)
        return full

    def _leave_small(self, page: Stays) -> None:
        done: Future[str] = Future()
        done.set_result(page.mark)
        self.stayed.add(page.task.name)
        self._leaving.append((page.task, done))

    def _smaller(self, size: int) -> int:
        """What the journal says of a page at a size: 0 if it is as large as was asked for."""
        return size if size < self._colorist.asked else 0

    def _finish(self, colored: Colored) -> str:
        """Composes, encodes and writes one page; gives its fingerprint."""
        prepared, full = colored.page, self._colorist.composed(colored)
        if self._reasons is not None:
            self._reasons.note(prepared.task.name, colored.colored.areas, full)
        if self._layered is not None:
            areas = _areas_of(colored.colored)
            self._write_layers(prepared.task.name, prepared.mark, prepared.page, full, areas)
        target = prepared.task.target(prepared.mark)
        asked = self._config.format
        kind = prepared.page.format if asked == "keep" else asked.upper()
        content = encode_as(prepared.page, full, self._config.quality, self._config.format)
        with writing():
            self._journal.begin(prepared.task.name, content)
            atomic_write(target, content)
            smaller = self._smaller(self._colorist.size_of(prepared))
            # The colours of a GIF are not those that it was made of.
            looks = "" if kind == "GIF" else looks_of(full, kind)
            self._journal.add(prepared.task.name, prepared.mark, target, smaller, looks)
        return prepared.mark

    def _write_layers(
        self,
        name: str,
        mark: str,
        page: Page,
        full: UInt8,
        areas: Labels,
        frame: int | None = None,
    ) -> None:
        """Writes a page's layers; without a file that can hold them it is done all the same."""
        if self._layered is None:
            return
        try:
            with writing():
                self._layered.write(self._journal, name, mark, page, full, areas, frame)
        except InputError as error:
            self._layered.skip(self._journal, name, mark)
            self._told.append(Notice(f"{name} is without layers: {error.message} {error.hint}"))

    def _copy(self, kept: Kept) -> str:
        """Writes one page as it was; gives its fingerprint."""
        target, name = kept.task.target(kept.mark), kept.task.name
        content = encode_copy(kept.content, name, self._config.quality, self._config.format)
        with writing():
            self._journal.begin(name, content)
            atomic_write(target, content)
            looks = looks_of(read_color(kept.content, name), "")
            self._journal.add(kept.task.name, kept.mark, target, looks=looks)
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
                while self._told:
                    self._report(self._told.popleft())
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


def _areas_of(colored: ColoredPage) -> Labels:
    """A coloured page's areas, as they are or as its layers need them."""
    return find_areas(colored.page.shaded) if colored.areas is None else colored.areas.areas


def _settled(outcome: Future[str] | Exception) -> bool:
    return isinstance(outcome, Exception) or outcome.done()
