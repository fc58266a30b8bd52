"""Pages as PNG."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

from mangacolor.images.geometry import UInt8

__all__ = ["encode_png"]

# Signature and header: what says of how many dots an inch it is comes right after them.
_HEADER = 33
_INCH = 0.0254
# Higher levels take four times as long for a tenth of the size.
_LEVEL = 1
# The longest side that OpenCV's encoder takes.
_LONGEST = 1_000_000


def encode_png(color: UInt8, dpi: tuple[float, float] | None = None) -> bytes:
    """Encodes a picture.

    Rows are stored without a filter: what is flat, inked or dotted is smaller then than with
    filters chosen row by row, as Pillow does, and nothing is tried (`benchmarks/stages.py`).

    Args:
        color: uint8 (H, W, 3) sRGB.
        dpi: dots an inch across and down; left out where they are not known.

    Raises:
        MemoryError: there is not enough.
    """
    if max(color.shape[:2]) > _LONGEST:
        return _encoded_by_pillow(color, dpi)
    how = [cv2.IMWRITE_PNG_COMPRESSION, _LEVEL, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    try:
        _, found = cv2.imencode(".png", cv2.cvtColor(color, cv2.COLOR_RGB2BGR), how)
    except cv2.error as error:
        raise MemoryError(str(error)) from error
    content = np.asarray(found).tobytes()
    if not content:
        raise MemoryError("The picture cannot be encoded.")
    if not dpi:
        return content
    across, down = (round(dots / _INCH) for dots in dpi)
    chunk = b"pHYs" + struct.pack(">IIB", across, down, 1)
    there = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content[:_HEADER] + there + content[_HEADER:]


def _encoded_by_pillow(color: UInt8, dpi: tuple[float, float] | None) -> bytes:
    target = io.BytesIO()
    known = {"dpi": dpi} if dpi else {}
    Image.fromarray(color).save(target, "PNG", compress_level=_LEVEL, **known)
    return target.getvalue()
