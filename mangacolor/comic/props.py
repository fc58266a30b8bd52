"""Things that are held."""

from __future__ import annotations

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.cast import Character
from mangacolor.comic.curves import Point, oval, smooth, tube

__all__ = ["PROPS", "draw_prop"]

PROPS = ("none", "sword", "book", "flower", "cup", "phone", "staff", "umbrella")


def draw_prop(canvas: Canvas, who: Character, at: Point, direction: float, kind: str) -> None:
    """Draws a thing of `PROPS` in a hand at the end of a forearm of a direction in degrees."""
    label, accent = who.label("prop"), who.label("accent")
    turn = 90 if kind in ("sword", "staff", "umbrella") else 180
    with canvas.moved(at[0], at[1], 1.0, -direction), canvas.moved(0, 0.2, 1.0, turn):
        if kind == "sword":
            blade = smooth(
                [(-0.12, -0.3), (-0.13, -2.7), (0.02, -3.1), (0.13, -2.7), (0.12, -0.3)],
                corners=(0, 2, 4),
            )
            canvas.paint(blade, label, 1.0, 0.08)
            canvas.paint(oval(0, -0.32, 0.36, 0.09), accent, 0.9)
            canvas.paint(tube([(0, -0.3), (0, 0.1), (0, 0.55)], (0.14, 0.14, 0.16)), accent, 0.9)
        elif kind == "staff":
            canvas.paint(tube([(0, 2.2), (0, 0), (0, -2.3)], (0.13, 0.14, 0.15)), label, 1.0, 0.04)
            canvas.paint(oval(0, -2.5, 0.32, 0.32), accent, 1.0, 0.08)
        elif kind == "umbrella":
            canvas.paint(tube([(0, 0.4), (0, -1), (0, -2.2)], (0.07, 0.07, 0.07)), accent, 0.8)
            canvas.paint(
                smooth(
                    [
                        (-1.9, -1.6),
                        (-1.2, -2.6),
                        (0, -3.0),
                        (1.2, -2.6),
                        (1.9, -1.6),
                        (0.9, -1.8),
                        (0, -1.6),
                        (-0.9, -1.8),
                    ],
                    corners=(0, 4, 6),
                ),
                label,
                1.0,
                0.15,
            )
        elif kind == "book":
            canvas.paint(
                smooth([(-0.5, -0.6), (0.5, -0.6), (0.5, 0.5), (-0.5, 0.5)], corners=(0, 1, 2, 3)),
                label,
                1.0,
                0.08,
            )
            canvas.paint(
                smooth(
                    [(-0.3, -0.35), (0.3, -0.35), (0.3, 0.0), (-0.3, 0.0)], corners=(0, 1, 2, 3)
                ),
                accent,
                0.7,
            )
        elif kind == "flower":
            canvas.paint(tube([(0, 0.5), (0.05, 0), (0, -0.5)], (0.07, 0.07, 0.06)), label, 0.8)
            for i in range(6):
                with canvas.moved(0, -0.65, 1.0, 60 * i):
                    canvas.paint(oval(0, -0.2, 0.13, 0.17), accent, 0.8)
            canvas.paint(oval(0, -0.65, 0.1, 0.1), label, 0.7)
        elif kind == "cup":
            canvas.paint(
                smooth(
                    [(-0.3, -0.4), (0.3, -0.4), (0.24, 0.3), (-0.24, 0.3)], corners=(0, 1, 2, 3)
                ),
                label,
                1.0,
                0.08,
            )
        else:
            canvas.paint(
                smooth(
                    [(-0.25, -0.7), (0.25, -0.7), (0.25, 0.2), (-0.25, 0.2)],
                    corners=(0, 1, 2, 3),
                ),
                label,
                1.0,
            )
            canvas.paint(
                smooth(
                    [(-0.18, -0.6), (0.18, -0.6), (0.18, 0.1), (-0.18, 0.1)],
                    corners=(0, 1, 2, 3),
                ),
                accent,
                0.6,
            )
