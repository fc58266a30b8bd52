"""Sizes, padding and the change between stored and signed pictures."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

__all__ = [
    "RGB",
    "Float32",
    "Point",
    "UInt8",
    "crop",
    "fit_area",
    "fit_seen",
    "fit_size",
    "pad_to_multiple",
    "pad_to_size",
    "reduce",
    "resize",
    "round_up",
    "to_grey",
    "to_signed",
    "to_uint8",
]

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
# A colour, and a place: across and down.
RGB = tuple[int, int, int]
Point = tuple[float, float]

WHITE = 255
# A picture with fewer pixels than this share of those that it may have is enlarged, at most so many
# times along its sides; thumbnails, with fewer than the first share, do not gain by it.
_TINY, _FEW, _ENLARGED = 0.13, 0.5, 2.0


def fit_size(h: int, w: int, longer_side: int) -> tuple[int, int]:
    """Height and width of a picture scaled, up or down, so that its longer side is as asked.

    Args:
        h, w: size in pixels, at least 1.
        longer_side: in pixels, at least 1.

    Returns:
        (height, width), each at least 1; the aspect is kept to within half a pixel.
    """
    scale = longer_side / max(h, w)
    return max(1, round(h * scale)), max(1, round(w * scale))


def fit_area(h: int, w: int, pixels: int) -> tuple[int, int]:
    """Height and width of a picture scaled down to about so many pixels; a small one stays.

    Args:
        h, w: size in pixels, at least 1.
        pixels: at least 1.

    Returns:
        (height, width), each at least 1 and at most what it was.
    """
    scale = min(1.0, (pixels / (h * w)) ** 0.5)
    return max(1, round(h * scale)), max(1, round(w * scale))


def fit_seen(h: int, w: int, pixels: int, multiple: int = 1) -> tuple[int, int]:
    """Height and width at which a picture is looked at: about so many pixels at most.

    One that has much fewer, but is no thumbnail, is enlarged: its lines are thinner than those that
    networks learned from.

    Args:
        h, w: size in pixels, at least 1.
        pixels: at least 1.
        multiple: of which sides are to be; what one that is made smaller is padded with counts.

    Returns:
        (height, width), each at least 1 and at most twice what it was.
    """
    scale = min(_ENLARGED, (_FEW * pixels / (h * w)) ** 0.5)
    if scale > 1 and h * w >= _TINY * pixels:
        return round(h * scale), round(w * scale)
    size = fit_area(h, w, pixels)
    while size != (h, w):
        padded = [round_up(side, multiple) for side in size]
        if padded[0] * padded[1] <= max(pixels, multiple**2):
            break
        scale = max((much - multiple) / side for much, side in zip(padded, (h, w), strict=True))
        size = max(1, round(h * scale)), max(1, round(w * scale))
    return size


def round_up(length: int, multiple: int) -> int:
    """The smallest multiple of `multiple` that is not below `length`."""
    return -(-length // multiple) * multiple


def resize(picture: UInt8, h: int, w: int) -> UInt8:
    """Scales a picture, averaging over what each new pixel covers when it gets smaller.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        h, w: the new size, at least 1.

    Returns:
        uint8 (h, w) or (h, w, 3); the picture itself if it has that size already.
    """
    if picture.shape[:2] == (h, w):
        return picture
    scaled = Image.fromarray(picture).resize((w, h), Image.Resampling.BICUBIC)
    return np.asarray(scaled)


def reduce(picture: UInt8, h: int, w: int) -> UInt8:
    """Makes a picture smaller by plain means, a tenth of the work of `resize` and less sharp.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        h, w: the new size, at least 1; what is to be larger is scaled by `resize`.

    Returns:
        uint8 (h, w) or (h, w, 3); the picture itself if it has that size already.
    """
    if h > picture.shape[0] or w > picture.shape[1]:
        return resize(picture, h, w)
    if picture.shape[:2] == (h, w):
        return picture
    return np.asarray(cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA), np.uint8)


def pad_to_size(picture: UInt8, h: int, w: int, fill: int = WHITE) -> UInt8:
    """Adds `fill` (white paper) below and to the right until the picture is (h, w).

    Args:
        picture: uint8 (H, W) or (H, W, 3), not larger than (h, w).

    Returns:
        uint8 (h, w) or (h, w, 3).
    """
    below, right = h - picture.shape[0], w - picture.shape[1]
    if not below and not right:
        return picture
    edges = [(0, below), (0, right), (0, 0)][: picture.ndim]
    return np.pad(picture, edges, constant_values=fill)


def pad_to_multiple(picture: UInt8, multiple: int, minimum: int = 1, fill: int = WHITE) -> UInt8:
    """Adds white below and to the right until both sides are multiples of `multiple`.

    Args:
        picture: uint8 (H, W) or (H, W, 3).
        multiple: at least 1.
        minimum: smallest side of the result before it is rounded up.

    Returns:
        uint8 (h, w) or (h, w, 3); `crop` with the old size takes it back.
    """
    h, w = (round_up(max(side, minimum), multiple) for side in picture.shape[:2])
    return pad_to_size(picture, h, w, fill)


def crop(picture: npt.NDArray[Any], h: int, w: int) -> npt.NDArray[Any]:
    """The top left (h, w) of a (H, W, ...) picture: what `pad_to_multiple` was given."""
    return picture[:h, :w]


def to_grey(picture: UInt8) -> UInt8:
    """uint8 (H, W, 3) sRGB to its Rec. 601 luma, uint8 (H, W); what is grey already stays."""
    return picture if picture.ndim == 2 else np.asarray(Image.fromarray(picture).convert("L"))


def to_signed(picture: UInt8) -> Float32:
    """uint8 0 ... 255 of any shape to float32 -1 ... +1 of the same shape."""
    signed = picture.astype(np.float32)
    signed *= np.float32(1 / 127.5)
    signed -= np.float32(1)
    return signed


def to_uint8(picture: Float32) -> UInt8:
    """float32 -1 ... +1 of any shape to uint8 0 ... 255, rounded, what lies outside clipped."""
    scaled = (picture + np.float32(1)) * np.float32(127.5)
    return np.clip(np.rint(scaled), 0, WHITE).astype(np.uint8)
