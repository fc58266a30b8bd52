from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.config import Look
from mangacolor.images.areas import find_areas
from mangacolor.images.kinds import Kind
from mangacolor.runtime.colored_areas import ColoredAreas, with_told
from mangacolor.runtime.compose import Known, compose, find_cuts

COLOR = (230, 150, 60)


def drawn(dots: bool = False) -> np.ndarray:
    """uint8 (600, 400): a frame, a circle in it, half of the panel in screentone if asked for."""
    page = Image.new("L", (400, 600), 255)
    pen = ImageDraw.Draw(page)
    if dots:
        for y in range(300, 576, 6):
            for x in range(24, 376, 6):
                pen.rectangle((x, y, x + 2, y + 2), fill=0)
    pen.rectangle((20, 20, 380, 580), outline=0, width=4)
    pen.ellipse((100, 80, 300, 260), outline=0, width=3)
    return np.asarray(page)


def blotchy() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.clip(rng.normal(COLOR, 25, (150, 100, 3)), 0, 255).astype(np.uint8)


def test_ink_and_margins_are_untouched_and_panels_are_in_colour() -> None:
    page = drawn()
    for flats in (False, True):
        result = compose(page, blotchy(), Look(flats=flats))
        assert (result[page == 0] == 0).all()
        assert (result[:14] == 255).all()
        assert np.abs(result[400, 200].astype(int) - COLOR).max() < 30


def test_flats_are_even_and_without_them_colours_vary() -> None:
    color = blotchy()
    color[:, 70:] = (90, 160, 220)
    even, uneven = (
        compose(drawn(), color, Look(flats=flats))[300:560, 40:360].astype(int)
        for flats in (True, False)
    )
    assert np.ptp(even, axis=(0, 1)).max() <= 3
    assert np.ptp(uneven, axis=(0, 1)).max() > 60


def test_tones_stay_dots_or_become_shade() -> None:
    page = drawn(dots=True)
    kept, smooth = (
        compose(page, blotchy(), Look(tones=tones))[320:560, 60:340] for tones in ("keep", "smooth")
    )
    ink = page[320:560, 60:340] == 0
    assert (kept[ink] == 0).all()
    assert kept[~ink].mean() > 100
    assert smooth.astype(float).std(axis=(0, 1)).max() < 12
    luma = np.array([0.299, 0.587, 0.114])
    # Lit specks are as dark as the colour at its brightest: white ones would leave it grey.
    color = np.array(COLOR)
    lit = kept[page[320:560, 60:340] == 255].mean(axis=0)
    assert np.abs(lit / lit.mean() - color / color.mean()).max() < 0.06
    brightest = color @ luma / color.max()
    assert 0.9 * brightest < (kept @ luma).mean() / (smooth @ luma).mean() < 1.1


def test_a_tone_that_the_painter_painted_too_is_not_darkened_twice() -> None:
    page = np.full((240, 240), 255, np.uint8)
    page[60:180, 60:180] = 120
    painted = np.full((120, 120, 3), 250, np.uint8)
    painted[30:90, 30:90] = 120
    result = compose(page, painted, Look(flats=True))
    assert result[80:160, 80:160].mean() > 0.9 * 120


def test_no_strength_is_the_page() -> None:
    page = drawn(dots=True)
    assert (compose(page, blotchy(), Look(strength=0)) == page[..., None]).all()


def test_a_strip_is_cut_between_its_panels_and_comes_out_as_its_pieces_do() -> None:
    strip = np.concatenate([drawn()] * 6)
    color = np.concatenate([blotchy()] * 6)
    spans = find_cuts(strip)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(strip)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spans))
    assert max(bottom - top for top, bottom in spans) <= 2.5 * strip.shape[1]
    # Frames stand 20 rows from the drawings' edges.
    assert all(bottom % 600 > 580 or bottom % 600 < 20 for _, bottom in spans)
    result = compose(strip, color, Look()).astype(int)
    alone = compose(drawn(), blotchy(), Look()).astype(int)
    assert np.abs(result[1800:2400] - alone).mean() < 3


def test_pages_are_not_cut() -> None:
    assert find_cuts(drawn()) == [(0, 600)]
    assert find_cuts(np.zeros((1, 1), np.uint8)) == [(0, 1)]


def test_a_strip_is_cut_where_least_is_drawn_and_of_rows_alike_in_the_middle() -> None:
    strip = np.full((600, 100), 255, np.uint8)
    assert find_cuts(strip) == [(0, 150), (150, 300), (300, 450), (450, 600)]
    assert find_cuts(strip[:251]) == [(0, 150), (150, 251)]
    assert find_cuts(strip[:250]) == [(0, 250)]
    # Lines down all rows but one: from 100 to 200 rows below the last cut it is cut there.
    strip[:, 50] = 0
    for row, cut in ((100, 100), (120, 120), (200, 200), (99, 150), (201, 150)):
        one = strip[:300].copy()
        one[row] = 255
        assert find_cuts(one) == [(0, cut), (cut, 300)]


def balloon_like() -> np.ndarray:
    """uint8 (600, 400): in a frame a white round with marks in one row, as a balloon has them."""
    page = drawn().copy()
    for x in range(150, 250, 20):
        page[160:175, x : x + 12] = 0
    return page


def told_apart(page: np.ndarray, round_is_paper: bool) -> ColoredAreas:
    """Its areas in one colour, of a model that knows what is paper."""
    areas = find_areas(page)
    kinds = np.zeros((int(areas.max()) + 1, len(Kind)), np.float32)
    kinds[areas[5, 5], Kind.GUTTER] = 1
    kinds[areas[areas.shape[0] // 4, areas.shape[1] // 2], Kind.BALLOON] = round_is_paper
    colors = np.full((len(kinds), 3), COLOR, np.uint8)
    matches = np.zeros(len(kinds), np.int32)
    return ColoredAreas(areas, colors, np.ones(len(kinds), np.float32), matches, kinds)


def test_a_model_that_knows_what_is_paper_decides_and_not_what_looks_like_a_balloon() -> None:
    page = balloon_like()
    inside = (120, 200)
    for is_paper in (False, True):
        result = compose(page, None, Look(), colored=told_apart(page, is_paper))
        assert ((result[inside] == 255).all()) == is_paper
        assert (result[:14] == 255).all()
        assert np.abs(result[400, 200].astype(int) - COLOR).max() < 30


def test_where_no_model_says_what_is_paper_balloons_are() -> None:
    colored = dataclasses.replace(
        told_apart(balloon_like(), False), kinds=np.zeros((0, 0), np.float32)
    )
    result = compose(balloon_like(), None, Look(), colored=colored)
    assert (result[120, 200] == 255).all()
    assert np.abs(result[400, 200].astype(int) - COLOR).max() < 30


def test_what_a_person_colours_of_paper_is_painted_up_to_what_ink_calls_paper() -> None:
    # A round that is open to the panel, and the panel with its margin one area: all is "gutter".
    page = np.pad(drawn()[18:583, 18:383], 100, constant_values=255)
    areas = np.ones(page.shape, np.int32)
    kinds = np.zeros((2, len(Kind)), np.float32)
    kinds[1, Kind.GUTTER] = 1
    white = np.full((2, 3), 255, np.uint8)
    colored = ColoredAreas(areas, white, np.ones(2, np.float32), np.zeros(2, np.int32), kinds)
    assert (compose(page, None, Look(), colored=colored) == page[..., None]).all()
    result = compose(page, None, Look(), colored=with_told(colored, {1: COLOR}))
    assert np.abs(result[250, 280].astype(int) - COLOR).max() < 30
    assert (result[:90] == 255).all()


def test_what_is_laid_is_the_calm_colour_where_there_is_one() -> None:
    page = drawn()
    plain = told_apart(page, False)
    calm = dataclasses.replace(plain, calm=np.full_like(plain.colors, (90, 160, 220)))
    other = dataclasses.replace(plain, colors=calm.calm)
    made = [compose(page, None, Look(), colored=colored) for colored in (plain, calm, other)]
    assert (made[1] == made[2]).all() and (made[1] != made[0]).any()


def test_what_is_known_of_a_page_makes_it_no_other() -> None:
    page = np.concatenate([balloon_like()] * 3)
    first = told_apart(page, False)
    other = dataclasses.replace(first, colors=np.full_like(first.colors, (90, 160, 220)))
    unknown = dataclasses.replace(first, kinds=np.zeros((0, 0), np.float32))
    known = Known(laid={})
    for colored in (first, other, unknown, first):
        result = compose(page, None, Look(), colored=colored, known=known)
        assert (result == compose(page, None, Look(), colored=colored)).all()
    assert known.shade is not None
    assert set(known.laid or {}) == {top for top, _ in find_cuts(page)}


def test_the_page_on_which_areas_were_found_is_taken_where_its_shade_is_that_of_the_page() -> None:
    shade, darker = np.full((8, 8), 200, np.uint8), np.full((8, 8), 90, np.uint8)
    known = Known(tone=np.full((4, 4), 7, np.uint8))
    assert (known.reduced(shade, shade, 4, 4) == 7).all()
    # Of another size, or where dark screens are smoothed, too, it is another picture.
    assert (known.reduced(shade, shade, 2, 4) == np.full((2, 4), 200)).all()
    assert (known.reduced(darker, shade, 4, 4) == np.full((4, 4), 90)).all()
    # And that is made once.
    assert known.reduced(darker, shade, 4, 4) is known.small
