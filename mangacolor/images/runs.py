"""Areas as runs: pixels side by side in a row that have one number, of which there are few."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["Runs", "find_runs"]

_Value = TypeVar("_Value", bound=np.generic)


class Runs(NamedTuple):
    """A picture of numbers as its runs, row after row; none reaches into the next row.

    Attributes:
        numbers: int64 (n,), of the areas.
        starts: int64 (n,), the first pixel of each, counted from the top left.
        lengths: int64 (n,), in pixels.
        shape: height and width of the picture.
    """

    numbers: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    shape: tuple[int, int]

    def sizes(self, count: int = 0) -> npt.NDArray[np.int64]:
        """Pixels of each area, int64 (count,), or as many as there are numbers."""
        return np.bincount(self.numbers, self.lengths, minlength=count).astype(np.int64)

    def mapped(self, table: npt.NDArray[_Value]) -> npt.NDArray[_Value]:
        """Each pixel's value in a table of all numbers, (h, w)."""
        return np.repeat(table[self.numbers], self.lengths).reshape(self.shape)


def find_runs(labels: npt.NDArray[np.int32]) -> Runs:
    """The runs of a picture of numbers.

    Args:
        labels: int32 (h, w), at least 1x1.
    """
    height, width = labels.shape
    # In one line, which takes half the time of rows.
    flat = labels.ravel()
    starting = np.empty(flat.size, np.bool_)
    np.not_equal(flat[1:], flat[:-1], out=starting[1:])
    starting[::width] = True
    starts = np.flatnonzero(starting)
    lengths = np.diff(starts, append=flat.size)
    return Runs(flat[starts].astype(np.int64), starts, lengths, (height, width))
