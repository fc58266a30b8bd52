"""What heads wear: hats, glasses, ribbons, animals' ears."""

from __future__ import annotations

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import oval, polygon, smooth
from mangacolor.comic.hair import HairCap
from mangacolor.comic.hats import draw_hat
from mangacolor.comic.head import Head

__all__ = ["draw_extras"]


def draw_extras(canvas: Canvas, who: Character, head: Head, cap: HairCap) -> None:
    """Draws what is worn over hair and face."""
    look = who.look
    if look.glasses != "none":
        _glasses(canvas, who, head)
    if look.ears == "cat" and look.hat == "none":
        for side in (-1.0, 1.0):
            _cat_ear(canvas, who, head, side)
    if look.hat != "none":
        draw_hat(canvas, who, head, cap)
    elif look.ornament != "none":
        _ornament(canvas, who, head, cap)


def _glasses(canvas: Canvas, who: Character, head: Head) -> None:
    look = who.look
    rims = []
    for side in (-1, 1):
        if side > 0 and head.pose.turn > 0.72:
            continue
        x, y = head.at(side * look.eye_gap, look.eye_y + 0.05)
        wide = head.narrowing(side * look.eye_gap)
        rx, ry = look.eye_w * 1.22 * wide, max(0.22, look.eye_h * 1.05)
        if look.glasses == "round":
            path = oval(x, y, rx, ry)
        elif look.glasses == "square":
            path = skia.Path()
            path.addRoundRect(skia.Rect(x - rx, y - ry * 0.75, x + rx, y + ry * 0.75), 0.08, 0.08)
        else:
            path = smooth(
                [(x - rx, y), (x + rx, y), (x + rx * 0.6, y + ry), (x - rx * 0.6, y + ry)],
                corners=(0, 1),
            )
        rims.append((x, y, rx, path))
    for x, y, rx, path in rims:
        canvas.tint(path, 0x28C8E8FF)
        canvas.white(
            polygon([(x - rx * 0.5, y - 0.1), (x - rx * 0.25, y - 0.16), (x - rx * 0.5, y + 0.1)]),
            who.label("eye white"),
        )
        canvas.outline(path, 1.7)
    if len(rims) == 2:
        (x0, y0, r0, _), (x1, y1, r1, _) = rims
        canvas.line((x0 + r0, y0), ((x0 + x1) / 2, y0 - 0.08), (x1 - r1, y1), 1.5, 0.9)
    x, y, rx, _ = rims[0]
    canvas.line(
        (x - rx, y), ((x - rx - head.ear_x) / 2, y - 0.02), (-head.ear_x, y + 0.02), 1.3, 0.9
    )


def _cat_ear(canvas: Canvas, who: Character, head: Head, side: float) -> None:
    x, y = head.at(side * 0.62, 0.0)[0] - 0.12 * head.pose.turn, -0.82 * who.look.volume
    outer = smooth(
        [(x - side * 0.36, y + 0.08), (x + side * 0.12, y - 0.72), (x + side * 0.4, y + 0.35)],
        corners=(0, 1, 2),
    )
    canvas.paint(outer, who.label("hair"), 1.0, 0.06)
    inner = smooth(
        [(x - side * 0.14, y + 0.0), (x + side * 0.12, y - 0.46), (x + side * 0.26, y + 0.2)],
        corners=(0, 1, 2),
    )
    canvas.paint(inner, who.label("accent"), 0.7)


def _ornament(canvas: Canvas, who: Character, head: Head, cap: HairCap) -> None:
    kind, accent = who.look.ornament, who.label("accent")
    if kind == "band":
        points = [cap.rim(a, 1.03) for a in (168, 140, 110, 70, 40, 12)]
        inner = [(x * 0.96, y * 0.8 + 0.02) for x, y in points]
        canvas.paint(smooth([*points, *reversed(inner)], corners=(0, 5, 6, 11)), accent, 0.9, 0.03)
        return
    if kind == "headband":
        points = [head.at(x, -0.3 + 0.06 * abs(x)) for x in (-0.94, -0.4, 0.0, 0.4, 0.94)]
        low = [(x, y + 0.2) for x, y in reversed(points)]
        canvas.paint(smooth([*points, *low], corners=(0, 4, 5, 9)), accent, 1.0, 0.03)
        return
    x, y, depth = head.round_about(0.75 * head.side, 0.45 if kind != "ribbon" else 0.75, 1.06)
    if depth < -0.4:
        return
    if kind == "ribbon":
        for side in (-1, 1):
            loop = smooth(
                [(x, y), (x + side * 0.48, y - 0.34), (x + side * 0.5, y + 0.16)], corners=(0,)
            )
            canvas.paint(loop, accent, 1.0, 0.06)
            canvas.line((x, y), (x + side * 0.12, y - 0.04), (x + side * 0.3, y - 0.06), 0.7, 0.9)
        canvas.paint(oval(x, y, 0.11, 0.13), accent, 1.0)
    elif kind == "clip":
        for i in range(2):
            bar = polygon(
                [
                    (x - 0.2, y + 0.16 * i),
                    (x + 0.2, y - 0.06 + 0.16 * i),
                    (x + 0.22, y + 0.02 + 0.16 * i),
                    (x - 0.18, y + 0.08 + 0.16 * i),
                ]
            )
            canvas.paint(bar, accent, 0.8)
    else:
        for i in range(5):
            with canvas.moved(x, y, 1.0, 72 * i):
                canvas.paint(oval(0, -0.16, 0.11, 0.14), accent, 0.8)
        canvas.paint(oval(x, y, 0.08, 0.08), who.label("trim"), 0.7)
