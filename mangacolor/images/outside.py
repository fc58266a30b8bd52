"""What lies outside all panels: wide gutters, and panels whose frame the page's edge cuts open."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import Kind, paper_of
from mangacolor.images.panels import Box

__all__ = ["shares_outside", "with_gutters", "with_missed"]

# Share of an area outside all panels, and how probably it is paper as the network has it, from
# which on it is a gutter: far from any ink a blank place may be either. Areas of drawings lie
# within panels for more than nine tenths, and where a panel was not found they are hardly paper.
_OUTSIDE, _LIKELY = 0.5, 1 / 6
# What was missed is sought at every so many pixels, and is so large a share of the page at least.
_STEP, _LEAST = 4, 0.03
# A panel that lies in what was missed, for this share of it, is none if the same ground goes on in
# it, for the second share of it: then it is a figure.
_WITHIN, _GROUND = 0.9, 0.05
# What else is drawn on the ground that was missed, as a share of it: a gutter has nothing on it.
_ON = 0.03


def with_gutters(
    kinds: Float32, areas: Labels, boxes: Sequence[Box], page: tuple[int, int]
) -> Float32:
    """Kinds of areas in which gutters are that, however wide.

    Args:
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind.
        areas: int32 (h, w), of the page.
        boxes: of its panels, in pixels of the page.
        page: height and width of it.

    Returns:
        The same ones where there is no such gutter.
    """
    likely = paper_of(kinds) >= _LIKELY
    likely[0] = False
    if not likely.any():
        return kinds
    gutters = likely & (shares_outside(areas, boxes, page, len(kinds)) >= _OUTSIDE)
    if not gutters.any():
        return kinds
    found = kinds.copy()
    found[gutters] = 0
    found[gutters, Kind.GUTTER] = 1
    return found


def shares_outside(
    areas: Labels, boxes: Sequence[Box], page: tuple[int, int], count: int
) -> npt.NDArray[np.float64]:
    """The share of each area that lies outside all panels: float64 (count,).

    Args:
        areas: int32 (h, w), of the page.
        boxes: of the panels, in pixels of the page.
        page: height and width of it.
        count: of numbers.
    """
    sizes = np.maximum(np.bincount(areas.ravel(), minlength=count), 1)
    out = np.bincount(areas[_outside(areas.shape, boxes, page)], minlength=count)
    shares: npt.NDArray[np.float64] = out / sizes
    return shares


def with_missed(
    boxes: Sequence[Box], kinds: Float32, areas: Labels, page: tuple[int, int]
) -> list[Box]:
    """Panels, and boxes around what is drawn and lies in none of them.

    A slice of a strip may cut a panel, whose blank ground is gutter then by what is white. Ground
    with nothing on it may as well be a gutter, and is left.

    Args:
        boxes: of panels, in pixels of the page.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each area is of a kind.
        areas: int32 (h, w), of the page.
        page: height and width of it.

    Returns:
        The boxes less figures in what was missed, and after them what was missed.
    """
    drawn = paper_of(kinds) < _LIKELY
    drawn[0] = False
    small = areas[::_STEP, ::_STEP]
    outside = _outside(areas.shape, boxes, page)[::_STEP, ::_STEP]
    sizes = np.maximum(np.bincount(small.ravel(), minlength=len(kinds)), 1)
    shares = np.bincount(small[outside], minlength=len(kinds)) / sizes
    missed = (drawn & (shares >= _OUTSIDE))[small]
    whole = [box for box in boxes if missed[_window(missed.shape, box, page)].mean() < _GROUND]
    left = np.where(drawn[small] & _outside(missed.shape, whole, page), small, 0)
    _, _, found, _ = cv2.connectedComponentsWithStats(missed.view(np.uint8))
    more = [
        _around((x, y, x + w, y + h), areas.shape, page)
        for x, y, w, h, size in found[1:].tolist()
        if size >= _LEAST * missed.size and _has_something_on_it(left[y : y + h, x : x + w])
    ]
    kept = [box for box in boxes if box in whole or not any(_lies_in(box, one) for one in more)]
    return [*kept, *more]


def _has_something_on_it(drawn: Labels) -> bool:
    """Whether there is more than ground.

    Args:
        drawn: int32 (h, w), the numbers of areas that are drawn, 0 elsewhere.
    """
    sizes = np.bincount(drawn.ravel())[1:]
    return bool(sizes.sum() - sizes.max(initial=0) >= _ON * sizes.max(initial=0))


def _around(places: Box, size: tuple[int, ...], page: tuple[int, int]) -> Box:
    """What may be between the places that were looked at, and next to them, on the page."""
    (h, w), (height, width), (x0, y0, x1, y1) = size, page, places
    first = max(0, (x0 - 1) * _STEP + 1), max(0, (y0 - 1) * _STEP + 1)
    last = min(w, x1 * _STEP), min(h, y1 * _STEP)
    return (
        first[0] * width // w,
        first[1] * height // h,
        -(-last[0] * width // w),
        -(-last[1] * height // h),
    )


def _lies_in(box: Box, other: Box) -> bool:
    (x0, y0, x1, y1), (left, top, right, bottom) = box, other
    common = max(0, min(x1, right) - max(x0, left)) * max(0, min(y1, bottom) - max(y0, top))
    return common >= _WITHIN * (x1 - x0) * (y1 - y0)


def _outside(
    size: tuple[int, ...], boxes: Sequence[Box], page: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    found = np.ones(size, np.bool_)
    for box in boxes:
        found[_window(size, box, page)] = False
    return found


def _window(size: tuple[int, ...], box: Box, page: tuple[int, int]) -> tuple[slice, slice]:
    """Where a box lies at another size, rounded outwards: a frame is no gutter."""
    (h, w), (height, width), (x0, y0, x1, y1) = size, page, box
    rows = slice(y0 * h // height, -(-y1 * h // height))
    return rows, slice(x0 * w // width, -(-x1 * w // width))
