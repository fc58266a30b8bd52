"""Pictures with colour and line art side by side: whether one is that, and which half is which."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.page import read_color

__all__ = ["Side", "color_side", "color_side_of"]

Side = Literal["left", "right"]

# Side to which halves are reduced to be compared, and to look for any colour at all.
_COMPARED, _SMALL = 96, 32
# Largest spread between channels of what has no colour, and what a coloured half has at least, of
# 255.
_GREY, _COLOR = 24, 40
# How well lines of both halves must agree, unless the picture is as such sets are: twice as wide as
# high.
_AGREEMENT = 0.25


def color_side(path: Path) -> Side | None:
    """Which half of a picture's file is in colour, if it is a pair.

    Raises:
        InputError: it cannot be read.
    """
    return color_side_of(read_color(path))


def color_side_of(picture: UInt8) -> Side | None:
    """Which half of a picture is in colour, if the other is line art of the same.

    Args:
        picture: uint8 (H, W, 3) sRGB.
    """
    height, width = picture.shape[:2]
    half = width // 2
    if half < 8 or height < 8:
        return None
    left, right = picture[:, :half], picture[:, half : 2 * half]
    spreads = [_spread(side) for side in (left, right)]
    if min(spreads) >= _GREY or max(spreads) < _COLOR:
        return None
    if width != 2 * height and _agreement(left, right) < _AGREEMENT:
        return None
    return "left" if spreads[0] > spreads[1] else "right"


def _spread(picture: UInt8) -> int:
    """Largest spread between the channels of a reduced picture."""
    small = np.asarray(Image.fromarray(picture).resize((_SMALL, _SMALL)), dtype=np.int16)
    return int((small.max(axis=2) - small.min(axis=2)).max())


def _agreement(left: UInt8, right: UInt8) -> float:
    """Correlation of where two pictures have lines, -1 ... 1."""
    lines = [_lines(side) for side in (left, right)]
    if min(float(line.std()) for line in lines) < 1e-6:
        return 0.0
    return float(np.corrcoef(lines[0].ravel(), lines[1].ravel())[0, 1])


def _lines(picture: UInt8) -> Float32:
    grey = Image.fromarray(picture).convert("L").resize((_COMPARED, _COMPARED))
    values = np.asarray(grey).astype(np.float32)
    steep = np.hypot(ndimage.sobel(values, 0), ndimage.sobel(values, 1))
    return np.asarray(ndimage.gaussian_filter(steep, 1.0), dtype=np.float32)
