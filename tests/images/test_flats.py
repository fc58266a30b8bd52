from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.images.areas import area_colors, find_areas


def drawn(gap: int = 0) -> np.ndarray:
    """uint8 (300, 400): a circle, a box beside it with a gap in its line, and hatching."""
    page = Image.new("L", (400, 300), 255)
    pen = ImageDraw.Draw(page)
    pen.ellipse((30, 60, 170, 200), outline=0, width=3)
    pen.rectangle((220, 60, 360, 200), outline=0, width=3)
    if gap:
        pen.rectangle((280, 58, 280 + gap, 64), fill=255)
    return np.asarray(page)


def flatten(page: np.ndarray, color: np.ndarray) -> np.ndarray:
    areas = find_areas(page)
    return area_colors(areas, page, color)[areas]


def test_areas_closed_by_ink_have_numbers_of_their_own() -> None:
    areas = find_areas(drawn())
    assert areas.shape == (300, 400)
    inside = {int(areas[130, 100]), int(areas[130, 290]), int(areas[20, 20])}
    assert len(inside) == 3
    assert len(np.unique(areas[80:180, 240:340])) == 1


def test_a_small_gap_in_a_line_does_not_join_two_areas() -> None:
    areas = find_areas(drawn(gap=6))
    assert areas[130, 290] != areas[20, 20]


def test_an_area_takes_the_colour_of_most_of_it() -> None:
    color = np.full((150, 200, 3), (120, 200, 240), np.uint8)
    color[30:100, 15:85] = (240, 60, 50)
    # A third of the circle is wrong, and all of it is restless.
    color[30:50, 15:85] = (60, 200, 60)
    rng = np.random.default_rng(0)
    restless = np.clip(color + rng.normal(0, 8, color.shape), 0, 255).astype(np.uint8)
    flat = flatten(drawn(), restless)
    inside = flat[80:180, 60:140].astype(int)
    assert np.ptp(inside.reshape(-1, 3), axis=0).max() == 0
    assert np.abs(inside[0, 0] - (240, 60, 50)).max() <= 10
    assert np.abs(flat[20, 20].astype(int) - (120, 200, 240)).max() <= 10


def test_a_grey_surface_is_an_area() -> None:
    page = np.full((200, 200), 255, np.uint8)
    page[60:140, 60:140] = 120
    areas = find_areas(page)
    assert areas[100, 100] != areas[20, 20]


def test_pages_without_paper_and_tiny_ones_work() -> None:
    assert flatten(np.zeros((40, 30), np.uint8), np.full((20, 15, 3), 9, np.uint8)).shape[2] == 3
    assert flatten(np.full((1, 1), 255, np.uint8), np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


def test_a_long_strip_has_areas_too() -> None:
    page = Image.new("L", (400, 9000), 255)
    pen = ImageDraw.Draw(page)
    for y in range(100, 9000, 300):
        pen.ellipse((100, y, 300, y + 200), outline=0, width=4)
    areas = find_areas(np.asarray(page))
    scale = areas.shape[0] / 9000
    inside = {int(areas[int((y + 100) * scale), int(200 * scale)]) for y in range(100, 9000, 300)}
    assert len(inside) == 30
