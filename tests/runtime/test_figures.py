"""What areas of figures may be."""

from __future__ import annotations

import numpy as np

from mangacolor.runtime.colored_areas import GUESSED, ColoredAreas
from mangacolor.runtime.figures import Figure, figure_colors, find_allowed, owned
from mangacolor.runtime.reference_areas import ReferenceAreas, joined

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


def areas() -> np.ndarray:
    labels = np.ones((20, 40), np.int32)
    labels[:, 20:] = 2
    return labels


def known(*places: tuple[float, float, float]) -> ReferenceAreas:
    count = len(places)
    return ReferenceAreas(
        np.zeros((count, 2), np.float32),
        np.zeros((count, 3), np.uint8),
        places=np.array(places, np.float32),
        sizes=np.ones(count, np.float32),
        looks=np.zeros((count, 2), np.float32),
    )


def test_a_figure_is_what_its_box_shows_and_the_rest_of_the_page_anything() -> None:
    references = known((0, 0.1, 0.5), (0, 0.9, 0.5), (1, 0.1, 0.5))
    allowed = find_allowed(areas(), [Figure(RIGHT, 0, LEFT)], references)
    assert allowed is not None
    assert allowed[2].tolist() == [True, False, False] and allowed[1].all()


def test_what_was_taught_of_a_figure_is_allowed_it_and_no_other_figure() -> None:
    mine, other = Figure(LEFT, 0, LEFT), Figure(RIGHT, 0, RIGHT)
    lesson = owned(known((-1, -1, -1)), mine)
    references = joined([known((0, 0.1, 0.5), (0, 0.9, 0.5)), lesson, known((-1, -1, -1))])
    allowed = find_allowed(areas(), [mine, other], references)
    assert allowed is not None
    assert allowed[1].tolist() == [True, False, True, False]
    # What was taught of nobody in particular is no figure's.
    assert allowed[2].tolist() == [False, True, False, False]


def test_a_box_in_which_nothing_is_known_forbids_nothing() -> None:
    allowed = find_allowed(areas(), [Figure(LEFT, 3, LEFT)], known((0, 0.1, 0.5)))
    assert allowed is not None and allowed.all()


def test_a_figure_teaches_the_colours_that_were_matched_in_its_box() -> None:
    colors = np.array([[0, 0, 0], [1, 2, 3], [4, 5, 6]], np.uint8)
    sure = np.array([0, 0.9, 0.9], np.float32)
    matches = np.array([GUESSED, 0, 0], np.int32)
    colored = ColoredAreas(areas(), colors, sure, matches)
    assert figure_colors(colored, Figure(LEFT, 0, LEFT)) == {1: (1, 2, 3)}
    unsure = ColoredAreas(areas(), colors, np.zeros(3, np.float32), matches)
    assert figure_colors(unsure, Figure(LEFT, 0, LEFT)) == {}


def test_what_reaches_far_beyond_a_box_is_no_part_of_the_figure() -> None:
    # A quarter of the left area lies in the box, most of what is behind it does not.
    quarter = (0.0, 0.0, 0.25, 0.5)
    allowed = find_allowed(areas(), [Figure(quarter, 0, LEFT)], known((0, 0.1, 0.5), (1, 0.1, 0.5)))
    assert allowed is not None and allowed.all()
