"""Areas closed by ink, each in one colour, as a cartoon is coloured by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from mangacolor.images.geometry import Float32, UInt8, fit_area, resize

__all__ = ["find_areas", "flatten"]

# Pixels at which areas are found: hairlines of a page still close them.
_PIXELS = 720_000
# What is darker than this share of the brightest pixel in a window of this side is a line.
_INK, _WINDOW = 0.8, 9
# Half the width of the gap that stops an area's growth, in pixels; the widest first.
_BALLS = (5.0, 2.5, 1.0, 0.0)
# Areas smaller than this many pixels join the one beside them.
_LEAST = 24

Labels = npt.NDArray[np.int32]


def flatten(page: UInt8, color: UInt8) -> UInt8:
    """Gives every area that ink closes the middle one of its colours.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        color: uint8 (h, w, 3) sRGB, the same view at any size.

    Returns:
        uint8 (h', w', 3) sRGB.
    """
    areas = find_areas(page)
    h, w = areas.shape
    near = np.asarray(Image.fromarray(color).resize((w, h), Image.Resampling.BILINEAR))
    tone = resize(page, h, w)
    chosen = tone >= 0.9 * _surface(tone)
    weight = np.where(chosen, 1.0, 1e-3).ravel().astype(np.float64)
    flat = areas.ravel()
    total = np.bincount(flat, weight)
    palette = np.empty((len(total), 3))
    for channel in range(3):
        palette[:, channel] = _middle(flat, near[..., channel].ravel(), weight, len(total))
    result: UInt8 = np.clip(np.rint(palette), 0, 255).astype(np.uint8)[areas]
    return result


def _middle(
    flat: npt.NDArray[np.int32], values: UInt8, weight: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.float64]:
    """The weighted median of each area's values, (count,)."""
    # A histogram of 32 steps an area; within the step, the mean.
    bins = flat.astype(np.int64) * 32 + (values >> 3)
    filled = np.bincount(bins, weight, minlength=count * 32).reshape(count, 32)
    summed = np.bincount(bins, weight * values, minlength=count * 32).reshape(count, 32)
    reached = np.cumsum(filled, axis=1) >= filled.sum(axis=1, keepdims=True) / 2
    step = reached.argmax(axis=1)[:, None]
    low, high = np.maximum(step - 1, 0), np.minimum(step + 1, 31)
    near = np.concatenate([low, step, high], axis=1)
    mass = np.take_along_axis(filled, near, 1).sum(axis=1)
    return np.take_along_axis(summed, near, 1).sum(axis=1) / np.maximum(mass, 1e-9)


def _surface(tone: UInt8) -> UInt8:
    surface: UInt8 = ndimage.grey_closing(tone, size=(_WINDOW, _WINDOW))
    return surface


def find_areas(page: UInt8) -> Labels:
    """Numbers the areas of a page that ink closes, or almost closes.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.

    Returns:
        int32 (h, w), about 0.7 megapixels at most: the number of each pixel's area; pixels of
        lines belong to the nearest.

    Source: Zhang et al., Vectorizing cartoon animations, TVCG 2009 (trapped-ball segmentation).
    Differs: balls by distance, areas of all sizes in one picture of labels.
    """
    height, width = page.shape
    h, w = fit_area(height, width, _PIXELS)
    tone = resize(page, h, w)
    surface = _surface(tone)
    smooth: Float32 = ndimage.gaussian_filter(surface.astype(np.float32), 1.0)
    edge = ndimage.gaussian_gradient_magnitude(smooth, 1.0) > 12
    free = (tone >= _INK * surface) & ~edge
    room = ndimage.distance_transform_edt(np.pad(free, 1, constant_values=False))[1:-1, 1:-1]
    labels = np.zeros((h, w), np.int32)
    count = 0
    for ball in _BALLS:
        core, found = ndimage.label((room > ball) & (labels == 0))
        sizes = np.bincount(core.ravel(), minlength=found + 1)
        keep = sizes >= _LEAST
        keep[0] = False
        number = np.cumsum(keep) * keep
        new = number[core]
        if not keep.any():
            continue
        grown = _grow(new, ball, free & (labels == 0))
        labels = np.where(labels == 0, np.where(grown > 0, grown + count, 0), labels)
        count += int(number.max())
    return _grow(labels, np.inf, np.ones_like(free))


def _grow(labels: npt.NDArray[Any], reach: float, where: npt.NDArray[np.bool_]) -> Labels:
    """Lets areas grow into free pixels within a reach."""
    if not labels.any():
        return labels.astype(np.int32)
    far, (y, x) = ndimage.distance_transform_edt(labels == 0, return_indices=True)
    grown = np.where(where & (far <= reach + 1), labels[y, x], labels)
    return grown.astype(np.int32)
