"""Strips: pictures so long that "the longer side" says nothing of how large their drawing is."""

from __future__ import annotations

import itertools
import math

from mangacolor.images.geometry import UInt8, fit_size

__all__ = ["STRIP", "cut_evenly", "working_size"]

# What is longer than so many of its widths is a strip; the larger ratios of pages end before.
STRIP = 2.5
# Most pixels of a strip at its working size, in squares of the longer side asked for.
_LARGEST = 4.0
# Length of the pieces that a strip is judged in, in its widths.
_PIECE = 1.4


def working_size(h: int, w: int, size: int) -> tuple[int, int]:
    """Height and width at which a picture is coloured, scored or looked at.

    The longer side becomes `size`; of a strip, upright or lying, the shorter side becomes
    size / 2.5, as long as the area stays below four times size * size.

    Args:
        h, w: of the picture, at least 1.
        size: longer side asked for.
    """
    long, short = max(h, w), min(h, w)
    aspect = long / short
    if aspect > STRIP:
        wanted = size / STRIP * aspect
        size = max(size, round(min(wanted, size * math.sqrt(_LARGEST * aspect))))
    return fit_size(h, w, size)


def cut_evenly(picture: UInt8) -> list[UInt8]:
    """A strip in pieces of a page's proportions, each a view; a picture that is none, whole.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
    """
    h, w = picture.shape[:2]
    long, short = max(h, w), max(1, min(h, w))
    if long <= STRIP * short:
        return [picture]
    # A line of one pixel's width is no drawing that pieces would do better by.
    count = min(max(2, round(long / (_PIECE * short))), 64)
    cuts = [round(i * long / count) for i in range(count + 1)]
    spans = [slice(a, b) for a, b in itertools.pairwise(cuts)]
    return [picture[span] if h >= w else picture[:, span] for span in spans]
