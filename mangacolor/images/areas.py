"""Areas closed by ink: the unit that is matched with references and filled with one colour."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from mangacolor.images.geometry import UInt8, fit_area, resize

__all__ = [
    "AREA_PIXELS",
    "Labels",
    "area_colors",
    "at_places",
    "fill_up",
    "find_areas",
    "find_contacts",
]

# Pixels at which areas are found: hairlines of a page still close them.
AREA_PIXELS = 1_500_000
# Steps of an area's histogram.
_STEPS = 32
# What is darker than this share of the brightest pixel in a window of this side is a line.
_INK, _WINDOW = 0.8, 9
# Least change of the smoothed surface from pixel to pixel that is a border without a line.
_BORDER = 12
# Half the width of the gap that stops an area's growth, in pixels; the widest first.
_BALLS = (5.0, 2.5, 1.0, 0.0)
# Areas smaller than this many pixels join the one beside them.
_LEAST = 24
# Two areas without ink between them are one if they touch along this share of the side of a square
# as large as the smaller: a strand of hair does, what leaks through a gap does not.
_TOUCH = 0.5
# Larger areas than this many pixels are no pieces of another.
_PIECE = 100
# Largest difference of brightness of areas that may be one.
_ALIKE = 24.0

Labels = npt.NDArray[np.int32]
_Bool = npt.NDArray[np.bool_]
_Float64 = npt.NDArray[np.float64]


def find_areas(page: UInt8, pixels: int = AREA_PIXELS) -> Labels:
    """Numbers the areas of a page that ink closes, or almost closes.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        pixels: at about which areas are sought, at most; a smaller page keeps its size.

    Returns:
        int32 (h, w): the number of each pixel's area, from 1, none left out; pixels of lines belong
        to the nearest. All 0 on a page too small for any.

    Source: Zhang et al., Vectorizing cartoon animations, TVCG 2009 (trapped-ball segmentation).
    Differs: balls by distance, areas of all sizes in one picture of labels; pieces that touch
    widely are joined.
    """
    height, width = page.shape
    h, w = fit_area(height, width, pixels)
    tone = resize(page, h, w)
    free = _free(tone)
    labels = _trap_balls(free)
    labels = _join(labels, tone)
    return fill_up(labels)


def area_colors(areas: Labels, page: UInt8, color: UInt8, wanted: _Bool | None = None) -> UInt8:
    """The middle one of each area's colours; lines do not count where there is anything else.

    Args:
        areas: int32 (h, w), of `find_areas`.
        page: uint8 (H, W), what they were found on.
        color: uint8 (H', W', 3) sRGB, the same view at any size.
        wanted: bool (areas.max() + 1,), of which areas; all if left out.

    Returns:
        uint8 (areas.max() + 1, 3) sRGB; of areas that are not wanted, black.
    """
    h, w = areas.shape
    near = np.asarray(Image.fromarray(color).resize((w, h), Image.Resampling.BILINEAR))
    tone = resize(page, h, w)
    flat = areas.ravel()
    count = int(flat.max()) + 1
    clean = (tone >= 0.9 * _surface(tone)).ravel()
    # Of an area that is nothing but line, all of it counts.
    bare = np.ones(count, np.bool_)
    bare[flat[clean]] = False
    if bare.any():
        clean |= bare[flat]
    at = np.flatnonzero(clean if wanted is None else clean & wanted[flat])
    number = flat[at].astype(np.int64) * _STEPS
    pixels = near.reshape(-1, 3)[at]
    middles = [_middle(number, np.ascontiguousarray(pixels[:, c]), count) for c in range(3)]
    return np.clip(np.rint(np.stack(middles, axis=1)), 0, 255).astype(np.uint8)


def _middle(number: npt.NDArray[np.int64], values: UInt8, count: int) -> _Float64:
    """The median of each area's values, (count,).

    Args:
        number: of each pixel's area, times `_STEPS`.
        values: uint8, as many.
        count: of the areas.
    """
    # A histogram an area; within the step, the mean.
    bins = number + values // (256 // _STEPS)
    filled = np.bincount(bins, minlength=count * _STEPS).reshape(count, _STEPS)
    summed = np.bincount(bins, values, minlength=count * _STEPS).reshape(count, _STEPS)
    reached = np.cumsum(filled, axis=1) >= filled.sum(axis=1, keepdims=True) / 2
    step = reached.argmax(axis=1)[:, None]
    low, high = np.maximum(step - 1, 0), np.minimum(step + 1, _STEPS - 1)
    near = np.concatenate([low, step, high], axis=1)
    mass = np.take_along_axis(filled, near, 1).sum(axis=1)
    middle: _Float64 = np.take_along_axis(summed, near, 1).sum(axis=1) / np.maximum(mass, 1e-9)
    return middle


def _surface(tone: UInt8) -> UInt8:
    """The brightest within reach: what a line is drawn on."""
    window = np.ones((_WINDOW, _WINDOW), np.uint8)
    closed = cv2.morphologyEx(tone, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(closed, np.uint8)


def _free(tone: UInt8) -> _Bool:
    """What is neither line nor border: bool (h, w)."""
    surface = _surface(tone)
    smooth = cv2.GaussianBlur(surface.astype(np.float32), (0, 0), 1.4)
    across, down = (cv2.Scharr(smooth, cv2.CV_32F, x, 1 - x, scale=1 / 32) for x in (1, 0))
    steep = across * across + down * down > np.float32(_BORDER**2)
    found: _Bool = (tone >= _INK * surface) & ~steep
    return found


def at_places(areas: Labels, shape: tuple[int, ...]) -> Labels:
    """Areas at the middles of so many rows and columns of places: int32, of that shape."""
    if areas.shape == tuple(2 * n for n in shape):
        return np.ascontiguousarray(areas[1::2, 1::2])
    rows, columns = (
        (np.arange(n) * 2 + 1) * of // (2 * n) for n, of in zip(shape, areas.shape, strict=True)
    )
    return areas.take(rows, axis=0).take(columns, axis=1)


def fill_up(labels: Labels) -> Labels:
    """Gives every pixel without a number, 0, the nearest one."""
    return _grow(labels, np.inf)


def _trap_balls(free: _Bool) -> Labels:
    """Areas that a ball cannot leave, the largest balls first: int32 (h, w), 0 elsewhere."""
    # Beyond the page's edge there is no room.
    walled = np.pad(free, 1).astype(np.uint8)
    room = cv2.distanceTransform(walled, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    labels = np.zeros(free.shape, np.int32)
    count = 0
    for ball in _BALLS:
        start = ((room > ball) & (labels == 0)).astype(np.uint8)
        # Without the other statistics it takes half the time.
        _, core = cv2.connectedComponents(start, connectivity=4)
        keep = np.bincount(core.ravel()) >= _LEAST
        keep[0] = False
        if not keep.any():
            continue
        number = (np.cumsum(keep) * keep).astype(np.int32)
        grown = _grow(number[np.asarray(core)], ball, free & (labels == 0))
        # New ones lie beside old ones, never on them.
        np.add(grown, count, out=grown, where=grown > 0)
        labels += grown
        count += int(number.max())
    return labels


def _grow(labels: Labels, reach: float, where: _Bool | None = None) -> Labels:
    """Lets areas grow into free pixels within a reach; all are free if it is left out where."""
    if not labels.any():
        return labels
    if where is not None and reach <= 1:
        return _grow_a_little(labels, round(reach) + 1, where)
    free = labels == 0
    outside = free.view(np.uint8)
    far, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Pixels of areas are numbered in OpenCV's own order: which area has which number is read off at
    # the rims, of which there are few.
    rim = np.flatnonzero(cv2.dilate(outside, np.ones((3, 3), np.uint8)) > outside)
    area_of = np.zeros(int(nearest.max()) + 1, np.int32)
    flat, nearest = labels.ravel(), nearest.ravel()
    area_of[nearest[rim]] = flat[rim]
    if where is None:
        # Of what has a number already that of its area is 0, or the same.
        filled: Labels = np.take(area_of, nearest, axis=0)
        np.maximum(filled, flat, out=filled)
        return filled.reshape(labels.shape)
    grown = flat.copy()
    near = np.flatnonzero(where & (far <= reach + 1) & free)
    grown[near] = area_of[nearest[near]]
    return grown.reshape(labels.shape)


def _grow_a_little(labels: Labels, steps: int, where: _Bool) -> Labels:
    """The same for a pixel or two, step by step."""
    grown = labels.astype(np.float32)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    for _ in range(steps):
        np.copyto(grown, cv2.dilate(grown, cross), where=grown == 0)
    return np.where(where | (labels > 0), grown, 0).astype(np.int32)


def _join(labels: Labels, tone: UInt8) -> Labels:
    """Makes one area of pieces that touch widely and are equally bright, and numbers them anew."""
    count = int(labels.max()) + 1
    size = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    grey = np.bincount(labels.ravel(), tone.ravel(), minlength=count) / np.maximum(size, 1)
    first, second, length = find_contacts(labels, count)
    root = np.arange(count)

    def find(area: int) -> int:
        while root[area] != area:
            root[area] = root[root[area]]
            area = int(root[area])
        return area

    # Widest contacts first, measured against the smaller piece as it is: a chain of joins must not
    # make a gap look wide.
    smaller = np.minimum(size[first], size[second])
    joined = (length >= _TOUCH * np.sqrt(smaller)) & (smaller < _PIECE)
    joined &= np.abs(grey[first] - grey[second]) <= _ALIKE
    for i in np.flatnonzero(joined):
        a, b = find(int(first[i])), find(int(second[i]))
        root[max(a, b)] = min(a, b)
    roots = np.array([find(area) for area in range(count)])
    kept, number = np.unique(roots, return_inverse=True)
    # 0, no area, is its own root and stays 0.
    assert kept[0] == 0
    return number.astype(np.int32)[labels]


def find_contacts(labels: Labels, count: int) -> tuple[npt.NDArray[Any], ...]:
    """Pairs of areas side by side without a line between them, and along how many pixels."""
    keys = []
    for a, b in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        touch = (a != b) & (a > 0) & (b > 0)
        low, high = np.minimum(a[touch], b[touch]), np.maximum(a[touch], b[touch])
        keys.append(low.astype(np.int64) * count + high)
    pairs, length = np.unique(np.concatenate(keys), return_counts=True)
    return pairs // count, pairs % count, length
