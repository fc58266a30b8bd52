"""Smoothing that stops at ink: what is inside a line does not mix with what is outside."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.geometry import Float32

__all__ = ["spread"]

# Each pass reaches half as far as the one before, so that no stripes of the directions stay.
_PASSES = 3
# Change of the guide, of 1, that is as far as the whole reach; a hairline changes it twice.
_EDGE = 0.1
# Change from pixel to pixel that is noise: JPEG, paper, the ripple of a reduced screentone.
_NOISE = 0.05


def spread(values: Float32, weight: Float32, guide: Float32, reach: float) -> Float32:
    """Averages values over their surroundings, as far as the guide does not change on the way.

    Args:
        values: float32 (c, h, w).
        weight: float32 (h, w), above 0: how much each pixel says about its surroundings.
        guide: float32 (h, w) in [0, 1], the page.
        reach: standard deviation of the average on an even surface, in pixels, above 0.

    Returns:
        float32 (c, h, w), within the values' range.

    Source: Gastal and Oliveira, Domain transform for edge-aware image and video processing,
    SIGGRAPH 2011, section 4.2 (recursive filter). Differs: weighted, and small changes of the
    guide are free.
    """
    count, (height, width) = len(values), guide.shape
    # A row of all channels lies together, once for each direction: every step is one of rows.
    rows = np.empty((height, count + 1, width), np.float32)
    columns = np.empty((width, count + 1, height), np.float32)
    for channel, value in enumerate(values):
        np.multiply(value, weight, out=rows[:, channel])
    rows[:, count] = weight
    down, across = _kept(guide, reach), _kept(np.ascontiguousarray(guide.T), reach)
    for number in range(_PASSES):
        if number:
            # Half the reach is twice the rate.
            down *= down
            across *= across
        _run(rows, down)
        _turn(rows, columns)
        _run(columns, across)
        _turn(columns, rows)
    smooth: Float32 = rows[:, :count].transpose(1, 0, 2) / rows[:, count]
    return smooth


def _kept(guide: Float32, reach: float) -> Float32:
    """What of a pixel gets into the next one below in the first pass, (h - 1, w)."""
    share = np.sqrt(3) * 2.0 ** (_PASSES - 1) / np.sqrt(4.0**_PASSES - 1)
    rate = -np.sqrt(2) / (reach * share)
    # The distance from one to the next is 1, and more where the guide changes.
    distance = np.maximum(np.abs(np.diff(guide, axis=0)) - np.float32(_NOISE), 0)
    distance *= np.float32(rate * reach / _EDGE)
    distance += np.float32(rate)
    return np.exp(distance, out=distance)


def _turn(mixed: Float32, turned: Float32) -> None:
    """Rows to columns, channel by channel."""
    for channel in range(mixed.shape[1]):
        turned[:, channel] = cv2.transpose(mixed[:, channel])


def _run(mixed: Float32, kept: Float32) -> None:
    """One pass down and one up, in place: (h, c, w) and (h - 1, w)."""
    step = np.empty(mixed.shape[1:], np.float32)
    rows = list(mixed)
    for one, two, share in zip(rows, rows[1:], kept, strict=False):
        np.subtract(one, two, out=step)
        step *= share
        two += step
    for one, two, share in zip(rows[::-1], rows[-2::-1], kept[::-1], strict=False):
        np.subtract(one, two, out=step)
        step *= share
        two += step
