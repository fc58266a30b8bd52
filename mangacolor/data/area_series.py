"""Invented series as the job shows them: a cover with the whole cast, and pages in their panels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mangacolor.comic.chapter import ASPECT
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.frames import Frame
from mangacolor.comic.kinds import kinds_of
from mangacolor.comic.page import DrawnPage, draw_page, page_frames
from mangacolor.comic.series import Series
from mangacolor.comic.wardrobe import Costume
from mangacolor.images.areas import Labels, area_colors, find_areas
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import UInt8, to_grey
from mangacolor.images.panels import Box, find_panels
from mangacolor.images.tones import smooth_tones
from mangacolor.images.views import View, cut_views
from mangacolor.manga.hand import make_hand
from mangacolor.manga.lay import lay_manga

__all__ = ["FindAreas", "SeenView", "draw_series", "see_pictures"]

# Finds the areas of a picture as it is printed, (H, W) or (H, W, 3), in its own way.
FindAreas = Callable[[UInt8], Labels]

# Heights of covers and pages, least and most: pixels.
_COVER, _PAGE = (800, 1200), (900, 1300)
PAGES = 2
# Shares of the pages in ink that are laid as manga, that have the comic's own screentone, and whose
# panels are those that are found, so that what is seen has the faults that it will have.
_LAID, _SCREENED, _FOUND = 0.45, 0.3, 0.5
# Share of series whose cast are models, if there are any, and of pictures in colour whose areas are
# those that ink closes though there is another way to find them.
_MODELS, _BY_INK = 0.3, 0.5


@dataclasses.dataclass(frozen=True)
class SeenView:
    """A view whose truth is known.

    Attributes:
        view: panel or cover.
        page: 0 the cover, then the pages.
        colored: whether it is seen in colour, as a reference is, or in ink.
        labels: int32 (K,), which part of whom most of each area is.
        shares: float32 (K,), how much of the area is.
        colors: uint8 (K, 3) sRGB, the areas' true colours.
    """

    view: View
    page: int
    colored: bool
    labels: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float32]
    colors: UInt8


def draw_series(
    seed: int,
    *,
    by_panels: bool = True,
    find: FindAreas | None = None,
    figures: Sequence[Costume] = (),
) -> list[SeenView]:
    """Draws a series: its cover and two pages in colour, and these pages in ink.

    Args:
        seed: of all randomness.
        by_panels: look at pages panel by panel, or at each as a whole.
        find: how areas are found, of pages in ink and of a share of those in colour; without it
            they are those that ink closes.
        figures: models that are the cast of a share of the series.
    """
    random = Random(f"mangacolor areas {seed}")
    modelled = bool(figures) and Random(f"mangacolor models {seed}").random() < _MODELS
    series = Series(seed, figures if modelled else ())
    height = random.randint(*_COVER)
    width = round(height * ASPECT)
    # A cover is one drawing, whatever a panel finder makes of it.
    cover, whole = draw_cover(series, width, height), [(0, 0, width, height)]
    found = _colored(cover, whole, 0, random, find)
    for number in range(PAGES):
        height = random.randint(*_PAGE)
        width = round(height * ASPECT)
        roll = random.random()
        screened = _LAID <= roll < _LAID + _SCREENED
        page = draw_page(series, number, width, height, screened)
        boxes = [
            _within(frame, width, height) for frame in page_frames(series, number, width, height)
        ]
        found += _colored(
            page, boxes if by_panels else [(0, 0, width, height)], number + 1, random, find
        )
        ink = _laid(series, page, number, height) if roll < _LAID else page.lineart
        smooth = _smoothed(ink, find)
        if random.random() < _FOUND:
            boxes = find_panels(smooth)
        areas = find_areas(smooth) if find is None else find(ink)
        boxes = boxes if by_panels else [(0, 0, width, height)]
        seen = Inked(page.color, smooth, page.labels)
        found += _see(seen, areas, boxes, number + 1, colored=False)
    return found


def see_pictures(
    pictures: Sequence[tuple[Sequence[UInt8], UInt8]], find: FindAreas | None = None
) -> list[SeenView]:
    """Looks at real pictures of one series, in ink and in colour, whose parts nobody has named.

    Args:
        pictures: line art (H, W), at least one, and colour (H, W, 3) of each, uint8.
        find: as of `draw_series`.

    Returns:
        Views whose labels are -1: areas of one colour are taken for one thing.
    """
    seen = []
    for number, (inks, color) in enumerate(pictures, 1):
        boxes = find_panels(color)
        unknown = np.zeros(color.shape[:2], np.uint16)
        whole = Inked(color, inks[0], unknown)
        # The same picture gives the same dice wherever it comes in the list.
        found = _colored(whole, boxes, number, Random(int(color.sum(dtype=np.int64))), find)
        for ink in inks:
            smooth = _smoothed(ink, find)
            areas = find_areas(smooth) if find is None else find(ink)
            found += _see(Inked(color, smooth, unknown), areas, boxes, number, colored=False)
        seen += [
            dataclasses.replace(
                view, labels=np.full_like(view.labels, -1), shares=np.ones_like(view.shares)
            )
            for view in found
        ]
    return seen


class Inked(NamedTuple):
    """What is looked at of a page: colour (H, W, 3), line art and labels (H, W)."""

    color: UInt8
    lineart: UInt8
    labels: npt.NDArray[np.uint16]


def _within(frame: Frame, width: int, height: int) -> Box:
    x0, y0, x1, y1 = frame.box()
    return max(0, round(x0)), max(0, round(y0)), min(width, round(x1)), min(height, round(y1))


def _smoothed(ink: UInt8, find: FindAreas | None) -> UInt8:
    """A page as `batch` describes its areas: dots that are left part nothing for a network."""
    smooth = smooth_tones(ink)
    return smooth_dots(smooth) if find is None else smooth


def _laid(series: Series, page: DrawnPage, number: int, height: int) -> UInt8:
    """A page's lines with all over them that a mangaka lays."""
    kinds = kinds_of(series.palette.names, series.palette.colors)
    rng = np.random.default_rng((series.seed, number))
    # Tones are as fine as on pages that are larger than these.
    hand = make_hand(rng, height * rng.uniform(1.0, 2.0))
    return lay_manga(page.lines(), page.labels, kinds, rng, hand, words=False).page


def _colored(
    page: DrawnPage | Inked, boxes: list[Box], number: int, random: Random, find: FindAreas | None
) -> list[SeenView]:
    """A page as a reference: by ink, or in the way that is asked for."""
    if find is None or random.random() < _BY_INK:
        areas = find_areas(smooth_tones(to_grey(page.color)))
    else:
        areas = find(page.color)
    return _see(page, areas, boxes, number, colored=True)


def _see(
    page: DrawnPage | Inked, areas: Labels, boxes: list[Box], number: int, *, colored: bool
) -> list[SeenView]:
    height, width = page.lineart.shape
    picture = page.color if colored else page.lineart
    tone = to_grey(picture)
    colors = area_colors(areas, tone, page.color)
    h, w = areas.shape
    rows, columns = np.arange(h) * height // h, np.arange(w) * width // w
    labels, shares = _majority(areas, page.labels[rows[:, None], columns])
    return [
        SeenView(
            view,
            number,
            colored,
            labels[view.numbers],
            shares[view.numbers],
            colors[view.numbers],
        )
        for view in cut_views(picture, areas, boxes, split=not colored)
    ]


def _majority(
    areas: Labels, labels: npt.NDArray[np.uint16]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Which label most of each area has, and how much of it."""
    count, most = int(areas.max()) + 1, int(labels.max()) + 1
    pairs = areas.astype(np.int64).ravel() * most + labels.ravel()
    found, size = np.unique(pairs, return_counts=True)
    area, label = found // most, found % most
    order = np.lexsort((size, area))
    best, share = np.zeros(count, np.int32), np.zeros(count, np.float32)
    # The last one of each area is its largest.
    best[area[order]] = label[order]
    share[area[order]] = size[order]
    total = np.bincount(areas.ravel(), minlength=count)
    return best, (share / np.maximum(total, 1)).astype(np.float32)
