"""Whether each part of each character is in its own hue, on drawings whose parts are known."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from skimage.color import rgb2lab

from mangacolor.metrics.judged import Judged

__all__ = ["PAGE_PIXELS", "find_parts", "is_of_cast"]

# Labels of a cast and of its animals; below are paper, balloons and effects, above are places.
CAST, PLACES = 16, 320
# Least size of a part in pixels, on a page of so many.
LEAST, PAGE_PIXELS = 150, 1_400_000
# Chroma in CIELAB from which on a part has a hue that can be right or wrong.
HUED = 12.0
# How far from its own a hue may be, degrees, and the least share of the chroma: lines and
# screentone over a part darken its mean and take chroma from it.
NEAR, KEPT = 25.0, 0.4
# A part whose mean on the page is darker than this is solid black: no colour can be laid there.
DARK = 80.0

RGB = tuple[int, int, int]
_UInt8 = npt.NDArray[np.uint8]
_Float64 = npt.NDArray[np.float64]


def is_of_cast(label: int) -> bool:
    """Whether a label is a part of somebody, and not paper, lettering or a place."""
    return CAST <= label < PLACES


def find_parts(
    result: _UInt8, page: _UInt8, labels: npt.NDArray[np.integer], colors: Mapping[int, RGB]
) -> list[Judged]:
    """Judges every part of a page that has a hue of its own and is large enough.

    A part is right if the mean colour of its pixels has a hue within 25 degrees of its own, and at
    least 0.4 of its own chroma, in the a*b* plane of CIELAB. Left out are parts below 150 pixels
    (of a page of 1.4 megapixels), with a chroma of their own below 12, or nearly black on the page
    (mean below 80 of 255).

    Args:
        result: uint8 (H, W, 3) sRGB, the coloured page.
        page: uint8 (H, W), the page itself, 0 ink ... 255 paper.
        labels: (H, W), which part of whom is where; see `mangacolor.comic`.
        colors: each label's own colour, sRGB.

    Returns:
        The parts in the order of their labels; sizes are in pixels of a page of `PAGE_PIXELS`,
        whatever the size of the picture.

    Raises:
        ValueError: the three pictures differ in size.

    Source: ours.
    """
    if not result.shape[:2] == page.shape == labels.shape:
        raise ValueError(f"{result.shape}, {page.shape} and {labels.shape} are not one size.")
    flat = labels.ravel().astype(np.int64)
    count = np.bincount(flat)
    scale = PAGE_PIXELS / labels.size
    chosen = [
        label
        for label in np.flatnonzero(count * scale >= LEAST).tolist()
        if is_of_cast(label) and label in colors
    ]
    if not chosen:
        return []
    grey = _means(flat, page.ravel(), count)[chosen]
    made = np.stack([_means(flat, result[..., c].ravel(), count)[chosen] for c in range(3)], 1)
    own = np.array([colors[label] for label in chosen], np.float64)
    hued = np.hypot(*_chroma(own).T) >= HUED
    right = _same_hue(_chroma(made), _chroma(own))
    return [
        Judged(label, float(count[label] * scale), bool(right[i]))
        for i, label in enumerate(chosen)
        if hued[i] and grey[i] >= DARK
    ]


def _means(flat: npt.NDArray[np.int64], values: _UInt8, count: npt.NDArray[np.intp]) -> _Float64:
    """Each label's mean value, (labels,)."""
    means: _Float64 = np.bincount(flat, values) / np.maximum(count, 1)
    return means


def _chroma(colors: _Float64) -> _Float64:
    """a* and b* of colours 0 ... 255, (n, 2)."""
    lab: _Float64 = rgb2lab(colors[None] / 255)[0]
    return lab[:, 1:]


def _same_hue(made: _Float64, own: _Float64) -> npt.NDArray[np.bool_]:
    """Whether chromas (n, 2) point the same way as others, and reach far enough."""
    strength, wanted = np.hypot(*made.T), np.hypot(*own.T)
    along = (made * own).sum(axis=1)
    found: npt.NDArray[np.bool_] = (strength >= KEPT * wanted) & (
        along >= math.cos(math.radians(NEAR)) * strength * wanted
    )
    return found
