"""Figures that a person said who they are: what their areas may be, and what they teach."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.runtime.colored_areas import ENOUGH, ColoredAreas
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Figure", "figure_colors", "find_allowed", "owned"]

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Figure:
    """Who somebody on a page is.

    Attributes:
        box: left, top, right and bottom on the page, as shares of its sides.
        reference: number of the reference.
        there: the box there.
    """

    box: Box
    reference: int
    there: Box

    @property
    def owner(self) -> tuple[float, float, float]:
        """What stands for the place of areas that are the figure's and of no reference."""
        x0, y0, x1, y1 = self.there
        # Below -1, which is nobody's.
        return -2.0 - self.reference, (x0 + x1) / 2, (y0 + y1) / 2


def find_allowed(
    areas: Labels, figures: Sequence[Figure], references: ReferenceAreas
) -> npt.NDArray[np.bool_] | None:
    """Which areas of the references each area may be: bool (areas.max() + 1, T); None for all.

    The areas most of which lies in a figure's box may be what lies in the box of the reference, and
    what a person taught of that figure; of several boxes the last counts.
    """
    places = references.places
    if not figures or len(places) != len(references.tokens):
        return None
    allowed = np.ones((int(areas.max()) + 1, len(places)), np.bool_)
    for figure in figures:
        there = np.isin(places[:, 0], (figure.reference, figure.owner[0]))
        there &= _within(places[:, 1:], figure.there)
        if there.any():
            allowed[_mostly_in(areas, figure.box)] = there
    return allowed


def figure_colors(colored: ColoredAreas, figure: Figure) -> dict[int, tuple[int, int, int]]:
    """The colours of a figure's areas, of those that were matched with it."""
    inside = _mostly_in(colored.areas, figure.box)
    matched = inside & (colored.sure >= ENOUGH) & (colored.matches >= 0)
    found = {}
    for area in np.flatnonzero(matched):
        r, g, b = (int(x) for x in colored.colors[area])
        found[int(area)] = (r, g, b)
    return found


def owned(learned: ReferenceAreas, figure: Figure) -> ReferenceAreas:
    """What was learned, as that figure's."""
    places = np.tile(np.asarray(figure.owner, np.float32), (len(learned.tokens), 1))
    return dataclasses.replace(learned, places=places)


def _mostly_in(areas: Labels, box: Box) -> npt.NDArray[np.bool_]:
    """Which areas have most of their pixels in a box, (areas.max() + 1,): what is behind a figure
    has not, as a rule."""
    h, w = areas.shape
    x0, y0, x1, y1 = box
    part = areas[round(y0 * h) : round(y1 * h), round(x0 * w) : round(x1 * w)]
    count = int(areas.max()) + 1
    sizes = np.bincount(areas.ravel(), minlength=count)
    found: npt.NDArray[np.bool_] = np.bincount(part.ravel(), minlength=count) > 0.5 * sizes
    found[0] = False
    return found


def _within(points: Float32, box: Box) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = box
    x, y = points[:, 0], points[:, 1]
    found: npt.NDArray[np.bool_] = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return found
