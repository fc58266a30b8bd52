"""Smoothing that stops at ink: what is inside a line does not mix with what is outside."""

from __future__ import annotations

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
        values: float32 (h, w, c).
        weight: float32 (h, w), above 0: how much each pixel says about its surroundings.
        guide: float32 (h, w) in [0, 1], the page.
        reach: standard deviation of the average on an even surface, in pixels, above 0.

    Returns:
        float32 (h, w, c), within the values' range.

    Source: Gastal and Oliveira, Domain transform for edge-aware image and video processing,
    SIGGRAPH 2011, section 4.2 (recursive filter). Differs: weighted, and small changes of the
    guide are free.
    """
    mixed = np.concatenate([values * weight[..., None], weight[..., None]], axis=2)
    down, across = (_distance(guide, axis, reach) for axis in (0, 1))
    across = np.ascontiguousarray(across.T)
    for number in range(_PASSES):
        share = np.sqrt(3) * 2.0 ** (_PASSES - 1 - number) / np.sqrt(4.0**_PASSES - 1)
        rate = np.float32(-np.sqrt(2) / (reach * share))
        _run(mixed, np.exp(rate * down))
        turned = np.ascontiguousarray(mixed.transpose(1, 0, 2))
        _run(turned, np.exp(rate * across))
        mixed = np.ascontiguousarray(turned.transpose(1, 0, 2))
    smooth: Float32 = mixed[..., :-1] / mixed[..., -1:]
    return smooth


def _distance(guide: Float32, axis: int, reach: float) -> Float32:
    """How far each pixel is from the next, (h - 1, w) or (h, w - 1)."""
    change = np.maximum(np.abs(np.diff(guide, axis=axis)) - np.float32(_NOISE), 0)
    distance: Float32 = (1 + np.float32(reach / _EDGE) * change).astype(np.float32)
    return distance


def _run(mixed: Float32, kept: Float32) -> None:
    """One pass down and one up, in place: (h, w, c) and (h - 1, w)."""
    kept = kept[..., None]
    for y in range(1, len(mixed)):
        mixed[y] += kept[y - 1] * (mixed[y - 1] - mixed[y])
    for y in range(len(mixed) - 2, -1, -1):
        mixed[y] += kept[y] * (mixed[y + 1] - mixed[y])
