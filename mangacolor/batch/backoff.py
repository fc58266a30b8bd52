"""How much goes through the engine at once, when memory has not always been enough."""

from __future__ import annotations

from mangacolor.runtime.color import ReadyPage
from mangacolor.runtime.prepare import BUCKET

__all__ = ["GroupSize", "Room"]

# Groups that must go well before a larger one is tried again; a try that fails costs opening the
# model anew, and so the next comes this many times later.
_PATIENCE, _LATER = 16, 4
# When memory is not enough for a page, the next size tried, and the last.
_SHRINK, _SMALLEST = 0.75, 128


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


class Room:
    """For how much there is memory: pages at once, and the size of each.

    Args:
        asked: longer side at which is to be painted; 0 where no size decides on how a page comes
            out.
        together: pages of one shape that are best coloured together.

    Attributes:
        asked: as above.
        size: longer side at which is painted now.
        group: how many pages go together.
    """

    def __init__(self, asked: int, together: int) -> None:
        self.asked = self.size = asked
        self.group = GroupSize(together)

    @property
    def together(self) -> int:
        """How many pages of one shape are best coloured together now."""
        return self.group.now

    def size_of(self, ready: ReadyPage | None) -> int:
        """The longer side at which a page was made ready; 0 where that decides on nothing."""
        return (ready.look.size or 0) if self.asked and ready is not None else 0

    def failed(self, count: int, size: int) -> bool:
        """Memory was not enough for `count` pages of a size: fewer go together from now on, or
        smaller ones; False if there is nothing smaller.
        """
        if count > 1:
            self.group.failed(count)
            return True
        smaller = min(self.size, int(size * _SHRINK) // BUCKET * BUCKET)
        if smaller < _SMALLEST:
            return False
        self.size = smaller
        return True
