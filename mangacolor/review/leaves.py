"""Pages on the desk: which are as they are to be, and which comes next."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

from mangacolor.chapter.plan import Plan
from mangacolor.chapter.said import Said
from mangacolor.errors import MangacolorError

__all__ = ["Leaf", "Leaves"]


@dataclasses.dataclass
class Leaf:
    """A page on the desk.

    Attributes:
        state: `waiting`, `done` (in place as it is to be), `kept` (in colour already), `several`
            (a file of several pages), `edited` (somebody changed what is in place, which stays), or
            `failed`.
        reason: why it failed.
        unsure: its least sure areas.
        mark: the fingerprint of what is in place; empty if nothing is.
        said: digest of what a person had said of it when that was made.
        listed: the fingerprint after which `unsure` is.
    """

    state: str = "waiting"
    reason: str = ""
    unsure: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    mark: str = ""
    said: str = ""
    listed: str = ""

    @property
    def unlisted(self) -> bool:
        """Whether it is done, and its unsure areas are not known."""
        return self.state == "done" and self.listed != self.mark


class Leaves:
    """All pages of a chapter; threads may ask side by side, one works.

    Args:
        plan: of the chapter.

    Attributes:
        by_name: pages in order.
        change: held by whoever changes something, and told of it.
        version: grows with every change.
        looked_at: the page that a person looks at; empty at first.
        error: why nothing can be coloured any more, if that is so.
        packing: whether an archive is to be put together as soon as all pages are done.
    """

    def __init__(self, plan: Plan) -> None:
        self.by_name = {
            task.name: Leaf(mark=plan.done.get(task.name, ""), said=task.said)
            for task in plan.tasks
        }
        for name in plan.edited:
            if name in plan.done:
                self.by_name[name].state = "edited"
        self.change = threading.Condition(threading.RLock())
        self.version = 0
        self.looked_at = ""
        self.error: MangacolorError | None = None
        self.packing = False
        self._closing = False
        self._ahead: tuple[str, str] | None = None

    def close(self) -> None:
        """There is nothing more to do."""
        with self.change:
            self._closing = True
            self.change.notify_all()

    def pack(self) -> None:
        """Has an archive put together as soon as all pages are done."""
        with self.change:
            self.packing = True
            self.change.notify_all()

    def end(self, error: MangacolorError) -> None:
        """Nothing can be done any more."""
        with self.change:
            self.error = error
            self.tell()

    def tell(self) -> None:
        """Says that something is another than it was."""
        with self.change:
            self.version += 1
            self.change.notify_all()

    def look_at(self, name: str) -> None:
        """Says which page a person looks at: it comes first."""
        with self.change:
            if name != self.looked_at:
                self.looked_at, self._ahead = name, None
            if self.by_name[name].state == "failed":
                # It may have been mended.
                self.by_name[name].state = "waiting"
            self.change.notify_all()

    def follow(self, said: Said) -> None:
        """Finds which pages are not any more what they are to be after what was said."""
        with self.change:
            for name, leaf in self.by_name.items():
                if leaf.state in ("done", "waiting"):
                    there = bool(leaf.mark) and leaf.said == said.digest_of(name)
                    leaf.state = "done" if there else "waiting"
            self.tell()

    def renewed(self, name: str, leaf: Leaf, said: Said) -> None:
        """Takes a page as it is now; something may have been said meanwhile."""
        with self.change:
            self.by_name[name] = leaf
            self.follow(said)

    @property
    def pending(self) -> list[str]:
        """Pages that are not yet in place as they are to be."""
        return [name for name, leaf in self.by_name.items() if leaf.state == "waiting"]

    @property
    def failed(self) -> dict[str, str]:
        """Pages that could not be coloured, and why."""
        return {name: x.reason for name, x in self.by_name.items() if x.state == "failed"}

    @property
    def marks(self) -> dict[str, str]:
        """The fingerprints of what is in place."""
        return {name: leaf.mark for name, leaf in self.by_name.items() if leaf.mark}

    def wait_until_done(self, seconds: float) -> bool:
        """Whether all pages were done within a time."""
        with self.change:
            return self.change.wait_for(lambda: not self.pending or self.error, seconds) is True

    def take(self) -> str | None:
        """Waits for a page to do; None if work is to end, or an archive to be put together."""
        with self.change:
            while not self._closing:
                name = self._next()
                if name is not None or self.packing:
                    return name
                self.change.wait()
            return None

    def settle(self) -> tuple[bool, bool]:
        """Once `take` gave None: whether all pages are in place, and whether work is to end."""
        with self.change:
            self.packing = False
            return not self.pending and bool(self.marks), self._closing

    def _next(self) -> str | None:
        """The page to do next, the one that is looked at first; None if all is done."""
        names = [*([self.looked_at] * bool(self.looked_at)), *self.by_name]
        waiting = [name for name in names if self.by_name[name].state == "waiting"]
        # Then those that were done by another run are looked at for the list.
        unlisted = [name for name in names if self.by_name[name].unlisted]
        return next(iter((*waiting, *unlisted)), None) or self._following()

    def _following(self) -> str | None:
        """The page after the one that is looked at, once: it is there when it is turned to."""
        names = list(self.by_name)
        if not self.looked_at or self.looked_at == names[-1]:
            return None
        name = names[names.index(self.looked_at) + 1]
        leaf = self.by_name[name]
        ahead = name, leaf.mark
        if leaf.state != "done" or self._ahead == ahead:
            return None
        self._ahead = ahead
        return name
