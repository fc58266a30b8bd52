"""How many pages go through the engine together, when memory has not always been enough."""

from __future__ import annotations

__all__ = ["GroupSize"]

# Groups that must go well before a larger one is tried again; a try that fails costs opening the
# model anew, and so the next comes this many times later.
_PATIENCE, _LATER = 16, 4


class GroupSize:
    """The size of groups: halved by what fails, larger again after much that went well.

    Attributes:
        most: pages of a group where memory is no question.
        now: pages of a group at present, 1 ... `most`.
    """

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._good, self._patience = 0, _PATIENCE
        self._grown = False

    def failed(self, count: int) -> None:
        """Memory was not enough for a group of `count` pages."""
        self.now = max(1, min(self.now, count // 2))
        self._good = 0
        if self._grown:
            self._patience *= _LATER
            self._grown = False

    def went_well(self, count: int) -> None:
        """A group of `count` pages was coloured."""
        if count < self.now or self.now == self.most:
            return
        self._good += 1
        if self._good >= self._patience:
            self.now = min(2 * self.now, self.most)
            self._good, self._grown = 0, True
