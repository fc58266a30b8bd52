"""Colour by areas: which area of the references each area of a page is, and so its colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import are_worn, is_paper
from mangacolor.images.shades import guess
from mangacolor.images.views import View
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.calm import calmed
from mangacolor.runtime.colored_areas import ENOUGH, GUESSED, ColoredAreas
from mangacolor.runtime.looks import look_at
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.same import with_same
from mangacolor.runtime.seen import SeenPage
from mangacolor.runtime.votes import Votes, cosines_of, count_votes, restricted

__all__ = ["color_areas", "color_views", "votes_for"]

# A guess must be so many times as sure as the match: what references show decides, even where it is
# not what such things are like. At 1 more of invented pages is right, and less of real ink.
_SURER = 1.5


def color_areas(
    model: AreaModel,
    page: SeenPage,
    references: ReferenceAreas,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> ColoredAreas:
    """Finds the colours of a page's areas, panel by panel.

    Args:
        model: the networks.
        page: its areas.
        references: what they may be.
        allowed: bool (areas.max() + 1, T), which of the references' areas each may be; all if left
            out.
    """
    if page.compared is None:
        return _color_areas(model, page, references, allowed)

    def find() -> ColoredAreas:
        return _color_areas(model, page, references, allowed)

    found: ColoredAreas = page.compared.get_or("colored", references, find, allowed)
    return found


def _color_areas(
    model: AreaModel,
    page: SeenPage,
    references: ReferenceAreas,
    allowed: npt.NDArray[np.bool_] | None,
) -> ColoredAreas:
    """The same, found."""
    count = int(page.areas.max()) + 1
    colors, sure = np.zeros((count, 3), np.uint8), np.zeros(count, np.float32)
    seen, matches = np.zeros(count, np.float32), np.full(count, GUESSED, np.int32)
    calm = np.zeros_like(colors)
    views = page.views if len(references.tokens) else []
    votes = _votes_of(model, page, references) if views else []
    for view, counted in zip(views, votes, strict=True):
        found = _elected(view, counted, references, allowed)
        laid, (shades, share, best) = _laid(view, counted, references, allowed, found), found
        # What reaches into several panels is judged where most of it is.
        here = view.sizes > seen[view.numbers]
        numbers = view.numbers[here]
        colors[numbers], sure[numbers], seen[numbers] = shades[here], share[here], view.sizes[here]
        matches[numbers], calm[numbers] = best[here], laid[here]
    if not page.kinds.size:
        return ColoredAreas(page.areas, colors, sure, matches)
    white = is_paper(page.kinds)
    colors[white], calm[white], sure[white] = 255, 255, 1.0
    return ColoredAreas(page.areas, colors, sure, matches, page.kinds, calm)


def color_views(
    model: AreaModel,
    views: Sequence[View],
    references: ReferenceAreas,
    *,
    guessing: bool = True,
    looked: tuple[list[Float32], list[Float32]] | None = None,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> list[tuple[UInt8, Float32, npt.NDArray[np.int32]]]:
    """Finds the colours of the areas of a page's views.

    Args:
        model: the networks.
        views: all of the page.
        references: what they may be.
        guessing: whether colours may be guessed that no reference shows.
        looked: what `look_at` found for these views, if that is known.
        allowed: as `color_areas` has it.

    Returns:
        of each view colors: uint8 (K, 3) sRGB; sure: float32 (K,), of `ColoredAreas`; matches:
        int32 (K,).
    """
    looked = look_at(model, views) if looked is None else looked
    votes = count_votes(model, views, looked, references)
    return [
        _elected(view, counted, references, allowed, guessing=guessing)
        for view, counted in zip(views, votes, strict=True)
    ]


def votes_for(
    model: AreaModel,
    page: SeenPage,
    references: ReferenceAreas,
    area: int,
    allowed: npt.NDArray[np.bool_] | None = None,
) -> Votes | None:
    """What one area of a page may be; the arguments are those of `color_areas`.

    Returns:
        Of this area alone; None if it was not compared.
    """
    shown = [np.flatnonzero(view.numbers == area) for view in page.views]
    sizes = [
        float(view.sizes[at[0]]) if len(at) else 0.0
        for view, at in zip(page.views, shown, strict=True)
    ]
    if not len(references.tokens) or not any(sizes):
        return None
    best = int(np.argmax(sizes))
    at = int(shown[best][0])
    votes = _votes_of(model, page, references)[best]
    if allowed is not None:
        votes = restricted(votes, allowed[page.views[best].numbers])
    return Votes(votes.shares[at], None if votes.guesses is None else votes.guesses[at])


def _votes_of(model: AreaModel, page: SeenPage, references: ReferenceAreas) -> list[Votes]:
    """The votes of a page's areas, counted once where they are kept."""

    def count() -> list[Votes]:
        looked = page.looked or look_at(model, page.views)
        cosines = cosines_of(looked[1], references)
        votes = count_votes(model, page.views, looked, references, cosines)
        return with_same(page.areas, page.views, cosines, votes, references)

    if page.compared is None:
        return count()
    found: list[Votes] = page.compared.get_or("votes", references, count)
    return found


def _elected(
    view: View,
    votes: Votes,
    references: ReferenceAreas,
    allowed: npt.NDArray[np.bool_] | None,
    *,
    guessing: bool = True,
) -> tuple[UInt8, Float32, npt.NDArray[np.int32]]:
    """What `color_views` gives for a view."""
    if allowed is not None:
        votes = restricted(votes, allowed[view.numbers])
    elected = _elect(votes.shares, references)
    if guessing and votes.guesses is not None:
        elected = _outguessed(*elected, votes.guesses, are_worn(view.kinds))
    return elected


def _laid(
    view: View,
    votes: Votes,
    references: ReferenceAreas,
    allowed: npt.NDArray[np.bool_] | None,
    elected: tuple[UInt8, Float32, npt.NDArray[np.int32]],
) -> UInt8:
    """What is laid on a view's areas for what was elected: what is told is not in doubt."""
    if not view.kinds.size:
        return elected[0]
    laid = calmed(view.kinds, votes.shares, references, elected)
    if allowed is None:
        return laid
    return np.where(allowed[view.numbers].all(axis=1, keepdims=True), laid, elected[0])


def _outguessed(
    shades: UInt8,
    share: Float32,
    best: npt.NDArray[np.int32],
    guesses: Float32,
    worn: Float32,
) -> tuple[UInt8, Float32, npt.NDArray[np.int32]]:
    """What was elected, but for areas whose colour is guessed more surely: those match nothing.

    Who guesses leaves nothing to the painter, whose colour is no better than the likelier of two.
    What is worn references show, and no guess knows: (K,), how probably each is hair or clothes.
    """
    guessed, sure = guess(guesses)
    better = sure * (1 - worn) > _SURER * share
    share, sure = (np.maximum(x, np.float32(ENOUGH)) for x in (share, sure))
    return (
        np.where(better[:, None], guessed, shades),
        np.where(better, sure, share).astype(np.float32),
        np.where(better, GUESSED, best).astype(np.int32),
    )


def _elect(
    votes: Float32, references: ReferenceAreas
) -> tuple[UInt8, Float32, npt.NDArray[np.int32]]:
    """The colour with most votes for each area, its share of them, and who has most of these.

    The mean of several colours is mud: only those that are nearly one are averaged.
    """
    palette, colors = references.palette, references.colors
    counts = np.add.reduceat(votes[:, palette.order], palette.starts, axis=1)
    best = (counts @ palette.near).argmax(axis=1)
    counted = votes * palette.near[best][:, palette.group]
    share = counted.sum(axis=1)
    mean = counted @ colors.astype(np.float32) / np.maximum(share, 1e-9)[:, None]
    shades = np.clip(np.rint(mean), 0, 255).astype(np.uint8)
    return shades, share.astype(np.float32), counted.argmax(axis=1).astype(np.int32)
