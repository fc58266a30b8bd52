"""Scans: paper gets darker and ink lighter, in bounds, and always the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mangacolor.manga.scan import CLEAN, make_scan, scan_page


@pytest.fixture
def page() -> np.ndarray:
    page = np.full((120, 90), 255, np.uint8)
    page[20:60, 10:50] = 0
    return page


def test_a_clean_scan_is_the_page(page: np.ndarray) -> None:
    assert np.array_equal(scan_page(page, CLEAN, np.random.default_rng(0)), page)


@pytest.mark.parametrize("seed", range(12))
def test_a_scan_is_the_page_all_the_same(page: np.ndarray, seed: int) -> None:
    scan = make_scan(np.random.default_rng(seed))
    one, two = (scan_page(page, scan, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.shape == page.shape
    assert one.dtype == np.uint8
    assert float(one[:, 60:].mean()) > float(one[25:55, 15:45].mean()) + 60


@pytest.mark.parametrize(
    ("field", "value"),
    {
        "scaled": 0.6,
        "blur": 0.8,
        "noise": 0.03,
        "quality": 30,
        "through": 0.05,
        "black": 0.2,
        "white": 0.8,
        "light": 0.2,
        "spine": 0.1,
    }.items(),
)
def test_each_fault_is_seen(page: np.ndarray, field: str, value: float) -> None:
    scan = dataclasses.replace(CLEAN, **{field: value})  # type: ignore[arg-type]
    assert not np.array_equal(scan_page(page, scan, np.random.default_rng(0)), page)


def test_a_scan_of_one_bit_is_black_and_white(page: np.ndarray) -> None:
    scan = dataclasses.replace(CLEAN, bits=1, blur=1.0, noise=0.05)
    assert set(np.unique(scan_page(page, scan, np.random.default_rng(0)))) == {0, 255}
