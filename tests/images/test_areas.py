from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.views import FACTS, MOST_AREAS, cut_views, membership


def drawn(size: int = 400) -> np.ndarray:
    page = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(page)
    for i in range(4):
        x, y = size // 2 * (i % 2), size // 2 * (i // 2)
        pen.ellipse((x + 30, y + 30, x + size // 2 - 30, y + size // 2 - 30), outline=0, width=3)
    return np.asarray(page)


def test_every_pixel_has_an_area() -> None:
    areas = find_areas(drawn())
    assert areas.min() == 1
    assert set(np.unique(areas)) == set(range(1, int(areas.max()) + 1))


def test_solid_black_is_one_area_and_a_speck_is_none() -> None:
    assert (find_areas(np.zeros((60, 80), np.uint8)) == 1).all()
    assert not find_areas(np.full((3, 4), 255, np.uint8)).any()


def test_a_strand_joins_what_it_hangs_on_and_a_gap_joins_nothing() -> None:
    page = Image.new("L", (300, 300), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 40, 200, 200), outline=0, width=3)
    # A strand 6 pixels wide and 12 long, open to the box.
    pen.rectangle((200, 100, 215, 108), outline=0, width=2)
    pen.rectangle((196, 102, 212, 106), fill=255)
    areas = find_areas(np.asarray(page))
    assert areas[104, 208] == areas[120, 120]
    assert areas[120, 120] != areas[20, 20]


def test_an_areas_colour_is_read_beside_its_lines() -> None:
    page = drawn()
    color = np.repeat(page[..., None], 3, axis=2).copy()
    color[(page > 200) & (find_areas(page) == find_areas(page)[100, 100])] = (200, 30, 60)
    areas = find_areas(page)
    found = area_colors(areas, page, color)[areas[100, 100]]
    assert np.abs(found.astype(int) - (200, 30, 60)).max() <= 4


def test_membership_adds_up_and_keeps_to_its_place() -> None:
    page = drawn()
    areas = find_areas(page)
    (view,) = cut_views(page, areas, [(0, 0, 400, 400)])
    assert view.facts.shape == (len(view.numbers), FACTS)
    assert np.isfinite(view.facts).all()
    for stride in (4, 8, 16, 32):
        shares = membership(view.cells, len(view.numbers), stride)
        h, w = view.picture.shape[0] // stride, view.picture.shape[1] // stride
        assert shares.shape == (len(view.numbers), h * w)
        np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-5)
    circle = int(np.flatnonzero(view.numbers == areas[100, 100])[0])
    where = membership(view.cells, len(view.numbers), 8)[circle].reshape(
        view.picture.shape[0] // 8, -1
    )
    half = where.shape[0] // 2
    assert where[:half, :half].sum() > 0.99


def test_areas_of_a_view_are_capped() -> None:
    page = np.full((900, 900), 255, np.uint8)
    page[::18] = 0
    page[:, ::18] = 0
    (view,) = cut_views(page, find_areas(page), [(0, 0, 900, 900)])
    assert len(view.numbers) == MOST_AREAS


def test_panels_are_views_of_their_own_areas() -> None:
    page = drawn()
    areas = find_areas(page)
    left, right = cut_views(page, areas, [(0, 0, 200, 400), (200, 0, 400, 400)])
    assert areas[100, 100] in left.numbers and areas[100, 100] not in right.numbers
    assert areas[100, 300] in right.numbers


@pytest.mark.parametrize("aspect", [3, 16, 48, 300])
@pytest.mark.parametrize("lying", [False, True])
def test_no_view_of_a_strip_is_squeezed(aspect: int, lying: bool) -> None:
    page = np.full((100 * aspect, 100), 255, np.uint8)
    page[:, ::25], page[::25] = 0, 0
    page = page.T.copy() if lying else page
    areas = find_areas(page)
    views = cut_views(page, areas, [(0, 0, page.shape[1], page.shape[0])])
    seen = set(np.concatenate([view.numbers for view in views]).tolist())
    h, w = views[0].picture.shape
    assert max(h, w) <= 7 * min(h, w)
    assert len(seen) == areas.max()


def test_a_view_in_more_detail_is_larger_and_shows_the_same_areas() -> None:
    page = np.full((600, 400), 255, np.uint8)
    page[:, 195:205] = page[295:305] = 0
    areas = find_areas(page)
    box = [(0, 0, 400, 600)]
    (usual,) = cut_views(page, areas, box)
    (larger,) = cut_views(page, areas, box, detail=1.5)
    assert larger.picture.shape[0] >= 1.4 * usual.picture.shape[0]
    assert np.array_equal(larger.numbers, usual.numbers)
    assert np.array_equal(larger.facts, usual.facts)


def test_what_is_crowded_is_looked_at_in_halves_and_later_in_more_detail() -> None:
    grid = np.full((900, 900), 255, np.uint8)
    grid[::75] = grid[:, ::75] = 0
    areas = find_areas(grid)
    box = [(0, 0, 900, 900)]
    assert len(cut_views(grid, areas, box, split=True)) > 1
    assert len(cut_views(grid, areas, box, split=True, detail=1.25)) == 1
