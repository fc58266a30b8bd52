"""Hair and skin are two things, gutters and drawings, whatever the border between them."""

from __future__ import annotations

import numpy as np

from mangacolor.images.kinds import Kind
from mangacolor.images.surfaces import find_surfaces
from mangacolor.images.unlike import part_unlike

NONE = np.zeros((120, 100), np.uint8)


def head(hair: float = 0.9, skin: float = 0.9) -> np.ndarray:
    """Kinds of a page: hair above, skin below, so surely, float32 (12, 60, 50)."""
    kinds = np.full((len(Kind), 60, 50), 0.0, np.float32)
    kinds[Kind.HAIR, :25], kinds[Kind.SKIN, 25:] = hair, skin
    kinds[Kind.BACKDROP] = 1 - kinds.sum(axis=0)
    return kinds


def test_an_area_that_is_hair_and_skin_is_two() -> None:
    found = find_surfaces(np.zeros((120, 100), np.uint8), head())
    assert set(np.unique(found.areas)) == {1, 2}
    assert (found.areas[:50] == found.areas[0, 0]).all()
    assert (found.areas[50:] == found.areas[-1, 0]).all()
    above, below = found.areas[0, 0], found.areas[-1, 0]
    assert found.kinds[above].argmax() == Kind.HAIR and found.kinds[below].argmax() == Kind.SKIN
    np.testing.assert_allclose(found.kinds[1:].sum(axis=1), 1, rtol=1e-5)


def test_what_is_not_sure_parts_nothing() -> None:
    areas = np.ones((120, 100), np.int32)
    assert part_unlike(areas, head(hair=0.55), NONE) is areas
    assert part_unlike(areas, head(skin=0.45), NONE) is areas


def test_a_lock_in_a_face_is_no_hair_of_its_own() -> None:
    areas, kinds = np.ones((120, 100), np.int32), head()
    kinds[:, :25] = kinds[:, 25:26]
    kinds[:, 30:36, 20:26] = head()[:, :6, :6]
    assert part_unlike(areas, kinds, NONE) is areas


def test_numbers_have_no_gaps_and_other_areas_stay() -> None:
    areas = np.ones((120, 100), np.int32)
    areas[:, 60:] = 2
    areas[:50, 60:] = 3
    parted = part_unlike(areas, head(), NONE)
    assert set(np.unique(parted)) == {1, 2, 3, 4}
    for number in (2, 3):
        assert len(np.unique(parted[areas == number])) == 1
    assert len(np.unique(parted[areas == 1])) == 2


def test_a_gutter_and_what_is_drawn_beside_it_are_two() -> None:
    kinds = np.zeros((len(Kind), 60, 50), np.float32)
    kinds[Kind.GUTTER, :, :20] = 1
    # Two kinds of drawing together are surely none of the gutter.
    kinds[Kind.BACKDROP, :, 20:], kinds[Kind.HAIR, :, 20:] = 0.5, 0.5
    # A frame with a gap in it.
    frame = NONE.copy()
    frame[:50, 39:41] = frame[70:, 39:41] = 200
    found = find_surfaces(frame, kinds)
    assert set(np.unique(found.areas)) == {1, 2}
    assert len(np.unique(found.areas[:, :38])) == len(np.unique(found.areas[:, 42:])) == 1
    assert found.kinds[found.areas[0, 0], Kind.GUTTER] == 1
    # In the middle of blank paper, where no line is, nothing is cut in two.
    assert part_unlike(np.ones((120, 100), np.int32), kinds, NONE).max() == 1


def test_they_part_along_a_line_where_there_is_one() -> None:
    # The outline of the hair, open at the left, runs lower than where hair is surely hair.
    borders = NONE.copy()
    borders[54:56, 12:] = 200
    parted = part_unlike(np.ones((120, 100), np.int32), head(), borders)
    assert len(np.unique(parted[:54, 24:])) == len(np.unique(parted[57:, 24:])) == 1
    assert parted[0, 50] != parted[-1, 50]


def test_hair_and_what_is_behind_it_are_two() -> None:
    kinds = np.zeros((len(Kind), 60, 50), np.float32)
    kinds[Kind.HAIR, :25], kinds[Kind.BACKDROP, 25:] = 0.9, 0.9
    assert len(np.unique(part_unlike(np.ones((120, 100), np.int32), kinds, NONE))) == 2
