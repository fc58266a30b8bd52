"""Invented series as the job shows them: a cover with the whole cast, and pages in their panels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mangacolor.comic.chapter import ASPECT
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.frames import Frame
from mangacolor.comic.page import Page, draw_page, page_frames
from mangacolor.comic.series import Series
from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import UInt8, to_grey
from mangacolor.images.panels import Box, find_panels
from mangacolor.images.tones import smooth_tones
from mangacolor.images.views import View, cut_views

__all__ = ["SeenView", "draw_series", "see_pictures"]

# Heights of covers and pages, least and most: pixels.
_COVER, _PAGE = (800, 1200), (900, 1300)
PAGES = 2
# Shares of the pages in ink that have screentone, and whose panels are those that are found, so
# that what is seen has the faults that it will have.
_SCREENED, _FOUND = 0.6, 0.5


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


def draw_series(seed: int, *, by_panels: bool = True) -> list[SeenView]:
    """Draws a series: its cover and a page in colour, and another page in ink.

    Args:
        seed: of all randomness.
        by_panels: look at pages panel by panel, or at each as a whole.
    """
    random = Random(f"mangacolor areas {seed}")
    series = Series(seed)
    height = random.randint(*_COVER)
    cover = draw_cover(series, round(height * ASPECT), height)
    # A cover is one drawing, whatever a panel finder makes of it.
    seen = _see(cover, [(0, 0, round(height * ASPECT), height)], 0, colored=True)
    for number in range(PAGES):
        height = random.randint(*_PAGE)
        width = round(height * ASPECT)
        colored = number > 0
        page = draw_page(series, number, width, height, not colored and random.random() < _SCREENED)
        boxes = [
            _within(frame, width, height) for frame in page_frames(series, number, width, height)
        ]
        if not colored:
            page = page._replace(lineart=smooth_dots(smooth_tones(page.lineart)))
            boxes = find_panels(page.lineart) if random.random() < _FOUND else boxes
        boxes = boxes if by_panels else [(0, 0, width, height)]
        seen += _see(page, boxes, number + 1, colored=colored)
    return seen


def see_pictures(pictures: Sequence[tuple[Sequence[UInt8], UInt8]]) -> list[SeenView]:
    """Looks at real pictures of one series, in ink and in colour, whose parts nobody has named.

    Args:
        pictures: line art (H, W), at least one, and colour (H, W, 3) of each, uint8.

    Returns:
        Views whose labels are -1: areas of one colour are taken for one thing.
    """
    seen = []
    for number, (inks, color) in enumerate(pictures, 1):
        boxes = find_panels(color)
        unknown = np.zeros(color.shape[:2], np.uint16)
        found = _see(Seen(color, inks[0], unknown), boxes, number, colored=True)
        for ink in inks:
            page = Seen(color, smooth_dots(smooth_tones(ink)), unknown)
            found += _see(page, boxes, number, colored=False)
        seen += [
            dataclasses.replace(
                view, labels=np.full_like(view.labels, -1), shares=np.ones_like(view.shares)
            )
            for view in found
        ]
    return seen


class Seen(NamedTuple):
    """What is looked at of a page: colour (H, W, 3), line art and labels (H, W)."""

    color: UInt8
    lineart: UInt8
    labels: npt.NDArray[np.uint16]


def _within(frame: Frame, width: int, height: int) -> Box:
    x0, y0, x1, y1 = frame.box()
    return max(0, round(x0)), max(0, round(y0)), min(width, round(x1)), min(height, round(y1))


def _see(page: Page | Seen, boxes: list[Box], number: int, *, colored: bool) -> list[SeenView]:
    height, width = page.lineart.shape
    picture = page.color if colored else page.lineart
    tone = to_grey(picture)
    areas = find_areas(tone)
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
    areas: npt.NDArray[np.int32], labels: npt.NDArray[np.uint16]
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
