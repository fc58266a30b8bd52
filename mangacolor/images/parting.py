"""Areas as a person parts and joins them: along a line that is drawn, and two as one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels

__all__ = ["cut_areas", "join_areas"]

# A line ends short of an outline as a rule: so many pixels it reaches on at both ends.
_REACH = 12
# Pieces of fewer pixels are crumbs along the line.
_LEAST = 24

Point = tuple[float, float]


def cut_areas(areas: Labels, line: Sequence[Point]) -> tuple[Labels, int, list[int]]:
    """Parts the area in which most of a line lies.

    Args:
        areas: int32 (h, w), numbers from 1.
        line: at least two points, across and down as shares of the sides.

    Returns:
        The areas, new ones at the end; the one that was cut, and its new pieces: none where the
        line does not go through. The largest piece keeps the number.
    """
    h, w = areas.shape
    points = np.array([(x * w, y * h) for x, y in line], np.float64)
    drawn = _drawn(points, (h, w))
    under = np.bincount(areas[drawn], minlength=1)
    if not len(under) or not under.any():
        return areas, 0, []
    area = int(under.argmax())
    here = areas == area
    # What the line does not touch is none of its business.
    touched = _pieces(here)
    meant = np.isin(touched, np.unique(touched[drawn & here]))
    wall = _drawn(_reaching(points), (h, w)) & here
    pieces = _pieces(here & meant & ~wall)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    numbers = np.flatnonzero(sizes >= _LEAST)
    if len(numbers) < 2:
        return areas, area, []
    order = numbers[np.argsort(-sizes[numbers], kind="stable")]
    new = np.zeros(len(sizes), np.int32)
    first = int(areas.max()) + 1
    new[order] = [area, *range(first, first + len(order) - 1)]
    seeds = new[pieces]
    # The line itself, and crumbs, belong to the piece that is nearest.
    near = _nearest(seeds)
    parted = np.where(here & meant, near, areas).astype(np.int32)
    return parted, area, list(range(first, first + len(order) - 1))


def join_areas(areas: Labels, one: int, other: int) -> Labels:
    """The same where two areas are one, by the first one's number: int32 (h, w)."""
    return np.where(areas == other, one, areas).astype(np.int32)


def _drawn(points: npt.NDArray[np.float64], shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(canvas, [np.floor(points).astype(np.int32)], False, (1,), thickness=2)
    return canvas.view(np.bool_)


def _reaching(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The line, longer at both ends."""
    ends = []
    for end, before in ((points[0], points[1]), (points[-1], points[-2])):
        step = end - before
        ends.append(end + step / max(float(np.hypot(*step)), 1e-9) * _REACH)
    return np.concatenate([ends[:1], points, ends[1:]])


def _pieces(mask: npt.NDArray[np.bool_]) -> Labels:
    _, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=4)
    return np.asarray(labels, np.int32)


def _nearest(seeds: Labels) -> Labels:
    """The number of the nearest pixel that has one: int32 (h, w)."""
    outside = (seeds == 0).view(np.uint8)
    _, label = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(int(label.max()) + 1, np.int32)
    of_label[label[seeds > 0]] = seeds[seeds > 0]
    return of_label[label]
