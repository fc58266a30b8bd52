"""Photographs of pages: the sheet is found, made even, and a scan is none."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.photographed import find_sheet, flattened
from mangacolor.runtime.seen import see_page
from tests.conftest import draw_page

SHAPE = (900, 700)
CORNERS = np.array([[80, 70], [610, 95], [640, 830], [50, 800]], np.float32)


def photograph(page: UInt8, desk: float = 60.0, corners: np.ndarray = CORNERS) -> UInt8:
    """A page on a desk, darker to the right, noisy."""
    h, w = page.shape
    own = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    turn = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    size = SHAPE[1], SHAPE[0]
    seen = cv2.warpPerspective(page, turn, size, flags=cv2.INTER_AREA).astype(np.float32)
    share = cv2.warpPerspective(np.full((h, w), 255, np.uint8), turn, size) / 255
    found = desk * (1 - share) + (seen * 0.85 + 10) * share
    found *= np.linspace(1, 0.8, SHAPE[1])
    found += np.random.default_rng(0).normal(0, 2, SHAPE)
    return np.clip(found, 0, 255).astype(np.uint8)


def test_a_sheet_on_a_desk_is_found_and_is_white_where_it_is_paper() -> None:
    page = draw_page(3, 1100, 760)
    shot = photograph(page)
    corners = find_sheet(shot)
    assert corners is not None
    apart = np.linalg.norm(corners[:, None] * (SHAPE[1], SHAPE[0]) - CORNERS, axis=2)
    assert apart.min(axis=0).max() < 12
    flat = flattened(shot, corners)
    assert (flat[:40] == 255).all() and (flat[:, -40:] == 255).all()
    inside = np.zeros(SHAPE, np.uint8)
    middle = CORNERS.mean(axis=0)
    cv2.fillConvexPoly(inside, (middle + (CORNERS - middle) * 0.95).astype(np.int32), 1)
    assert np.percentile(flat[inside > 0], 10) > 235
    # Ink stays ink.
    assert flat[inside > 0].min() < 60


def black_with_a_panel() -> UInt8:
    page = np.zeros(SHAPE, np.uint8)
    page[200:600, 100:500] = 255
    return page


def drawn() -> UInt8:
    return draw_page(1, *SHAPE)


def noise() -> UInt8:
    return np.random.default_rng(2).integers(0, 256, SHAPE).astype(np.uint8)


@pytest.mark.parametrize(
    "make",
    [
        drawn,
        black_with_a_panel,
        noise,
        lambda: np.zeros(SHAPE, np.uint8),
        lambda: np.full(SHAPE, 255, np.uint8),
        # So light a desk is paper, too; and a thumbnail is what it is.
        lambda: photograph(drawn(), desk=215.0),
        lambda: cv2.resize(photograph(drawn()), (210, 280)),
    ],
)
def test_what_is_no_photograph_of_a_sheet_is_none(make: Callable[[], UInt8]) -> None:
    assert find_sheet(make()) is None


def test_a_network_sees_nothing_of_what_lies_around_and_colour_lies_under_what_is_there() -> None:
    shown: list[np.ndarray] = []

    class Network:
        def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            shown.append(page)
            n, _, h, w = page.shape
            kinds = np.zeros((n, len(Kind), h // 2, w // 2), np.float32)
            kinds[:, Kind.BACKDROP] = 1
            return np.zeros_like(page), kinds

    shot = photograph(draw_page(3, 1100, 760))
    seen = see_page(shot, Network())  # type: ignore[arg-type]
    assert (shown[0][0, 0, :30, :600] == 1).all()
    assert seen.tone is not None
    assert abs(float(seen.tone[:30].mean()) - float(shot[:36].mean())) < 3
