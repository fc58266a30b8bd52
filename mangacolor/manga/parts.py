"""Parts of a page: each label's pieces, panel by panel, in the boxes that they fill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Mask

__all__ = ["Part", "find_parts"]

# Pieces are found at a fraction of the size; what is smaller than this is not laid on.
STEP, LEAST = 4, 6

Slices = tuple[slice, slice]


class Part(NamedTuple):
    """A piece of one label.

    Attributes:
        label: whose.
        box: rows and columns of the page.
        mask: bool, where in the box it is.
    """

    label: int
    box: Slices
    mask: Mask


def find_parts(labels: NDArray[np.uint16] | NDArray[np.int32]) -> Iterator[Part]:
    """Pieces of each label of (H, W), from the lowest label, without the smallest ones."""
    h, w = labels.shape
    small = np.ascontiguousarray(labels[STEP // 2 :: STEP, STEP // 2 :: STEP])
    for label in np.unique(small):
        there = (small == label).astype(np.uint8)
        x, y, wide, tall = cv2.boundingRect(there)
        piece = there[y : y + tall, x : x + wide]
        _, _, stats, _ = cv2.connectedComponentsWithStats(piece, connectivity=8)
        boxes = [
            (bx + x, by + y, bx + x + bw, by + y + bh)
            for bx, by, bw, bh, area in stats[1:].tolist()
            if area >= LEAST
        ]
        for x0, y0, x1, y1 in _merged(boxes):
            rows = slice(max(0, (y0 - 1) * STEP), min(h, (y1 + 1) * STEP))
            columns = slice(max(0, (x0 - 1) * STEP), min(w, (x1 + 1) * STEP))
            yield Part(int(label), (rows, columns), labels[rows, columns] == label)


def _merged(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Boxes that meet made one, until none meet."""
    left = sorted(boxes)
    done: list[tuple[int, int, int, int]] = []
    while left:
        one = left.pop()
        for i, other in enumerate(left):
            if (
                one[0] <= other[2]
                and other[0] <= one[2]
                and one[1] <= other[3]
                and other[1] <= one[3]
            ):
                left[i] = (
                    min(one[0], other[0]),
                    min(one[1], other[1]),
                    max(one[2], other[2]),
                    max(one[3], other[3]),
                )
                break
        else:
            done.append(one)
    return done[::-1]
