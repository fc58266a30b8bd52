"""Layers in a PSD file, which Photoshop and Clip Studio Paint open.

Source: Adobe Photoshop File Formats Specification, version 1 files, 8 bits a channel, PackBits.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from mangacolor.errors import InputError
from mangacolor.images.geometry import UInt8
from mangacolor.images.layers import Blend, Layer

__all__ = ["BLENDS", "encode_photoshop"]

BLENDS: dict[Blend, bytes] = {"normal": b"norm", "multiply": b"mul ", "screen": b"scrn"}
# Longest side of a file of version 1.
_MOST = 30_000
_RGB, _RESOLUTION = 3, 1005
_PACKBITS = struct.pack(">H", 1)
# Of tags in a TIFF, where a row is one strip.
_ROWS, _PLACES, _LENGTHS = 278, 273, 279

# A channel packed: the length of each row, and the rows.
_Packed = tuple[bytes, bytes]


def encode_photoshop(
    layers: Sequence[Layer], merged: UInt8, dpi: tuple[float, float] | None = None
) -> bytes:
    """Encodes layers as a PSD file.

    Args:
        layers: from the bottom, all of one size; names of ASCII letters.
        merged: uint8 (H, W, 3) sRGB, what they are together, for programs that know no layers.
        dpi: horizontal and vertical resolution, if it is known.

    Raises:
        InputError: it has more pixels a side than a PSD can have.
    """
    height, width = merged.shape[:2]
    if max(height, width) > _MOST:
        raise InputError(
            f"A page of {width}x{height} pixels cannot be a PSD: at most {_MOST:,} a side are.",
            "Take --layers ora.",
        )
    records, channels = b"", b""
    for layer in layers:
        # Transparency first, as Photoshop writes it.
        packed = dict(zip((-1, 0, 1, 2), _planes(layer.picture), strict=True))
        contents = [_PACKBITS + lengths + rows for lengths, rows in packed.values()]
        sizes = [len(content) for content in contents]
        records += _record(layer, dict(zip(packed, sizes, strict=True)))
        channels += b"".join(contents)
    body = struct.pack(">h", len(layers)) + records + channels
    body += bytes(-len(body) % 4)
    # No mask that is global to all layers.
    section = _sized(body) + _sized(b"")
    _, *planes = _planes(merged)
    return b"".join(
        [
            struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, height, width, 8, _RGB),
            # No palette.
            _sized(b""),
            _sized(_resolution(dpi) if dpi else b""),
            _sized(section),
            _PACKBITS,
            *(lengths for lengths, _ in planes),
            *(rows for _, rows in planes),
        ]
    )


def _record(layer: Layer, sizes: dict[int, int]) -> bytes:
    """What is said of a layer, and how many bytes each of its channels has."""
    height, width = layer.picture.shape[:2]
    name = layer.name.encode("ascii")
    name = bytes([len(name)]) + name
    # Neither mask nor ranges of blending.
    extra = _sized(b"") + _sized(b"") + name + bytes(-len(name) % 4)
    return b"".join(
        [
            struct.pack(">4iH", 0, 0, height, width, len(sizes)),
            *(struct.pack(">hI", channel, size) for channel, size in sizes.items()),
            # Opaque, not clipped, visible.
            struct.pack(">4s4sBBBx", b"8BIM", BLENDS[layer.blend], 255, 0, 8),
            _sized(extra),
        ]
    )


def _resolution(dpi: tuple[float, float]) -> bytes:
    """The resource that holds pixels an inch, as numbers with 16 bits after the point."""
    across, down = (min(max(round(x * 65536), 1), 2**32 - 1) for x in dpi)
    facts = struct.pack(">IHHIHH", across, 1, 1, down, 1, 1)
    return struct.pack(">4sHH", b"8BIM", _RESOLUTION, 0) + _sized(facts)


def _sized(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _planes(picture: UInt8) -> list[_Packed]:
    """Alpha, red, green and blue, packed; of those that are alike one."""
    *colors, alpha = cv2.split(picture) if picture.shape[2] == 4 else (*cv2.split(picture), None)
    first = np.full(picture.shape[:2], 255, np.uint8) if alpha is None else alpha
    known: list[tuple[UInt8, _Packed]] = []
    for plane in (first, *colors):
        plane = np.asarray(plane, np.uint8)
        same = next((packed for other, packed in known if np.array_equal(other, plane)), None)
        known.append((plane, same or _packed(plane)))
    return [packed for _, packed in known]


def _packed(plane: UInt8) -> _Packed:
    """A channel by libtiff, whose PackBits are those of PSD: a strip a row."""
    buffer = io.BytesIO()
    Image.fromarray(plane).save(buffer, "TIFF", compression="packbits", tiffinfo={_ROWS: 1})
    content = buffer.getvalue()
    with Image.open(buffer) as picture:
        tags = picture.tag_v2  # type: ignore[attr-defined]
        places, lengths = tags[_PLACES], tags[_LENGTHS]
    rows = b"".join(content[at : at + n] for at, n in zip(places, lengths, strict=True))
    return struct.pack(f">{len(lengths)}H", *lengths), rows
