"""Areas from soft borders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangacolor.images.kinds import Kind
from mangacolor.images.surfaces import OUTLINE, find_surfaces


def nothing(h: int, w: int) -> np.ndarray:
    """Kinds of which none is likelier than another."""
    return np.full((len(Kind), -(-h // 2), -(-w // 2)), 1 / len(Kind), np.float32)


def halves(border: int, h: int = 64, w: int = 96) -> np.ndarray:
    """Two halves with a border as strong as that."""
    borders = np.zeros((h, w), np.uint8)
    borders[:, w // 2 - 1 : w // 2 + 1] = border
    return borders


def kinds_of_halves(left: Kind, right: Kind, h: int = 64, w: int = 96) -> np.ndarray:
    kinds = np.zeros((len(Kind), h // 2, w // 2), np.float32)
    kinds[left, :, : w // 4] = 1
    kinds[right, :, w // 4 :] = 1
    return kinds


def test_a_strong_border_parts_and_a_weak_one_does_not() -> None:
    assert find_surfaces(halves(220), nothing(64, 96)).areas.max() == 2
    assert find_surfaces(halves(40), nothing(64, 96)).areas.max() == 1


def framed(strength: int) -> np.ndarray:
    """A square within another, all of its outline as strong as that."""
    borders = np.zeros((120, 120), np.uint8)
    borders[40:80, 40:80] = strength
    borders[42:78, 42:78] = 0
    return borders


@pytest.mark.parametrize(
    ("strength", "touching", "around"), [(100, 1, 1), (125, 1, 2), (135, 1, 2), (155, 2, 2)]
)
def test_of_what_is_printed_a_border_counts_for_more_along_the_whole_of_an_outline(
    strength: int, touching: int, around: int
) -> None:
    # Between halves it is as long as a side of each, around a square four times.
    for borders, parts in ((halves(strength, 96, 192), touching), (framed(strength), around)):
        found = find_surfaces(borders, nothing(*borders.shape), outline=OUTLINE)
        assert found.areas.max() == parts


def test_every_pixel_has_an_area_and_no_number_is_missing() -> None:
    borders = np.random.default_rng(0).integers(0, 256, (80, 70)).astype(np.uint8)
    areas = find_surfaces(borders, nothing(80, 70)).areas
    assert areas.min() >= 1
    assert np.array_equal(np.unique(areas), np.arange(1, areas.max() + 1))


def test_the_border_of_a_joined_area_is_the_mean_of_its_parts() -> None:
    # Left and middle join; the right one touches them along a strong and a weak border, together
    # too strong.
    borders = np.zeros((90, 90), np.uint8)
    borders[:, 44:46] = 230
    borders[60:, 44:46] = 70
    borders[59:61, :44] = 40
    areas = find_surfaces(borders, nothing(90, 90)).areas
    assert areas[10, 10] == areas[80, 10] != areas[40, 80]


@pytest.mark.parametrize(
    ("left", "right", "parted"),
    [
        (Kind.SKIN, Kind.HAIR, True),
        (Kind.BALLOON, Kind.BACKDROP, True),
        (Kind.GUTTER, Kind.BACKDROP, True),
        (Kind.HAIR, Kind.HAIR, False),
        (Kind.BALLOON, Kind.LETTERING, False),
    ],
)
def test_kinds_forbid(left: Kind, right: Kind, parted: bool) -> None:
    found = find_surfaces(halves(40), kinds_of_halves(left, right))
    assert (found.areas.max() == 2) == parted
    if parted:
        assert found.kinds.argmax(axis=1)[found.areas[30, 10]] == left


def test_kinds_are_shares() -> None:
    found = find_surfaces(halves(220), kinds_of_halves(Kind.SKIN, Kind.HAIR))
    assert found.kinds.shape == (3, len(Kind))
    np.testing.assert_allclose(found.kinds[1:].sum(axis=1), 1, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 40))
def test_any_picture_has_areas_and_always_the_same(seed: int, h: int, w: int) -> None:
    rng = np.random.default_rng(seed)
    borders = (rng.random((h, w)) ** rng.uniform(0.2, 6) * 255).astype(np.uint8)
    kinds = rng.random((len(Kind), -(-h // 2), -(-w // 2)), np.float32)
    one, other = find_surfaces(borders, kinds), find_surfaces(borders, kinds)
    assert one.areas.shape == (h, w)
    assert np.array_equal(one.areas, other.areas)
    assert np.array_equal(np.unique(one.areas[one.areas > 0]), np.arange(1, one.areas.max() + 1))
