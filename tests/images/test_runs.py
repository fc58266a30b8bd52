"""Areas as runs say the same as pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.areas import at_places
from mangacolor.images.facts import rim_of
from mangacolor.images.runs import find_runs

SHAPES = [(1, 1), (1, 7), (9, 1), (2, 2), (40, 33)]


@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_and_values_are_those_of_the_pixels(shape: tuple[int, int]) -> None:
    labels = np.random.default_rng(1).integers(0, 3, shape).astype(np.int32)
    runs, table = find_runs(labels), np.array([7, 1, 4, 9], np.uint8)
    assert (runs.sizes(4) == np.bincount(labels.ravel(), minlength=4)).all()
    assert (runs.mapped(table) == table[labels]).all()
    assert runs.lengths.max() <= shape[1]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_rim_has_each_pixel_of_the_edge_once(shape: tuple[int, int]) -> None:
    labels = np.arange(shape[0] * shape[1], dtype=np.int32).reshape(shape)
    edge = np.ones(shape, np.bool_)
    edge[1:-1, 1:-1] = False
    assert sorted(rim_of(labels)) == sorted(labels[edge])


@pytest.mark.parametrize("shape", SHAPES)
def test_areas_at_places_are_those_at_their_middles(shape: tuple[int, int]) -> None:
    labels = np.arange(shape[0] * shape[1], dtype=np.int32).reshape(shape)
    for places in ((-(-shape[0] // 2), -(-shape[1] // 2)), (3, 5)):
        found = at_places(labels, places)
        for y in range(places[0]):
            for x in range(places[1]):
                row, column = (
                    (2 * i + 1) * of // (2 * n)
                    for i, of, n in zip((y, x), shape, places, strict=True)
                )
                assert found[y, x] == labels[row, column]
