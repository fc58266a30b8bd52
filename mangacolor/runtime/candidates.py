"""What else an area may be: the colours with most votes after the one that it has."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from mangacolor.images.kinds import are_worn
from mangacolor.images.shades import guess
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.areas import votes_for
from mangacolor.runtime.colored_areas import GUESSED
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.seen import SeenPage

__all__ = ["Candidate", "find_candidates"]

# Colours with less of the votes are nobody's.
_LEAST = 0.002


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A colour that an area may have.

    Attributes:
        color: sRGB.
        sure: its share of the votes.
        match: the area of the references with most of them, or `GUESSED`.
    """

    color: tuple[int, int, int]
    sure: float
    match: int


def find_candidates(
    model: AreaModel,
    page: SeenPage,
    references: ReferenceAreas,
    area: int,
    count: int,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> list[Candidate]:
    """The likeliest colours of an area, the surest first, and then the one that is guessed.

    Args:
        model: the networks.
        page: looked at.
        references: what areas may be.
        area: which.
        count: of colours that references show, at most.
        allowed: as `color_areas` has it.
    """
    found = votes_for(model, page, references, area, allowed)
    if found is None:
        return []
    votes, guesses = found
    palette, colors = references.palette, references.colors.astype(np.float32)
    candidates: list[Candidate] = []
    left = votes.astype(np.float64)
    while len(candidates) < count:
        counts = np.add.reduceat(left[palette.order], palette.starts)
        best = int((counts @ palette.near).argmax())
        near = palette.near[best][palette.group]
        counted = left * near
        share = float(counted.sum())
        if share < _LEAST:
            break
        mean = np.clip(np.rint(counted @ colors / share), 0, 255)
        r, g, b = (int(x) for x in mean)
        candidates.append(Candidate((r, g, b), share, int(counted.argmax())))
        left = np.where(near > 0, 0.0, left)
    if guesses is not None:
        shades, sure = guess(guesses[None])
        r, g, b = (int(x) for x in shades[0])
        # No surer than it is taken to be where the page is coloured.
        worn = are_worn(page.kinds[area : area + 1])
        candidates.append(Candidate((r, g, b), float(sure[0] * (1 - worn[0])), GUESSED))
    return candidates
