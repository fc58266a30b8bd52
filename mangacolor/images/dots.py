"""Dots of screentone in places too small, or shades too soft, for a period to be found.

What the network is to see and areas are to be found on need not be exact, but must be flat: a
skirt of dots is neither a shade nor an area. `smooth_tones` looks for a screen's period and keeps
what it is not sure of, for what it gives may be printed; here many small marks beside each other
are enough.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8

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
        ink = (result >= 128 if turned else result < 128).astype(np.uint8)
        dots = _find_dots(ink, scale)
        if dots.any():
            result = _smooth(result, dots, ink.astype(np.bool_) & ~dots, scale)
    return result


def _find_dots(ink: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.bool_]:
    count, labels, facts, middles = cv2.connectedComponentsWithStats(ink, connectivity=4)
    width, height, size = (
        facts[:, column].astype(np.float64)
        for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    small = (size >= _LEAST) & (size <= _MOST * scale**2)
    small &= np.maximum(width, height) <= _ASPECT * np.minimum(width, height)
    small &= size >= _EXTENT * width * height
    small[0] = False
    if small.sum() <= _NEIGHBOURS:
        return np.zeros(ink.shape, np.bool_)
    # How many there are around each: their middles, summed up in a square.
    at = np.rint(middles[small]).astype(int)
    points = np.zeros(ink.shape, np.float32)
    np.add.at(points, (at[:, 1], at[:, 0]), 1)
    side = 2 * round(_REACH * scale) + 1
    around = cv2.boxFilter(points, -1, (side, side), normalize=False)
    crowded = np.zeros(count, np.bool_)
    crowded[np.flatnonzero(small)] = around[at[:, 1], at[:, 0]] > _NEIGHBOURS
    found: npt.NDArray[np.bool_] = crowded[labels]
    return found


def _smooth(
    page: UInt8, dots: npt.NDArray[np.bool_], lines: npt.NDArray[np.bool_], scale: float
) -> UInt8:
    """The local mean where dots are near, without what is line."""
    reach = 2 * round(4 * scale) + 1
    square = np.ones((reach, reach), np.uint8)
    field = cv2.morphologyEx(dots.astype(np.uint8), cv2.MORPH_CLOSE, square) > 0
    field &= ~lines
    weight = field.astype(np.float32)
    sigma = 3.5 * scale
    total = cv2.GaussianBlur(weight, (0, 0), sigma)
    mean = cv2.GaussianBlur(page * weight, (0, 0), sigma) / np.maximum(total, 1e-3)
    return np.where(field, np.clip(np.rint(mean), 0, 255), page).astype(np.uint8)
