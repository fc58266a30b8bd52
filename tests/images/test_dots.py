from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mangacolor.images.areas import find_areas
from mangacolor.images.dots import smooth_dots


def skirt(pitch: float = 6.0, white_on_black: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A narrow toned strip in lines: the page, and where its inside is."""
    y, x = np.mgrid[:200, :300]
    dots = ((x % pitch - pitch / 2) ** 2 + (y % pitch - pitch / 2) ** 2) < (0.32 * pitch) ** 2
    page = Image.new("L", (300, 200), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 60, 240, 100), outline=0, width=3)
    inside = np.zeros((200, 300), bool)
    inside[66:95, 66:235] = True
    field = np.zeros((200, 300), bool)
    field[63:98, 63:238] = True
    shade = np.where(dots, 255, 0) if white_on_black else np.where(dots, 0, 255)
    return np.where(field, shade, np.asarray(page)).astype(np.uint8), inside


def test_a_narrow_field_of_dots_becomes_its_shade() -> None:
    for turned in (False, True):
        page, inside = skirt(white_on_black=turned)
        smooth = smooth_dots(page)
        mean = float(page[inside].mean())
        flat = np.abs(smooth[inside] - mean) < 40
        assert (np.abs(page[inside] - mean) < 40).mean() < 0.05
        # What the outline cuts off is no dot.
        assert flat.mean() > 0.9


def test_a_toned_strip_is_one_area() -> None:
    page, inside = skirt()
    areas = find_areas(smooth_dots(page))
    numbers, counts = np.unique(areas[inside], return_counts=True)
    assert counts.max() > 0.9 * inside.sum(), numbers


def test_lines_and_lettering_stay() -> None:
    page = Image.new("L", (500, 300), 255)
    pen = ImageDraw.Draw(page)
    pen.ellipse((20, 20, 230, 280), outline=0, width=2)
    for i in range(12):
        pen.line((260, 20 + 5 * i, 480, 20 + 5 * i), fill=0, width=1)
    pen.text((260, 150), "WHO CARES IF IT'S\nAGAINST THE RULES?", 0, ImageFont.load_default(24))
    drawn = np.asarray(page)
    assert smooth_dots(drawn) is drawn


def test_a_blank_page_and_a_black_one_are_left() -> None:
    for value in (0, 255):
        page = np.full((120, 80), value, np.uint8)
        assert (smooth_dots(page) == page).all()
    assert smooth_dots(np.full((1, 1), 255, np.uint8)).shape == (1, 1)
