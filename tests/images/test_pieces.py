from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from mangacolor.images.pieces import (
    close_dark,
    cut_fields,
    find_pieces,
    grow,
    mean_within,
    shrink,
)


def noise(seed: int, share: float = 0.3, shape: tuple[int, int] = (60, 47)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < share


@pytest.mark.parametrize("side", [1, 4, 5, 10])
def test_marks_are_closed_as_by_scipy_whatever_the_side(side: int) -> None:
    picture = np.random.default_rng(side).integers(0, 256, (50, 40), dtype=np.uint8)
    closed, expected = close_dark(picture, side), ndimage.grey_closing(picture, size=(side, side))
    # At the page's edge scipy reflects it.
    inside = np.s_[side:-side, side:-side]
    assert (closed[inside] == expected[inside]).all()
    assert (closed >= picture).all()


@pytest.mark.parametrize("edge", [False, True])
def test_masks_grow_and_shrink_by_squares(edge: bool) -> None:
    mask, square = noise(0), np.ones((5, 5))
    assert (grow(mask, 2) == ndimage.binary_dilation(mask, square)).all()
    wide = grow(mask, 2)
    assert (
        shrink(wide, 2, edge=edge) == ndimage.binary_erosion(wide, square, border_value=edge)
    ).all()


@pytest.mark.parametrize("diagonal", [False, True])
def test_pieces_are_connected_and_measured(diagonal: bool) -> None:
    mask = noise(1)
    found = find_pieces(mask, diagonal=diagonal)
    _, count = ndimage.label(mask, np.ones((3, 3)) if diagonal else None)
    assert len(found.sizes) == count + 1
    assert ((found.labels > 0) == mask).all()
    for number in range(1, count + 1):
        y, x = np.nonzero(found.labels == number)
        assert found.sizes[number] == len(y)
        assert (found.boxes[number] == (x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1)).all()


@pytest.mark.parametrize("sigma", [1.2, 3.0])
def test_a_mean_is_of_what_is_masked_and_of_nothing_else(sigma: float) -> None:
    mask = noise(2, 0.6)
    page = np.where(mask, 90, 255).astype(np.uint8)
    assert np.abs(mean_within(page, mask, sigma)[mask].astype(int) - 90).max() <= 1
    assert not mean_within(page, np.zeros_like(mask), sigma).any()


def test_fields_hold_every_marked_square_once() -> None:
    squares = noise(3, 0.1, (9, 7))
    shape, step = (9 * 8 - 3, 7 * 8 - 5), 8
    seen = np.zeros(shape, int)
    for place, there in cut_fields(squares, step, shape, 5):
        assert seen[place].shape == there.shape
        seen[place] += there
    marked = np.repeat(np.repeat(squares, step, axis=0), step, axis=1)[: shape[0], : shape[1]]
    assert (seen == marked).all()
