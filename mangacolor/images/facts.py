"""Facts of the areas of a view: numbers that say of them what features do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.runs import Runs

__all__ = ["FACTS", "PLACE", "find_facts", "rim_of"]

# Numbers that say of an area what features do not.
FACTS = 15
# Those of them that say where it is, across and down, from -1 to 1.
PLACE = slice(2, 4)

_Values = npt.NDArray[np.floating[Any]]


def rim_of(areas: Labels) -> Labels:
    """The pixels at a picture's edge, each once."""
    inner = areas[1:-1]
    sides = (areas[:1], areas[1:][-1:], inner[:, :1], inner[:, 1:][:, -1:])
    return np.concatenate([side.ravel() for side in sides])


def find_facts(runs: Runs, rim: npt.NDArray[np.int32], tone: UInt8, count: int) -> Float32:
    """Size, place, spread, lean and grey of areas: float32 (count, FACTS), about -2 ... 2.

    Args:
        runs: of the areas, -1 none.
        rim: int32, areas of the pixels at the edge.
        tone: uint8 (h, w).
        count: of the areas.
    """
    h, w = runs.shape
    side = float(max(h, w))
    # How many pixels an area has in each row, in each column and of each grey say all but the lean.
    in_rows, in_columns, product = _spread(runs, count)
    of_grey = _greys(runs, tone, count)
    size = of_grey.sum(axis=1)

    def moments(counts: _Values, values: _Values) -> tuple[_Values, _Values]:
        mean = counts @ values / size
        return mean, np.maximum(counts @ (values * values) / size - mean * mean, 0)

    cx, xx = moments(in_columns, (np.arange(w) + 0.5) / side)
    cy, yy = moments(in_rows, (np.arange(h) + 0.5) / side)
    grey, gg = moments(of_grey, np.arange(256) / 255)
    xy = product / size / side**2 - cx * cy
    edge = np.bincount(rim, minlength=count) / size
    bright = (255 - (of_grey[:, ::-1] > 0).argmax(axis=1)) / 255
    spread = np.sqrt(12 * np.maximum(xx + yy, 1e-8))
    columns = (
        np.log(size / (h * w)) / 4 + 1,
        np.log(size) / 4 - 1.5,
        cx * side / w * 2 - 1,
        cy * side / h * 2 - 1,
        4 * np.sqrt(xx),
        4 * np.sqrt(yy),
        xy / np.sqrt(xx * yy + 1e-9),
        # A disc has .9, a strand next to nothing.
        np.sqrt(size) / side / spread,
        grey * 2 - 1,
        4 * np.sqrt(gg),
        of_grey[:, :128].sum(axis=1) / size * 2,
        bright * 2 - 1,
        np.minimum(edge * np.sqrt(size), 4) / 2,
        np.full(count, w / side),
        np.full(count, h / side),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _spread(runs: Runs, count: int) -> tuple[npt.NDArray[Any], ...]:
    """Pixels of areas in each row, (count, h), and in each column, (count, w), and the sum of their
    places across times down, (count,): all of them exact in float64."""
    h, w = runs.shape
    there = runs.numbers >= 0
    area, length = runs.numbers[there], runs.lengths[there]
    y, x = np.divmod(runs.starts[there], w)
    in_rows = np.bincount(area * h + y, length, minlength=count * h).reshape(count, h)
    # A run begins and ends.
    first = area * (w + 1) + x
    steps = np.bincount(first, minlength=count * (w + 1))
    steps -= np.bincount(first + length, minlength=count * (w + 1))
    in_columns = steps.reshape(count, w + 1)[:, :w].cumsum(axis=1).astype(np.float64)
    places = (y + 0.5) * length * (x + length / 2)
    return in_rows, in_columns, np.bincount(area, places, minlength=count)


def _greys(runs: Runs, tone: UInt8, count: int) -> _Values:
    """Pixels of areas of each grey: float64 (count, 256)."""
    bins = np.repeat((runs.numbers + 1) * 256, runs.lengths).reshape(runs.shape)
    bins += tone
    # Whatever is in no area is counted first, and left out.
    found = np.bincount(bins.ravel(), minlength=(count + 1) * 256)
    return found.reshape(count + 1, 256)[1:].astype(np.float64)
