"""Pieces of things that are drawn, as tables: where their points are, and what paints them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.curves import Path, Point, oval, smooth, tube

__all__ = ["Shape", "draw_shapes", "placed"]

Rows = tuple[tuple[float, ...], ...]


@dataclasses.dataclass(frozen=True)
class Shape:
    """A piece of a thing: an outline through points, a tube along them, or an oval around one.

    Attributes:
        part: what it is painted as.
        rows: points: across, down, and how much of the thing's rise comes to that; see `placed`.
        corners: numbers of points at which the outline is pointed.
        edge, shadow: as `Canvas.paint` has them.
        widths: of a tube, at each point.
        round_end: of a tube.
        radii: of an oval.
        times: it is there so often, turned around `about`.
    """

    part: str
    rows: Rows
    corners: tuple[int, ...] = ()
    edge: float = 1.0
    shadow: float = 0.0
    widths: tuple[float, ...] = ()
    round_end: bool = False
    radii: tuple[float, float] | None = None
    times: int = 1
    about: Point = (0.0, 0.0)

    def path(self, x: float = 0.0, across: float = 1.0, rise: float = 0.0) -> Path:
        """Its outline where the thing is, see `placed`."""
        points = placed(self.rows, x, across, rise)
        if self.radii is not None:
            return oval(*points[0], *self.radii)
        if self.widths:
            return tube(points, self.widths, self.round_end)
        return smooth(points, corners=self.corners)


def placed(rows: Rows, x: float = 0.0, across: float = 1.0, rise: float = 0.0) -> list[Point]:
    """Points of rows: across (times `across`, from `x`), down, and how much of `rise` is added."""
    return [
        (x + row[0] * across, row[1] + (row[2] * rise if len(row) > 2 else 0.0)) for row in rows
    ]


def draw_shapes(
    canvas: Canvas,
    shapes: Iterable[Shape],
    label: Callable[[str], int],
    x: float = 0.0,
    across: float = 1.0,
    rise: float = 0.0,
) -> None:
    """Draws pieces one over the other; `label` says what a part is painted with."""
    for shape in shapes:
        path = shape.path(x, across, rise)
        if shape.times == 1:
            canvas.paint(path, label(shape.part), shape.edge, shape.shadow)
            continue
        for number in range(shape.times):
            with canvas.moved(*shape.about, 1.0, 360 / shape.times * number):
                canvas.paint(path, label(shape.part), shape.edge, shape.shadow)
