"""Photographs of pages: the sheet is found, made even, and a scan is none."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind, is_paper
from mangacolor.images.photographed import find_sheet, flattened, laid_back
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


def tips(found: np.ndarray) -> float:
    """How far corners are from those of `photograph`, at most, in pixels."""
    apart = np.linalg.norm(found * (SHAPE[1], SHAPE[0]) - CORNERS, axis=1)
    return float(apart.max())


def with_finger(shot: UInt8) -> UInt8:
    """A finger holds the sheet at its right side, and something lies on a corner."""
    found = shot.copy()
    # Something dark lies on a corner, too.
    cv2.circle(found, (615, 90), 40, (50,), cv2.FILLED)
    cv2.ellipse(found, (690, 500), (130, 28), 10, 0, 360, (170,), cv2.FILLED)
    return found


@pytest.mark.parametrize("held", [False, True])
def test_a_sheet_on_a_desk_is_found_and_is_a_scan_again(held: bool) -> None:
    page = draw_page(3, 1100, 760)
    shot = photograph(page)
    corners = find_sheet(with_finger(shot) if held else shot)
    assert corners is not None
    # It is taken a little smaller.
    assert tips(corners) < 14
    flat = flattened(shot, corners)
    again = cv2.resize(page, flat.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(flat.astype(int) - again).mean() < 12
    assert np.percentile(flat, 10) > 235


def test_a_page_that_was_turned_comes_out_upright() -> None:
    turned = CORNERS.mean(axis=0) + (CORNERS - CORNERS.mean(axis=0)) @ np.array(
        [[0.8, 0.22], [-0.22, 0.8]], np.float32
    )
    page = np.full((1100, 760), 255, np.uint8)
    page[100:200, 100:660] = 0
    corners = find_sheet(photograph(page, corners=turned))
    assert corners is not None
    flat = flattened(photograph(page, corners=turned), corners)
    h, w = flat.shape
    assert h > w
    dark = np.argwhere(flat < 100).mean(axis=0) / (h, w)
    assert np.abs(dark - (150 / 1100, 0.5)).max() < 0.03


def test_areas_lie_where_they_are_in_the_photograph() -> None:
    page = np.full((1100, 760), 255, np.uint8)
    page[300:700, 200:500] = 0
    shot = photograph(page)
    corners = find_sheet(shot)
    assert corners is not None
    areas = np.where(flattened(shot, corners) < 128, 2, 1).astype(np.int32)
    there = laid_back(areas, corners, *SHAPE, 9)
    assert (there[:50] == 9).all() and (there[:, -40:] == 9).all()
    dark = photograph(page, desk=200.0) < 100
    assert ((there == 2) == dark).mean() > 0.98
    assert set(np.unique(there)) == {1, 2, 9}


def test_a_scan_that_was_turned_is_a_sheet_and_light_that_goes_on_to_the_edge_is_none() -> None:
    h, w = SHAPE
    turned = np.array([[0, 0.17], [0.7, 0], [1, 0.83], [0.3, 1]]) * (w, h)
    assert find_sheet(photograph(draw_page(1, 1100, 760), corners=turned)) is not None
    sky = np.array([[0, 0], [w, 0], [w, 0.5 * h], [0, 0.6 * h]])
    assert find_sheet(photograph(draw_page(1, 1100, 760), corners=sky)) is None


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


def test_a_network_sees_the_sheet_alone_and_colour_lies_under_what_is_there() -> None:
    shown: list[np.ndarray] = []

    class Network:
        sees_afar = False

        def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            shown.append(page)
            n, _, h, w = page.shape
            kinds = np.zeros((n, len(Kind), h // 2, w // 2), np.float32)
            kinds[:, Kind.BACKDROP] = 1
            return np.zeros_like(page), kinds

    shot = photograph(draw_page(3, 1100, 760))
    seen = see_page(shot, Network())  # type: ignore[arg-type]
    assert np.percentile(shown[0], 10) > 0.8
    assert seen.photographed
    assert not see_page(draw_page(3, *SHAPE), Network()).photographed  # type: ignore[arg-type]
    assert seen.tone is not None and seen.tone.shape == seen.areas.shape
    assert abs(float(seen.tone[:30].mean()) - float(shot[:36].mean())) < 3
    around = int(seen.areas[0, 0])
    assert is_paper(seen.kinds).tolist() == [number == around for number in range(len(seen.kinds))]
