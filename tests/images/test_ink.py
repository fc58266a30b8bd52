from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mangacolor.images.geometry import resize
from mangacolor.images.ink import lay_ink
from mangacolor.images.tones import smooth_tones

LEFT, RIGHT = (250, 180, 60), (60, 120, 230)
LUMA = np.array([0.299, 0.587, 0.114])


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
    assert np.abs(lay_ink(page, color).astype(int) - (240, 160, 40)).max() <= 1


def test_the_result_is_never_brighter_than_the_page() -> None:
    rng = np.random.default_rng(0)
    page = rng.integers(0, 256, (200, 150), dtype=np.uint8)
    color = rng.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    assert (lay_ink(page, color) @ LUMA <= page.astype(float) + 2).all()


def test_a_grey_that_the_network_drew_too_is_not_darkened_twice() -> None:
    # What is lit between dots is as dark as the colour at its brightest, and no darker.
    brightest = (np.array((170, 105, 100)) @ LUMA) / 170
    page = np.full((320, 320), 255, np.uint8)
    page[80:240, 80:240] = 120
    # Flat grey first, then the same grey as dots of ink.
    cells = np.arange(160) // 3 % 2
    dots = np.where(np.add.outer(cells, cells) == 1, 0, 255)
    toned = page.copy()
    toned[80:240, 80:240] = dots
    for drawn, grey in ((page, 120), (toned, 127 * brightest)):
        color = np.full((160, 160, 3), (250, 240, 235), np.uint8)
        # As dark as the page, and red.
        color[40:120, 40:120] = (170, 105, 100)
        inside = (
            lay_ink(drawn, color, shade=smooth_tones(drawn))[100:220, 100:220].astype(float) @ LUMA
        )
        assert inside.mean() > 0.9 * grey


def test_dots_of_screentone_stay_dots() -> None:
    page = np.full((240, 240), 255, np.uint8)
    page[::6, ::6] = page[1::6, ::6] = page[::6, 1::6] = page[1::6, 1::6] = 0
    color = np.full((96, 96, 3), (200, 120, 60), np.uint8)
    result = lay_ink(page, color, shade=smooth_tones(page))
    assert (result[page == 0] == 0).all()
    assert np.ptp(result[page == 255].astype(int), axis=0).max() <= 6


def test_the_grid_of_an_upsampling_network_is_gone() -> None:
    page, _ = scene()
    color = np.full((160, 160, 3), (200, 120, 60), np.uint8)
    color[::4] = (230, 160, 110)
    color[:, ::4] = (230, 160, 110)
    result = lay_ink(page, color)[320:460, 140:220].astype(int)
    assert np.ptp(result, axis=(0, 1)).max() <= 6


def test_colour_does_not_cross_a_line() -> None:
    page = np.full((300, 300), 255, np.uint8)
    page[:, 149:152] = 0
    color = np.full((120, 120, 3), LEFT, np.uint8)
    color[:, 60:] = RIGHT
    result = lay_ink(page, color).astype(int)
    assert np.abs(result[:, :148] - LEFT).max() <= 8
    assert np.abs(result[:, 153:] - RIGHT).max() <= 8


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


def test_a_grey_surface_keeps_its_hue_and_its_luma_up_to_its_edge() -> None:
    page = np.full((320, 320), 255, np.uint8)
    page[80:240, 80:240] = 108
    color = np.full((320, 320, 3), (190, 230, 250), np.uint8)
    color[80:240, 80:240] = (160, 90, 60)
    result = lay_ink(page, resize(color, 160, 160)).astype(int)
    assert np.abs(result[90:230, 90:230] - (160, 90, 60)).max() <= 6


def test_where_it_is_paper_nothing_is_painted() -> None:
    page, color = scene()
    page = page.copy()
    page[238:242] = 0
    paper = np.zeros((48, 48), np.uint8)
    # Its edge is a little off the line.
    paper[:23] = 255
    result = lay_ink(page, resize(color, 160, 160), paper)
    assert np.abs(result[:230].astype(int) - page[:230, :, None]).max() <= 2
    assert (np.ptp(result[250:280, 20:120], axis=2) > 50).all()


@pytest.mark.parametrize(("strength", "saturation"), [(0.0, 1.0), (0.5, 1.0), (1.0, 0.5)])
def test_less_strength_and_saturation_are_less_colour(strength: float, saturation: float) -> None:
    page = np.full((100, 100), 255, np.uint8)
    color = np.full((50, 50, 3), (240, 160, 40), np.uint8)
    result = lay_ink(page, color, strength=strength, saturation=saturation)[50, 50].astype(float)
    full = np.array([240, 160, 40.0])
    share = strength * saturation
    assert np.ptp(result) == pytest.approx(share * np.ptp(full), abs=3)
    assert result @ LUMA == pytest.approx(255 - strength * (255 - full @ LUMA), abs=3)


def test_more_saturation_stays_within_what_a_screen_can_show_and_keeps_luma() -> None:
    page = np.full((100, 100), 255, np.uint8)
    color = np.full((50, 50, 3), (240, 160, 40), np.uint8)
    result = lay_ink(page, color, saturation=4.0)[50, 50].astype(float)
    assert result @ LUMA == pytest.approx(np.array([240, 160, 40]) @ LUMA, abs=3)
    assert np.ptp(result) > 200


def test_an_all_black_page_and_tiny_pages_work() -> None:
    black = np.zeros((50, 30), np.uint8)
    assert not lay_ink(black, np.full((10, 6, 3), 200, np.uint8)).any()
    assert lay_ink(np.full((1, 1), 255, np.uint8), np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


def _as_it_is(page: np.ndarray, small: np.ndarray) -> np.ndarray:
    """The obvious way: enlarge, and darken to the page's brightness."""
    color = resize(small, *page.shape).astype(float)
    return (color * np.minimum(1, page / np.maximum(color @ LUMA, 1))[..., None]).astype(np.uint8)
