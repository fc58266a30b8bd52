"""Bringing a page on the desk up to date."""

from __future__ import annotations

from collections.abc import Callable

from mangacolor.batch.acted import Acted
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.failures import reason_of
from mangacolor.batch.opened import Opened
from mangacolor.batch.pipeline import Pipeline
from mangacolor.chapter.edited import find_edited
from mangacolor.chapter.plan import Task
from mangacolor.images.page import read_page
from mangacolor.review.coloring import Coloring
from mangacolor.review.leaves import Leaf
from mangacolor.review.records import unsure

__all__ = ["Renewal"]


class _SupersededError(Exception):
    """Something else was said of the page meanwhile."""


class Renewal:
    """Brings pages up to date, one after the other.

    Args:
        opened: the chapter.
        coloring: what colours its pages of areas.
        colorist, pipeline: what does all others, and puts pages in place.
        hear: called with what the user should know.
        give_way: called with a page's name between the steps of what is done of it.
    """

    def __init__(
        self,
        opened: Opened,
        coloring: Coloring,
        colorist: Colorist,
        pipeline: Pipeline,
        hear: Listener,
        give_way: Callable[[str], None],
    ) -> None:
        self._opened, self._coloring, self._hear = opened, coloring, hear
        self._give_way = give_way
        self._colorist, self._pipeline = colorist, pipeline

    def renew(self, task: Task, leaf: Leaf) -> Leaf:
        """A page as it is once it is what it is to be; whatever is said meanwhile makes it wait."""
        name, acted = task.name, self._coloring.acted
        said = acted.said.digest_of(name)

        def pause() -> None:
            self._give_way(name)
            if self._coloring.said.digest_of(name) != said:
                raise _SupersededError

        found = Leaf(leaf.state, mark=leaf.mark, said=leaf.said)
        waits = leaf.state == "waiting"
        try:
            kind = self._kind(task)
            if waits and leaf.mark and self._is_edited(name):
                found.state = "edited"
                self._hear(Notice(f"{name} was edited meanwhile: it stays as it is"))
            elif kind == "page":
                colored = self._coloring.colored(name, acted, pause)
                found.unsure = unsure(self._coloring.records(name))
                pause()
                if waits:
                    self._pipeline.placing.finish(colored)
                    found.mark, found.said = colored.mark, said
                found.state, found.listed = "done", found.mark
            elif not waits or self._run(task, found, self._coloring.acted):
                found.state, found.listed = kind, found.mark
        except _SupersededError:
            return leaf
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
        self._colorist.acted = acted
        pipeline.run([task])
        if task.name in pipeline.failed:
            found.state, found.reason = "failed", pipeline.failed[task.name]
            return False
        found.mark = pipeline.done[task.name]
        return True
