"""Reader threads, one engine, writer threads: order kept, memory bounded."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import cv2

from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Copied, Done, Failed, Listener, Notice
from mangacolor.batch.failures import Cause, cause_of, reason_of, whole_disk
from mangacolor.batch.placing import Placing
from mangacolor.batch.reading import Reading
from mangacolor.batch.sheet import Sheet
from mangacolor.chapter.book import Book
from mangacolor.chapter.plan import Task

__all__ = ["Pipeline"]


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
        placing: writes them.
        tell: called in the thread that runs it, for each page in order.

    Attributes:
        placing: as above.
        done: fingerprints of coloured pages, by name.
        failed: reasons, by name.
        copied: how many of the done pages were in colour already.
        stayed: done pages that are as small as before: memory is still not enough for more.
        disk_error: why no page can be written any more, if that ended the run.
    """

    def __init__(self, colorist: Colorist, placing: Placing, tell: Listener) -> None:
        self.done: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.causes: set[Cause] = set()
        self.copied = 0
        self.stayed: set[str] = set()
        self.disk_error: OSError | None = None
        self.placing, self._colorist, self._tell = placing, colorist, tell
        # Pages on their way out, in order.
        self._leaving: deque[Future[Sheet]] = deque()
        # Files of several pages that are begun.
        self._books: set[Book] = set()

    def run(self, tasks: Sequence[Task]) -> None:
        """Colours the pages; whatever one of them raises is that page's failure.

        Raises:
            KeyboardInterrupt: after the pages that were coloured are in place.
        """
        cores, colorist = os.cpu_count() or 1, self._colorist
        readers = min(4, max(1, cores // 2)) if colorist.engine.device == "cpu" else min(4, cores)
        writers = min(8, cores)
        with (
            _one_thread_a_page(),
            ThreadPoolExecutor(readers, "read") as reading,
            ThreadPoolExecutor(writers, "write") as writing,
        ):
            ahead = readers + colorist.room.together
            pages = Reading(tasks, lambda sheet: reading.submit(colorist.prepare, sheet), ahead)
            try:
                while self.disk_error is None and (group := pages.take(colorist.room.together)):
                    for words in (words for sheet in group for words in sheet.notices):
                        self._tell(Notice(words))
                    for sheet in colorist.colors(group):
                        self._leave(sheet, writing)
                    self._settle(writers)
            except BaseException as error:
                reading.shutdown(wait=False, cancel_futures=True)
                if isinstance(error, KeyboardInterrupt) and self._leaving:
                    self._tell(Notice("Interrupted: what is coloured already is still written"))
                raise
            finally:
                self._settle(0)
                while self._books:
                    self._books.pop().end()

    def _leave(self, sheet: Sheet, writing: ThreadPoolExecutor) -> None:
        """Puts a page on its way out."""
        if sheet.stays:
            self.stayed.add(sheet.task.name)
            if sheet.book is not None:
                if sheet.book.ended:
                    return
                # Those of its pages that were coloured are not needed.
                sheet.book.end()
                sheet = dataclasses.replace(sheet, number=0, book=None)
        elif sheet.book is not None:
            self._books.add(sheet.book)
        self._leaving.append(writing.submit(self.placing.place, sheet))

    def _settle(self, limit: int) -> None:
        """Waits until at most `limit` pages are on their way out, and tells of the others."""
        while len(self._leaving) > limit or (self._leaving and self._leaving[0].done()):
            sheet = self._leaving[0].result()
            while self.placing.told:
                self._tell(self.placing.told.popleft())
            self._leaving.popleft()
            if sheet.error is not None:
                self._fail(sheet, sheet.error)
            elif sheet.task.name not in self.failed and sheet.is_last:
                self._tell_done(sheet)

    def _tell_done(self, sheet: Sheet) -> None:
        name, book = sheet.task.name, sheet.book
        self.done[name] = sheet.mark
        if book is not None:
            self._books.discard(book)
        if name in self.stayed:
            return
        kept = not (sheet.painted if book is None else book.painted)
        self.copied += kept
        self._tell(Copied(name) if kept else Done(name))

    def _fail(self, sheet: Sheet, error: Exception) -> None:
        """A page that is not in place; of a file of several the first tells for all."""
        name, book = sheet.task.name, sheet.book
        if name in self.failed or name in self.stayed:
            return
        reason = reason_of(error)
        if book is not None:
            book.end()
            self._books.discard(book)
            if sheet.name not in reason:
                reason = f"{sheet.name}: {reason}"
        self.disk_error = whole_disk(error) or self.disk_error
        self.failed[name] = reason
        self.causes.add(cause_of(error))
        self._tell(Failed(name, reason))
