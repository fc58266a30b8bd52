"""The colours that a page has of its own, laid over what was coloured."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.geometry import UInt8, resize

__all__ = ["keep_own"]

# Rows that are blended at once: a page of 100 megapixels needs no floats of its size.
_ROWS = 512


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
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        if not shares[rows].any():
            continue
        share = shares[rows, :, None].astype(np.float32) / 255
        mixed = colored[rows] * (1 - share) + own[rows] * share
        colored[rows] = np.rint(mixed).astype(np.uint8)
    return colored
