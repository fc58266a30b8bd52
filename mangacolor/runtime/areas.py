"""Colour by areas: which area of the references each area of a page is, and so its colour."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import AREA_PIXELS, Labels, area_colors, fill_up, find_areas
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import Float32, UInt8, fit_area, reduce, resize, to_signed
from mangacolor.images.kinds import are_worn, is_paper
from mangacolor.images.panels import find_panels
from mangacolor.images.runs import find_runs
from mangacolor.images.shades import guess
from mangacolor.images.views import View, cut_views, with_kinds
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.looks import PAGE_DETAIL, look_at
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.same import with_same
from mangacolor.runtime.surfaces import see_surfaces
from mangacolor.runtime.votes import Compared, Votes, cosines_of, count_votes, restricted

__all__ = [
    "ENOUGH",
    "GIVEN",
    "GUESSED",
    "NEIGHBOUR",
    "ColoredAreas",
    "SeenPage",
    "color_areas",
    "color_views",
    "palette_of",
    "see_page",
    "settled",
    "to_hints",
    "votes_for",
    "with_told",
    "with_views",
]

# Least share of the votes with which a colour takes an area; else it has the painter's.
ENOUGH = 0.15
# What `ColoredAreas.matches` says of areas that match none of the references': guessed, given by a
# person, and coloured like the area beside it.
GUESSED, GIVEN, NEIGHBOUR = -1, -2, -3
# A guess must be so many times as sure as the match: what references show decides, even where it is
# not what such things are like. At 1 more of invented pages is right, and less of real ink.
_SURER = 1.5
# A strip is looked at as so many pages at most.
_MOST_PAGES, _PAGE_ASPECT = 4, 1.5


@dataclasses.dataclass(frozen=True)
class SeenPage:
    """A page's areas and the views that they are described in.

    Attributes:
        areas: int32 (h, w), of `find_areas` or of the model's network of surfaces.
        views: of its panels.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each area is of a kind; empty if
            that is not known.
        looked: what `look_at` found, so that it need not look again.
        tone: uint8 (h, w), the page at the areas' size, its screentone smoothed and dots left;
            None if that is not known.
        compared: keeps what comes of comparing it; None where that is not worth its memory.
    """

    areas: Labels
    views: list[View]
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))
    looked: tuple[list[Float32], list[Float32]] | None = None
    tone: UInt8 | None = None
    compared: Compared | None = None

    def looked_at(self, model: AreaModel) -> SeenPage:
        """The same with what is found by looking at it."""
        if self.looked is not None:
            return self
        return dataclasses.replace(self, looked=look_at(model, self.views))


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
    """

    areas: Labels
    colors: UInt8
    sure: Float32
    matches: npt.NDArray[np.int32] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int32)
    )
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))

    @property
    def paper(self) -> npt.NDArray[np.bool_] | None:
        """Gutters, balloons and lettering: bool (areas.max() + 1,); None if it is not known."""
        return is_paper(self.kinds) if self.kinds.size else None


def see_page(page: UInt8, model: AreaModel | None = None, printed: UInt8 | None = None) -> SeenPage:
    """Finds a page's areas and its panels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        model: finds the areas if it has a network of surfaces; else they are those that ink closes.
        printed: the same page with its screentone, which that network is used to.
    """
    height, width = page.shape
    strip = min(_MOST_PAGES, max(height, width) / min(height, width) / _PAGE_ASPECT)
    pixels = round(AREA_PIXELS * max(1.0, strip))
    found = None
    printed = page if printed is None else printed
    if model is not None:
        view = resize(printed, *fit_area(height, width, pixels))
        found = see_surfaces(model, view, view.size)
    if found is not None:
        return with_views(page, found.areas, found.kinds)
    page = smooth_dots(page)
    return with_views(page, find_areas(page, pixels))


def with_views(page: UInt8, areas: Labels, kinds: Float32 | None = None) -> SeenPage:
    """A page of which the areas are known, with its panels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed; dots that are left part
            nothing where a network found the areas.
        areas: int32 (h, w).
        kinds: float32 (areas.max() + 1, len(Kind)), of such a network.
    """
    tone = reduce(page, *areas.shape)
    boxes = find_panels(page)
    views = cut_views(page, areas, boxes, split=True, tone=tone, detail=PAGE_DETAIL)
    if kinds is None:
        return SeenPage(areas, views)
    return SeenPage(areas, with_kinds(views, kinds), kinds, tone=tone)


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
    views = page.views if len(references.tokens) else []
    votes = _votes_of(model, page, references) if views else []
    per_view = [
        _elected(view, counted, references, allowed)
        for view, counted in zip(views, votes, strict=True)
    ]
    for view, found in zip(views, per_view, strict=True):
        shades, share, best = found
        # What reaches into several panels is judged where most of it is.
        here = view.sizes > seen[view.numbers]
        numbers = view.numbers[here]
        colors[numbers], sure[numbers], seen[numbers] = shades[here], share[here], view.sizes[here]
        matches[numbers] = best[here]
    if not page.kinds.size:
        return ColoredAreas(page.areas, colors, sure, matches)
    white = is_paper(page.kinds)
    colors[white], sure[white] = 255, 1.0
    return ColoredAreas(page.areas, colors, sure, matches, page.kinds)


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


def with_told(colored: ColoredAreas, told: Mapping[int, Sequence[int]]) -> ColoredAreas:
    """The same with the colours that a person gave areas, which are sure."""
    colors, sure = colored.colors.copy(), colored.sure.copy()
    matches = colored.matches.copy()
    for area, color in told.items():
        colors[area], sure[area] = color, 1.0
        matches[area : area + 1] = GIVEN
    return dataclasses.replace(colored, colors=colors, sure=sure, matches=matches)


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
    if len(matches):
        matches[apart] = NEIGHBOUR
    filled = dataclasses.replace(colored, colors=colors, sure=sure, matches=matches)
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
    return np.where(elected[:, None], colored.colors, own).astype(np.uint8)


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
