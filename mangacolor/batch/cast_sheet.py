"""A cast to look at: each reference with its groups, and their colours by name."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from mangacolor.batch.cast import Cast, Offer
from mangacolor.batch.references import Reference
from mangacolor.images.groups import RGB

__all__ = ["draw_sheet"]

# Longer side of a reference on the sheet, width of a column of names, and of a group's line.
_PICTURE, _COLUMN, _LINE = 720, 300, 26
_MARGIN, _COLUMNS, _MOST_SHADES = 20, 3, 8


def draw_sheet(cast: Cast, references: Sequence[Reference]) -> Image.Image:
    """The sheet of a cast.

    Args:
        cast: of these references.
        references: in the cast's order.
    """
    rows = [
        _row(cast, offer, reference)
        for offer, reference in zip(cast.offers, references, strict=True)
    ]
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height for row in rows)), "white")
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet


def _row(cast: Cast, offer: Offer, reference: Reference) -> Image.Image:
    picture = Image.fromarray(reference.read())
    picture.thumbnail((_PICTURE, _PICTURE))
    blocks = [_block(cast, name, len(group.shades)) for name, group in offer.groups]
    columns = _columns([lines for _, lines in blocks])
    tall = max((sum(blocks[i][1] for i in column) for column in columns), default=0) * _LINE
    height = max(picture.height, tall) + 2 * _MARGIN + _LINE
    row = Image.new("RGB", (picture.width + _COLUMN * len(columns) + 3 * _MARGIN, height), "white")
    pen = ImageDraw.Draw(row)
    font = ImageFont.load_default(15)
    pen.text((_MARGIN, _MARGIN // 2), _plain(offer.file), "black", font)
    row.paste(picture, (_MARGIN, _MARGIN + _LINE))
    for name, group in offer.groups:
        if not group.background:
            _frame(pen, name, group.box, picture.size, font)
    for column, members in enumerate(columns):
        x, y = picture.width + 2 * _MARGIN + column * _COLUMN, _MARGIN + _LINE
        for member in members:
            name, group = offer.groups[member]
            pen.text((x, y + 4), name, "black", font)
            for number, shade in enumerate(group.shades[:_MOST_SHADES], 1):
                own = cast.names[name, number - 1]
                new = cast.wanted.get(f"{name}/{own}", cast.wanted.get(own))
                _swatch(pen, (x + 14, y + number * _LINE), own, shade.color, new, font)
            left = len(group.shades) - _MOST_SHADES
            if left > 0:
                at = (x + 14, y + (_MOST_SHADES + 1) * _LINE + 3)
                pen.text(at, f"and {left} more, see the JSON", "grey", font)
            y += blocks[member][1] * _LINE
    return row


def _block(cast: Cast, name: str, shades: int) -> tuple[str, int]:
    """A group's name and how many lines it takes."""
    return name, 2 + min(shades, _MOST_SHADES) + (shades > _MOST_SHADES)


def _columns(lines: Sequence[int]) -> list[list[int]]:
    """Groups in columns of about one height, in their order."""
    most = max(_PICTURE // _LINE, -(-sum(lines) // _COLUMNS))
    columns: list[list[int]] = [[]]
    filled = 0
    for number, count in enumerate(lines):
        if filled + count > most and columns[-1]:
            columns.append([])
            filled = 0
        columns[-1].append(number)
        filled += count
    return columns


def _frame(
    pen: ImageDraw.ImageDraw,
    name: str,
    box: tuple[float, float, float, float],
    size: tuple[int, int],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    left, top = (_MARGIN + box[0] * size[0], _MARGIN + _LINE + box[1] * size[1])
    right, bottom = (_MARGIN + box[2] * size[0], _MARGIN + _LINE + box[3] * size[1])
    pen.rectangle((left, top, right - 1, bottom - 1), outline="red", width=2)
    words = name.rpartition(" ")[2]
    around = pen.textbbox((left + 5, top + 3), words, font)
    pen.rectangle((left, top, around[2] + 4, around[3] + 4), fill="red")
    pen.text((left + 5, top + 3), words, "white", font)


def _swatch(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    name: str,
    color: RGB,
    new: RGB | None,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    x, y = at
    pen.rectangle((x, y + 2, x + 34, y + _LINE - 4), fill=color, outline="black")
    if new is not None:
        pen.text((x + 40, y + 3), ">", "black", font)
        pen.rectangle((x + 54, y + 2, x + 88, y + _LINE - 4), fill=new, outline="black")
        x += 54
    pen.text((x + 44, y + 3), name, "black", font)


def _plain(name: str) -> str:
    """A file's name in letters that the font has."""
    return name.encode("ascii", "replace").decode()
