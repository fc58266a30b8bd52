"""The colours that a page has of its own, laid over what was coloured."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.geometry import UInt8, resize

__all__ = ["keep_own"]

# Rows that are blended at once: a page of 100 megapixels needs no floats of its size.
_ROWS = 512
# A place reaches so far beyond its colours, in its own pixels; what lies deeper is wholly kept, be
# it grey or white.
_RIM = 4
# Spread of the channels of a pixel that has colour, and how far beyond it the page stays as it was,
# in pixels of the place.
_COLORED, _NEAR = 12, 0.5


def keep_own(colored: UInt8, own: UInt8, places: UInt8) -> UInt8:
    """Puts a page's own colours back where it has some, with soft edges.

    Args:
        colored: uint8 (H, W, 3), the coloured page; it is changed and given back.
        own: uint8 (H, W, 3), the page as it was.
        places: uint8 (h, w), reduced; 255 where its colours are kept.
    """
    height, width = own.shape[:2]
    # A little more than was found: its edges were blurred away.
    shares = resize(np.asarray(cv2.dilate(places, np.ones((3, 3), np.uint8))), height, width)
    square = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    deep = resize(np.asarray(cv2.erode(places, square)), height, width)
    near = max(1, round(_NEAR * height / places.shape[0]))
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        if not shares[rows].any():
            continue
        before = min(top, 2 * near)
        colors = _near_color(own[top - before : top + _ROWS + 2 * near], near)[before:]
        kept = np.maximum(deep[rows], np.minimum(shares[rows], colors[: len(shares[rows])]))
        share = kept[..., None].astype(np.float32) / 255
        mixed = colored[rows] * (1 - share) + own[rows] * share
        colored[rows] = np.rint(mixed).astype(np.uint8)
    return colored


def _near_color(own: UInt8, near: int) -> UInt8:
    """How near pixels are to some that have colour: uint8 (H, W), 255 there, 0 away from it."""
    spread = cv2.subtract(own.max(axis=2), own.min(axis=2))
    colors = np.where(spread > _COLORED, 255, 0).astype(np.uint8)
    side = 2 * near + 1
    grown = cv2.dilate(colors, np.ones((side, side), np.uint8))
    # Softer, and whole where there is colour.
    return np.asarray(cv2.max(cv2.blur(grown, (side, side)), colors), np.uint8)
