"""Dots of screentone in places too small, or shades too soft, for a period to be found.

What the network is to see and areas are to be found on need not be exact, but must be flat: a
skirt of dots is neither a shade nor an area. `smooth_tones` looks for a screen's period and keeps
what it is not sure of, for what it gives may be printed; here many small marks beside each other
are enough.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8
from mangacolor.images.pieces import Bool, close_dark, cut_fields, grow, mean_within

__all__ = ["smooth_dots"]

# Pixels of a dot, least and most, for a page of the height below; a larger page has larger ones.
_LEAST, _MOST, _HEIGHT = 1, 40, 1400
# A dot is about as wide as high, and fills its box better than a letter.
_ASPECT, _EXTENT = 2.2, 0.45
# So many dots lie within so many pixels of each.
_NEIGHBOURS, _REACH = 6, 12


def smooth_dots(page: UInt8) -> UInt8:
    """Replaces fields of dots by their local mean; lines stay.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.

    Returns:
        uint8 (H, W); the page itself if it has no dots.
    """
    scale = max(1.0, max(page.shape) / _HEIGHT)
    result = page
    for turned in (False, True):
        # White dots on black are a screen, too.
        ink = result >= 128 if turned else result < 128
        found = _find_dots(ink, scale)
        if found is not None:
            result = _smooth(result, ink, found, scale)
    return result


class _Dots(NamedTuple):
    """The number of the piece that each pixel is in, which of them are dots, and their middles."""

    labels: npt.NDArray[np.int32]
    are_dots: Bool
    middles: npt.NDArray[np.int_]


def _find_dots(ink: Bool, scale: float) -> _Dots | None:
    """The dots of a page; None if there are none."""
    count, labels, facts, middles = cv2.connectedComponentsWithStats(
        ink.view(np.uint8), connectivity=4
    )
    width, height, size = (
        facts[:, column].astype(np.float64)
        for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    small = (size >= _LEAST) & (size <= _MOST * scale**2)
    small &= np.maximum(width, height) <= _ASPECT * np.minimum(width, height)
    small &= size >= _EXTENT * width * height
    small[0] = False
    if small.sum() <= _NEIGHBOURS:
        return None
    at = np.rint(middles[small]).astype(int)
    crowded = _around(at, ink.shape, scale) > _NEIGHBOURS
    if not crowded.any():
        return None
    dots = np.zeros(count, np.bool_)
    dots[np.flatnonzero(small)] = crowded
    return _Dots(np.asarray(labels, np.int32), dots, at[crowded])


def _around(at: npt.NDArray[np.int_], shape: tuple[int, ...], scale: float) -> npt.NDArray[Any]:
    """How many there are around each: their middles, (n, 2), summed up in a square."""
    points = np.zeros(shape, np.uint8)
    points[at[:, 1], at[:, 0]] = 1
    reach = round(_REACH * scale)
    around = cv2.copyMakeBorder(points, reach, reach, reach, reach, cv2.BORDER_REFLECT_101)
    summed = cv2.integral(around)
    x, y = at.T
    side = 2 * reach + 1
    return summed[y + side, x + side] - summed[y, x + side] - summed[y + side, x] + summed[y, x]


def _smooth(page: UInt8, ink: Bool, found: _Dots, scale: float) -> UInt8:
    """The local mean where dots are near, without what is line."""
    reach, sigma = 2 * round(4 * scale) + 1, 3.5 * scale
    margin, step = reach + round(4 * sigma), max(16, reach)
    # Squares with dots and those beside them, between which gaps are closed.
    squares = np.zeros([-(-side // step) for side in page.shape], np.bool_)
    squares[found.middles[:, 1] // step, found.middles[:, 0] // step] = True
    result = page.copy()
    for place, there in cut_fields(grow(squares, 1), step, page.shape, margin):
        dots = np.take(found.are_dots, found.labels[place])
        field = _closed(dots & there, reach) & (dots | ~ink[place])
        np.copyto(result[place], mean_within(page[place], field, sigma), where=field)
    return result


def _closed(mask: Bool, side: int) -> Bool:
    """A mask and its gaps that are narrower than a square of that side."""
    return close_dark(mask.view(np.uint8), side).view(np.bool_)
