"""Pictures whose names do not say so: known by how their files begin."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HEAD", "is_picture_content", "looks_like_picture"]

# So many bytes of a file are enough to know it.
HEAD = 32

_STARTS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    # JPEG 2000, as a file and as a bare stream, and JPEG XL, as a file.
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\xff\x4f\xff\x51",
    b"\0\0\0\x0cJXL \r\n\x87\n",
)
_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"}
# Lengths of a BMP's second header: its mark alone begins many a text.
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


def is_picture_content(head: bytes) -> bool:
    """Whether a file's first `HEAD` bytes are a picture's, be it one that is not read here."""
    return (
        head.startswith(_STARTS)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in _BRANDS)
        or (head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS)
    )


def looks_like_picture(path: Path) -> bool:
    """The same of a file; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return is_picture_content(file.read(HEAD))
    except OSError:
        return False
