"""What a page looks like, in a few bytes: the same if it is only packed or tagged anew."""

from __future__ import annotations

import base64
import binascii
import zlib

import cv2
import numpy as np

from mangacolor.errors import InputError
from mangacolor.images.decode import opened
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import frames_of, read_color

__all__ = ["is_alike", "looks_of"]

# Longer side of what is kept, in blocks, and least side of a block in pixels: what is lost in
# packing is lost within blocks, and what a person paints is seen in their means.
_SIDE, _BLOCK = 96, 16
# Largest difference of a block's mean, of 255, that rounding makes, and packing with loss;
# and the mean of all such differences.
_EXACT, _LOSSY, _MEAN = 2, 10, 1.5
# Pillow's names of formats without loss.
_LOSSLESS = {"PNG", "TIFF", "BMP", "DIB", "PPM"}


def looks_of(color: UInt8, format_: str) -> str:
    """What a page looks like, for `is_alike`.

    Args:
        color: uint8 (H, W, 3) sRGB.
        format_: Pillow's name of the format in which it is written.
    """
    height, width = color.shape[:2]
    blocks = min(_SIDE, max(1, max(height, width) // _BLOCK))
    h, w = (max(1, round(side * blocks / max(height, width))) for side in (height, width))
    packed = base64.b85encode(zlib.compress(_means(color, h, w).tobytes(), 9)).decode()
    loss = "exact" if format_ in _LOSSLESS else "lossy"
    return f"{loss} {w}x{h} {width}x{height} {packed}"


def is_alike(content: bytes, looks: object) -> bool:
    """Whether a file shows what `looks_of` told of its page; False if that cannot be found out.

    Args:
        content: of the file.
        looks: of each of its pages, with commas between them.
    """
    if not isinstance(looks, str):
        return False
    pages = looks.split(",")
    try:
        frames = frames_of(content)
    except InputError:
        return False
    return len(pages) == len(frames) and all(
        _shows(content, frame, page) for frame, page in zip(frames, pages, strict=True)
    )


def _shows(content: bytes, frame: int, looks: str) -> bool:
    try:
        loss, shape, size, packed = looks.split(" ")
        w, h = (int(side) for side in shape.split("x"))
        if not (0 < w <= _SIDE and 0 < h <= _SIDE):
            return False
        unpack = zlib.decompressobj()
        raw = unpack.decompress(base64.b85decode(packed), 3 * w * h + 1)
        before = np.frombuffer(raw, np.uint8).reshape(h, w, 3)
        color = read_color(content, frame=frame)
        with opened(content, "the picture") as picture:
            exact = loss == "exact" and picture.format in _LOSSLESS
    except (InputError, ValueError, zlib.error, binascii.Error):
        return False
    if size != f"{color.shape[1]}x{color.shape[0]}":
        return False
    difference = np.abs(_means(color, h, w).astype(np.int16) - before)
    most = _EXACT if exact else _LOSSY
    return bool(difference.max() <= most and difference.mean() <= _MEAN)


def _means(color: UInt8, h: int, w: int) -> UInt8:
    return np.asarray(cv2.resize(color, (w, h), interpolation=cv2.INTER_AREA), np.uint8)
