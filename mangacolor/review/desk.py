"""A chapter on the desk: its pages are coloured behind, while a person looks and says."""

from __future__ import annotations

import dataclasses
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from mangacolor.batch.acted import Acted, numbers_of
from mangacolor.batch.acts import Act
from mangacolor.batch.acts_file import ActsFile
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Event, Listener, Notice, nobody
from mangacolor.batch.failures import reason_of
from mangacolor.batch.opened import Opened
from mangacolor.batch.said import Said
from mangacolor.batch.started import assemble_chapter, open_pipeline
from mangacolor.chapter.assemble import clear_leftovers
from mangacolor.chapter.tasks import Task
from mangacolor.errors import InputError, MangacolorError
from mangacolor.review.coloring import Coloring
from mangacolor.review.leaves import Renewal, find_next, follow, lay_out
from mangacolor.review.states import States
from mangacolor.runtime.color import References
from mangacolor.runtime.engine import Engine

__all__ = ["Desk"]

# Seconds since a person last asked for something, before the next page is coloured behind.
_QUIET = 0.4
# Lines that are shown of what is to be told.
_TOLD = 50


class Desk:
    """A chapter that is reviewed; threads may ask side by side, one works.

    Args:
        opened: the chapter, locked.
        tell: called with what the user should know, in the thread that works.

    Attributes:
        leaves: its pages by name, in order.
        version: grows with every change.
        error: why nothing can be coloured any more, if that is so.
    """

    def __init__(self, opened: Opened, tell: Listener = nobody) -> None:
        self.opened, self._tell = opened, tell
        self.file = ActsFile(opened.acts)
        self.leaves = lay_out(opened.plan)
        self.version = 0
        self.error: MangacolorError | None = None
        self.told: list[str] = []
        self.device = ""
        self._coloring: Coloring | None = None
        self._change = threading.Condition(threading.RLock())
        self._closing = self._packing = False
        self._looked_at, self._touched = "", -_QUIET
        self._folder = tempfile.TemporaryDirectory(prefix="mangacolor-review-")
        self._thread = threading.Thread(target=self._run, name="review", daemon=True)

    def start(self) -> None:
        """Begins to colour."""
        self._thread.start()

    def close(self) -> None:
        """Ends after the page in hand; an archive is put together if all of it is done."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._thread.ident is not None:
            self._thread.join()
        self._folder.cleanup()

    @property
    def is_open(self) -> bool:
        """Whether pages can be looked at."""
        return self._coloring is not None

    @property
    def coloring(self) -> Coloring:
        """What colours, once the model is open.

        Raises:
            InputError: it is not yet.
        """
        if self._coloring is None:
            raise InputError("The model is being opened.", "Wait a few seconds.")
        return self._coloring

    def task(self, name: str) -> Task:
        """A page as it is to be by now.

        Raises:
            InputError: there is none of that name.
        """
        task = self.opened.plan.by_name.get(name)
        if task is None:
            raise InputError(f"{name} is no page of this chapter.")
        said = Said(self.file.acts) if self._coloring is None else self._coloring.said
        return dataclasses.replace(task, said=said.digest_of(name))

    def touch(self) -> None:
        """Says that a person waits for something: what goes on behind waits meanwhile."""
        self._touched = time.monotonic()

    def look_at(self, name: str) -> None:
        """Says which page a person looks at: it comes first."""
        with self._change:
            self._looked_at = name
            if self.leaves[name].state == "failed":
                # It may have been mended.
                self.leaves[name].state = "waiting"
            self._change.notify_all()

    def act(self, act: Act) -> str:
        """Does what a person says; it is on disk when this returns.

        Returns:
            The page that it is about; empty if nothing was left to be undone or done again.

        Raises:
            InputError: it is of no page here; OSError: it cannot be written.
        """
        if act.page:
            self.task(act.page)
        self.touch()
        coloring = self.coloring
        with self._change:
            before = coloring.said.acts
            self.file.add(act)
            coloring.follow(Said(self.file.acts))
            self._changed()
            after = coloring.said.acts
        if len(before) == len(after):
            return ""
        return (after if len(after) > len(before) else before)[-1].page

    def pack(self) -> None:
        """Has an archive put together as soon as all pages are done."""
        with self._change:
            self._packing = True
            self._change.notify_all()

    @property
    def pending(self) -> list[str]:
        """Pages that are not yet in place as they are to be."""
        return [name for name, leaf in self.leaves.items() if leaf.state == "waiting"]

    @property
    def failed(self) -> dict[str, str]:
        """Pages that could not be coloured, and why."""
        return {name: x.reason for name, x in self.leaves.items() if x.state == "failed"}

    def wait_until_done(self, seconds: float) -> bool:
        """Whether all pages were done within a time."""
        with self._change:
            return self._change.wait_for(lambda: not self.pending or self.error, seconds) is True

    def _changed(self) -> None:
        """Finds which pages are not any more what they are to be, and tells."""
        follow(self.leaves, self.coloring.said)
        self.version += 1
        self._change.notify_all()

    def _run(self) -> None:
        try:
            clear_leftovers(self.opened.plan)
            with self.opened.held.engine() as engine:
                while self._work(engine):
                    pass
        except MangacolorError as error:
            self._end(error)
        except Exception as error:
            self._end(MangacolorError(reason_of(error)))

    def _end(self, error: MangacolorError) -> None:
        self._tell(Notice(f"{error.message} Nothing more is coloured"))
        with self._change:
            self.error = error
            self.version += 1
            self._change.notify_all()

    def _work(self, engine: Engine) -> bool:
        """Colours until an archive is to be put together, or all is to end; whether it goes on."""
        opened = self.opened
        with open_pipeline(opened, engine, self.hear, acting=self._acting) as (colorist, pipeline):
            self.device = engine.device
            self._begin(opened, colorist)
            renewal = Renewal(opened, self.coloring, colorist, pipeline, self.hear)
            while (name := self._next()) is not None:
                leaf = renewal.renew(self.task(name), self.leaves[name])
                with self._change:
                    self.leaves[name] = leaf
                    # Something may have been said meanwhile.
                    self._changed()
        marks = {name: leaf.mark for name, leaf in self.leaves.items() if leaf.mark}
        with self._change:
            whole = not self.pending and bool(marks)
            closing, self._packing = self._closing, False
        if opened.plan.packed and whole:
            assemble_chapter(opened.plan, marks, self.hear)
            plan = dataclasses.replace(opened.plan, done=marks)
            self.opened = dataclasses.replace(opened, plan=plan)
        return not closing

    def _acting(
        self, opened: Opened, engine: Engine, offered: References, report: Listener
    ) -> Acted:
        states = States(Path(self._folder.name), engine.model, opened.config.look)
        said = Said(self.file.acts)

        def read(name: str) -> Any:
            task = opened.plan.by_name.get(name)
            return None if task is None else states.of(task).ready

        acted = Acted(said, engine.model, offered, numbers_of(opened.pictures), read, report)
        self._states, self._acted = states, acted
        self._model = engine.model
        return acted

    def _begin(self, opened: Opened, colorist: Colorist) -> None:
        with self._change:
            self._coloring = Coloring(
                self._model, self._states, self._acted, colorist.stroked, self.task, opened.plan.job
            )
            self._changed()

    def _next(self) -> str | None:
        """The page to do; None if work is to end."""
        with self._change:
            while True:
                if self._closing:
                    return None
                quiet = self._touched + _QUIET - time.monotonic()
                if quiet > 0:
                    self._change.wait(quiet)
                    continue
                name = find_next(self.leaves, self._looked_at)
                if name is not None or self._packing:
                    return name
                self._change.wait()

    def hear(self, event: Event) -> None:
        """Tells the user, here and in the page."""
        if isinstance(event, Notice):
            with self._change:
                if event.text not in self.told:
                    self.told = [*self.told, event.text][-_TOLD:]
                    self.version += 1
        self._tell(event)
