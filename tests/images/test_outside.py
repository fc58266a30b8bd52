from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import Kind, is_paper
from mangacolor.images.outside import with_gutters, with_missed

# A page of 200x100, seen at half its size: a panel above and one below, a wide gutter between.
BOXES = [(10, 10, 90, 80), (10, 140, 90, 190)]


def seen(paper: float) -> tuple[Labels, Float32]:
    areas = np.full((100, 50), 1, np.int32)
    areas[5:40, 5:45] = 2
    areas[70:95, 5:45] = 3
    kinds = np.zeros((4, len(Kind)), np.float32)
    kinds[1:, Kind.BACKDROP] = 1 - paper
    kinds[1:, Kind.GUTTER] = paper
    return areas, kinds


def test_a_wide_blank_gutter_is_paper_and_what_lies_in_panels_is_not() -> None:
    areas, kinds = seen(0.2)
    before = kinds.copy()
    found = with_gutters(kinds, areas, BOXES, (200, 100))
    assert is_paper(found).tolist() == [False, True, False, False]
    assert np.array_equal(kinds, before)


def test_a_backdrop_outside_of_all_panels_that_were_found_stays_one() -> None:
    # A panel without a frame that nobody found.
    areas, kinds = seen(0.05)
    assert with_gutters(kinds, areas, BOXES, (200, 100)) is kinds


@pytest.mark.parametrize("boxes", [[(0, 0, 100, 200)], [(10, 0, 90, 200)]])
def test_where_the_page_is_one_panel_nothing_is_a_gutter(
    boxes: list[tuple[int, int, int, int]],
) -> None:
    areas, kinds = seen(0.4)
    assert with_gutters(kinds, areas, boxes, (200, 100)) is kinds


def test_what_breaks_out_of_its_panel_a_little_stays_what_it_is() -> None:
    areas, kinds = seen(0.4)
    areas[areas == 1] = 0
    areas[5:50, 5:45] = 2
    assert not is_paper(with_gutters(kinds, areas, BOXES, (200, 100))).any()


def opened() -> tuple[Labels, Float32]:
    """A panel that fills the page from above to below, blank but for a figure: its frame is cut."""
    areas = np.full((400, 200), 1, np.int32)
    areas[:, 20:180] = 2
    areas[240:360, 60:140] = 3
    kinds = np.zeros((4, len(Kind)), np.float32)
    kinds[1, Kind.GUTTER] = kinds[2, Kind.BACKDROP] = kinds[3, Kind.SKIN] = 1
    return areas, kinds


def test_a_panel_that_the_edge_of_the_page_cuts_open_is_none_less() -> None:
    areas, kinds = opened()
    # All that gutters find is a part of the figure, with ground around it.
    (box,) = with_missed([(80, 400, 320, 600)], kinds, areas, (800, 400))
    assert 20 <= box[0] <= 40 and 360 <= box[2] <= 380 and box[1::2] == (0, 800)


def test_a_panel_within_what_was_missed_stays_one() -> None:
    areas, kinds = opened()
    areas[40:120, 60:140] = 4
    kinds = np.concatenate([kinds, kinds[3:]])
    inset = (120, 480, 280, 720)
    found = with_missed([inset], kinds, areas, (800, 400))
    assert found[0] == inset and len(found) == 2


def test_a_blank_band_that_is_taken_for_ground_is_no_panel() -> None:
    areas, kinds = seen(0.0)
    areas = np.kron(areas, np.ones((8, 8), np.int32))
    assert with_missed(BOXES, kinds, areas, (200, 100)) == BOXES


def test_where_panels_hold_what_is_drawn_nothing_was_missed() -> None:
    areas, kinds = seen(0.9)
    kinds[2:] = np.eye(len(Kind), dtype=np.float32)[Kind.BACKDROP]
    assert with_missed(BOXES, kinds, areas, (200, 100)) == BOXES
