"""Hats: tables of their pieces, in radii of the hair's cap and from its crown."""

from __future__ import annotations

import dataclasses

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, Point, oval, polygon, smooth
from mangacolor.comic.hair import HairCap
from mangacolor.comic.head import Head
from mangacolor.comic.shapes import Shape, draw_shapes, placed

__all__ = ["draw_hat"]

# Rows of points: across, down, and 1 where that is down from the crown; see `shapes.placed`.
_DOME = (
    *((-1, -0.42, 0), (-0.92, -0.85, 0), (-0.45, -0.08, 1), (0, -0.16, 1)),
    *((0.45, -0.08, 1), (0.92, -0.85, 0), (1, -0.42, 0), (0, -0.6, 0)),
)
# Of a witch's hat; its tip is bent over.
_CONE = (
    *((-0.85, -0.5, 0), (-0.4, -0.4, 1), (0, -1.2, 1)),
    *((0.35, -0.4, 1), (0.85, -0.5, 0), (0, -0.62, 0)),
)
_BRIM = Shape(
    "hat",
    (
        *((-1, -0.34), (-0.5, -0.62), (0, -0.7), (0.5, -0.62)),
        *((1, -0.34), (0.5, -0.3), (0, -0.34), (-0.5, -0.3)),
    ),
    shadow=0.06,
)
_WIDE = {"brim": 1.55, "witch": 1.75}
_BAND = Shape(
    "accent",
    ((-1, -0.52), (0, -0.74), (1, -0.52), (0.95, -0.78), (0, -0.98), (-0.95, -0.78)),
    corners=(0, 2, 3, 5),
    edge=0.9,
)
_FOLD = Shape(
    "accent",
    ((-1.02, -0.62), (0, -0.82), (1.02, -0.62), (1.02, -0.3), (0, -0.48), (-1.02, -0.3)),
    corners=(0, 2, 3, 5),
    shadow=0.05,
)
_RIM = Shape(
    "accent",
    ((-1.03, -0.6), (0, -0.78), (1.03, -0.6), (1.03, -0.34), (0, -0.54), (-1.03, -0.34)),
    corners=(0, 2, 3, 5),
    shadow=0.04,
)
_HORN = Shape(
    "accent",
    ((0.85, -0.85), (1.5, -1.0), (1.55, -1.65), (1.2, -1.2), (0.7, -1.1)),
    corners=(0, 2, 4),
    shadow=0.06,
)


@dataclasses.dataclass(frozen=True)
class _Fit:
    """A hat on a head.

    Attributes:
        canvas, who: on what, and whose.
        x, r, top: its middle, half its width, and where its crown is.
        path: its dome.
    """

    canvas: Canvas
    who: Character
    x: float
    r: float
    top: float
    path: Path


def draw_hat(canvas: Canvas, who: Character, head: Head, cap: HairCap) -> None:
    """Draws the hat of somebody who has one, over the hair."""
    kind = who.look.hat
    x, r, top = cap.centre[0], cap.radii[0] * 1.05, -cap.radii[1] - 0.12
    if kind == "crown":
        _crown(canvas, who, x, top)
        return
    dome = placed(_CONE if kind == "witch" else _DOME, x, r, top)
    if kind == "witch":
        dome[2] = (x + 0.5 * head.side, dome[2][1])
    path = smooth(dome, corners=(0, 2, 4) if kind == "witch" else (0, 6))
    canvas.paint(path, who.label("hat"), 1.0, 0.16)
    fit = _Fit(canvas, who, x, r, top, path)
    if kind == "cap":
        _peak(fit, head)
    elif kind == "beanie":
        _ribs(fit)
    elif kind in _WIDE:
        with canvas.inside(path):
            draw_shapes(canvas, (_BAND,), who.label, x, r)
        draw_shapes(canvas, (_BRIM,), who.label, x, r * _WIDE[kind])
    elif kind == "helmet":
        draw_shapes(canvas, (_RIM,), who.label, x, r)
        for side in (-1, 1):
            draw_shapes(canvas, (_HORN,), who.label, x, side * r)


def _crown(canvas: Canvas, who: Character, x: float, top: float) -> None:
    points: list[Point] = [(x - 0.55, top + 0.25)]
    for i in range(5):
        points += [
            (x - 0.62 + 0.31 * i, top - 0.22 - 0.12 * (i == 2)),
            (x - 0.46 + 0.31 * i, top + 0.02),
        ]
    points[-1] = (x + 0.55, top + 0.25)
    canvas.paint(polygon(points), who.label("accent"), 1.0, 0.05)


def _peak(fit: _Fit, head: Head) -> None:
    """The seams of a cap, and its peak, which points where the head looks."""
    x, top, t, front = fit.x, fit.top, head.pose.turn, head.at(0, 0)[0]
    for a in (-0.45, 0.35):
        fit.canvas.line((x, top - 0.14), (x + a, top + 0.15), (x + a * 1.7, -0.6), 0.6, 0.9)
    peak = [
        (front - 0.75 + 0.2 * t, -0.5),
        (front, -0.64),
        (front + 0.75, -0.5),
        (front + 0.5 + 0.5 * t, -0.22),
        (front - 0.1 + 0.4 * t, -0.18),
        (front - 0.6 + 0.2 * t, -0.3),
    ]
    fit.canvas.paint(smooth(peak, corners=(0, 2)), fit.who.label("accent"), 1.0, 0.05)


def _ribs(fit: _Fit) -> None:
    """The fold of a beanie, its ribs and its bobble."""
    x, canvas = fit.x, fit.canvas
    draw_shapes(canvas, (_FOLD,), fit.who.label, x, fit.r)
    for i in range(-3, 4):
        a, low = x + i * 0.26, 0.02 * i * i
        canvas.line((a, -0.8 + low), (a * 1.01, -0.6), (a * 1.03, -0.46 + low), 0.5, 0.9)
    canvas.paint(oval(x, fit.top - 0.25, 0.2, 0.2), fit.who.label("accent"), 0.9, 0.05)
