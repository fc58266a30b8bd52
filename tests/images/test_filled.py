from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.images.areas import find_areas
from mangacolor.images.filled import lay_filled
from mangacolor.images.laying import LastLaid
from mangacolor.images.tones import smooth_tones

LUMA = np.array([0.299, 0.587, 0.114])
RED, BLUE = (220, 60, 50), (60, 90, 200)


def drawn(scale: int = 1, dots: bool = False) -> np.ndarray:
    """uint8 (300, 400) times scale: a circle on the left half, a line down the middle."""
    page = Image.new("L", (400 * scale, 300 * scale), 255)
    pen = ImageDraw.Draw(page)
    if dots:
        for y in range(0, 300, 5):
            for x in range(0, 400, 5):
                pen.rectangle((x, y, x + 1, y + 1), fill=0)
    pen.ellipse([side * scale for side in (30, 60, 170, 200)], outline=0, width=3 * scale)
    pen.line((200 * scale, 0, 200 * scale, 300 * scale), fill=0, width=3 * scale)
    return np.asarray(page)


def colored(page: np.ndarray, **how: object) -> tuple[np.ndarray, np.ndarray]:
    """The page with all areas blue and the circle red, and where the circle is."""
    areas = find_areas(smooth_tones(page))
    palette = np.full((int(areas.max()) + 1, 3), BLUE, np.uint8)
    h, w = areas.shape
    circle = areas[130 * h // 300, 100 * w // 400]
    palette[circle] = RED
    shade = smooth_tones(page)
    large = np.asarray(
        Image.fromarray((areas == circle).view(np.uint8)).resize(page.shape[::-1], 0), np.bool_
    )
    return lay_filled(page, areas, palette, shade=shade, **how), large  # type: ignore[arg-type]


def test_every_white_pixel_has_its_areas_colour_to_the_line() -> None:
    page = drawn()
    result, circle = colored(page)
    white = page == 255
    assert np.abs(result[white & circle].astype(int) - RED).max() <= 1
    assert np.abs(result[white & ~circle].astype(int) - BLUE).max() <= 1
    assert (result[page == 0] == 0).all()


def test_a_large_page_has_no_seam_along_its_lines() -> None:
    page = drawn(scale=6)
    result, _ = colored(page)
    # Of two colours nothing but themselves, darkened by the line, is to be seen.
    pixels = result[page == 255].astype(int)
    near = np.minimum(*(np.abs(pixels - color).max(axis=1) for color in (RED, BLUE)))
    assert (near > 2).mean() < 0.002


def test_paper_between_the_dots_of_a_screentone_is_in_the_areas_colour() -> None:
    page = drawn(dots=True)
    result, circle = colored(page)
    inside = result[circle & (page == 255)].astype(int)
    assert (inside[:, 0] - inside[:, 2] > 100).all()
    assert (result @ LUMA <= page + 1.5).all()


def test_the_darker_a_tone_the_darker_its_surface_and_all_of_it_has_one_chromaticity() -> None:
    tones = np.array([255, 220, 180, 140, 100, 60, 30], np.uint8)
    page = np.repeat(np.repeat(tones[None], 60, axis=0), 60, axis=1)
    areas = np.ones(page.shape, np.int32)
    for color in (RED, BLUE, (250, 225, 200), (40, 25, 15)):
        result = lay_filled(page, areas, np.array([color, color], np.uint8))[30, 30::60]
        luma = result @ LUMA
        assert (np.diff(luma) < 0.6).all()
        seen = result[luma > 25]
        wanted = np.array(color) / np.mean(color)
        assert np.abs(seen / seen.mean(axis=1, keepdims=True) - wanted).max() < 0.05


def test_paper_stays_white_up_to_the_line_although_it_was_found_roughly() -> None:
    page = drawn()
    areas = find_areas(page)
    palette = np.full((int(areas.max()) + 1, 3), RED, np.uint8)
    paper = np.zeros((30, 40), np.uint8)
    # The circle but for a rim, and a little of what is beside it.
    paper[7:20, 4:17] = 255
    result = lay_filled(page, areas, palette, paper)
    circle = areas == areas[130, 100]
    assert (result[circle & (page == 255)] == 255).all()
    beside = result[~circle & (page == 255)].astype(int)
    assert np.abs(beside - RED).max() <= 1


def test_paper_by_area_is_the_same_as_a_picture_of_it() -> None:
    page = drawn()
    areas = find_areas(page)
    palette = np.full((int(areas.max()) + 1, 3), RED, np.uint8)
    white = np.arange(len(palette)) % 2 == 0
    shown = white[areas].astype(np.uint8) * np.uint8(255)
    found = lay_filled(page, areas, palette, white)
    assert (found == lay_filled(page, areas, palette, shown)).all() and (
        found != page[..., None]
    ).any()


def test_no_strength_is_the_page_and_no_saturation_is_grey() -> None:
    page = drawn(dots=True)
    assert (colored(page, strength=0.0)[0] == page[..., None]).all()
    assert np.ptp(colored(page, saturation=0.0)[0].astype(int), axis=2).max() <= 1


def test_more_strength_is_darker_and_more_saturation_more_vivid() -> None:
    page = drawn(dots=True)
    once, twice = (colored(page, strength=strength)[0].astype(int) for strength in (1.0, 2.0))
    assert ((once - twice) @ LUMA > -1.5).all()
    assert (once @ LUMA).mean() > (twice @ LUMA).mean() + 20
    dark = np.full((2, 3), 30, np.uint8)
    ones = np.ones((40, 40), np.int32)
    assert lay_filled(np.full((40, 40), 255, np.uint8), ones, dark, strength=2.0).max() == 0
    plain, vivid = (
        colored(page, saturation=saturation)[0].astype(int) for saturation in (0.5, 1.5)
    )
    assert np.abs((plain - vivid) @ LUMA).max() < 1.5
    assert (np.ptp(vivid, axis=2) - np.ptp(plain, axis=2) >= -2).all()
    assert np.ptp(vivid, axis=2).mean() > np.ptp(plain, axis=2).mean() + 20


def test_laid_again_in_other_colours_it_is_as_laid_anew_and_the_rest_is_kept() -> None:
    page = drawn(scale=2, dots=True)
    areas = find_areas(smooth_tones(page))
    laid = LastLaid()
    palette = np.full((int(areas.max()) + 1, 3), BLUE, np.uint8)
    first = lay_filled(page, areas, palette, laid=laid)
    assert (first == lay_filled(page, areas, palette)).all()
    palette[areas[260, 200]] = RED
    again = lay_filled(page, areas, palette, laid=laid)
    assert (again == lay_filled(page, areas, palette)).all() and (again != first).any()
    # What is above the circle is not laid again: it is what it was, whatever that is.
    assert laid.last is not None
    laid.last[1][:64] = 77
    palette[areas[260, 200]] = BLUE
    kept = lay_filled(page, areas, palette, laid=laid)
    assert (kept[:64] == 77).all() and (kept[128:] == first[128:]).all()
