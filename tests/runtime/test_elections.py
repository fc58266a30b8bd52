"""Elections: which colour an area gets from votes that are counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.shades import shades
from mangacolor.runtime.areas import color_views
from mangacolor.runtime.colored_areas import ENOUGH, GUESSED
from mangacolor.runtime.reference_areas import ReferenceAreas
from tests.runtime.test_votes import view_of

RED, DARK_RED, BLUE, BLACK = (200, 30, 30), (196, 26, 26), (30, 30, 200), (0, 0, 0)


def elect(
    colors: list[tuple[int, int, int]],
    scores: list[float],
    allowed: list[bool] | None = None,
    guesses: np.ndarray | None = None,
) -> tuple[UInt8, float, int]:
    """The colour, how sure and the match of an area; the last score is for none of them."""
    known = ReferenceAreas(np.zeros((len(colors), 4), np.float32), np.array(colors, np.uint8))
    model: Any = SimpleNamespace(match=lambda *_: (np.array([scores], np.float32), guesses))
    looked = ([np.zeros((1, 4), np.float32)], [np.zeros((1, 2), np.float32)])
    may = None if allowed is None else np.array([allowed, allowed])
    ((color, sure, match),) = color_views(
        model, [view_of(Kind.THING)], known, looked=looked, allowed=may
    )
    return color[0], float(sure[0]), int(match[0])


def test_colours_that_are_nearly_one_are_elected_together_against_the_best() -> None:
    color, _, match = elect([RED, DARK_RED, BLUE], [1.0, 1.0, 1.4, -9])
    assert color[0] > 190
    assert match in (0, 1)


@pytest.mark.parametrize("none", [-9.0, 3.0])
def test_the_colour_is_the_voters_however_many_voted_for_nothing(none: float) -> None:
    color, sure, _ = elect([RED, BLUE], [1.0, -9, none])
    assert tuple(color) == RED
    assert (sure > 0.9) == (none < 0)


def test_black_stays_black() -> None:
    assert tuple(elect([BLACK, BLUE], [1.0, -9, -9])[0]) == BLACK


def test_an_area_is_nothing_but_what_it_may_be() -> None:
    color, _, match = elect([RED, BLUE], [5.0, 1.0, -9], allowed=[False, True])
    assert tuple(color) == BLUE
    assert match == 1


def test_who_guesses_leaves_nothing_without_a_colour() -> None:
    # Nothing is known of it, neither by votes nor by guesses.
    unsure = np.zeros((1, len(shades())), np.float32)
    _, sure, _ = elect([RED, BLUE], [-9.0, -9.0, 9.0], guesses=unsure)
    assert sure == pytest.approx(ENOUGH)
    surely = unsure.copy()
    surely[0, 5] = 20
    _, sure, match = elect([RED, BLUE], [-9.0, -9.0, 9.0], guesses=surely)
    assert match == GUESSED
    assert sure > ENOUGH
