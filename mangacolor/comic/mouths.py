"""Mouths, around (0, 0)."""

from __future__ import annotations

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import oval, polygon, smooth, spindle

__all__ = ["draw_mouth"]


def draw_mouth(canvas: Canvas, who: Character, kind: str) -> None:
    """Draws a mouth of a kind that `face.MOODS` names."""
    w = who.look.mouth_w
    if kind in ("open", "laugh", "shout", "talk", "o"):
        _open_mouth(canvas, who, kind, w)
        return
    pen = canvas.pen
    if kind == "line":
        canvas.black(spindle((-w, 0), (0, 0.03), (w, 0), pen(0.4), pen(1.1), pen(0.4)))
    elif kind == "smile":
        canvas.black(
            spindle((-w * 1.1, -0.05), (0, 0.12), (w * 1.1, -0.05), pen(0.5), pen(1.2), pen(0.5))
        )
    elif kind in ("frown", "sad"):
        lift = 0.12 if kind == "frown" else 0.07
        canvas.black(spindle((-w, 0.05), (0, -lift), (w, 0.05), pen(0.5), pen(1.3), pen(0.5)))
        canvas.line((-w * 0.35, 0.13), (0, 0.15), (w * 0.35, 0.13), 0.6)
    elif kind == "small":
        canvas.black(spindle((-w * 0.4, 0), (0, -0.04), (w * 0.4, 0), pen(0.6), pen(1.2), pen(0.6)))
    elif kind == "smirk":
        canvas.black(spindle((-w, 0.03), (0, 0.07), (w * 1.1, -0.07), pen(0.4), pen(1.2), pen(0.7)))
    elif kind == "cat":
        for side in (-1, 1):
            canvas.black(
                spindle(
                    (side * w * 1.1, -0.05),
                    (side * w * 0.5, 0.13),
                    (0, -0.01),
                    pen(0.4),
                    pen(1.2),
                    pen(0.5),
                )
            )
    elif kind == "wave":
        points = [(w * x, 0.035 * (-1) ** i) for i, x in enumerate((-1, -0.5, 0, 0.5, 1))]
        canvas.outline(smooth(points, closed=False), 1.0)
    elif kind == "grit":
        box = smooth(
            [(-w * 1.2, -0.06), (0, -0.1), (w * 1.2, -0.06), (w, 0.1), (0, 0.08), (-w, 0.1)]
        )
        canvas.paint(box, who.label("eye white"), 1.0)
        with canvas.inside(box):
            for i in range(-2, 3):
                canvas.line((i * w * 0.4, -0.2), (i * w * 0.4, 0), (i * w * 0.4, 0.2), 0.5, 0.8)
            canvas.line((-w * 1.3, 0), (0, -0.02), (w * 1.3, 0), 0.6, 0.8)


def _open_mouth(canvas: Canvas, who: Character, kind: str, w: float) -> None:
    if kind == "o":
        path = oval(0, 0.02, w * 0.5, 0.13)
    elif kind == "talk":
        path = smooth([(-w * 0.8, -0.05), (0, -0.03), (w * 0.8, -0.05), (0, 0.14)], corners=(0, 2))
    elif kind == "shout":
        path = smooth(
            [
                (-w * 0.9, -0.14),
                (0, -0.1),
                (w * 0.9, -0.14),
                (w * 1.1, 0.1),
                (w * 0.5, 0.24),
                (-w * 0.5, 0.24),
                (-w * 1.1, 0.1),
            ],
            corners=(0, 2),
        )
    else:
        deep = 0.26 if kind == "laugh" else 0.2
        path = smooth(
            [
                (-w * 1.25, -0.08),
                (0, -0.03),
                (w * 1.25, -0.08),
                (w * 0.7, deep * 0.7),
                (0, deep),
                (-w * 0.7, deep * 0.7),
            ],
            corners=(0, 2),
        )
    canvas.paint(path, who.label("mouth"), 0)
    with canvas.inside(path):
        canvas.darken(oval(0, -0.1, w * 1.2, 0.16), who.label("mouth"))
        canvas.lighten(oval(0, 0.28, w * 0.75, 0.14), who.label("mouth"), paper=False)
        if kind in ("open", "laugh", "shout"):
            teeth = polygon(
                [(-w * 1.3, -0.2), (w * 1.3, -0.2), (w * 0.9, -0.02), (-w * 0.9, -0.02)]
            )
            canvas.paint(teeth, who.label("eye white"), 0.4)
        if kind == "shout":
            row = skia.Path()
            row.addRect(skia.Rect(-w, 0.18, w, 0.3))
            canvas.paint(row, who.label("eye white"), 0.4)
    canvas.outline(path, 1.1)
