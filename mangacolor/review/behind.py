"""What goes on behind: the pages of a chapter are coloured and put in place, one by one."""

from __future__ import annotations

import dataclasses
import itertools
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mangacolor.batch.acted import Acted, numbers_of
from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.failures import reason_of
from mangacolor.batch.opened import Opened
from mangacolor.batch.run import assemble_chapter
from mangacolor.batch.started import open_pipeline
from mangacolor.batch.stroked import Stroked
from mangacolor.chapter.plan import Task
from mangacolor.chapter.said import Said
from mangacolor.chapter.work import clear_leftovers
from mangacolor.errors import MangacolorError
from mangacolor.review.coloring import Coloring
from mangacolor.review.leaves import Leaves
from mangacolor.review.precedence import Precedence
from mangacolor.review.renewal import Renewal
from mangacolor.review.states import States
from mangacolor.runtime.color import ColorModel, References
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.machine import release_memory

__all__ = ["Behind"]

# Pages after which freed memory goes back: whoever clicks next has to fetch it anew.
_RELEASED = 10


class Behind:
    """A thread that brings all pages up to date.

    Args:
        opened: the chapter, locked.
        leaves: its pages.
        precedence: who goes before.
        said: gives what was said by now.
        task: gives a page as it is to be by now.
        hear: called with what the user should know.

    Attributes:
        coloring: what colours; None until the model is open.
        device: on which.
    """

    def __init__(
        self,
        opened: Opened,
        leaves: Leaves,
        precedence: Precedence,
        said: Callable[[], Said],
        task: Callable[[str], Task],
        hear: Listener,
    ) -> None:
        self.coloring: Coloring | None = None
        self.device = ""
        self._opened, self._leaves, self._precedence = opened, leaves, precedence
        self._said, self._task, self._hear = said, task, hear
        self._opening: tuple[ColorModel, States] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="mangacolor-review-")
        self._thread = threading.Thread(target=self._run, name="review", daemon=True)

    def start(self) -> None:
        """Begins to colour."""
        self._thread.start()

    def close(self) -> None:
        """Ends after the page in hand; an archive is put together if all of it is done."""
        self._leaves.close()
        if self._thread.ident is not None:
            self._thread.join()
        self._folder.cleanup()

    def _run(self) -> None:
        try:
            clear_leftovers(self._opened.plan)
            with self._opened.model.engine() as engine:
                while self._work(engine):
                    pass
        except MangacolorError as error:
            self._end(error)
        except Exception as error:
            self._end(MangacolorError(reason_of(error)))

    def _end(self, error: MangacolorError) -> None:
        self._hear(Notice(f"{error.message} Nothing more is coloured"))
        self._leaves.end(error)

    def _work(self, engine: Engine) -> bool:
        """Colours until an archive is to be put together, or all is to end; whether it goes on."""
        opened, leaves = self._opened, self._leaves
        with open_pipeline(opened, engine, self._hear, acting=self._acting) as (colorist, pipeline):
            self.device = engine.device
            coloring = self._begin(opened)
            give_way = self._precedence.give_way
            renewal = Renewal(opened, coloring, colorist, pipeline, self._hear, give_way)
            for count in itertools.count(1):
                if (name := self._next()) is None:
                    break
                leaf = renewal.renew(self._task(name), leaves.by_name[name])
                leaves.renewed(name, leaf, coloring.said)
                coloring.keep(leaves.looked_at)
                if count % _RELEASED == 0:
                    release_memory()
        whole, closing = leaves.settle()
        if opened.plan.packed and whole:
            assemble_chapter(opened.plan, leaves.marks, self._hear)
            plan = dataclasses.replace(opened.plan, done=leaves.marks)
            self._opened = dataclasses.replace(opened, plan=plan)
        return not closing

    def _next(self) -> str | None:
        self._precedence.give_way()
        return self._leaves.take()

    def _acting(
        self,
        opened: Opened,
        engine: Engine,
        offered: References,
        stroked: Mapping[str, Stroked],
        tell: Listener,
    ) -> Acted:
        states = States(Path(self._folder.name), engine.model, opened.config.look)
        self._opening = engine.model, states

        def read(name: str) -> Any:
            task = opened.plan.by_name.get(name)
            return None if task is None else states.of(task).ready

        numbers = numbers_of(opened.pictures)
        self._acted = Acted(self._said(), engine.model, offered, numbers, read, stroked, tell)
        return self._acted

    def _begin(self, opened: Opened) -> Coloring:
        assert self._opening is not None
        model, states = self._opening
        with self._leaves.change:
            self.coloring = Coloring(model, states, self._acted, self._task, opened.plan.job)
            self._leaves.follow(self.coloring.said)
        return self.coloring
