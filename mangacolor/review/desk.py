"""A chapter on the desk: its pages are coloured behind, while a person looks and says."""

from __future__ import annotations

import dataclasses

from mangacolor.batch.events import Event, Listener, Notice, nobody
from mangacolor.batch.opened import Opened
from mangacolor.chapter.acts import Act
from mangacolor.chapter.acts_file import ActsFile
from mangacolor.chapter.plan import Task
from mangacolor.chapter.said import Said
from mangacolor.errors import InputError, MangacolorError
from mangacolor.review.behind import Behind
from mangacolor.review.coloring import Coloring
from mangacolor.review.leaves import Leaf, Leaves
from mangacolor.review.precedence import Precedence

__all__ = ["Desk"]

# Seconds since a person last asked for something, before work goes on behind.
_QUIET = 0.4
# Lines that are shown of what is to be told.
_TOLD = 50


class Desk:
    """A chapter that is reviewed; threads may ask side by side, one works.

    Args:
        opened: the chapter, locked.
        tell: called with what the user should know, in the thread that works.

    Attributes:
        precedence: whoever asks says so there.
    """

    def __init__(self, opened: Opened, tell: Listener = nobody) -> None:
        self.opened, self._tell = opened, tell
        self.file = ActsFile(opened.acts)
        self.told: list[str] = []
        self.precedence = Precedence(_QUIET)
        self._leaves = Leaves(opened.plan)
        self._behind = Behind(
            opened,
            self._leaves,
            self.precedence,
            lambda: Said(self.file.acts),
            self.task,
            self.hear,
        )

    def start(self) -> None:
        """Begins to colour."""
        self._behind.start()

    def close(self) -> None:
        """Ends after the page in hand; an archive is put together if all of it is done."""
        self._behind.close()

    @property
    def leaves(self) -> dict[str, Leaf]:
        """Its pages by name, in order."""
        return self._leaves.by_name

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._leaves.version

    @property
    def error(self) -> MangacolorError | None:
        """Why nothing can be coloured any more, if that is so."""
        return self._leaves.error

    @property
    def device(self) -> str:
        """On what is coloured; empty until the model is open."""
        return self._behind.device

    @property
    def is_open(self) -> bool:
        """Whether pages can be looked at."""
        return self._behind.coloring is not None

    @property
    def coloring(self) -> Coloring:
        """What colours, once the model is open.

        Raises:
            InputError: it is not yet.
        """
        if self._behind.coloring is None:
            raise InputError("The model is being opened.", "Wait a few seconds.")
        return self._behind.coloring

    def task(self, name: str) -> Task:
        """A page as it is to be by now.

        Raises:
            InputError: there is none of that name.
        """
        task = self.opened.plan.by_name.get(name)
        if task is None:
            raise InputError(f"{name} is no page of this chapter.")
        said = self.coloring.said if self.is_open else Said(self.file.acts)
        return dataclasses.replace(task, said=said.digest_of(name))

    def look_at(self, name: str) -> None:
        """Says which page a person looks at: it comes first."""
        self._leaves.look_at(name)

    def act(self, act: Act) -> str:
        """Does what a person says; it is on disk when this returns.

        Returns:
            The page that it is about; empty if nothing was left to be undone or done again, and
            so nothing was done.

        Raises:
            InputError: it is of no page here; OSError: it cannot be written.
        """
        if act.page:
            self.task(act.page)
        coloring = self.coloring
        with self.precedence.asking(act.page), self._leaves.change:
            before = coloring.said.acts
            if not act.page and len(Said([*self.file.acts, act]).acts) == len(before):
                return ""
            self.file.add(act)
            coloring.follow(Said(self.file.acts))
            self._leaves.follow(coloring.said)
            after = coloring.said.acts
        return (after if len(after) > len(before) else before)[-1].page

    def pack(self) -> None:
        """Has an archive put together as soon as all pages are done."""
        self._leaves.pack()

    @property
    def pending(self) -> list[str]:
        """Pages that are not yet in place as they are to be."""
        return self._leaves.pending

    @property
    def failed(self) -> dict[str, str]:
        """Pages that could not be coloured, and why."""
        return self._leaves.failed

    def wait_until_done(self, seconds: float) -> bool:
        """Whether all pages were done within a time."""
        return self._leaves.wait_until_done(seconds)

    def hear(self, event: Event) -> None:
        """Tells the user, here and in the page."""
        if isinstance(event, Notice):
            with self._leaves.change:
                if event.text not in self.told:
                    self.told = [*self.told, event.text][-_TOLD:]
                    self._leaves.tell()
        self._tell(event)
