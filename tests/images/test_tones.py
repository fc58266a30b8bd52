from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from mangacolor.images import tones
from mangacolor.images.screens import find_tones
from mangacolor.images.tones import smooth_all_tones, smooth_tones


def line_art(side: int = 400) -> np.ndarray:
    """uint8 (side, side): lines of several widths, and lettering-like marks."""
    page = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(page)
    pen.ellipse((40, 40, 360, 360), outline=0, width=3)
    pen.line((40, 200, 360, 230), fill=0, width=2)
    pen.line((200, 40, 190, 360), fill=0, width=5)
    rng = np.random.default_rng(0)
    for row in range(3):
        for column in range(6):
            x, y = 10 + 13 * column, 8 + 18 * row
            pen.line((x, y, x + 6, y + int(rng.integers(4, 11))), fill=0, width=2)
    return np.asarray(page)


def screen(page: np.ndarray, darkness: float, pitch: float, angle: float) -> np.ndarray:
    """The page with dots of a share of darkness over its lower right part; where that is."""
    h, w = page.shape
    y, x = np.mgrid[:h, :w]
    turn = np.deg2rad(angle)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wave = np.cos(2 * np.pi * u / pitch) + np.cos(2 * np.pi * v / pitch)
    dots = np.where(wave >= np.quantile(wave, 1 - darkness), 0.0, 255.0)
    area = (x > 100) & (y > 100) & (x < 380) & (y < 380)
    soft = ndimage.gaussian_filter(dots, 0.5)
    return np.where(area, np.minimum(page, soft), page).astype(np.uint8)


@pytest.mark.parametrize("darkness", [0.12, 0.3, 0.45])
@pytest.mark.parametrize(("pitch", "angle"), [(4.0, 45), (6.0, 45), (7.3, 30), (8.5, 0)])
def test_dots_become_the_shade_that_they_stand_for(
    darkness: float, pitch: float, angle: float
) -> None:
    page = line_art()
    toned = screen(page, darkness, pitch, angle)
    smooth = smooth_tones(toned).astype(float)
    away = ndimage.binary_erosion(page == 255, np.ones((3, 3)), iterations=10)
    away[:112] = away[:, :112] = away[368:] = away[:, 368:] = False
    assert np.abs(smooth[away] - 255 * (1 - darkness)).mean() < 12
    assert smooth[away].std() < 0.25 * toned[away].std()


def test_lines_across_a_screen_stay_black() -> None:
    page = line_art()
    smooth = smooth_tones(screen(page, 0.25, 6.0, 45))
    assert (smooth[page == 0] < 100).mean() > 0.97


def test_what_has_no_screen_comes_back_as_it_was() -> None:
    page = line_art()
    assert not find_tones(page).any()
    assert smooth_tones(page) is page
    noisy = np.clip(page + np.random.default_rng(0).normal(0, 12, page.shape), 0, 255)
    assert not find_tones(noisy.astype(np.uint8)).any()


def test_lettering_beside_a_screen_is_untouched() -> None:
    page = line_art()
    smooth = smooth_tones(screen(page, 0.3, 6.0, 45))
    assert np.array_equal(smooth[:60, :90], page[:60, :90])


def test_dark_screens_are_smoothed_only_where_asked() -> None:
    toned = screen(np.full((400, 400), 255, np.uint8), 0.75, 6.0, 45)
    inside = (slice(140, 340), slice(140, 340))
    assert smooth_tones(toned)[inside].std() > 60
    assert smooth_tones(toned, dark=True)[inside].std() < 20


def test_the_pitch_is_found() -> None:
    toned = screen(np.full((400, 400), 255, np.uint8), 0.3, 6.0, 45)
    found = find_tones(toned)
    assert np.median(found[found > 0]) == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (33, 17)])
def test_any_size_works(shape: tuple[int, int]) -> None:
    assert smooth_tones(np.full(shape, 90, np.uint8)).shape == shape


def test_bands_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    toned = screen(line_art(), 0.3, 6.0, 45)
    whole = smooth_tones(toned)
    monkeypatch.setattr(tones, "_BAND", 96)
    banded = smooth_tones(toned).astype(int)
    assert (np.abs(banded - whole) > 12).mean() < 0.01


def test_that_tones_smoothed_at_once_are_those_smoothed_one_after_the_other() -> None:
    page = np.full((400, 400), 255, np.uint8)
    page[:200] = screen(page, 0.3, 6.0, 45)[:200]
    page[220:] = screen(page, 0.75, 6.0, 45)[220:]
    light, every = smooth_all_tones(page)
    assert (light != page).any() and (every != light).any()
    np.testing.assert_array_equal(light, smooth_tones(page))
    np.testing.assert_array_equal(every, smooth_tones(light, dark=True))
