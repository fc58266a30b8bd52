"""Values that Pillow gives as they stand in the file come out as the page, or are refused."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.errors import InputError
from mangacolor.images.page import read_color, read_page

RAMP = np.linspace(0, 255, 64, dtype=np.uint8)[None].repeat(40, 0)
DEEP = RAMP.astype(np.uint16) * 257


def tiff(data: bytes, bits: int, photometric: int, **more: int) -> bytes:
    """A TIFF of one strip, or of one a plane; little-endian."""
    h, w = RAMP.shape
    samples, planes, kind = (more.get(name, 1) for name in ("samples", "planes", "kind"))
    strips = samples if planes == 2 else 1
    size = len(data) // strips
    at = 8 + len(data) + len(data) % 2
    tail = at + 2 + 12 * 11 + 4
    extra = b""

    def values(code: str, numbers: list[int]) -> bytes:
        nonlocal extra
        raw = struct.pack(f"<{len(numbers)}{code}", *numbers)
        head = struct.pack("<HI", {"H": 3, "I": 4}[code], len(numbers))
        if len(raw) <= 4:
            return head + raw.ljust(4, b"\0")
        extra += raw
        return head + struct.pack("<I", tail + len(extra) - len(raw))

    tags = {
        256: values("H", [w]),
        257: values("H", [h]),
        258: values("H", [bits] * samples),
        259: values("H", [1]),
        262: values("H", [photometric]),
        273: values("I", [8 + i * size for i in range(strips)]),
        277: values("H", [samples]),
        278: values("H", [h]),
        279: values("I", [size] * strips),
        284: values("H", [planes]),
        339: values("H", [kind] * samples),
    }
    body = b"".join(struct.pack("<H", tag) + value for tag, value in tags.items())
    head = struct.pack("<2sHI", b"II", 42, at)
    return head + data.ljust(at - 8, b"\0") + struct.pack("<H", 11) + body + b"\0" * 4 + extra


def packed_12() -> bytes:
    values = RAMP.astype(int) * 4095 // 255
    pairs = values.reshape(-1, 2)
    return b"".join(bytes((a >> 4, (a & 15) << 4 | b >> 8, b & 255)) for a, b in pairs)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def transparent_png() -> bytes:
    """16-bit grey whose paper is value 0, which is transparent; ink begins at 1."""
    h, w = RAMP.shape
    values = np.where(RAMP < 255, np.maximum(DEEP, 1), 0).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 16, 0, 0, 0, 0)),
            chunk(b"tRNS", b"\0\0"),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


def right() -> dict[str, bytes]:
    wide = RAMP.astype("<u4") * 16843009
    return {
        "8 bits, white is zero": tiff((255 - RAMP).tobytes(), 8, 0),
        "16 bits": tiff(DEEP.tobytes(), 16, 1),
        "16 bits, white is zero": tiff((65535 - DEEP).tobytes(), 16, 0),
        "12 bits": tiff(packed_12(), 12, 1),
        "32 bits": tiff(wide.tobytes(), 32, 1),
        "16 bits in 32": tiff(DEEP.astype("<u4").tobytes(), 32, 1),
        "float": tiff((RAMP / 255).astype("<f4").tobytes(), 32, 1, kind=3),
        "float, white is zero": tiff((1 - RAMP / 255).astype("<f4").tobytes(), 32, 0, kind=3),
        "8 bits in planes": tiff(RAMP.tobytes() * 3, 8, 2, samples=3, planes=2),
        "16 bits, paper transparent": transparent_png(),
    }


@pytest.mark.parametrize("case", right())
def test_deep_values_are_turned_and_scaled(case: str) -> None:
    for grey in (read_page(right()[case], case).grey, read_color(right()[case], case)[..., 1]):
        assert np.abs(grey.astype(int) - RAMP).max() <= 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (tiff(DEEP.tobytes() * 3, 16, 2, samples=3, planes=2), "separate planes"),
        (tiff((DEEP.astype(int) - 32768).astype("<i2").tobytes(), 16, 1, kind=2), "with a sign"),
        (tiff((RAMP.astype(int) - 128).astype(np.int8).tobytes(), 8, 1, kind=2), "with a sign"),
    ],
)
def test_what_pillow_gets_wrong_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_page(content, "x.tif")
    assert "PNG" in caught.value.hint


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_deep_pages_are_turned_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    target = io.BytesIO()
    options: dict[str, Any] = {"exif": exif}
    Image.fromarray(DEEP).save(target, "PNG", **options)
    expected = RAMP.shape if orientation == 3 else RAMP.shape[::-1]
    assert read_page(target.getvalue(), "x").grey.shape == expected
