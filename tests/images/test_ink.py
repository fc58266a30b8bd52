from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from mangacolor.images.geometry import resize
from mangacolor.images.ink import clean_color, lay_ink

LEFT, RIGHT = (250, 180, 60), (60, 120, 230)


def scene(side: int = 480) -> tuple[np.ndarray, np.ndarray]:
    """A page, uint8 (side, side), and its true colour: two surfaces parted and crossed by ink."""
    page = Image.new("L", (side, side), 255)
    color = Image.new("RGB", (side, side), LEFT)
    ImageDraw.Draw(color).rectangle((side // 2, 0, side, side), fill=RIGHT)
    for picture, ink in ((page, 0), (color, (0, 0, 0))):
        draw = ImageDraw.Draw(picture)
        draw.line((side // 2, 0, side // 2, side), fill=ink, width=5)
        draw.line((0, side // 3, side, side // 2), fill=ink, width=4)
        draw.rectangle((20, 300, 120, 420), fill=ink)
    return np.asarray(page), np.asarray(color)


def test_black_stays_black_and_the_size_is_the_pages() -> None:
    page, color = scene()
    result = lay_ink(page, resize(color, 160, 160))
    assert result.shape == (*page.shape, 3)
    assert result.dtype == np.uint8
    assert (result[page == 0] == 0).all()


def test_white_paper_takes_the_colour_exactly_where_it_is_flat() -> None:
    page = np.full((300, 200), 255, np.uint8)
    color = np.full((64, 48, 3), (240, 160, 40), np.uint8)
    assert (lay_ink(page, color) == (240, 160, 40)).all()


def test_the_result_is_never_brighter_than_the_page() -> None:
    rng = np.random.default_rng(0)
    page = rng.integers(0, 256, (200, 150), dtype=np.uint8)
    color = rng.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    luma = lay_ink(page, color) @ np.array([0.299, 0.587, 0.114])
    assert (luma <= page.astype(float) + 2).all()


def test_no_dirty_halo_stands_beside_the_lines() -> None:
    page, color = scene()
    # As a network gives it: small, with ink, a little blurred.
    small = Image.fromarray(resize(color, 160, 160)).filter(ImageFilter.GaussianBlur(0.6))
    result = lay_ink(page, np.asarray(small))
    # Paper a few pixels beside the slanting line, away from where the surfaces meet.
    ink = np.asarray(Image.fromarray(page).filter(ImageFilter.MinFilter(9)))
    beside = (ink == 0) & (page == 255)
    beside[:, 220:260] = False
    beside[290:430, 10:130] = False
    error = np.abs(result.astype(int) - color)[beside].mean()
    start = _as_it_is(page, np.asarray(small))
    assert error < 12
    assert error < 0.4 * np.abs(start.astype(int) - color)[beside].mean()


def test_a_grey_surface_keeps_its_colour_up_to_its_edge() -> None:
    page = np.full((320, 320), 255, np.uint8)
    page[80:240, 80:240] = 128
    color = np.full((320, 320, 3), (190, 230, 250), np.uint8)
    color[80:240, 80:240] = (160, 90, 60)
    result = lay_ink(page, resize(color, 160, 160))
    assert np.abs(result[90:230, 90:230].astype(int) - (160, 90, 60)).max() <= 3


def test_colour_without_ink_around_it_is_unchanged() -> None:
    rng = np.random.default_rng(1)
    color = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert np.array_equal(clean_color(color, np.full((40, 40), 255, np.uint8)), color)


def test_an_all_black_page_and_tiny_pages_work() -> None:
    black = np.zeros((50, 30), np.uint8)
    assert not lay_ink(black, np.full((10, 6, 3), 200, np.uint8)).any()
    assert lay_ink(np.full((1, 1), 255, np.uint8), np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


def _as_it_is(page: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The obvious way: enlarge, and darken to the page's brightness."""
    color = resize(small, *page.shape).astype(float)
    luma = color @ np.array([0.299, 0.587, 0.114])
    return (color * np.minimum(1, page / np.maximum(luma, 1))[..., None]).astype(np.uint8)
