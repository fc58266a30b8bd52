"""A page's areas and their colours, whoever says these."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, area_colors, fill_up
from mangacolor.images.geometry import Float32, UInt8, to_signed
from mangacolor.images.kinds import is_paper
from mangacolor.images.runs import find_runs

__all__ = [
    "ENOUGH",
    "GIVEN",
    "GUESSED",
    "NEIGHBOUR",
    "ColoredAreas",
    "palette_of",
    "settled",
    "to_hints",
    "with_told",
]

# Least share of the votes with which a colour takes an area; else it has the painter's.
ENOUGH = 0.15
# What `ColoredAreas.matches` says of areas that match none of the references': guessed, given by a
# person, and coloured like the area beside it.
GUESSED, GIVEN, NEIGHBOUR = -1, -2, -3


@dataclasses.dataclass(frozen=True)
class ColoredAreas:
    """A page's areas and their colours.

    Attributes:
        areas: int32 (h, w), of `find_areas`.
        colors: uint8 (areas.max() + 1, 3) sRGB, that of most votes.
        sure: float32 (areas.max() + 1,) in [0, 1], its share of all votes; 0 where nobody voted.
        matches: int32 (areas.max() + 1,), of the areas of the references the one with most votes
            for that colour, or `GUESSED`, `GIVEN`, `NEIGHBOUR`; empty if it is not known.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind; empty if that
            is not known.
        calm: uint8 (areas.max() + 1, 3) sRGB, what is laid for `colors`, of `calmed`; empty if
            that is `colors`.
    """

    areas: Labels
    colors: UInt8
    sure: Float32
    matches: npt.NDArray[np.int32] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int32)
    )
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))
    calm: UInt8 = dataclasses.field(default_factory=lambda: np.zeros((0, 3), np.uint8))

    @property
    def laid(self) -> UInt8:
        """What is laid: uint8 (areas.max() + 1, 3) sRGB."""
        return self.calm if len(self.calm) else self.colors

    @property
    def paper(self) -> npt.NDArray[np.bool_] | None:
        """Gutters, balloons and lettering: bool (areas.max() + 1,); None if it is not known."""
        return is_paper(self.kinds) if self.kinds.size else None


def with_told(colored: ColoredAreas, told: Mapping[int, Sequence[int]]) -> ColoredAreas:
    """The same with the colours that a person gave areas, which are sure."""
    colors, sure = colored.colors.copy(), colored.sure.copy()
    matches, calm = colored.matches.copy(), colored.calm.copy()
    for area, color in told.items():
        colors[area], sure[area] = color, 1.0
        matches[area : area + 1] = GIVEN
        calm[area : area + 1] = color
    return dataclasses.replace(colored, colors=colors, sure=sure, matches=matches, calm=calm)


def settled(colored: ColoredAreas) -> tuple[ColoredAreas, bool]:
    """The same where areas that were not compared have their nearest neighbour's colour.

    What is beyond the most areas of a view, or too small to be one, is hatching and scraps of the
    thing around them.

    Returns:
        The areas, and whether they have all the colours that a page needs: nothing that was
        compared is left without one.
    """
    elected, apart = colored.sure >= ENOUGH, colored.sure == 0
    if not elected.any():
        return colored, False
    near = _nearest(colored.areas, elected, apart)[apart]
    colors, sure, matches = colored.colors.copy(), colored.sure.copy(), colored.matches.copy()
    colors[apart], sure[apart] = colors[near], ENOUGH
    calm = colored.calm.copy()
    if len(matches):
        matches[apart] = NEIGHBOUR
    if len(calm):
        calm[apart] = calm[near]
    filled = dataclasses.replace(colored, colors=colors, sure=sure, matches=matches, calm=calm)
    return filled, bool((elected | apart).all())


def _nearest(
    areas: Labels, wanted: npt.NDArray[np.bool_], apart: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int32]:
    """For each area that is apart the wanted one that most of it is nearest to, int32 (count,)."""
    count, runs = len(wanted), find_runs(areas)
    found = np.zeros(count, np.int32)
    at = np.flatnonzero(runs.mapped(apart))
    if not len(at):
        return found
    grown = fill_up(runs.mapped(np.where(wanted, np.arange(count), 0).astype(np.int32)))
    pairs, pixels = np.unique(
        areas.ravel()[at].astype(np.int64) * count + grown.ravel()[at], return_counts=True
    )
    # Of several writes to one place the last one stays: the most pixels.
    order = np.argsort(pixels, kind="stable")
    found[pairs[order] // count] = pairs[order] % count
    return found


def to_hints(colored: ColoredAreas, h: int, w: int) -> Float32:
    """What the painter is told: float32 (4, h, w), sRGB in [-1, 1] and confidence in [0, 1]."""
    rows = (np.arange(h) * 2 + 1) * colored.areas.shape[0] // (2 * h)
    columns = (np.arange(w) * 2 + 1) * colored.areas.shape[1] // (2 * w)
    at = colored.areas[rows[:, None], columns]
    sure = colored.sure[:, None]
    told = np.where(sure > 0, to_signed(colored.colors), np.float32(0))
    hints: Float32 = np.concatenate([told, sure], axis=1)[at].transpose(2, 0, 1)
    return hints


def palette_of(colored: ColoredAreas, page: UInt8, painted: UInt8) -> UInt8:
    """One colour an area: that of the references if it has enough votes, or the painter's.

    Args:
        colored: the page's areas.
        page: uint8 (H, W), what they were found on.
        painted: uint8 (h', w', 3) sRGB, the painter's page.

    Returns:
        uint8 (areas.max() + 1, 3) sRGB.
    """
    elected = colored.sure >= ENOUGH
    own = area_colors(colored.areas, page, painted, ~elected)
    return np.where(elected[:, None], colored.laid, own).astype(np.uint8)
