"""Pages made ready in threads, some ahead of their turn, and given in order."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from mangacolor.batch.sheet import Sheet
from mangacolor.chapter.plan import Task

__all__ = ["Reading"]


class Reading:
    """The pages of files in order; of a file of several, each as a page of its own.

    At most twice `ahead` pages are in memory, whatever the files are.

    Args:
        tasks: the files.
        submit: has a page made ready.
        ahead: how many pages are made ready before they are asked for.
    """

    def __init__(
        self, tasks: Sequence[Task], submit: Callable[[Sheet], Future[Sheet]], ahead: int
    ) -> None:
        self._submit, self._ahead = submit, ahead
        # Files, and above them the further pages of the one that is on: what waits, what comes.
        self._levels = [(deque(map(Sheet, tasks)), deque[tuple[Sheet, Future[Sheet]]]())]

    def take(self, most: int = 1) -> list[Sheet]:
        """The next page, as soon as it is ready, or has failed; none after the last.

        Args:
            most: how many may be taken at once, if they are to be coloured, of one shape, and ready
                by now.
        """
        group = self._next()
        while group and len(group) < most and (following := self._like(group[0])) is not None:
            group.append(following)
        return group

    def _next(self) -> list[Sheet]:
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
                return [self._given(future.result())]
            except Exception as error:
                return [dataclasses.replace(sheet, error=error)]
        return []

    def _like(self, page: Sheet) -> Sheet | None:
        coming = self._levels[-1][1] if self._levels else deque()
        if not coming or not (future := coming[0][1]).done() or future.exception() is not None:
            return None
        following = future.result()
        if not (following.ready and page.ready and following.ready.shape == page.ready.shape):
            return None
        coming.popleft()
        self._given(following)
        return following

    def _given(self, ready: Sheet) -> Sheet:
        book = ready.book
        if book is not None and ready.number == 0:
            # What is in it comes before the next file.
            numbers = range(1, len(book.frames))
            rest = (Sheet(book.task, number, book, book.mark) for number in numbers)
            self._levels.append((deque(rest), deque()))
        self._fill()
        return ready

    def _fill(self) -> None:
        waiting, coming = self._levels[-1]
        while waiting and len(coming) < self._ahead:
            sheet = waiting.popleft()
            if sheet.book is None or not sheet.book.ended:
                coming.append((sheet, self._submit(sheet)))
