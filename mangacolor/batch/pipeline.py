"""Reader threads, one engine, writer threads: order kept, memory bounded."""

from __future__ import annotations

import contextlib
import errno
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import cv2

from mangacolor.batch.colorist import Colored, Colorist
from mangacolor.batch.events import Copied, Done, Failed, Listener, Notice
from mangacolor.batch.failures import Cause, cause_of, reason_of
from mangacolor.batch.placing import Placing
from mangacolor.batch.prepared import Ended, Prepared
from mangacolor.batch.reading import Reading
from mangacolor.batch.why import Reasons
from mangacolor.chapter.book import Book, Sheet
from mangacolor.chapter.journal import Journal
from mangacolor.chapter.layered import Layered
from mangacolor.chapter.plan import Task
from mangacolor.config import BatchConfig
from mangacolor.errors import StorageError
from mangacolor.images.page import Page

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
        tell: called in the thread that runs it, for each page in order.
        reasons: gets what each page was coloured after.
        layered: writes layers, too.

    Attributes:
        done: fingerprints of coloured pages, by name.
        failed: reasons, by name.
        copied: how many of the done pages were in colour already.
        stayed: done pages that are as small as before: memory is still not enough for more.
        placing: writes the pages.
        disk_error: why no page can be written any more, if that ended the run.
    """

    def __init__(
        self,
        colorist: Colorist,
        config: BatchConfig,
        journal: Journal,
        tell: Listener,
        reasons: Reasons | None = None,
        layered: Layered | None = None,
    ) -> None:
        self.done: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self.causes: set[Cause] = set()
        self.copied = 0
        self.stayed: set[str] = set()
        self.disk_error: OSError | None = None
        self._colorist, self._recolor, self._tell = colorist, config.recolor, tell
        self.placing = Placing(colorist, config, journal, reasons, layered)
        # Pages on their way out, in order: a write under way, or what has come of it.
        self._leaving: deque[tuple[Sheet, Future[str]]] = deque()
        self._kept: set[str] = set()
        # Files of several pages that are begun, by name.
        self._books: dict[str, Book] = {}

    def run(self, tasks: Sequence[Task]) -> None:
        """Colours the pages; whatever one of them raises is that page's failure.

        Raises:
            KeyboardInterrupt: after the pages that were coloured are in place.
        """
        cores, colorist = os.cpu_count() or 1, self._colorist
        readers = min(4, max(1, cores // 2)) if colorist.device == "cpu" else min(4, cores)
        writers = min(8, cores)
        with (
            _one_thread_a_page(),
            ThreadPoolExecutor(readers, "read") as reading,
            ThreadPoolExecutor(writers, "write") as writing,
        ):
            pages = Reading(
                tasks,
                lambda sheet: reading.submit(colorist.prepare, sheet, self._recolor),
                readers + colorist.together,
            )
            try:
                while self.disk_error is None and (taken := pages.take()) is not None:
                    self._send(taken, pages, writing)
                    self._settle(writers)
            except BaseException:
                reading.shutdown(wait=False, cancel_futures=True)
                raise
            finally:
                self._settle(0)
                for book in self._books.values():
                    book.end()

    def _send(self, page: Prepared | Ended, pages: Reading, writing: ThreadPoolExecutor) -> None:
        """Colours what is to be coloured, with neighbours like it, and puts it on its way out."""
        if isinstance(page, Ended):
            self._end(page, writing)
            return
        for outcome in self._colorist.colors(self._group(page, pages)):
            if isinstance(outcome, Colored):
                self._leave(outcome.page.sheet, writing.submit(self.placing.finish, outcome))
            else:
                self._end(outcome, writing)

    def _end(self, page: Ended, writing: ThreadPoolExecutor) -> None:
        sheet = page.sheet
        if page.error is not None:
            self._leaving.append((sheet, _over(page.error)))
        elif page.page is None:
            self._leave_small(sheet, page.mark)
        else:
            if sheet.book is None:
                self._kept.add(sheet.task.name)
            self._leave(sheet, writing.submit(self.placing.copy, page))

    def _group(self, first: Prepared, pages: Reading) -> list[Prepared]:
        """Pages that are ready by now, of one shape, that are best coloured together."""
        group = [first]
        while len(group) < self._colorist.together:
            following = pages.take_like(first)
            if following is None:
                break
            group.append(following)
        for page in group:
            self._tell_of_others(page.page)
        return group

    def _tell_of_others(self, page: Page) -> None:
        # What a TIFF has beside pages are thumbnails.
        if page.format != "TIFF" and page.pictures > page.pages:
            others = page.pictures - 1
            what = "1 other picture is" if others == 1 else f"{others} other pictures are"
            self._tell(Notice(f"{page.name} is an animation; its {what} left out"))

    def _leave(self, sheet: Sheet, outcome: Future[str]) -> None:
        if sheet.book is not None:
            self._books[sheet.task.name] = sheet.book
        self._leaving.append((sheet, outcome))

    def _leave_small(self, sheet: Sheet, mark: str) -> None:
        task, book = sheet.task, sheet.book
        if book is not None:
            if book.ended:
                return
            # Those of its pages that were coloured are not needed.
            book.end()
        self.stayed.add(task.name)
        self._leaving.append((Sheet(task), _over(mark)))

    def _settle(self, limit: int) -> None:
        """Waits until at most `limit` pages are on their way out, and tells of the others."""
        while len(self._leaving) > limit or (self._leaving and self._leaving[0][1].done()):
            sheet, outcome = self._leaving[0]
            try:
                mark = outcome.result()
                while self.placing.told:
                    self._tell(self.placing.told.popleft())
            except Exception as error:
                self._leaving.popleft()
                self._fail(sheet, error)
            else:
                self._leaving.popleft()
                if sheet.task.name not in self.failed and sheet.is_last:
                    self._tell_done(sheet, mark)

    def _tell_done(self, sheet: Sheet, mark: str) -> None:
        name, book = sheet.task.name, sheet.book
        self.done[name] = mark
        self._books.pop(name, None)
        if name in self.stayed:
            return
        kept = name in self._kept if book is None else not book.painted
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
            self._books.pop(name, None)
            if sheet.name not in reason:
                reason = f"{sheet.name}: {reason}"
        system = error.__cause__ if isinstance(error, StorageError) else None
        if isinstance(system, OSError) and system.errno in _FULL:
            self.disk_error = system
        self.failed[name] = reason
        self.causes.add(cause_of(error))
        self._tell(Failed(name, reason))


def _over(outcome: str | Exception) -> Future[str]:
    """What came of a page that nothing is to be written of."""
    future: Future[str] = Future()
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
    return future
