"""Areas that a person cuts along a line and joins."""

from __future__ import annotations

import numpy as np

from mangacolor.images.parting import (
    Disc,
    coarser_areas,
    cut_areas,
    finer_areas,
    join_areas,
)


def areas() -> np.ndarray:
    """Two areas side by side, the left one 40 wide, the right one 20."""
    labels = np.ones((30, 60), np.int32)
    labels[:, 40:] = 2
    return labels


def test_a_line_parts_the_area_in_which_most_of_it_lies_and_no_other() -> None:
    cut, area, new = cut_areas(areas(), [(0.25, 0.0), (0.25, 0.99)])
    assert area == 1 and new == [3]
    assert set(np.unique(cut[:, :14])) == {3} and set(np.unique(cut[:, 17:40])) == {1}
    # Every pixel has an area, and the other one is what it was.
    assert (cut > 0).all() and (cut[:, 40:] == 2).all()


def test_a_line_that_ends_short_of_the_outline_parts_all_the_same() -> None:
    _, _, new = cut_areas(areas(), [(0.3, 0.25), (0.3, 0.75)])
    assert new == [3]


def test_a_line_that_does_not_go_through_parts_nothing() -> None:
    labels = np.ones((200, 200), np.int32)
    cut, _, new = cut_areas(labels, [(0.4, 0.5), (0.6, 0.5)])
    assert not new and (cut == labels).all()
    cut, _, new = cut_areas(np.zeros((9, 9), np.int32), [(0, 0), (1, 1)])
    assert not new and not cut.any()


def test_of_an_area_in_two_places_the_one_under_the_line_is_parted() -> None:
    labels = areas()
    labels[:, 40:50], labels[:, 50:] = 2, 1
    cut, _, new = cut_areas(labels, [(0.25, 0.0), (0.25, 0.99)])
    assert new == [3] and (cut[:, 50:] == 1).all()


def test_joined_areas_have_the_first_ones_number() -> None:
    assert (join_areas(areas(), 2, 1) == 2).all()


def pieces(shape: tuple[int, int]) -> np.ndarray:
    """Columns of ten."""
    return np.broadcast_to(np.arange(shape[1]) // 10 + 1, shape).astype(np.int32)


def test_in_a_circle_an_area_falls_into_the_pieces_that_lie_there() -> None:
    window = Disc.around((30, 60), (15, 15), 12, 8)
    found, parts = finer_areas(areas(), pieces((30, 60))[window.rows, window.columns], window)
    # The second column lies in the circle, and no other with more than half of it.
    assert parts == [2] and set(np.unique(found[:, 10:20])) == {3}
    assert (found[:, :10] == 1).all() and (found[:, 20:] == areas()[:, 20:]).all()


def test_what_is_left_of_an_area_keeps_its_number() -> None:
    window = Disc.around((30, 60), (30, 15), 200, 0)
    found, parts = finer_areas(areas(), pieces((30, 60)), window)
    assert len(parts) == 4 and {1, 2} <= set(np.unique(found))
    for column in range(6):
        assert len(np.unique(found[:, 10 * column : 10 * column + 10])) == 1
    assert len(np.unique(found)) == 6


def test_areas_of_one_piece_in_a_circle_are_one_and_others_are_not() -> None:
    labels = pieces((30, 60))
    window = Disc.around((30, 60), (15, 15), 17, 8)
    whole = np.ones((30, 60), np.int32)[window.rows, window.columns]
    pairs = coarser_areas(labels, whole, window)
    assert sorted({number for pair in pairs for number in pair}) == [1, 2, 3]
    assert len(pairs) == 2
    assert coarser_areas(labels, labels[window.rows, window.columns], window) == []


def test_a_circle_beyond_the_page_changes_nothing() -> None:
    window = Disc.around((30, 60), (500, 500), 5, 8)
    nothing = np.zeros((30, 60), np.int32)[window.rows, window.columns]
    assert finer_areas(areas(), nothing, window)[1] == []
    assert coarser_areas(areas(), nothing, window) == []
