"""Areas that a person cuts along a line and joins."""

from __future__ import annotations

import numpy as np

from mangacolor.images.parting import cut_areas, join_areas


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
