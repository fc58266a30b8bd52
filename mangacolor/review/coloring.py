"""Pages in colour after what a person said, fast: of a page that was seen only votes are new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.batch.acted import Acted
from mangacolor.batch.acts import Act
from mangacolor.batch.colorist import Colored
from mangacolor.batch.prepared import Prepared
from mangacolor.batch.said import Said
from mangacolor.batch.strokes import Stroked
from mangacolor.chapter.book import Sheet
from mangacolor.chapter.journal import fingerprint_of
from mangacolor.chapter.tasks import Task
from mangacolor.errors import InputError
from mangacolor.images.geometry import UInt8
from mangacolor.review.recent import Recent
from mangacolor.review.records import Places, area_records, find_places
from mangacolor.review.states import States
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.areas import SeenPage, color_areas
from mangacolor.runtime.candidates import Candidate, find_candidates
from mangacolor.runtime.color import ColorModel, ReadyPage, References
from mangacolor.runtime.figures import find_allowed
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Coloring", "Followers"]

# Pages that are held as they are by now.
_HELD = 4
# Colours that are less apart than this in every channel are one.
_CHANGED = 6


@dataclasses.dataclass(frozen=True)
class Followers:
    """Areas of a page that would change with an act, beside the one that it is about."""

    page: str
    areas: list[int]


class Coloring:
    """What colours the pages of a chapter, one at a time; threads may ask side by side.

    Whoever asks sees what was said when it asked: acts that come meanwhile wait for nobody.

    Args:
        model: an open one that knows areas.
        states: of the pages.
        acted: what was said; its pages are read here.
        strokes: colours of areas by strokes, by page.
        task_of: a page by its name.
        job: digest of references, model and settings.
    """

    def __init__(
        self,
        model: ColorModel,
        states: States,
        acted: Acted,
        strokes: Mapping[str, Stroked],
        task_of: Callable[[str], Task],
        job: str,
    ) -> None:
        self._lock = Lock()
        self.acted = acted
        self._model, self._states, self._strokes = model, states, strokes
        self._task_of, self._job = task_of, job
        self._ready: Recent[tuple[str, str], ReadyPage] = Recent(_HELD)
        self._colored: Recent[tuple[str, str], Colored] = Recent(_HELD)
        self._places: Recent[tuple[str, str], Places] = Recent(2 * _HELD)
        self._elected: Recent[tuple[str, str], UInt8] = Recent(1000)

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
        said = acted.said
        key = name, repr((said.parts(name), said.figures(name)))

        def make() -> ReadyPage:
            page = self._states.of(self._task_of(name)).ready
            page = acted.ready(name, self._model.parted(page, self._stroked(name).parts))
            assert page.seen is not None
            # What a click leaves as it is is not laid again; the page as it was seen shares this.
            if page.known.laid is None:
                page.known.laid = {}
            return dataclasses.replace(page, seen=page.seen.looked_at(self.areas))

        return self._ready.get_or(key, make)

    def _stroked(self, name: str) -> Stroked:
        return self._strokes.get(name, Stroked())

    def shape_of(self, name: str, acted: Acted | None = None) -> str:
        """A word for a page's areas: another one where they were cut or joined."""
        return repr((acted or self.acted).said.parts(name))

    def records(self, name: str) -> list[dict[str, Any]]:
        """All areas of a page as it is to be by now, see `area_records`."""
        acted = self.acted
        colored = self.colored(name, acted).colored
        known = self.references(name, acted).areas
        if colored.areas is None or known is None:
            return []
        areas = colored.areas.areas
        shape = self.shape_of(name, acted)
        places = self._places.get_or((name, shape), lambda: find_places(areas))
        return area_records(colored.areas, places, known, colored.picture)

    def references(self, name: str, acted: Acted | None = None) -> References:
        """What a page is coloured after."""
        acted = acted or self.acted
        acted.learn([name])
        return acted.references(name)

    def colored(self, name: str, acted: Acted | None = None) -> Colored:
        """A page in colour as it is to be by now; raises as `States.of`, and ModelError."""
        acted = acted or self.acted
        key = name, self.mark(name, acted)

        def make() -> Colored:
            ready = self.ready(name, acted)
            told = {**self._stroked(name).told, **acted.told(name, ready)}
            (colored,) = self._model.color([ready], self.references(name, acted), [told])
            # It is seen, or written, anyway: whoever asks next need not wait.
            _ = colored.picture
            task = self._task_of(name)
            page = self._states.of(task).page
            return Colored(Prepared(Sheet(task), key[1], page, colored.page), colored)

        if key in self._colored:
            return self._colored.get_or(key, make)
        with self._lock:
            return self._colored.get_or(key, make)

    def candidates(self, name: str, area: int, count: int) -> list[Candidate]:
        """What else an area may be."""
        acted = self.acted
        page, known = self.ready(name, acted), self.references(name, acted).areas
        assert page.seen is not None and known is not None
        allowed = find_allowed(page.seen.areas, page.figures, known)
        return find_candidates(self.areas, page.seen, known, area, count, allowed)

    def followers(self, act: Act, pages: Sequence[str]) -> Iterator[Followers]:
        """Which areas follow an act, page by page; what was not seen yet is left out.

        Args:
            act: a colour that is given, or a figure; whatever was said of that before does not
                count.
            pages: which are looked at.
        """
        acts = self.acted.said.acts
        alone = dataclasses.replace(act, scope="this")
        now = self.acted.again(Said([*acts, alone]))
        then = self.acted.again(Said([*acts, act]))
        for name in pages:
            if not self._states.knows(name):
                continue
            if now.said.digest_of(name) == then.said.digest_of(name):
                continue
            try:
                yield Followers(name, self._changed(name, now, then, act))
            except InputError:
                # A page that is gone follows nothing.
                continue

    def _changed(self, name: str, now: Acted, then: Acted, act: Act) -> list[int]:
        before, after = self._election(name, now), self._election(name, then)
        apart = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=1) > _CHANGED
        if then.said.given(name):
            told = then.told(name, self.ready(name, then))
            apart[list(told)] = False
        return [int(area) for area in np.flatnonzero(apart)]

    def _election(self, name: str, acted: Acted) -> UInt8:
        """Colours of a page's areas, before what was said of themselves: uint8 (n, 3)."""

        def make() -> UInt8:
            acted.learn([name])
            known = acted.references(name).areas
            assert known is not None
            seen, allowed = self._light(name, acted, known)
            return color_areas(self.areas, seen, known, allowed).colors

        return self._elected.get_or((name, acted.said.digest_of(name)), make)

    def _light(
        self, name: str, acted: Acted, known: ReferenceAreas
    ) -> tuple[SeenPage, npt.NDArray[np.bool_] | None]:
        """A page's areas, with as little as is needed of them."""
        parts = [*self._stroked(name).parts, *acted.said.parts(name)]
        if not parts and not acted.said.figures(name):
            seen = self._states.seen(name)
            if seen is not None:
                return seen, None
        page = self.ready(name, acted)
        assert page.seen is not None
        return page.seen, find_allowed(page.seen.areas, page.figures, known)
