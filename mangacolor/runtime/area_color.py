"""Colour by areas: matched with the references', guessed, and painted where neither is sure."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from mangacolor.bundle import HINT_CHANNELS
from mangacolor.config import Look
from mangacolor.errors import MemoryLimitError
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.tones import smooth_all_tones
from mangacolor.runtime.area_model import TaughtModel
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.color import ColoredPage, ColorModel, ReadyPage, References, Told
from mangacolor.runtime.colored_areas import ColoredAreas, settled, to_hints, with_told
from mangacolor.runtime.compose import Known
from mangacolor.runtime.figures import find_allowed
from mangacolor.runtime.lessons import find_changed, learn_areas, within
from mangacolor.runtime.networks import Networks
from mangacolor.runtime.parted import Part, part_page
from mangacolor.runtime.prepare import Lineart
from mangacolor.runtime.reference_areas import ReferenceAreas, gathered, joined, read_references
from mangacolor.runtime.remembered import remembering, swatches
from mangacolor.runtime.seen import see_page
from mangacolor.styles import family_of

__all__ = ["AreasModel"]

# References that the painter looks at, for an idea of the palette: what it keeps of each is large.
_MOST_PAINTED = 4


class AreasModel(ColorModel):
    """A model that finds what is one thing, says which thing of the references it is, and fills it.

    Its painter works where that leaves something open, and where colours are to run into each
    other (`Look.flats` off); else it is never opened.
    """

    family = family_of("areas")

    def __init__(self, networks: Networks) -> None:
        super().__init__(networks)
        assert networks.areas is not None

    @property
    def _areas(self) -> TaughtModel:
        areas = self.networks.areas
        assert areas is not None
        return areas

    def see(self, picture: UInt8, worn: UInt8 | None = None) -> ReferenceAreas:
        return read_references(self._areas, [picture], None if worn is None else [worn])

    def gather(
        self,
        seen: Sequence[ReferenceAreas | None],
        pictures: Sequence[Callable[[], UInt8]],
    ) -> References:
        known = [areas for areas in seen if areas is not None]
        areas = remembering(self._areas, gathered(known))
        # Where all is remembered there is no picture, and the painter wants one.
        shown = pictures[:_MOST_PAINTED] or [functools.partial(swatches, areas.colors)]
        return References(shown, areas)

    def ready(self, grey: UInt8, look: Look) -> ReadyPage:
        look = self.sized_look(look)
        shaded, shade = smooth_all_tones(grey)
        lineart = self.lineart_of(shaded, look) if self.sized(look) else None
        try:
            seen = see_page(shaded, self._areas, grey)
        except MemoryLimitError:
            # Areas that ink closes are areas, too; what else needs memory will tell.
            seen = see_page(shaded)
        return ReadyPage(grey, shaded, look, lineart, seen, known=Known(shade, tone=seen.tone))

    def color(
        self, pages: Sequence[ReadyPage], references: References, told: Sequence[Told] = ()
    ) -> list[ColoredPage]:
        found = []
        for page, given in zip(pages, told or [{}] * len(pages), strict=True):
            assert page.seen is not None and references.areas is not None
            seen = page.seen.looked_at(self._areas)
            page = dataclasses.replace(page, seen=seen)
            allowed = find_allowed(seen.areas, page.figures, references.areas)
            matched = color_areas(self._areas, seen, references.areas, allowed)
            colored, is_settled = settled(with_told(matched, given))
            found.append(
                ColoredPage(page, colored)
                if page.look.flats and is_settled
                else ColoredPage(page, colored, self._painted(page, colored, references))
            )
        return found

    def _painted(self, page: ReadyPage, colored: ColoredAreas, references: References) -> UInt8:
        lineart = page.lineart or self.lineart_of(page.shaded, page.look)
        (painted,) = self.paint([lineart], references, _hints(lineart, colored))
        return painted

    def parted(self, page: ReadyPage, parts: Sequence[Part]) -> ReadyPage:
        if not parts or page.seen is None:
            return page
        seen = part_page(self._areas, page.shaded, page.seen, parts, page.grey)
        return dataclasses.replace(page, seen=seen)

    def learn(self, page: ColoredPage, told: Told, references: References) -> References:
        areas, learned = references.areas, self.taught(page, told)
        assert areas is not None
        return references.with_areas(joined([areas, learned]))

    def taught(self, page: ColoredPage, told: Told) -> ReferenceAreas:
        seen = page.page.seen
        assert seen is not None and page.areas is not None
        return learn_areas(self._areas, seen, page.areas, told)

    def learn_corrected(
        self,
        page: ReadyPage,
        picture: UInt8,
        number: int | None,
        base: References,
        known: References,
    ) -> tuple[References, str]:
        # After the references alone: no corrected page decides on what was changed in another.
        (colored,) = self.color([page], base)
        assert colored.areas is not None and known.areas is not None
        areas = colored.areas.areas
        told = find_changed(areas, page.grey, colored.picture, picture)
        if not told:
            shape = "it is no more of its page's shape"
            return known, shape if told is None else "no area was changed"
        learned = [known.areas]
        if number is not None:
            learned.append(within(self.see(picture), areas, told, number))
        return known.with_areas(joined([*learned, self.taught(colored, told)])), ""


def _hints(lineart: Lineart, colored: ColoredAreas) -> Float32:
    """What the painter is told, fitted and padded like its line art: float32 (1, 4, h, w)."""
    hints = np.zeros((1, HINT_CHANNELS, *lineart.signed.shape[1:]), np.float32)
    h, w = lineart.fitted
    hints[0, :, :h, :w] = to_hints(colored, h, w)
    return hints
