"""The picture that a page of a PDF is."""

from __future__ import annotations

import contextlib
import io
import zlib
from typing import Any

import numpy as np
from PIL import Image

from mangacolor.images.jpeg import without_exif
from mangacolor.images.sheets import SheetPicture, only_picture

__all__ = ["looks_like", "suffix_of", "sum_of", "upright"]

# Longer side at which a page and its picture are compared, and the largest mean difference.
_SMALL, _ALIKE = 64, 12.0


def sum_of(document: Any, number: int) -> int:
    """CRC-32 of the JPEG that a page is; 0 if it is none."""
    with contextlib.closing(document[number]) as page:
        shown = only_picture(page)
        if shown is None or not _is_jpeg(shown.picture):
            return 0
        return zlib.crc32(_extracted(shown))


def suffix_of(document: Any, number: int) -> str:
    """What kind of picture a page is given as; that of a broken one is as good as any."""
    try:
        with contextlib.closing(document[number]) as page:
            shown = only_picture(page)
            plain = shown is not None and shown.turn is None and _is_jpeg(shown.picture)
            return ".jpg" if plain else ".png"
    except MemoryError:
        raise
    except Exception:
        return ".png"


def upright(shown: SheetPicture) -> bytes:
    """A page's picture as a file, turned as the page shows it."""
    if shown.turn is None and _is_jpeg(shown.picture):
        return without_exif(_extracted(shown))
    target = io.BytesIO()
    picture = shown.picture.get_bitmap(render=False).to_pil()
    if shown.turn is not None:
        picture = picture.transpose(shown.turn)
    picture.save(target, "PNG", compress_level=1)
    return target.getvalue()


def looks_like(page: Any, content: bytes) -> bool:
    """Whether a page's picture by itself is what the page shows: it is, but for one whose values
    the PDF turns round, or that is cut by something.
    """
    width, height = page.get_size()
    # Notes that readers lay over a page are no part of it.
    drawn = page.render(scale=_SMALL / max(width, height), may_draw_forms=False, draw_annots=False)
    small = drawn.to_pil().convert("L")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            # A JPEG is decoded reduced.
            picture.draft("L", (4 * _SMALL, 4 * _SMALL))
            own = picture.convert("L").resize(small.size, Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError):
        return False
    difference = np.asarray(small, np.float32) - np.asarray(own, np.float32)
    return bool(np.abs(difference).mean() < _ALIKE)


def _is_jpeg(picture: Any) -> bool:
    return bool(picture.get_filters() == ["DCTDecode"])


def _extracted(shown: SheetPicture) -> bytes:
    """The file of a JPEG as it lies in the PDF."""
    return bytes(shown.picture.get_data(decode_simple=False))
