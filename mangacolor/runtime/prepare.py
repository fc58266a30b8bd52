"""What the networks are given: a page as line art, references as one tensor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mangacolor.images.geometry import (
    Float32,
    UInt8,
    pad_to_multiple,
    pad_to_size,
    resize,
    round_up,
    to_signed,
)
from mangacolor.images.strips import working_size

__all__ = ["BUCKET", "Lineart", "to_lineart", "to_references"]

# Line art has sides of multiples of this: fewer shapes to set a GPU up for.
BUCKET = 32


class Lineart(NamedTuple):
    """A page as a painter sees it.

    Attributes:
        signed: float32 (1, h, w), -1 ink ... +1 paper, fitted and padded white.
        fitted: height and width of the page within `signed`.
    """

    signed: Float32
    fitted: tuple[int, int]


def to_lineart(shaded: UInt8, size: int, multiple: int, minimum: int) -> Lineart:
    """Fits a page to a painter.

    Args:
        shaded: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed: reduced, dots would be a
            pattern that is on no page.
        size: longer side at which it is coloured, see `working_size`.
        multiple: of the sides that the network takes.
        minimum: least side that it takes.
    """
    fitted = working_size(shaded.shape[0], shaded.shape[1], size)
    padded = pad_to_multiple(resize(shaded, *fitted), math.lcm(multiple, BUCKET), minimum)
    return Lineart(to_signed(padded)[None], fitted)


def to_references(pictures: Sequence[UInt8], size: int, multiple: int) -> Float32:
    """References as one tensor: each fitted, then padded white to one shape.

    Args:
        pictures: uint8 (H, W, 3) sRGB each, at least one.
        size: longer side at which they are looked at, see `working_size`.
        multiple: of the sides that the network takes.

    Returns:
        float32 (1, r, 3, h, w) in [-1, 1].
    """
    fitted = []
    for picture in pictures:
        sides = working_size(picture.shape[0], picture.shape[1], size)
        fitted.append(resize(picture, *(round_up(side, multiple) for side in sides)))
    h = max(picture.shape[0] for picture in fitted)
    w = max(picture.shape[1] for picture in fitted)
    padded = np.stack([pad_to_size(picture, h, w) for picture in fitted])
    return np.ascontiguousarray(to_signed(padded).transpose(0, 3, 1, 2)[None])
