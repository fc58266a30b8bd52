"""Areas of a page whose colour another picture shows, and whether they have it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from mangacolor.metrics.areas import NEAR, Bool, Float32, distance, is_painted
from mangacolor.metrics.judged import Judged

__all__ = ["find_answerable", "judge_areas"]

# What a reference shows: colours within this distance that cover this share of it.
_ALIKE, _SHOWN = 8.0, 0.002
# Steps of CIELAB in which the reference's colours are counted, and the corners of the solid.
_STEP = 2.0
_LOWEST, _HIGHEST = (0.0, -128.0, -128.0), (100.0, 128.0, 128.0)


def find_answerable(truth: Float32, reference: Float32) -> Bool:
    """Which pixels have a colour that the reference shows.

    Args:
        truth: float (h, w, 3) CIELAB.
        reference: float (h', w', 3) CIELAB, of any other size.

    Returns:
        bool (h, w): whether colours within a distance of 8 from the pixel's cover at least 0.2 %
        of the reference (counted in steps of 2) and the pixel is neither paper nor ink.
    """
    low, high = np.array(_LOWEST), np.array(_HIGHEST)
    cells = np.ceil((high - low) / _STEP).astype(int)
    bins = [_bins(lab, low, cells) for lab in (reference, truth)]
    counts = np.bincount(bins[0].ravel(), minlength=int(cells.prod()))
    shares = (counts / counts.sum()).reshape(cells)
    reach = math.ceil(_ALIKE / _STEP)
    offsets = np.mgrid[tuple(slice(-reach, reach + 1) for _ in range(3))] * _STEP
    ball = (np.linalg.norm(offsets, axis=0) < _ALIKE).astype(np.float64)
    # Only where the reference has colours or may be near: the solid is mostly empty.
    shown = ndimage.convolve(shares, ball, mode="constant").ravel() >= _SHOWN
    found: Bool = shown[bins[1]] & is_painted(truth)
    return found


def judge_areas(
    made: Float32, truth: Float32, areas: npt.NDArray[np.integer], answerable: Bool
) -> list[Judged]:
    """Judges every area more than half of which can be answered.

    It is right if more than half of its pixels are within a distance of 14 in CIELAB from the
    truth.

    Args:
        made, truth: float (h, w, 3) CIELAB, the result and what it should be.
        areas: (h, w), the number of each pixel's area.
        answerable: bool (h, w), of `find_answerable`.
    """
    flat = areas.ravel()
    size = np.bincount(flat)
    asked = np.bincount(flat, answerable.ravel(), len(size)) > size / 2
    near = (distance(made, truth) < NEAR).ravel()
    right = np.bincount(flat, near, len(size)) > size / 2
    return [Judged(int(area), int(size[area]), bool(right[area])) for area in np.flatnonzero(asked)]


def _bins(
    lab: Float32, low: npt.NDArray[np.float64], cells: npt.NDArray[np.int_]
) -> npt.NDArray[np.intp]:
    """The number of the cell that each colour is in."""
    place = np.clip(((lab - low) / _STEP).astype(int), 0, cells - 1)
    return np.ravel_multi_index(tuple(np.moveaxis(place, -1, 0)), tuple(cells))
