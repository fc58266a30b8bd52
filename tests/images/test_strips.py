from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.strips import cut_evenly, working_size


@pytest.mark.parametrize(("h", "w"), [(1600, 1200), (1200, 1600), (250, 100), (7, 5)])
def test_a_page_gets_the_longer_side_that_was_asked_for(h: int, w: int) -> None:
    assert max(working_size(h, w, 512)) == 512
    assert len(cut_evenly(np.zeros((h, w), np.uint8))) == 1


@pytest.mark.parametrize("aspect", [16, 24, 48])
@pytest.mark.parametrize("size", [64, 640])
def test_a_strip_never_meets_the_longer_side(aspect: int, size: int) -> None:
    for h, w in ((100 * aspect, 100), (100, 100 * aspect)):
        sides = working_size(h, w, size)
        assert min(sides) >= size / 4
        assert sides[0] * sides[1] <= 4.1 * size * size


@pytest.mark.parametrize("shape", [(4800, 100, 3), (100, 1600), (1, 900), (3000, 2, 3)])
def test_pieces_of_a_strip_are_all_of_it(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, shape, dtype=np.uint8)
    pieces = cut_evenly(picture)
    assert len(pieces) > 1
    axis = 0 if shape[0] > shape[1] else 1
    assert (np.concatenate(pieces, axis) == picture).all()
