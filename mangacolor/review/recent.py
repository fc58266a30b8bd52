"""The last few of what was made, so that it need not be made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Recent"]

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value], Generic[Key, Value]):
    """Things by key, at most so many; what was not asked for the longest goes first.

    Threads may ask side by side.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._lock = Lock()

    def get_or(self, key: Key, make: Callable[[], Value]) -> Value:
        """What is there, or is made now: by two threads that ask at once, twice."""
        with self._lock:
            if key in self:
                self.move_to_end(key)
                return self[key]
        made = make()
        with self._lock:
            value = self.setdefault(key, made)
            self.move_to_end(key)
            while len(self) > self._most:
                self.popitem(last=False)
            return value

    def keep(self, key: Key) -> None:
        """Puts off that it goes, as if it had been asked for."""
        with self._lock:
            if key in self:
                self.move_to_end(key)
