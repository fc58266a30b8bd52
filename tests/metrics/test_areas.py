"""The laws of areas in their own colour."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mangacolor.metrics.answerable import find_answerable, judge_areas
from mangacolor.metrics.areas import area_accuracy, is_painted, to_lab, without_chroma
from mangacolor.metrics.judged import share_right

RED, BLUE, GREY = (210, 70, 70), (70, 90, 210), (150, 150, 150)
WHITE, BLACK = (255, 255, 255), (12, 10, 14)
# Nine fields of a page, by their areas' numbers.
FIELDS = [RED, RED, BLUE, GREY, WHITE, BLACK, (240, 200, 60), BLUE, WHITE]
SIDE = 30


def draw(colors: list[tuple[int, int, int]], side: int = SIDE) -> np.ndarray:
    """A square of three by three fields."""
    grid = np.array(colors, np.uint8).reshape(3, 3, 3)
    return grid.repeat(side, axis=0).repeat(side, axis=1)


def areas(side: int = SIDE) -> np.ndarray:
    return np.arange(1, 10, dtype=np.int32).reshape(3, 3).repeat(side, axis=0).repeat(side, axis=1)


TRUTH = to_lab(draw(FIELDS))
# Without the yellow.
REFERENCE = to_lab(draw([RED, BLUE, GREY, *[WHITE] * 6], 17))


def right(made: np.ndarray, reference: np.ndarray = REFERENCE) -> dict[int, bool]:
    found = judge_areas(made, TRUTH, areas(), find_answerable(TRUTH, reference))
    return {one.label: one.right for one in found}


def test_what_can_be_answered_is_painted_and_shown() -> None:
    assert right(TRUTH) == {1: True, 2: True, 3: True, 4: True, 8: True}
    assert right(TRUTH, to_lab(draw([WHITE] * 9))) == {}
    # A colour within reach is shown, one that is further away is not.
    near, far = (211, 78, 72), (235, 120, 90)
    assert {1, 2} <= set(right(TRUTH, to_lab(draw([near] * 9))))
    assert right(TRUTH, to_lab(draw([far] * 9))) == {}


def test_a_colour_must_cover_its_share_of_the_reference() -> None:
    for pixels, shown in ((2, False), (40, True)):
        reference = np.full((100, 100, 3), 255, np.uint8)
        reference.reshape(-1, 3)[:pixels] = RED
        assert (1 in right(TRUTH, to_lab(reference))) is shown


def test_two_areas_that_change_colours_are_wrong_and_no_others() -> None:
    changed = FIELDS.copy()
    changed[0], changed[2] = changed[2], changed[0]
    assert right(to_lab(draw(changed))) == {1: False, 2: True, 3: False, 4: True, 8: True}


def test_grey_things_are_right_without_chroma() -> None:
    assert right(without_chroma(TRUTH)) == {1: False, 2: False, 3: False, 4: True, 8: False}


def test_more_than_half_of_an_area_decides() -> None:
    for share, is_right in ((0.4, True), (0.6, False)):
        made = draw(FIELDS)
        made[:SIDE, : round(share * SIDE)] = BLUE
        assert right(to_lab(made))[1] is is_right


def test_scale_hardly_matters() -> None:
    made = [RED, BLUE, *FIELDS[2:]]
    shares = []
    for side in (10, 30, 75):
        answerable = find_answerable(to_lab(draw(FIELDS, side)), REFERENCE)
        shares.append(
            share_right(
                judge_areas(
                    to_lab(draw(made, side)), to_lab(draw(FIELDS, side)), areas(side), answerable
                )
            )
        )
    assert shares == pytest.approx([0.8] * 3, abs=0.02)


def test_accuracy_by_hand() -> None:
    true = np.array(FIELDS, np.uint8)
    size = np.array([10, 20, 30, 40, 500, 600, 60, 70, 800])
    painted = 10 + 20 + 30 + 40 + 60 + 70
    assert area_accuracy(true, true, size) == 1
    made = true.copy()
    made[2], made[4] = RED, BLUE  # what is paper in the truth does not count
    assert area_accuracy(made, true, size) == pytest.approx(1 - 30 / painted)
    grey = np.array([GREY] * 9, np.uint8)
    assert area_accuracy(grey, true, size) == pytest.approx(40 / painted)
    assert math.isnan(area_accuracy(true[4:6], true[4:6], size[4:6]))


def test_paper_and_ink() -> None:
    colors = np.array([WHITE, (250, 248, 244), BLACK, (255, 228, 206), (30, 30, 110)], np.uint8)
    assert is_painted(to_lab(colors)).tolist() == [False, False, False, True, False]
