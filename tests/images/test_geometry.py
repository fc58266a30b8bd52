from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.geometry import (
    crop,
    fit_seen,
    fit_size,
    pad_to_multiple,
    reduce,
    resize,
    round_up,
    to_signed,
    to_uint8,
)


@pytest.mark.parametrize(
    ("h", "w", "expected"),
    [(2400, 1600, (768, 512)), (1600, 2400, (512, 768)), (10, 10, (768, 768)), (1, 9000, (1, 768))],
)
def test_the_longer_side_fits_whatever_the_aspect(
    h: int, w: int, expected: tuple[int, int]
) -> None:
    assert fit_size(h, w, 768) == expected


@pytest.mark.parametrize("shape", [(33, 70), (64, 64), (1, 1), (33, 70, 3)])
def test_padding_is_white_and_cropping_takes_it_back(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    padded = pad_to_multiple(picture, 32, minimum=40)
    assert all(side % 32 == 0 and side >= 40 for side in padded.shape[:2])
    assert np.array_equal(crop(padded, *shape[:2]), picture)
    assert (padded[shape[0] :] == 255).all()
    assert (padded[:, shape[1] :] == 255).all()


def test_every_stored_value_survives_the_change_to_signed_and_back() -> None:
    values = np.arange(256, dtype=np.uint8)
    signed = to_signed(values)
    assert signed.dtype == np.float32
    assert (signed.min(), signed.max()) == (-1, 1)
    assert np.array_equal(to_uint8(signed), values)


def test_values_outside_the_range_are_clipped() -> None:
    assert to_uint8(np.array([-7, 7], np.float32)).tolist() == [0, 255]


def test_resizing_keeps_flat_colour_and_averages_what_gets_smaller() -> None:
    flat = np.full((40, 30, 3), (10, 200, 99), np.uint8)
    assert (resize(flat, 7, 90) == (10, 200, 99)).all()
    checks = np.indices((64, 64)).sum(0) % 2 * np.uint8(255)
    assert abs(resize(checks.astype(np.uint8), 8, 8).mean() - 127.5) < 2


def test_rounding_up() -> None:
    assert [round_up(length, 16) for length in (1, 16, 17)] == [16, 16, 32]


def test_a_small_picture_is_looked_at_larger_and_no_picture_at_more_than_it_may() -> None:
    for h, w in ((500, 450), (700, 500), (750, 1000), (866, 866), (867, 867), (3000, 2000)):
        seen = fit_seen(h, w, 1_500_000)
        assert seen[0] <= 2 * h and seen[1] <= 2 * w
        assert seen[0] * seen[1] <= max(h * w, 750_000 * 1.01)
        # No picture is seen smaller than one that is smaller.
        assert seen[0] * seen[1] >= min(4 * h * w, 749_000)
    assert fit_seen(700, 500, 1_500_000)[0] > 1000
    assert fit_seen(256, 256, 1_500_000) == (256, 256)
    assert fit_seen(1000, 1000, 1_500_000) == (1000, 1000)


def test_what_a_large_picture_is_padded_with_is_part_of_what_it_may_have() -> None:
    for h, w in ((2400, 1600), (2000, 1414), (1400, 2000), (9000, 800), (1501, 1000)):
        seen = fit_seen(h, w, 1_500_000, 64)
        padded = [round_up(side, 64) for side in seen]
        assert 1_250_000 < padded[0] * padded[1] <= 1_500_000
        assert seen[0] / seen[1] == pytest.approx(h / w, rel=0.01)
        # One side is used whole, so that nothing is seen smaller than it must.
        assert any(side == much for side, much in zip(seen, padded, strict=True))
    # What is small enough already stays.
    assert fit_seen(1499, 1000, 1_500_000, 64) == (1499, 1000)
    assert fit_seen(256, 256, 1_500_000, 64) == (256, 256)


def test_what_is_to_be_larger_is_scaled_as_resize_does() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)
    assert np.array_equal(reduce(picture, 40, 60), resize(picture, 40, 60))
