"""Pages on the desk, and bringing one of them up to date."""

from __future__ import annotations

import dataclasses
from typing import Any

from mangacolor.batch.acted import Acted
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.failures import reason_of
from mangacolor.batch.opened import Opened
from mangacolor.batch.pipeline import Pipeline
from mangacolor.batch.said import Said
from mangacolor.chapter.journal import find_edited
from mangacolor.chapter.plan import Plan
from mangacolor.chapter.tasks import Task
from mangacolor.images.page import read_page
from mangacolor.review.coloring import Coloring
from mangacolor.review.records import unsure

__all__ = ["Leaf", "Renewal", "find_next", "follow", "lay_out"]


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


def lay_out(plan: Plan) -> dict[str, Leaf]:
    """All pages of a chapter as they are before anything is done, by name, in order."""
    leaves = {
        task.name: Leaf(mark=plan.done.get(task.name, ""), said=task.said) for task in plan.tasks
    }
    for name in plan.edited:
        if name in plan.done:
            leaves[name].state = "edited"
    return leaves


def follow(leaves: dict[str, Leaf], said: Said) -> None:
    """Finds which pages are not any more what they are to be after what was said."""
    for name, leaf in leaves.items():
        if leaf.state in ("done", "waiting"):
            there = bool(leaf.mark) and leaf.said == said.digest_of(name)
            leaf.state = "done" if there else "waiting"


def find_next(leaves: dict[str, Leaf], looked_at: str) -> str | None:
    """The page to do next, the one that is looked at first; None if all is done."""
    names = [*([looked_at] * bool(looked_at)), *leaves]
    waiting = [name for name in names if leaves[name].state == "waiting"]
    # Then those that were done by another run are looked at for the list.
    unlisted = [name for name in names if leaves[name].unlisted]
    return next(iter((*waiting, *unlisted)), None)


class Renewal:
    """Brings pages up to date, one after the other.

    Args:
        opened: the chapter.
        coloring: what colours its pages of areas.
        colorist, pipeline: what does all others, and puts pages in place.
        hear: called with what the user should know.
    """

    def __init__(
        self,
        opened: Opened,
        coloring: Coloring,
        colorist: Colorist,
        pipeline: Pipeline,
        hear: Listener,
    ) -> None:
        self._opened, self._coloring, self._hear = opened, coloring, hear
        self._colorist, self._pipeline = colorist, pipeline

    def renew(self, task: Task, leaf: Leaf) -> Leaf:
        """A page as it is once it is what it is to be; whatever is said meanwhile makes it wait."""
        name, said = task.name, self._coloring.said.digest_of(task.name)
        found = Leaf(leaf.state, mark=leaf.mark, said=leaf.said)
        waits = leaf.state == "waiting"
        try:
            kind = self._kind(task)
            if waits and leaf.mark and self._is_edited(name):
                found.state = "edited"
                self._hear(Notice(f"{name} was edited meanwhile: it stays as it is"))
            elif kind == "page":
                colored = self._coloring.colored(name)
                found.unsure = unsure(self._coloring.records(name))
                if waits:
                    found.mark, found.said = self._pipeline.placing.finish(colored), said
                found.state, found.listed = "done", found.mark
            elif not waits or self._run(task, found, self._coloring.acted):
                found.state, found.listed = kind, found.mark
        except Exception as error:
            found.state, found.reason = "failed", reason_of(error)
        return found

    def _is_edited(self, name: str) -> bool:
        """Whether somebody changed what was put in place."""
        plan = self._opened.plan
        return not plan.packed and name in find_edited(plan.work)

    def _kind(self, task: Task) -> str:
        """`page`, `kept` or `several`."""
        # A page that is gone is told, whether or not it is still in memory.
        content = task.read()
        if self._coloring.knows(task.name):
            return "page"
        page = read_page(content, task.name)
        if page.pages > 1:
            return "several"
        return "kept" if page.colored and not self._opened.config.recolor else "page"

    def _run(self, task: Task, found: Leaf, acted: Acted) -> bool:
        """Does what is no page of areas as `batch` does it; whether that went well."""
        pipeline = self._pipeline
        pipeline.failed.pop(task.name, None)
        self._colorist.follow(acted)
        pipeline.run([task])
        if task.name in pipeline.failed:
            found.state, found.reason = "failed", pipeline.failed[task.name]
            return False
        found.mark = pipeline.done[task.name]
        return True
