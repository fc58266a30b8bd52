"""Which areas follow an act, before it is done."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mangacolor.batch.acted import Acted
from mangacolor.chapter.acts import Act
from mangacolor.chapter.said import Said
from mangacolor.errors import InputError
from mangacolor.images.geometry import UInt8
from mangacolor.review.coloring import Coloring
from mangacolor.review.recent import Recent
from mangacolor.runtime.areas import color_areas

__all__ = ["Followers", "Following"]

# Colours that are less apart than this in every channel are one.
_CHANGED = 6
# Pages of which the colours are held, by what was said of them.
_ELECTED = 1000


@dataclasses.dataclass(frozen=True)
class Followers:
    """Areas of a page that would change with an act, beside the one that it is about."""

    page: str
    areas: list[int]


class Following:
    """Finds what would follow; threads may ask side by side."""

    def __init__(self) -> None:
        self._elected: Recent[tuple[str, str], UInt8] = Recent(_ELECTED)

    def find(
        self, coloring: Coloring, act: Act, pages: Sequence[str], pause: Callable[[], None]
    ) -> Iterator[Followers]:
        """Which areas follow an act, page by page; what was not seen yet is left out.

        Args:
            coloring: of the chapter.
            act: a colour that is given, or a figure; whatever was said of that before does not
                count.
            pages: which are looked at.
            pause: called between steps.
        """
        acts = coloring.said.acts
        alone = dataclasses.replace(act, scope="this")
        now = coloring.acted.again(Said([*acts, alone]))
        then = coloring.acted.again(Said([*acts, act]))
        for name in pages:
            if not coloring.knows(name):
                continue
            if now.said.digest_of(name) == then.said.digest_of(name):
                continue
            try:
                pause()
                before = self._election(coloring, name, now)
                pause()
                after = self._election(coloring, name, then)
                areas = _changed(coloring, name, before, after, then)
            except InputError:
                # A page that is gone follows nothing.
                continue
            yield Followers(name, areas)

    def _election(self, coloring: Coloring, name: str, acted: Acted) -> UInt8:
        """Colours of a page's areas, before what was said of themselves: uint8 (n, 3)."""

        def make() -> UInt8:
            known = coloring.references(name, acted).areas
            assert known is not None
            seen, allowed = coloring.light(name, acted, known)
            return color_areas(coloring.areas, seen, known, allowed).colors

        return self._elected.get_or((name, acted.said.digest_of(name)), make)


def _changed(coloring: Coloring, name: str, before: UInt8, after: UInt8, then: Acted) -> list[int]:
    apart = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=1) > _CHANGED
    if then.said.given(name):
        told = then.told(name, coloring.ready(name, then))
        apart[list(told)] = False
    return [int(area) for area in np.flatnonzero(apart)]
