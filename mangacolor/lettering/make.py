"""Balloons and sound effects, drawn on a colour picture before its ink is made.

So both halves of a pair have them, and a network learns to leave them alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mangacolor.lettering.balloons import blow_balloon, draw_shape
from mangacolor.lettering.fonts import Family, Font, find_fonts, load_font
from mangacolor.lettering.words import (
    UPRIGHT,
    japanese_noise,
    japanese_talk,
    latin_noise,
    latin_talk,
)

__all__ = ["draw_balloon", "draw_effect", "make_balloon", "make_caption", "make_effect"]

# Balloons are drawn larger and scaled down: Pillow's polygons have hard edges.
SCALE = 3
JAPANESE_SHARE = 0.5
# From line to line and from column to column, in sizes of the letters.
LEADING, COLUMN = 1.15, 1.3


Place = tuple[int, int]


def draw_balloon(picture: Image.Image, rng: np.random.Generator) -> None:
    """Draws one white balloon with made-up talk, in place; it may reach over the edge."""
    layer, at = make_balloon(*picture.size, rng)
    picture.paste(layer, at, layer.getchannel("A"))


def make_balloon(
    width: int,
    height: int,
    rng: np.random.Generator,
    centre: tuple[float, float] | None = None,
    letters: float | None = None,
) -> tuple[Image.Image, Place]:
    """Makes one white balloon with made-up talk.

    Args:
        width, height: of the picture that it is for, pixels.
        rng: source of randomness.
        centre: of the balloon, pixels; None chooses.
        letters: their size in pixels, which lines go with; None chooses.

    Returns:
        RGBA picture, and where its upper left corner belongs.
    """
    japanese = bool(find_fonts("japanese")) and rng.random() < JAPANESE_SHARE
    # Columns make tall balloons.
    w = rng.uniform(0.18, 0.4) * width if japanese else rng.uniform(0.22, 0.5) * width
    if letters is not None:
        # A balloon is as large as its words ask for, whatever the panel.
        w = min(w, letters * rng.uniform(4.5, 8) if japanese else letters * rng.uniform(8, 13))
    h = min(w * (rng.uniform(1.0, 1.8) if japanese else rng.uniform(0.5, 1.0)), 0.6 * height)
    balloon = blow_balloon(rng)
    middle = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height])
    if centre is not None:
        middle = np.array(centre)
    half = np.array([w, h]) / 2
    reach = np.ceil(1.7 * half)
    # Transparent white, so that edges do not darken where they fade.
    extent = (int(2 * SCALE * reach[0]), int(2 * SCALE * reach[1]))
    layer = Image.new("RGBA", extent, (255, 255, 255, 0))
    line = 0.0 if rng.random() < 0.06 else rng.uniform(0.6, 2.0)
    if letters is not None:
        line *= letters / 12
    draw = ImageDraw.Draw(layer)
    draw_shape(draw, balloon, reach * SCALE, half * SCALE, line * SCALE)
    chosen = rng.uniform(0.035, 0.07) * min(width, height)
    size = round(SCALE * max(6.0, letters or chosen))
    room = 2 * half * balloon.room * SCALE
    set_letters = _set_columns if japanese else _set_lines
    set_letters(draw, reach * SCALE, room, size, rng)
    x, y = (round(float(v)) for v in middle - reach)
    return layer.reduce(SCALE), (x, y)


def make_caption(size: float, length: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Makes words without a balloon, as thoughts and tellers have them: columns or lines.

    Args:
        size: of the letters, pixels.
        length: of a column or line at most, pixels.
        rng: source of randomness.

    Returns:
        uint8 (h, w), 255 where letters are ... 0.
    """
    japanese = bool(find_fonts("japanese")) and rng.random() < JAPANESE_SHARE
    across = size * rng.uniform(1.5, 5)
    room = np.array((across, length) if japanese else (length, across)) * SCALE
    extent = int(room[0] + 2 * SCALE * size), int(room[1] + 2 * SCALE * size)
    layer = Image.new("L", extent, 255)
    set_letters = _set_columns if japanese else _set_lines
    set_letters(ImageDraw.Draw(layer), np.array(extent) / 2, room, round(SCALE * size), rng)
    letters = 255 - np.asarray(layer.reduce(SCALE))
    rows, columns = (np.flatnonzero(letters.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return letters
    return letters[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _set_lines(
    draw: ImageDraw.ImageDraw,
    centre: np.ndarray,
    room: np.ndarray,
    size: int,
    rng: np.random.Generator,
) -> None:
    """Sets Latin talk in centred lines, as much of it as there is room for."""
    font = _choose("speech", size, rng)
    lines = [""]
    for word in latin_talk(rng):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= room[0]:
            lines[-1] = longer
        elif font.getlength(word) <= room[0] and (len(lines) + 1) * LEADING * size <= room[1]:
            lines.append(word)
    top = centre[1] - (len(lines) - 1) / 2 * LEADING * size
    for i, text in enumerate(lines):
        at = (float(centre[0]), float(top + i * LEADING * size))
        draw.text(at, text, fill="black", font=font, anchor="mm")


def _set_columns(
    draw: ImageDraw.ImageDraw,
    centre: np.ndarray,
    room: np.ndarray,
    size: int,
    rng: np.random.Generator,
) -> None:
    """Sets Japanese talk in columns from right to left, as much of it as there is room for."""
    font = _choose("japanese", size, rng)
    rows, columns = max(1, int(room[1] / size)), max(1, int(room[0] / (COLUMN * size)))
    letters = japanese_talk(rng).translate(UPRIGHT)[: rows * columns]
    # Columns of one length look better than a full one and a rest.
    used = -(-len(letters) // rows)
    rows = -(-len(letters) // used)
    right = centre[0] + (used - 1) / 2 * COLUMN * size
    top = centre[1] - (rows - 1) / 2 * size
    bold = round(size / 30) if rng.random() < 0.5 else 0
    for i, letter in enumerate(letters):
        at = (float(right - i // rows * COLUMN * size), float(top + i % rows * size))
        draw.text(at, letter, fill="black", font=font, anchor="mm", stroke_width=bold)


def draw_effect(picture: Image.Image, rng: np.random.Generator) -> None:
    """Draws one sound effect over the picture, in place: big letters, filled or hollow, askew."""
    layer, at = make_effect(*picture.size, rng)
    picture.paste(layer, at, layer.getchannel("A"))


def make_effect(width: int, height: int, rng: np.random.Generator) -> tuple[Image.Image, Place]:
    """Makes one sound effect for a picture of so many pixels.

    Returns:
        RGBA picture, and where its upper left corner belongs.
    """
    least = min(width, height)
    japanese = bool(find_fonts("japanese")) and rng.random() < JAPANESE_SHARE
    text = japanese_noise(rng) if japanese else latin_noise(rng)
    upright = japanese and rng.random() < 0.6
    if upright:
        text = text.translate(UPRIGHT)
    size = max(10, int(least * rng.uniform(0.14, 0.4) * min(1.0, 5 / len(text))))
    fill, edge = (("black", "white"), ("white", "black"))[int(rng.integers(2))]
    stroke = max(1, round(size * rng.uniform(0.03, 0.09)))
    # Japanese fonts of this kind are light: the letters' own colour makes them heavy.
    weight = round(size * rng.uniform(0.02, 0.06)) if japanese else 0
    font = _choose("japanese" if japanese else "loud", size, rng)
    layer = Image.new("RGBA", _extent(text, size, upright), edge)
    layer.putalpha(0)
    draw = ImageDraw.Draw(layer)
    places = list(_letter_places(text, font, size, upright, rng))
    for boldness, color in ((weight + stroke, edge), (weight, fill)):
        for letter, at in places:
            draw.text(at, letter, fill=color, font=font, anchor="mm", stroke_width=boldness)
    slant = rng.uniform(-0.3, 0.3)
    across = (1, slant, -slant * layer.height / 2, 0, 1, 0)
    layer = layer.transform(layer.size, Image.Transform.AFFINE, across, Image.Resampling.BICUBIC)
    layer = layer.rotate(rng.uniform(-30, 30), Image.Resampling.BICUBIC, expand=True)
    x, y = (
        round(rng.uniform(0.1, 0.9) * side - own / 2)
        for side, own in zip((width, height), layer.size, strict=True)
    )
    return layer, (x, y)


def _extent(text: str, size: int, upright: bool) -> tuple[int, int]:
    """Room for letters in a row or column, with what slanting and stroking need."""
    along, beside = int((len(text) + 1) * size), int(2.2 * size)
    return (beside, along) if upright else (along, beside)


def _letter_places(
    text: str, font: Font, size: int, upright: bool, rng: np.random.Generator
) -> list[tuple[str, tuple[float, float]]]:
    """Each letter and its middle: one after the other, dancing a little."""
    along = [size * 1.0 if upright else font.getlength(letter) for letter in text]
    width, height = _extent(text, size, upright)
    at = ((height if upright else width) - sum(along)) / 2
    places = []
    for letter, step in zip(text, along, strict=True):
        beside = (width if upright else height) / 2 + rng.uniform(-0.1, 0.1) * size
        middle = at + step / 2
        places.append((letter, (beside, middle) if upright else (middle, beside)))
        at += step
    return places


def _choose(family: Family, size: int, rng: np.random.Generator) -> Font:
    found = find_fonts(family)
    return load_font(found[int(rng.integers(len(found)))] if found else None, size)
