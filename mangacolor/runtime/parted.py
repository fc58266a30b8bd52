"""Pages whose areas a person cut or joined, or wants finer or coarser."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from mangacolor.images.areas import Labels
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import Float32, UInt8, resize
from mangacolor.images.parting import (
    Disc,
    Point,
    coarser_areas,
    cut_areas,
    divide_area,
    finer_areas,
    join_areas,
)
from mangacolor.runtime.area_model import SurfaceModel
from mangacolor.runtime.seen import SeenPage, with_views
from mangacolor.runtime.surfaces import see_surfaces

__all__ = ["Cut", "Division", "Grain", "Join", "Part", "area_at", "part_page"]


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
class Grain:
    """A circle in which areas are finer or coarser.

    Attributes:
        at: its middle, as shares of the page's sides.
        radius: as a share of its width.
        level: steps to finer areas; below 0 to coarser ones.
    """

    at: Point
    radius: float
    level: int


@dataclasses.dataclass(frozen=True)
class Division:
    """An area that is several, each by points in it, as shares of the page's sides."""

    seeds: tuple[tuple[Point, ...], ...]


# What the network sees around a circle, in pixels of the picture of areas, and the border below
# which pieces are one, step by step, of 255: `find_surfaces` has 120.
_MARGIN = 96
_FINER, _COARSER = (60.0, 30.0, 12.0), (160.0, 200.0, 250.0)

Part = Cut | Join | Grain | Division


def area_at(areas: Labels, point: Point) -> int:
    """The area at a point, as shares of the page's sides; 0 beyond the page."""
    h, w = areas.shape
    x, y = point
    inside = 0 <= x < 1 and 0 <= y < 1
    return int(areas[min(int(y * h), h - 1), min(int(x * w), w - 1)]) if inside else 0


def part_page(
    model: SurfaceModel, page: UInt8, seen: SeenPage, parts: Sequence[Part], printed: UInt8
) -> SeenPage:
    """A page seen anew with areas that a person cut and joined, one after the other.

    Args:
        model: finds finer and coarser areas, if it can.
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        seen: as it was seen by itself.
        parts: what a person did.
        printed: the same page with its screentone.
    """
    areas, kinds = seen.areas, seen.kinds
    for part in parts:
        if isinstance(part, Cut | Division):
            if isinstance(part, Cut):
                areas, cut, new = cut_areas(areas, part.line)
            else:
                areas, cut, new = divide_area(areas, resize(page, *areas.shape), part.seeds)
            if kinds.size and new:
                kinds = np.concatenate([kinds, np.repeat(kinds[cut][None], len(new), axis=0)])
        elif isinstance(part, Join):
            areas, kinds = _joined(
                areas, kinds, area_at(areas, part.one), area_at(areas, part.other)
            )
        else:
            areas, kinds = _grained(model, printed, areas, kinds, part)
    if areas is seen.areas:
        return seen
    # Of a joined area whose number was the last nothing is left.
    kinds = kinds[: int(areas.max()) + 1] if kinds.size else kinds
    if kinds.size:
        return with_views(page, areas, kinds)
    return with_views(smooth_dots(page), areas)


def _grained(
    model: SurfaceModel, printed: UInt8, areas: Labels, kinds: Float32, grain: Grain
) -> tuple[Labels, Float32]:
    """Areas that are finer or coarser in a circle; the same where the model finds no surfaces."""
    h, w = areas.shape
    at, radius = (grain.at[0] * w, grain.at[1] * h), grain.radius * w
    window = Disc.around((h, w), at, radius, _MARGIN)
    if not window.inside.any() or not kinds.size:
        return areas, kinds
    view = np.ascontiguousarray(resize(printed, h, w)[window.rows, window.columns])
    join = (_FINER if grain.level > 0 else _COARSER)[min(abs(grain.level), len(_FINER)) - 1]
    found = see_surfaces(model, view, view.size, join=join)
    if found is None:
        return areas, kinds
    if grain.level > 0:
        areas, pieces = finer_areas(areas, found.areas, window)
        return areas, np.concatenate([kinds, found.kinds[pieces]])
    for one, other in coarser_areas(areas, found.areas, window):
        areas, kinds = _joined(areas, kinds, one, other)
    return areas, kinds


def _joined(areas: Labels, kinds: Float32, one: int, other: int) -> tuple[Labels, Float32]:
    if not one or not other or one == other:
        return areas, kinds
    return join_areas(areas, one, other), _joined_kinds(areas, kinds, one, other)


def _joined_kinds(areas: Labels, kinds: Float32, one: int, other: int) -> Float32:
    if not kinds.size:
        return kinds
    mine, theirs = int((areas == one).sum()), int((areas == other).sum())
    kinds = kinds.copy()
    kinds[one] = (kinds[one] * mine + kinds[other] * theirs) / max(mine + theirs, 1)
    return kinds
