"""What stays white and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import Kind, is_paper
from mangacolor.images.unclosed import with_ground, with_white_words

PAGE, PANEL = (400, 300), [(20, 20, 280, 380)]


def kinds_of(*kinds: Kind) -> Float32:
    return np.concatenate(
        [np.zeros((1, len(Kind)), np.float32), np.eye(len(Kind), dtype=np.float32)[list(kinds)]]
    )


def words_on_ground(closed: float) -> tuple[Labels, UInt8]:
    """A gutter, a framed panel, and in it words on its ground, inked around for some share."""
    areas = np.full(PAGE, 1, np.int32)
    areas[20:380, 20:280] = 2
    areas[100:200, 100:200] = 3
    tone = np.full(PAGE, 255, np.uint8)
    for line in (
        np.s_[18:22, 18:282],
        np.s_[378:382, 18:282],
        np.s_[18:382, 18:22],
        np.s_[18:382, 278:282],
    ):
        tone[line] = 0
    sides = (
        np.s_[98:102, 98:202],
        np.s_[198:202, 98:202],
        np.s_[98:202, 98:102],
        np.s_[98:202, 198:202],
    )
    for side in sides[: round(4 * closed)]:
        tone[side] = 0
    return areas, tone


@pytest.mark.parametrize(("closed", "joined"), [(0, True), (0.5, True), (1, False)])
def test_words_on_bare_ground_are_a_part_of_it_and_balloons_are_not(
    closed: float, joined: bool
) -> None:
    areas, tone = words_on_ground(closed)
    kinds = kinds_of(Kind.GUTTER, Kind.BACKDROP, Kind.LETTERING)
    found, known = with_ground(areas, kinds, tone, PANEL, PAGE)
    assert len(known) == int(found.max()) + 1
    assert bool(is_paper(known)[found[150, 150]]) != joined
    assert (found[150, 150] == found[50, 50]) == joined
    # Gutters stay, for a frame is between.
    assert is_paper(known)[found[5, 5]] and not is_paper(known)[found[50, 50]]


def test_a_fleck_of_ground_in_a_gutter_is_gutter() -> None:
    areas, tone = words_on_ground(1)
    areas[200:260, 282:300] = 4
    kinds = kinds_of(Kind.GUTTER, Kind.BACKDROP, Kind.BALLOON, Kind.BACKDROP)
    found, known = with_ground(areas, kinds, tone, PANEL, PAGE)
    assert is_paper(known)[found[230, 290]]
    assert not is_paper(known)[found[50, 50]]


def test_tone_beside_white_is_not_the_same_ground() -> None:
    areas, tone = words_on_ground(0)
    tone[(areas == 2) & (tone == 255)] = 180
    kinds = kinds_of(Kind.GUTTER, Kind.BACKDROP, Kind.LETTERING)
    assert with_ground(areas, kinds, tone, PANEL, PAGE)[0] is areas


@pytest.mark.parametrize(("ground", "white"), [(10, True), (150, False)])
def test_effects_in_solid_black_and_what_is_white_in_it_stay_white(
    ground: int, white: bool
) -> None:
    areas, _ = words_on_ground(0)
    areas[areas == 3] = 2
    areas[100:130, 100:150] = 3
    tone = np.full(PAGE, ground, np.uint8)
    tone[areas == 3] = 230
    for ground_kind in (Kind.BACKDROP, Kind.HAIR):
        known = kinds_of(Kind.GUTTER, ground_kind, Kind.EFFECT)
        kinds = with_white_words(areas, known, tone)
        assert is_paper(kinds)[3] == white
        # Lights in black hair have its colour.
        assert is_paper(kinds)[2] == (white and ground_kind == Kind.BACKDROP)


def test_a_black_splash_is_no_ground() -> None:
    areas, _ = words_on_ground(0)
    areas[areas == 2] = 1
    areas[100:140, 100:150] = 2
    areas[areas == 3] = 1
    tone = np.where(areas == 2, 10, 255).astype(np.uint8)
    assert not is_paper(with_white_words(areas, kinds_of(Kind.BACKDROP, Kind.EFFECT), tone)).any()
