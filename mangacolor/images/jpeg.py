"""What a JPEG file says beside its pixels."""

from __future__ import annotations

__all__ = ["without_exif"]

# Segments that begin so hold what a camera knew, and how the picture was turned.
_EXIF = b"Exif\0\0"
_APP1, _START_OF_SCAN = 0xE1, 0xDA


def without_exif(content: bytes) -> bytes:
    """The same JPEG without EXIF data, which a PDF does not heed; what is broken stays as it is."""
    kept, at = [content[:2]], 2
    found = False
    while at + 4 <= len(content) and content[at] == 0xFF:
        kind = content[at + 1]
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if kind == _START_OF_SCAN or end > len(content) or end < at + 4:
            break
        if kind == _APP1 and content[at + 4 : at + 10] == _EXIF:
            found = True
        else:
            kept.append(content[at:end])
        at = end
    return b"".join([*kept, content[at:]]) if found else content
