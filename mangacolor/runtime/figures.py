"""Figures that a person said who they are: what their areas may be, and what they teach."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.images.pieces import inner_points
from mangacolor.runtime.areas import ENOUGH, ColoredAreas
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

    The areas whose middle lies in a figure's box may be what lies in the box of the reference, and
    what a person taught of that figure; of several boxes the last counts.
    """
    places = references.places
    if not figures or len(places) != len(references.tokens):
        return None
    count = int(areas.max()) + 1
    points = inner_points(areas, count)
    allowed = np.ones((count, len(places)), np.bool_)
    for figure in figures:
        there = np.isin(places[:, 0], (figure.reference, figure.owner[0]))
        there &= _within(places[:, 1:], figure.there)
        if there.any():
            allowed[_within(points, figure.box)] = there
    return allowed


def figure_colors(colored: ColoredAreas, figure: Figure) -> dict[int, tuple[int, int, int]]:
    """The colours of a figure's areas, of those that were matched with it."""
    count = len(colored.colors)
    inside = _within(inner_points(colored.areas, count), figure.box)
    inside[0] = False
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


def _within(points: Float32, box: Box) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = box
    x, y = points[:, 0], points[:, 1]
    found: npt.NDArray[np.bool_] = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return found
