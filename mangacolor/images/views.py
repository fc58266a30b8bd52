"""Views: the panels of a page at the scale at which areas are described, and facts of the areas."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, at_places
from mangacolor.images.facts import FACTS, PLACE, find_facts, rim_of
from mangacolor.images.geometry import (
    Float32,
    UInt8,
    fit_size,
    reduce,
    resize,
    to_grey,
    to_signed,
)
from mangacolor.images.panels import Box
from mangacolor.images.runs import Runs, find_runs
from mangacolor.images.strips import STRIP

__all__ = [
    "FACTS",
    "MOST_AREAS",
    "PLACE",
    "STRIDES",
    "View",
    "cut_views",
    "membership",
    "pool",
    "to_picture",
    "with_kinds",
]

# Longer side of a page whose panels have their share of it, and least and largest of a view: a
# panel is described as large as it would be on such a page.
_PAGE, _LEAST_SIDE, _MOST_SIDE = 800, 384, 640
_MULTIPLE = 32
# Areas of a view: the largest ones. What is beyond is hatching and keeps the painter's colour.
MOST_AREAS = 240
# A view of a page with more areas than this is several panels without a gutter that could be found
# between them, or too small a picture of too much: it is looked at in two halves, which overlap by
# this share, as long as it is larger than that share of the page. Of larger views it is more.
_CROWDED, _OVERLAP, _SPLIT = 110, 0.1, 0.4
# A panel that is longer than so many of its widths is looked at in pieces, at most so many.
_LONGEST, _MOST_PIECES = 6.0, 64
# Pixels of the picture of areas that an area must have in a view.
_LEAST_AREA = 24
# Pixels of a view from one place of each map of features to the next.
STRIDES = (4, 8, 16, 32)


@dataclasses.dataclass(frozen=True)
class View:
    """A panel, or a page without panels.

    Attributes:
        picture: uint8 (h, w) or (h, w, 3); h and w multiples of 32.
        numbers: int32 (K,), the areas in it by their numbers on the page, the largest first.
        sizes: float32 (K,), pixels of each in the picture of areas.
        facts: float32 (K, FACTS), see `find_facts`.
        cells: int32 (h/2, w/2), at half the view's size: which of the K areas, -1 none.
        left_out: areas beyond the largest so many.
        kinds: float32 (K, len(Kind)), how probably each of the K areas is of a kind; empty if that
            is not known.
    """

    picture: UInt8
    numbers: npt.NDArray[np.int32]
    sizes: Float32
    facts: Float32
    cells: npt.NDArray[np.int32]
    left_out: int = 0
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))


def cut_views(
    page: UInt8,
    areas: Labels,
    boxes: Sequence[Box],
    *,
    split: bool = False,
    tone: UInt8 | None = None,
    detail: float = 1.0,
) -> list[View]:
    """Cuts a page into its panels and lists the areas of each.

    Args:
        page: uint8 (H, W), its screentone smoothed, or (H, W, 3).
        areas: int32 (h, w), of `find_areas`.
        boxes: of the panels, in pixels of the page.
        split: look at what is crowded in parts.
        tone: uint8 (h, w), the page in grey at the areas' size, if that is known.
        detail: how many times as large as training has them views are; more of small things is
            seen, and it costs its square.

    Returns:
        Views that together show all boxes; none of what has no area in it.
    """
    height, width = page.shape[:2]
    h, w = areas.shape
    tone = resize(to_grey(page), h, w) if tone is None else tone
    # A strip is as many pages as it is long.
    longest = min(max(height, width), STRIP * min(height, width))
    views = []
    waiting = [piece for box in reversed(boxes) for piece in reversed(_pieces(box))]
    while waiting:
        box = waiting.pop()
        x0, y0, x1, y1 = box
        part = np.s_[
            y0 * h // height : max(-(-y1 * h // height), y0 * h // height + 1),
            x0 * w // width : max(-(-x1 * w // width), x0 * w // width + 1),
        ]
        share = min(1.0, max(x1 - x0, y1 - y0) / longest)
        runs = find_runs(areas[part])
        if split and share > _SPLIT and _count(runs) > _CROWDED * detail**2:
            waiting += _halves(box)
            continue
        side = round(min(max(share * _PAGE, _LEAST_SIDE), _MOST_SIDE) * detail)
        view = _view(page[y0:y1, x0:x1], areas[part], runs, tone[part], side)
        if len(view.numbers):
            views.append(view)
    return views


def with_kinds(views: Sequence[View], kinds: Float32) -> list[View]:
    """The same views, told how probably each area of the page is of a kind: float32 (n, kinds)."""
    return [dataclasses.replace(view, kinds=kinds[view.numbers]) for view in views]


def _pieces(box: Box) -> list[Box]:
    """A box so long that a view of it would show nothing, in views that overlap; else the box."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    long, short = max(w, h), min(w, h)
    if long <= _LONGEST * short:
        return [box]
    count = min(max(2, round(long / (STRIP * short))), _MOST_PIECES)
    half = round(long / count * (1 + _OVERLAP) / 2)
    found = []
    for i in range(count):
        middle = round((i + 0.5) * long / count)
        first, last = max(0, middle - half), min(long, middle + half)
        found.append((x0, y0 + first, x1, y0 + last) if h >= w else (x0 + first, y0, x0 + last, y1))
    return found


def _count(runs: Runs) -> int:
    """How many areas a view would have."""
    return int((runs.sizes()[1:] >= _LEAST_AREA).sum())


def _halves(box: Box) -> list[Box]:
    """The halves of a box, cut across its longer side and overlapping, the second one first."""
    x0, y0, x1, y1 = box
    if x1 - x0 >= y1 - y0:
        reach = round((x1 - x0) * (1 + _OVERLAP) / 2)
        return [(x1 - reach, y0, x1, y1), (x0, y0, x0 + reach, y1)]
    reach = round((y1 - y0) * (1 + _OVERLAP) / 2)
    return [(x0, y1 - reach, x1, y1), (x0, y0, x1, y0 + reach)]


def _view(picture: UInt8, areas: Labels, runs: Runs, tone: UInt8, side: int) -> View:
    size = runs.sizes()
    size[0] = 0
    order = np.argsort(-size, kind="stable")[:MOST_AREAS]
    numbers = order[size[order] >= _LEAST_AREA].astype(np.int32)
    place = np.full(len(size), -1, np.int32)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    h, w = (
        max(2 * _MULTIPLE, round(length / _MULTIPLE) * _MULTIPLE)
        for length in fit_size(picture.shape[0], picture.shape[1], side)
    )
    at = runs._replace(numbers=place[runs.numbers].astype(np.int64))
    rim = place[rim_of(areas)]
    return View(
        picture=_sized(picture, h, w),
        numbers=numbers,
        sizes=size[numbers].astype(np.float32),
        facts=find_facts(at, rim[rim >= 0], tone, len(numbers)),
        cells=place[at_places(areas, (h // 2, w // 2))],
        left_out=max(0, int((size >= _LEAST_AREA).sum()) - MOST_AREAS),
    )


def _sized(picture: UInt8, h: int, w: int) -> UInt8:
    """A view at its size: of pages, of which there are many, made smaller in less time."""
    smaller = h <= picture.shape[0] and w <= picture.shape[1]
    return (reduce if smaller and picture.ndim == 2 else resize)(picture, h, w)


def membership(cells: npt.NDArray[np.int32], count: int, stride: int) -> Float32:
    """How much of each area lies in each place of features: rows that add up to 1.

    Args:
        cells: int32 (h/2, w/2) of a view.
        count: of its areas.
        stride: of the features, in pixels of the view: 4, 8, 16 or 32.

    Returns:
        float32 (count, h/stride * w/stride); a row of an area too thin to be seen is 0.
    """
    step = stride // 2
    h, w = cells.shape[0] // step, cells.shape[1] // step
    down, across = (np.arange(side) // step for side in cells.shape)
    # What is in no area is counted first, and left out.
    own = cells.astype(np.intp) + 1
    place = own * (h * w) + (down * w)[:, None] + across
    found = np.zeros((count + 1) * h * w, np.float32)
    # Most of it stays 0: a histogram in whole numbers would be written twice as large, and read.
    np.add.at(found, place.ravel(), np.float32(1))
    total = np.bincount(own.ravel(), minlength=count + 1)[1:].astype(np.float32)
    shares: Float32 = found.reshape(count + 1, h * w)[1:]
    shares *= (1 / np.maximum(total, 1))[:, None]
    return shares


def to_picture(view: View) -> Float32:
    """What a view is described by: float32 (1, 3, h, w) in [-1, 1], grey in three channels."""
    signed = to_signed(view.picture)
    if signed.ndim == 2:
        return np.repeat(signed[None, None], 3, axis=1)
    return np.ascontiguousarray(signed.transpose(2, 0, 1)[None])


def pool(view: View, maps: Sequence[Float32]) -> Float32:
    """Features of each area of a view.

    Args:
        view: with K areas.
        maps: float32 (1, C, h/stride, w/stride) for each of `STRIDES`.

    Returns:
        float32 (K, sum of all C).
    """
    count = len(view.numbers)
    parts = [
        membership(view.cells, count, stride) @ found[0].reshape(found.shape[1], -1).T
        for stride, found in zip(STRIDES, maps, strict=True)
    ]
    return np.concatenate(parts, axis=1)
