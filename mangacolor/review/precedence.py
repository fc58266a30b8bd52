"""A person who waits for an answer goes before what is done behind."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

__all__ = ["Precedence"]


class Precedence:
    """Who waits for what; threads may ask side by side.

    What is done behind is done in steps, and gives way between them. It holds nothing meanwhile
    that an answer about another page needs.

    Args:
        quiet: seconds since a person last asked for something, before it goes on.
    """

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._change = threading.Condition()
        self._asked: Counter[str] = Counter()
        self._last = -quiet

    @contextlib.contextmanager
    def asking(self, page: str = "") -> Iterator[None]:
        """Around the making of an answer, about a page if that is named."""
        with self._change:
            self._asked[page] += 1
            self._change.notify_all()
        try:
            yield
        finally:
            with self._change:
                self._asked[page] -= 1
                if not self._asked[page]:
                    del self._asked[page]
                self._last = time.monotonic()
                self._change.notify_all()

    def touch(self) -> None:
        """Says that a person has just asked for something."""
        with self._change:
            self._last = time.monotonic()

    def give_way(self, page: str = "", *, at_once: bool = False) -> None:
        """Waits as long as somebody waits for something else than this page.

        Args:
            page: what is worked on.
            at_once: go on as soon as they have it, whether or not they may ask for more.
        """
        with self._change:
            while True:
                if page and page in self._asked:
                    return
                left = 0.0 if at_once else self._last + self._quiet - time.monotonic()
                if not self._asked and left <= 0:
                    return
                self._change.wait(left if left > 0 and not self._asked else None)
