"""Strokes of colour that a person laid over a page, and the areas that they mean."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.errors import InputError
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_layer
from mangacolor.images.parting import Point

__all__ = ["count_idle", "find_rivals", "find_stroked", "read_strokes"]

# Least alpha of what is a stroke and not its soft edge, once `read_strokes` has told them apart,
# and of what is anything at all.
_SOLID, _THERE = 128, 16
# A stroke of fewer pixels, as a share of the largest, is a crumb.
_CRUMB = 0.1
# Strokes whose colours are so near in every channel are one if they touch.
_STEP = 16
# Points that stand for strokes of one colour.
_POINTS = 400


def read_strokes(source: bytes, name: str) -> UInt8:
    """A picture of strokes on nothing: uint8 (H, W, 4) sRGB and alpha.

    Args:
        source: the file's content.
        name: what it is called.

    Raises:
        InputError: it cannot be read, nothing in it is transparent, or everything is.
    """
    strokes = read_layer(source, name)
    solid = _solid(strokes[..., 3])
    if solid.all():
        raise InputError(
            f"{name} has no transparent pixels, so that its strokes cannot be told from the rest.",
            "Paint the strokes on an empty layer and save that layer alone as PNG.",
        )
    if not solid.any():
        raise InputError(f"{name} has no strokes: all of it is transparent.", "Paint some.")
    strokes[..., 3] = np.where(solid, 255, 0)
    return strokes


def _solid(alpha: UInt8) -> npt.NDArray[np.bool_]:
    """What is a stroke and not its soft edge: at least half as opaque as the stroke is at most."""
    count, labels = cv2.connectedComponents((alpha >= _THERE).astype(np.uint8), connectivity=8)
    most = np.zeros(count, np.uint8)
    np.maximum.at(most, labels.ravel().astype(np.int64), alpha.ravel())
    return (labels > 0) & (alpha >= most[labels] / 2)


def find_stroked(strokes: UInt8, areas: Labels) -> dict[int, tuple[int, int, int]]:
    """Which areas a person gave a colour to.

    Args:
        strokes: uint8 (H, W, 4) sRGB and alpha, as large as the page or in its proportions.
        areas: int32 (h, w), of `find_areas`.

    Returns:
        Area to colour. A stroke over several areas means the one in which most of it lies; of two
        strokes in one area the longer counts.
    """
    told: dict[int, tuple[int, tuple[int, int, int]]] = {}
    for area, size, _, color, _ in _meant(strokes, areas):
        if area and size > told.get(area, (0, color))[0]:
            told[area] = size, color
    return {area: color for area, (_, color) in told.items()}


def find_rivals(strokes: UInt8, areas: Labels) -> list[tuple[tuple[Point, ...], ...]]:
    """Strokes of several colours in one area: it is to be parted between them.

    Args:
        strokes, areas: as of `find_stroked`.

    Returns:
        Of each such area points on the strokes of each colour, as shares of the page's sides.
    """
    h, w = areas.shape
    drawn: dict[int, dict[tuple[int, int, int], list[npt.NDArray[np.bool_]]]] = {}
    for area, _, _, color, mask in _meant(strokes, areas):
        near = next((x for x in drawn.get(area, {}) if _is_near(x, color)), color)
        drawn.setdefault(area, {}).setdefault(near, []).append(mask & (areas == area))
    found = []
    for area, colors in sorted(drawn.items()):
        masks = [np.any(x, axis=0) for x in colors.values()]
        # A crumb of another colour is the rim of a brush.
        least = _CRUMB * max(int(mask.sum()) for mask in masks)
        masks = [mask for mask in masks if mask.sum() >= least]
        if area and len(masks) > 1:
            found.append(tuple(_points(mask, h, w) for mask in masks))
    return found


def _is_near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < _STEP


def _points(mask: npt.NDArray[np.bool_], h: int, w: int) -> tuple[Point, ...]:
    y, x = np.nonzero(mask)
    some = np.linspace(0, len(y) - 1, min(len(y), _POINTS)).round().astype(np.int64)
    return tuple(
        (float(across), float(down))
        for across, down in zip((x[some] + 0.5) / w, (y[some] + 0.5) / h, strict=True)
    )


def count_idle(strokes: UInt8, areas: Labels) -> int:
    """How many strokes lie on no area, crumbs not counted; arguments as of `find_stroked`."""
    meant = list(_meant(strokes, areas))
    largest = max((whole for _, _, whole, _, _ in meant), default=0)
    return sum(not area and whole >= _CRUMB * largest for area, _, whole, _, _ in meant)


def _meant(
    strokes: UInt8, areas: Labels
) -> Iterator[tuple[int, int, int, tuple[int, int, int], npt.NDArray[np.bool_]]]:
    """Of each stroke the area in which most of it lies, how much does, its size, colour, pixels."""
    h, w = areas.shape
    rows = (np.arange(h) * 2 + 1) * strokes.shape[0] // (2 * h)
    columns = (np.arange(w) * 2 + 1) * strokes.shape[1] // (2 * w)
    here = _thick(strokes, h, w)[rows[:, None], columns]
    for mask, color in _strokes(here):
        numbers, counts = np.unique(areas[mask], return_counts=True)
        yield int(numbers[counts.argmax()]), int(counts.max()), int(counts.sum()), color, mask


def _thick(strokes: UInt8, h: int, w: int) -> UInt8:
    """The same with hairlines so wide that they are not lost when the picture is made smaller."""
    step = max(1, round(max(strokes.shape[0] / h, strokes.shape[1] / w)))
    if step == 1:
        return strokes
    solid = (strokes[..., 3] >= _SOLID).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(
        1 - solid, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    if not solid.any():
        return strokes
    near = cv2.dilate(solid, np.ones((step, step), np.uint8)) > 0
    # Pixels of strokes are numbered in OpenCV's own order.
    of_label = np.zeros((int(labels.max()) + 1, 4), np.uint8)
    of_label[labels[solid > 0]] = strokes[solid > 0]
    wide = np.where(near[..., None], of_label[labels], strokes)
    wide[near, 3] = 255
    return wide.astype(np.uint8)


def _strokes(picture: UInt8) -> list[tuple[npt.NDArray[np.bool_], tuple[int, int, int]]]:
    """Every stroke's pixels and its colour: the middle one."""
    solid = picture[..., 3] >= _SOLID
    kinds = (picture[..., :3] // _STEP).astype(np.int32) @ np.array([1, 256, 65536], np.int32)
    found = []
    for kind in np.unique(kinds[solid]):
        same = (solid & (kinds == kind)).astype(np.uint8)
        count, labels = cv2.connectedComponents(same, connectivity=8)
        for number in range(1, count):
            mask = labels == number
            red, green, blue = np.median(picture[mask][:, :3], axis=0)
            found.append((mask, (int(red), int(green), int(blue))))
    return found
