"""Pages in colour after what a person said, fast: of a page that was seen only votes are new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.batch.acted import Acted
from mangacolor.batch.sheet import Sheet
from mangacolor.chapter.journal import fingerprint_of
from mangacolor.chapter.plan import Task
from mangacolor.chapter.said import Lesson, Said
from mangacolor.review.recent import Recent
from mangacolor.review.records import Places, area_records, find_places
from mangacolor.review.states import States
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.candidates import Candidate, find_candidates
from mangacolor.runtime.color import ColorModel, ReadyPage, References
from mangacolor.runtime.compose import Known
from mangacolor.runtime.figures import find_allowed
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.seen import SeenPage
from mangacolor.runtime.votes import Compared

__all__ = ["Coloring"]

# Pages that are held as they are by now, and of them those that keep what was laid, which is as
# much again: the one that is looked at, and the next one.
_HELD, _LAID = 4, 2


def _go_on() -> None:
    """Nobody goes before."""


class Coloring:
    """What colours the pages of a chapter, one at a time; threads may ask side by side.

    Whoever asks sees what was said when it asked: acts that come meanwhile wait for nobody.

    Args:
        model: an open one that knows areas.
        states: of the pages.
        acted: what was said; its pages are read here.
        task_of: a page by its name.
        job: digest of references, model and settings.
    """

    def __init__(
        self,
        model: ColorModel,
        states: States,
        acted: Acted,
        task_of: Callable[[str], Task],
        job: str,
    ) -> None:
        self._lock = Lock()
        self._making: dict[tuple[str, str], Lock] = {}
        self.acted = acted
        self._model, self._states = model, states
        self._task_of, self._job = task_of, job
        self._ready: Recent[tuple[str, str], ReadyPage] = Recent(_HELD)
        self._colored: Recent[tuple[str, str], Sheet] = Recent(_HELD)
        self._places: Recent[tuple[str, str], Places] = Recent(2 * _HELD)
        self._known: Recent[tuple[Lesson, ...], References] = Recent(2 * _HELD)
        self._laid: list[Known] = []

    @property
    def areas(self) -> AreaModel:
        """The networks."""
        areas = self._model.networks.areas
        assert areas is not None
        return areas

    @property
    def said(self) -> Said:
        return self.acted.said

    def knows(self, name: str) -> bool:
        """Whether a page was seen, and so has areas."""
        return self._states.knows(name)

    def follow(self, said: Said) -> None:
        """Colours after other acts from now on."""
        self.acted = self.acted.again(said)

    def mark(self, name: str, acted: Acted | None = None) -> str:
        """The fingerprint that a page has when it is as it is to be now."""
        digest = self._states.of(self._task_of(name)).digest
        said = (acted or self.acted).said
        return fingerprint_of(self._job + said.digest_of(name), digest)

    def ready(self, name: str, acted: Acted | None = None) -> ReadyPage:
        """A page with its areas cut and joined; raises as `States.of`."""
        acted = acted or self.acted
        key = _ready_key(name, acted)

        def make() -> ReadyPage:
            page = self._states.of(self._task_of(name)).ready
            page = acted.ready(name, page)
            assert page.seen is not None
            seen = page.seen.looked_at(self.areas)
            compared = seen.compared or Compared()
            return dataclasses.replace(page, seen=dataclasses.replace(seen, compared=compared))

        return self._ready.get_or(key, make)

    def shape_of(self, name: str, acted: Acted | None = None) -> str:
        """A word for a page's areas: another one where they were cut or joined."""
        return repr((acted or self.acted).said.parts(name))

    def records(self, name: str) -> list[dict[str, Any]]:
        """All areas of a page as it is to be by now, see `area_records`."""
        acted = self.acted
        colored = self.colored(name, acted).colored
        assert colored is not None
        known = self.references(name, acted).areas
        if colored.areas is None or known is None:
            return []
        areas = colored.areas.areas
        shape = self.shape_of(name, acted)
        places = self._places.get_or((name, shape), lambda: find_places(areas))
        return area_records(colored.areas, places, known, colored.picture)

    def keep(self, name: str) -> None:
        """Puts off that a page leaves memory: what is coloured behind does not push it out."""
        self._states.keep(name)
        self._ready.keep(_ready_key(name, self.acted))
        if (ready := self._ready.get(_ready_key(name, self.acted))) is not None:
            self._lay_again(ready.known)

    def references(self, name: str, acted: Acted | None = None) -> References:
        """What a page is coloured after."""
        acted = acted or self.acted
        acted.learn([name])
        # The same again after other acts that it has nothing to do with: so votes are, too.
        return self._known.get_or(tuple(acted.said.lessons(name)), lambda: acted.references(name))

    def colored(
        self,
        name: str,
        acted: Acted | None = None,
        pause: Callable[[], None] = _go_on,
    ) -> Sheet:
        """A page in colour as it is to be by now; raises as `States.of`, and ModelError.

        Args:
            name: of the page.
            acted: what was said; by now if left out.
            pause: called between steps; whatever it raises ends the work.
        """
        acted = acted or self.acted
        key = name, self.mark(name, acted)

        def make() -> Sheet:
            pause()
            ready = self.ready(name, acted)
            self._lay_again(ready.known)
            references = self.references(name, acted)
            pause()
            (colored,) = self._model.color([ready], references, [acted.told(name, ready)])
            pause()
            # It is seen, or written, anyway: whoever asks next need not wait.
            _ = colored.picture
            task = self._task_of(name)
            page = self._states.of(task).page
            return Sheet(
                task, mark=key[1], page=page, ready=colored.page, colored=colored, painted=True
            )

        if key in self._colored:
            return self._colored.get_or(key, make)
        with self._lock:
            mine = self._making.setdefault(key, Lock())
        # Two that ask for one page are not to colour it twice; another page waits for neither.
        try:
            with mine:
                return self._colored.get_or(key, make)
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _lay_again(self, known: Known) -> None:
        """What a click leaves as it is on a page is not laid again, on the last few of them."""
        with self._lock:
            others = [one for one in self._laid if one is not known]
            for one in others[_LAID - 1 :]:
                one.laid = None
            self._laid = [known, *others[: _LAID - 1]]
            if known.laid is None:
                known.laid = {}

    def candidates(self, name: str, area: int, count: int) -> list[Candidate]:
        """What else an area may be."""
        acted = self.acted
        page, known = self.ready(name, acted), self.references(name, acted).areas
        assert page.seen is not None and known is not None
        allowed = find_allowed(page.seen.areas, page.figures, known)
        return find_candidates(self.areas, page.seen, known, area, count, allowed)

    def light(
        self, name: str, acted: Acted, known: ReferenceAreas
    ) -> tuple[SeenPage, npt.NDArray[np.bool_] | None]:
        """A page's areas, with as little as is needed of them, and what they may be."""
        parts = [*acted.stroked(name).parts, *acted.said.parts(name)]
        held = _ready_key(name, acted) in self._ready
        if not held and not parts and not acted.said.figures(name):
            seen = self._states.seen(name)
            if seen is not None:
                return seen, None
        page = self.ready(name, acted)
        assert page.seen is not None
        return page.seen, find_allowed(page.seen.areas, page.figures, known)


def _ready_key(name: str, acted: Acted) -> tuple[str, str]:
    """What decides on a page's areas, and what they may be."""
    return name, repr((acted.said.parts(name), acted.said.figures(name)))
