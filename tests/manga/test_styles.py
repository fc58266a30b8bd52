"""Each style by itself: what it covers, and where it stays out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.manga.cloth import PATTERNS, pattern
from mangacolor.manga.folds import draw_folds, open_hair
from mangacolor.manga.glitter import GLITTER, strew
from mangacolor.manga.hair import comb, spindles
from mangacolor.manga.hand import make_hand
from mangacolor.manga.motion import MOTIONS, motion
from mangacolor.manga.screens import SPOTS, Screen, screen
from mangacolor.manga.shade import cast_shadow, far_side, form_shadow, sharpen
from mangacolor.manga.strokes import hatch


@pytest.mark.parametrize("spot", [*SPOTS, "sand"])
@pytest.mark.parametrize("pitch", [2.2, 4.0, 9.0])
def test_a_screen_covers_as_much_as_it_is_to(spot: str, pitch: float) -> None:
    for density in (0.0, 0.1, 0.3, 0.6, 0.9):
        wanted = np.full((240, 260), density, np.float32)
        ink = screen(wanted, Screen(spot, pitch, 0.7), (13, 1999))
        assert ink.dtype == np.float32
        assert float(ink.mean()) == pytest.approx(density, abs=0.03)
    assert float(screen(np.zeros((9, 9), np.float32), Screen(spot, pitch, 0.7), (0, 0)).max()) == 0


def test_a_tone_goes_on_across_parts() -> None:
    whole = screen(np.full((90, 120), 0.3, np.float32), Screen("dots", 5.3, 0.6), (0, 0))
    part = screen(np.full((50, 60), 0.3, np.float32), Screen("dots", 5.3, 0.6), (40, 30))
    assert np.abs(whole[30:80, 40:100] - part).mean() < 0.03


@pytest.mark.parametrize("seed", range(3))
def test_hatching_is_darker_where_more_is_wanted_and_nowhere_else(seed: int) -> None:
    density = np.repeat(np.array([[0, 0.3, 0.8]], np.float32), 100, axis=1).repeat(200, axis=0)
    ink = hatch(density, 0.5, 6.0, np.random.default_rng(seed))
    none, some, much = (float(ink[:, i : i + 100].mean()) for i in (0, 100, 200))
    assert none == 0
    assert 0.05 < some < much < 0.9


def test_strands_are_within_hair_and_lie_side_by_side() -> None:
    mask = np.zeros((200, 160), bool)
    mask[20:180, 30:130] = True
    rng = np.random.default_rng(2)
    combed = comb(mask, 6.0, rng)
    assert len(combed.along) == mask.sum()
    assert float(combed.along.min()) >= 0
    assert float(combed.along.max()) <= 1
    strokes = spindles(combed, 0.5, 0.6, 0.8, 0.8, rng)
    assert 0.05 < strokes.mean() < 0.7
    assert spindles(combed, 0.5, 0.6, 0.0, 0.8, rng).max() == 0


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_pattern_has_two_colours(kind: str) -> None:
    second = pattern((150, 170), kind, 20.0, 0.3, np.random.default_rng(3))
    assert second.dtype == np.float32
    assert 0.03 < second.mean() < 0.8
    assert ((second == 0) | (second == 1)).mean() > 0.5


@pytest.mark.parametrize("kind", MOTIONS)
def test_lines_of_motion_leave_the_middle_free(kind: str) -> None:
    for seed in range(4):
        ink = motion((180, 240), kind, 1.0, (120.0, 90.0), np.random.default_rng(seed))
        assert ink.shape == (180, 240)
        assert ink.dtype == np.float32
        assert 0.003 < ink.mean() < 0.97
        if kind not in ("speed", "rain"):
            assert ink[84:96, 114:126].max() < 0.5


@pytest.mark.parametrize("kind", GLITTER)
def test_small_things_are_strewn(kind: str) -> None:
    white, ink = strew((200, 300), kind, 1.0, np.random.default_rng(1))
    assert white.any()
    assert white.dtype == ink.dtype == np.uint8
    assert white.shape == ink.shape == (200, 300)


def test_shadow_of_a_form_lies_on_the_side_away_from_light() -> None:
    mask = np.zeros((120, 120), bool)
    mask[20:100, 20:100] = True
    # Light from the left.
    field = form_shadow(mask, np.pi, 20, np.random.default_rng(0))
    shadow = sharpen(field, 0.02) * mask
    assert shadow[30:90, 85:97].mean() > 0.8
    assert shadow[30:90, 22:60].mean() < 0.2


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (130, 70)])
def test_shadows_have_the_shape_that_is_asked_for(shape: tuple[int, int]) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        fields = far_side(shape, 1.0, rng), cast_shadow(shape, rng)
        for field in (*fields, form_shadow(np.ones(shape, bool), 2.0, 9, rng)):
            assert field.shape == shape
            assert np.isfinite(field).all()


def two_parts() -> tuple[np.ndarray, np.ndarray]:
    """Labels and kinds: hair above skin."""
    labels = np.ones((160, 200), np.uint16)
    labels[80:] = 2
    kinds = np.array([Kind.GUTTER, Kind.HAIR, Kind.SKIN], np.uint8)[labels]
    return labels, kinds


def test_folds_stay_inside_their_part_and_off_paper() -> None:
    labels, kinds = two_parts()
    kinds[80:] = Kind.GUTTER
    ink = np.full(labels.shape, 255, np.uint8)
    rng = np.random.default_rng(4)
    hand = dataclasses.replace(make_hand(rng, 2000), folds=60.0)
    folded = draw_folds(ink, labels, kinds, hand, rng)
    assert (folded[:80] < 128).mean() > 0.005
    assert (folded[80:] == 255).all()
    assert (ink == 255).all()


def test_open_hair_erases_some_of_its_outline_and_no_other_line() -> None:
    labels, kinds = two_parts()
    ink = np.full(labels.shape, 255, np.uint8)
    ink[79:81] = 0
    ink[140:142] = 0
    rng = np.random.default_rng(4)
    hand = dataclasses.replace(make_hand(rng, 2000), open_hair=0.5)
    opened = open_hair(ink, kinds, hand, rng)
    assert 0.1 < (opened[79:81] == 255).mean() < 0.9
    assert (opened[140:142] == 0).all()
    closed = dataclasses.replace(hand, open_hair=0.0)
    assert np.array_equal(open_hair(ink, kinds, closed, rng), ink)
