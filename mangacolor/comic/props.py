"""Things that are held."""

from __future__ import annotations

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Point
from mangacolor.comic.shapes import Shape, draw_shapes

__all__ = ["PROPS", "draw_prop"]

_BOX = (0, 1, 2, 3)
# In heads' radii around the fist; what is held upright points up.
_THINGS: dict[str, tuple[Shape, ...]] = {
    "sword": (
        Shape(
            "prop",
            ((-0.12, -0.3), (-0.13, -2.7), (0.02, -3.1), (0.13, -2.7), (0.12, -0.3)),
            corners=(0, 2, 4),
            shadow=0.08,
        ),
        Shape("accent", ((0, -0.32),), radii=(0.36, 0.09), edge=0.9),
        Shape("accent", ((0, -0.3), (0, 0.1), (0, 0.55)), widths=(0.14, 0.14, 0.16), edge=0.9),
    ),
    "book": (
        Shape(
            "prop",
            ((-0.5, -0.6), (0.5, -0.6), (0.5, 0.5), (-0.5, 0.5)),
            corners=_BOX,
            shadow=0.08,
        ),
        Shape(
            "accent",
            ((-0.3, -0.35), (0.3, -0.35), (0.3, 0.0), (-0.3, 0.0)),
            corners=_BOX,
            edge=0.7,
        ),
    ),
    "flower": (
        Shape("prop", ((0, 0.5), (0.05, 0), (0, -0.5)), widths=(0.07, 0.07, 0.06), edge=0.8),
        Shape("accent", ((0, -0.2),), radii=(0.13, 0.17), edge=0.8, times=6, about=(0, -0.65)),
        Shape("prop", ((0, -0.65),), radii=(0.1, 0.1), edge=0.7),
    ),
    "cup": (
        Shape(
            "prop",
            ((-0.3, -0.4), (0.3, -0.4), (0.24, 0.3), (-0.24, 0.3)),
            corners=_BOX,
            shadow=0.08,
        ),
    ),
    "phone": (
        Shape("prop", ((-0.25, -0.7), (0.25, -0.7), (0.25, 0.2), (-0.25, 0.2)), corners=_BOX),
        Shape(
            "accent",
            ((-0.18, -0.6), (0.18, -0.6), (0.18, 0.1), (-0.18, 0.1)),
            corners=_BOX,
            edge=0.6,
        ),
    ),
    "staff": (
        Shape("prop", ((0, 2.2), (0, 0), (0, -2.3)), widths=(0.13, 0.14, 0.15), shadow=0.04),
        Shape("accent", ((0, -2.5),), radii=(0.32, 0.32), shadow=0.08),
    ),
    "umbrella": (
        Shape("accent", ((0, 0.4), (0, -1), (0, -2.2)), widths=(0.07, 0.07, 0.07), edge=0.8),
        Shape(
            "prop",
            (
                *((-1.9, -1.6), (-1.2, -2.6), (0, -3.0), (1.2, -2.6)),
                *((1.9, -1.6), (0.9, -1.8), (0, -1.6), (-0.9, -1.8)),
            ),
            corners=(0, 4, 6),
            shadow=0.15,
        ),
    ),
}
_UPRIGHT = ("sword", "staff", "umbrella")
PROPS = ("none", *_THINGS)


def draw_prop(canvas: Canvas, who: Character, at: Point, direction: float, kind: str) -> None:
    """Draws a thing of `PROPS` in a hand at the end of a forearm of a direction in degrees."""
    turn = 90 if kind in _UPRIGHT else 180
    with canvas.moved(at[0], at[1], 1.0, -direction), canvas.moved(0, 0.2, 1.0, turn):
        draw_shapes(canvas, _THINGS[kind], who.label)
