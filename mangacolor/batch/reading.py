"""Pages made ready in threads, some ahead of their turn, and given in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from mangacolor.batch.prepared import Ended, Prepared
from mangacolor.chapter.book import Sheet
from mangacolor.chapter.tasks import Task

__all__ = ["Reading"]

_Ready = Prepared | Ended


class Reading:
    """The pages of files in order; of a file of several, each as a page of its own.

    At most twice `ahead` pages are in memory, whatever the files are.

    Args:
        tasks: the files.
        submit: has a page made ready.
        ahead: how many pages are made ready before they are asked for.
    """

    def __init__(
        self, tasks: Sequence[Task], submit: Callable[[Sheet], Future[_Ready]], ahead: int
    ) -> None:
        self._submit, self._ahead = submit, ahead
        # Files, and above them the further pages of the one that is on: what waits, what comes.
        self._levels = [(deque(map(Sheet, tasks)), deque[tuple[Sheet, Future[_Ready]]]())]

    def take(self) -> _Ready | None:
        """The next page, as soon as it is ready, or has failed; None after the last."""
        while self._levels:
            self._fill()
            _, coming = self._levels[-1]
            if not coming:
                self._levels.pop()
                continue
            sheet, future = coming.popleft()
            if sheet.book is not None and sheet.book.ended:
                continue
            try:
                return self._given(future.result())
            except Exception as error:
                return Ended(sheet, error=error)
        return None

    def take_like(self, page: Prepared) -> Prepared | None:
        """The next page if it is to be coloured, of that page's shape, and ready by now."""
        coming = self._levels[-1][1] if self._levels else deque()
        if not coming or not (future := coming[0][1]).done() or future.exception() is not None:
            return None
        following = future.result()
        alike = isinstance(following, Prepared) and following.ready.shape == page.ready.shape
        if not alike or not isinstance(following, Prepared):
            return None
        coming.popleft()
        self._given(following)
        return following

    def _given(self, ready: _Ready) -> _Ready:
        book = ready.sheet.book
        if book is not None and ready.sheet.number == 0:
            # What is in it comes before the next file.
            rest = (Sheet(book.task, number, book) for number in range(1, len(book.frames)))
            self._levels.append((deque(rest), deque()))
        self._fill()
        return ready

    def _fill(self) -> None:
        waiting, coming = self._levels[-1]
        while waiting and len(coming) < self._ahead:
            sheet = waiting.popleft()
            if sheet.book is None or not sheet.book.ended:
                coming.append((sheet, self._submit(sheet)))
