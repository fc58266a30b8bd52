"""Pages whose areas a person cut or joined, and figures that a person said who they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.panels import find_panels
from mangacolor.images.parting import Point, cut_areas, join_areas
from mangacolor.images.pieces import inner_points
from mangacolor.images.views import cut_views, with_kinds
from mangacolor.runtime.areas import SeenPage
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["Cut", "Figure", "Join", "Part", "area_at", "find_allowed", "part_page"]

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Cut:
    """A line that parts an area; points as shares of the page's sides."""

    line: tuple[Point, ...]


@dataclasses.dataclass(frozen=True)
class Join:
    """Two areas that are one, each by a point in it."""

    one: Point
    other: Point


@dataclasses.dataclass(frozen=True)
class Figure:
    """Who somebody on a page is.

    Attributes:
        box: left, top, right and bottom on the page, as shares of its sides.
        reference: number of the reference.
        there: the box there.
    """

    box: Box
    reference: int
    there: Box


Part = Cut | Join


def area_at(areas: Labels, point: Point) -> int:
    """The area at a point, as shares of the page's sides; 0 beyond the page."""
    h, w = areas.shape
    x, y = point
    inside = 0 <= x < 1 and 0 <= y < 1
    return int(areas[min(int(y * h), h - 1), min(int(x * w), w - 1)]) if inside else 0


def part_page(page: UInt8, seen: SeenPage, parts: Sequence[Part]) -> SeenPage:
    """A page seen anew with areas that a person cut and joined, one after the other.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        seen: as it was seen by itself.
        parts: what a person did.
    """
    areas, kinds = seen.areas, seen.kinds
    for part in parts:
        if isinstance(part, Cut):
            areas, cut, new = cut_areas(areas, part.line)
            if kinds.size and new:
                kinds = np.concatenate([kinds, np.repeat(kinds[cut][None], len(new), axis=0)])
            continue
        one, other = area_at(areas, part.one), area_at(areas, part.other)
        if one and other and one != other:
            kinds = _joined_kinds(areas, kinds, one, other)
            areas = join_areas(areas, one, other)
    if areas is seen.areas:
        return seen
    # Of a joined area whose number was the last nothing is left.
    kinds = kinds[: int(areas.max()) + 1] if kinds.size else kinds
    plain = smooth_dots(page)
    views = cut_views(plain, areas, find_panels(plain), split=True)
    return SeenPage(areas, with_kinds(views, kinds) if kinds.size else views, kinds)


def _joined_kinds(areas: Labels, kinds: Float32, one: int, other: int) -> Float32:
    if not kinds.size:
        return kinds
    mine, theirs = int((areas == one).sum()), int((areas == other).sum())
    kinds = kinds.copy()
    kinds[one] = (kinds[one] * mine + kinds[other] * theirs) / max(mine + theirs, 1)
    return kinds


def find_allowed(
    areas: Labels, figures: Sequence[Figure], references: ReferenceAreas
) -> npt.NDArray[np.bool_] | None:
    """Which areas of the references each area may be: bool (areas.max() + 1, T); None for all.

    The areas whose middle lies in a figure's box may be what lies in the box of the reference; of
    several boxes the last counts. What a person taught is allowed everywhere.
    """
    places = references.places
    if not figures or len(places) != len(references.tokens):
        return None
    count = int(areas.max()) + 1
    points = inner_points(areas, count)
    allowed = np.ones((count, len(places)), np.bool_)
    taught = places[:, 0] < 0
    for figure in figures:
        there = (places[:, 0] == figure.reference) & _within(places[:, 1:], figure.there)
        if there.any():
            allowed[_within(points, figure.box)] = there | taught
    return allowed


def _within(points: Float32, box: Box) -> npt.NDArray[np.bool_]:
    x0, y0, x1, y1 = box
    x, y = points[:, 0], points[:, 1]
    found: npt.NDArray[np.bool_] = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return found
