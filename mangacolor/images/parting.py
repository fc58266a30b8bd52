"""Areas as a person parts and joins them: along a line, two as one, finer ones in a circle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Point, UInt8

__all__ = [
    "Disc",
    "Point",
    "coarser_areas",
    "cut_areas",
    "divide_area",
    "finer_areas",
    "join_areas",
]

# A line ends short of an outline as a rule: so many pixels it reaches on at both ends.
_REACH = 12
# Pieces of fewer pixels are crumbs along the line.
_LEAST = 24
# More of an area than this share lies where it is meant.
_MOST = 0.5


class Disc(NamedTuple):
    """A part of a picture of areas, and a circle in it.

    Attributes:
        rows, columns: of the picture.
        inside: bool, as large as they are, of the pixels in the circle.
    """

    rows: slice
    columns: slice
    inside: npt.NDArray[np.bool_]

    @classmethod
    def around(cls, shape: tuple[int, int], at: Point, radius: float, margin: int) -> Disc:
        """What lies around a circle, in pixels of a picture (h, w)."""
        (x, y), reach = at, radius + margin
        rows, columns = (
            slice(max(0, int(middle - reach)), max(0, min(size, int(middle + reach) + 1)))
            for middle, size in ((y, shape[0]), (x, shape[1]))
        )
        down, across = np.ogrid[rows, columns]
        inside: npt.NDArray[np.bool_] = (across - x) ** 2 + (down - y) ** 2 <= radius**2
        return cls(rows, columns, inside)

    def shares(self, labels: Labels) -> npt.NDArray[np.float64]:
        """How much of each of the window's labels is in the circle, (labels.max() + 1,)."""
        count = int(labels.max(initial=0)) + 1
        within = np.bincount(labels[self.inside], minlength=count)
        return within / np.maximum(np.bincount(labels.ravel(), minlength=count), 1)


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


def divide_area(
    areas: Labels, tone: UInt8, seeds: Sequence[Sequence[Point]]
) -> tuple[Labels, int, list[int]]:
    """Parts an area between points: what is theirs grows, and meets at lines where there are some.

    Args:
        areas: int32 (h, w), numbers from 1.
        tone: uint8 (h, w), the page at that size.
        seeds: of each part points in it, as shares of the sides.

    Returns:
        The areas, new ones at the end; the one that was parted, in which most points lie, and its
        new parts, those of the second and further seeds; none if all points lie in one part.

    Source: Meyer, Color image segmentation, ICIP 1992 (watershed of markers).
    """
    h, w = areas.shape
    marks = np.zeros((h, w), np.int32)
    for number, points in enumerate(seeds, 1):
        x, y = (np.array(points, np.float64) * (w, h)).astype(np.int64).T
        inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
        marks[y[inside], x[inside]] = number
    under = np.bincount(areas[marks > 0], minlength=1)
    area = int(under.argmax()) if under.any() else 0
    here = areas == area
    marks[~here] = 0
    wanted = np.unique(marks[marks > 0])
    if not area or len(wanted) < 2:
        return areas, area, []
    # What is around the area is a part of its own, which cannot grow.
    marks[~here] = len(seeds) + 1
    grown = cv2.watershed(cv2.cvtColor(tone, cv2.COLOR_GRAY2RGB), marks)
    first = int(areas.max()) + 1
    names = np.zeros(len(seeds) + 2, np.int32)
    names[wanted] = [area, *range(first, first + len(wanted) - 1)]
    near = _nearest(np.where(here & (grown > 0), names[np.maximum(grown, 0)], 0))
    parted = np.where(here, near, areas).astype(np.int32)
    return parted, area, list(range(first, first + len(wanted) - 1))


def join_areas(areas: Labels, one: int, other: int) -> Labels:
    """The same where two areas are one, by the first one's number: int32 (h, w)."""
    return np.where(areas == other, one, areas).astype(np.int32)


def finer_areas(areas: Labels, pieces: Labels, window: Disc) -> tuple[Labels, list[int]]:
    """The same with areas of their own where pieces lie, more than half of them in a circle.

    Args:
        areas: int32 (h, w), numbers from 1.
        pieces: int32, as large as the window.
        window: where they are.

    Returns:
        The areas, new ones at the end; of each new one its piece.
    """
    here = areas[window.rows, window.columns]
    meant = window.shares(pieces) > _MOST
    # Which area and which piece each pixel is of.
    span = int(pieces.max(initial=0)) + 1
    both = here.astype(np.int64) * span + pieces
    pairs, place, pixels = np.unique(both, return_inverse=True, return_counts=True)
    one, piece = pairs // span, pairs % span
    own = meant[piece] & (pixels >= _LEAST)
    left = np.bincount(areas.ravel(), minlength=int(areas.max()) + 1)
    numbers = np.zeros(len(pairs), np.int64)
    parts: list[int] = []
    # The smallest first: what is left of an area keeps its number.
    for pair in np.argsort(pixels, kind="stable"):
        if own[pair] and left[one[pair]] - pixels[pair] >= _LEAST:
            left[one[pair]] -= pixels[pair]
            numbers[pair] = len(left) + len(parts)
            parts.append(int(piece[pair]))
    if not parts:
        return areas, []
    found = areas.copy()
    new = numbers[place].reshape(here.shape)
    found[window.rows, window.columns] = np.where(new > 0, new, here)
    return found, parts


def coarser_areas(areas: Labels, pieces: Labels, window: Disc) -> list[tuple[int, int]]:
    """Which areas are one: those, more than half of them in a circle, that lie in one piece.

    Args:
        areas, pieces, window: as `finer_areas` has them.

    Returns:
        Pairs to join, one after the other.
    """
    here = areas[window.rows, window.columns]
    span = int(pieces.max(initial=0)) + 1
    pairs, pixels = np.unique(here.astype(np.int64) * span + pieces, return_counts=True)
    sizes = np.bincount(areas.ravel())
    meant = np.bincount(here[window.inside], minlength=len(sizes)) > _MOST * sizes
    # Of several writes to one place the last one stays: the most pixels.
    order = np.argsort(pixels, kind="stable")
    most = dict(zip((pairs[order] // span).tolist(), (pairs[order] % span).tolist(), strict=True))
    first: dict[int, int] = {}
    found = []
    for area in sorted((x for x in most if meant[x]), key=lambda x: (-sizes[x], x)):
        keeper = first.setdefault(most[area], area)
        if keeper != area:
            found.append((keeper, area))
    return found


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
