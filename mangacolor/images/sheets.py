"""Pages of PDFium's documents: the picture that a page is, and another picture in its place."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from typing import Any

from PIL import Image

__all__ = [
    "POINTS",
    "SheetPicture",
    "clear",
    "only_picture",
    "place",
    "resolution_of",
    "visible_box",
]

# A page's picture covers at least this share of the page, else it is part of something.
_WHOLE = 0.95
# Of text that is there to be found and not to be seen, over scanned pages.
_INVISIBLE = 3
# Of an inch.
POINTS = 72.0
# Paper is laid below scans by some programs.
_PAPER = 250
# Forms within forms that are looked into.
_DEPTH = 8
# A picture is said to lie askew if it leans by more than this share.
_LEAN = 0.005

# How a picture is turned that lies so: where its right and its upper side point to.
_TURNS: dict[tuple[int, int, int, int], Image.Transpose | None] = {
    (1, 0, 0, 1): None,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, 1, -1, 0): Image.Transpose.ROTATE_90,
    (0, -1, 1, 0): Image.Transpose.ROTATE_270,
    (0, -1, -1, 0): Image.Transpose.TRANSPOSE,
    (0, 1, 1, 0): Image.Transpose.TRANSVERSE,
}


@dataclasses.dataclass(frozen=True)
class SheetPicture:
    """The picture that a page is.

    Attributes:
        picture: PDFium's.
        turn: how it is turned or mirrored on the page, if it is.
    """

    picture: Any
    turn: Image.Transpose | None


@dataclasses.dataclass(frozen=True)
class _Thing:
    """Something on a page, and its matrix up to the page."""

    thing: Any
    matrix: tuple[float, ...]


def only_picture(page: Any) -> SheetPicture | None:
    """The picture that a page is, without anything else to be seen; None if it is more, or less.

    Text that is not to be seen, forms around the picture, and white paper below it count for
    nothing.
    """
    import pypdfium2.raw as raw

    pictures = []
    for item in _things(page):
        if item.thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(item)
        elif not _is_nothing(item.thing):
            return None
    if len(pictures) != 1 or raw.FPDFPageObj_HasTransparency(pictures[0].thing):
        return None
    a, b, c, d, e, f = pictures[0].matrix
    left, bottom, right, top = visible_box(page)
    width, height = right - left, top - bottom
    if min(width, height) <= 0:
        return None
    # Where its corners lie, as shares of the page.
    across = sorted((min(0, a) + min(0, c) + e - left, max(0, a) + max(0, c) + e - left))
    down = sorted((min(0, b) + min(0, d) + f - bottom, max(0, b) + max(0, d) + f - bottom))
    edge = 1 - _WHOLE
    whole = all(
        abs(low) <= edge * side and abs(high - side) <= edge * side
        for (low, high), side in ((across, width), (down, height))
    )
    turn = _turned((a, b, c, d), page.get_rotation())
    return SheetPicture(pictures[0].thing, turn[0]) if whole and turn else None


def _turned(sides: tuple[float, ...], rotation: int) -> tuple[Image.Transpose | None] | None:
    """How a picture whose sides point so is turned on a page that is turned; None if askew."""
    for _ in range(rotation // 90 % 4):
        # Clockwise.
        a, b, c, d = sides
        sides = (b, -a, d, -c)
    most = max(abs(side) for side in sides)
    signs = tuple(0 if abs(side) < _LEAN * most else 1 if side > 0 else -1 for side in sides)
    return (_TURNS[signs],) if signs in _TURNS else None


def _things(page: Any) -> Iterator[_Thing]:
    """What is on a page, within forms as well."""
    import pypdfium2.raw as raw

    matrices: list[tuple[float, ...]] = []
    for thing in page.get_objects(max_depth=_DEPTH):
        matrix = tuple(thing.get_matrix().get())
        del matrices[thing.level :]
        if matrices:
            matrix = _product(matrix, matrices[-1])
        if thing.type == raw.FPDF_PAGEOBJ_FORM and thing.level < _DEPTH - 1:
            matrices.append(matrix)
            continue
        yield _Thing(thing, matrix)


def _product(inner: tuple[float, ...], outer: tuple[float, ...]) -> tuple[float, ...]:
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        *(a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s),
        *(e * p + f * r + t, e * q + f * s + u),
    )


def _is_nothing(thing: Any) -> bool:
    """Whether something is not to be seen on white paper."""
    import ctypes

    import pypdfium2.raw as raw

    if thing.type == raw.FPDF_PAGEOBJ_TEXT:
        return bool(raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE)
    if thing.type != raw.FPDF_PAGEOBJ_PATH:
        return False
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(thing, mode, stroke):
        return False
    reds = [ctypes.c_uint() for _ in range(4)]
    for drawn, color_of in (
        (mode.value, raw.FPDFPageObj_GetFillColor),
        (stroke.value, raw.FPDFPageObj_GetStrokeColor),
    ):
        if not drawn:
            continue
        if not color_of(thing, *reds):
            return False
        *color, alpha = (value.value for value in reds)
        if alpha and min(color) < _PAPER:
            return False
    return True


def resolution_of(page: Any, dpi: float) -> float:
    """At how many pixels an inch a page is drawn: as its pictures are, where they are most of it.

    Args:
        page: PDFium's.
        dpi: of what has no pixels of its own.
    """
    import pypdfium2.raw as raw

    left, bottom, right, top = visible_box(page)
    paper, covered, finest, drawn = (right - left) * (top - bottom), 0.0, 0.0, False
    for item in _things(page):
        if item.thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            a, b, c, d, _, _ = item.matrix
            area = abs(a * d - b * c)
            width, height = item.thing.get_px_size()
            if area <= 0 or width <= 0 or height <= 0:
                continue
            covered += area
            # A small picture of many pixels, as a logo, does not decide for the page.
            if area >= paper / 20:
                finest = max(finest, POINTS * float((width * height / area) ** 0.5))
        elif not _is_nothing(item.thing):
            drawn = True
    if not finest or covered < paper / 2:
        return dpi
    return max(finest, dpi) if drawn else finest


def visible_box(page: Any) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is to be seen of a page that is not turned yet."""
    a, b, c, d = page.get_cropbox()
    p, q, r, s = page.get_mediabox()
    box = (max(a, p), max(b, q), min(c, r), min(d, s))
    return box if box[0] < box[2] and box[1] < box[3] else (p, q, r, s)


def clear(page: Any) -> None:
    """Takes away what is to be seen of a page; its text stays to be found, if not in forms."""
    import pypdfium2.raw as raw

    for thing in list(page.get_objects(max_depth=1)):
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            raw.FPDFTextObj_SetTextRenderMode(thing, _INVISIBLE)
        elif not (thing.type == raw.FPDF_PAGEOBJ_FORM and _is_hidden(page, thing)):
            page.remove_obj(thing)


def _is_hidden(page: Any, form: Any) -> bool:
    """Whether a form holds nothing but text that is not to be seen."""
    import pypdfium2.raw as raw

    within = list(page.get_objects(max_depth=_DEPTH, form=form, level=1))
    return bool(within) and all(
        thing.type == raw.FPDF_PAGEOBJ_TEXT
        and raw.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
        for thing in within
    )


def place(pdfium: Any, document: Any, page: Any, jpeg: bytes) -> None:
    """Lays a JPEG over all that is to be seen of a page, upright however the page is turned."""
    picture = pdfium.PdfImage.new(document)
    picture.load_jpeg(io.BytesIO(jpeg), inline=True)
    left, bottom, right, top = visible_box(page)
    width, height = right - left, top - bottom
    matrices = {
        0: (width, 0, 0, height, left, bottom),
        # The page is turned clockwise when it is shown, so the picture lies the other way.
        90: (0, height, -width, 0, right, bottom),
        180: (-width, 0, 0, -height, right, top),
        270: (0, -height, width, 0, left, top),
    }
    picture.set_matrix(pdfium.PdfMatrix(*matrices[page.get_rotation() % 360]))
    page.insert_obj(picture)
    page.gen_content()
