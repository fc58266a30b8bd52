"""Eyes, around (0, 0), the outer corner at the right."""

from __future__ import annotations

import math

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, oval, polygon, spindle

__all__ = ["draw_eye"]


def draw_eye(
    canvas: Canvas, who: Character, shut: str, opened: float, gaze: tuple[float, float], side: float
) -> None:
    """An eye around (0, 0), its outer corner at the right."""
    look = who.look
    w, h = look.eye_w, look.eye_h
    slant = math.tan(math.radians(-look.eye_tilt)) * w
    if opened <= 0.1:
        _shut_eye(canvas, w, h, shut, look.lash)
        return
    if look.eye_kind == "dot":
        _dot_eye(canvas, who, opened)
        return
    # Height of the lids at the inner corner, over the pupil and at the outer corner.
    inner, outer = {
        "round": (0.1, -0.1),
        "almond": (0.3, -0.22),
        "sharp": (0.38, -0.38),
        "droopy": (-0.1, 0.22),
    }[look.eye_kind]
    top, low = (
        -h * opened,
        h * {"round": 0.92, "almond": 0.8, "sharp": 0.66, "droopy": 0.85}[look.eye_kind],
    )
    a, b = (-w, inner * h - slant * 0.5), (w, outer * h + slant * 0.5)
    if look.eye_kind == "sharp":
        top *= 0.85
    lid = skia.Path()
    lid.moveTo(*a)
    lid.cubicTo(-w * 0.72, top * 1.18, w * 0.35, top * 1.32, *b)
    white = skia.Path(lid)
    white.cubicTo(w * 0.82, low * 1.12, -w * 0.55, low * 1.2, *a)
    white.close()
    canvas.paint(white, who.label("eye white"), 0)
    with canvas.inside(white):
        _iris(canvas, who, gaze, w, h, side)
        # The lid's shadow on the eye.
        canvas.tint(_lid_band(a, b, w, top, 0.24 * h), 0x55605080)
    lash = look.lash * (0.12 + 0.05 * (look.kind == "girl"))
    upper = skia.Path()
    upper.moveTo(a[0] + 0.02, a[1] + 0.01)
    upper.cubicTo(-w * 0.72, top * 1.18 + 0.01, w * 0.35, top * 1.32 + 0.02, b[0], b[1] + 0.02)
    flick = 0.1 * look.lash
    upper.lineTo(b[0] + flick, b[1] - 0.35 * flick - (0.05 if look.lash > 0.9 else 0))
    upper.cubicTo(
        w * 0.42, top * 1.32 - lash * 1.5, -w * 0.8, top * 1.15 - lash, a[0] - 0.015, a[1] - 0.01
    )
    upper.close()
    canvas.black(upper)
    if look.lash > 1.05:
        for x, y in ((b[0] * 0.98, b[1] - 0.05), (b[0] * 0.84, b[1] - 0.42 * h)):
            tip = (x + 0.11, y - 0.1)
            canvas.black(polygon([(x - 0.05, y - 0.02), tip, (x + 0.01, y + 0.05)]))
    canvas.line(
        (w * 0.95, b[1] + 0.4 * h), (w * 0.55, low * 1.02), (-w * 0.25, low * 0.93), 0.9 * look.lash
    )
    if look.eye_kind != "sharp":
        lift = top * 1.24 - 0.07
        canvas.line((-w * 0.6, lift + 0.05), (w * 0.1, lift - 0.04), (w * 0.9, lift + 0.2), 0.55)


def _dot_eye(canvas: Canvas, who: Character, opened: float) -> None:
    look, w, h = who.look, who.look.eye_w, who.look.eye_h
    canvas.paint(oval(0, 0, w * 0.34, h * 0.5 * opened), who.label("iris"), 1)
    canvas.black(oval(0, 0, w * 0.26, h * 0.4 * opened))
    canvas.white(oval(-w * 0.1, -h * 0.2, w * 0.1, h * 0.12), who.label("eye white"))
    canvas.line((-w * 0.6, -h * 0.62), (0, -h * 0.95), (w * 0.7, -h * 0.5), 1.2 * look.lash)


def _lid_band(
    a: tuple[float, float], b: tuple[float, float], w: float, top: float, d: float
) -> Path:
    band = skia.Path()
    band.moveTo(*a)
    band.cubicTo(-w * 0.72, top * 1.18, w * 0.35, top * 1.32, *b)
    band.lineTo(b[0], b[1] + d)
    band.cubicTo(w * 0.35, top * 1.32 + d, -w * 0.72, top * 1.18 + d, a[0], a[1] + d)
    band.close()
    return band


def _iris(
    canvas: Canvas, who: Character, gaze: tuple[float, float], w: float, h: float, side: float
) -> None:
    look = who.look
    label = who.label("iris")
    rx = min(0.66 * w, 0.8 * h) * (0.82 if look.eye_kind == "sharp" else 1)
    ry = h * (0.98 if look.eye_kind in ("round", "droopy") else 0.84)
    x, y = gaze[0] * w * 0.28 - 0.04 * w, gaze[1] * h * 0.2 - 0.03 * h
    ball = oval(x, y, rx, ry)
    canvas.paint(ball, label, 0)
    with canvas.inside(ball):
        canvas.darken(oval(x, y - ry * 0.75, rx * 1.25, ry * 0.95), label)
        canvas.lighten(oval(x, y + ry * 0.72, rx * 0.62, ry * 0.34), label)
    if look.pupil == "full":
        canvas.black(oval(x, y - 0.05 * ry, rx * 0.5, ry * 0.52))
    elif look.pupil == "slit":
        canvas.black(oval(x, y, rx * 0.2, ry * 0.75))
    elif look.pupil == "ring":
        canvas.outline(oval(x, y, rx * 0.5, ry * 0.5), 0.8)
        canvas.black(oval(x, y, rx * 0.28, ry * 0.3))
    else:
        canvas.black(oval(x, y - 0.3 * ry, rx * 0.62, ry * 0.45))
    canvas.outline(ball, 0.9)
    # Glints lie on the side of the light, whichever eye it is.
    lit = -0.35 * rx * side
    glint = who.label("eye white")
    canvas.white(oval(x + lit, y - ry * 0.42, rx * 0.34, ry * 0.26), glint)
    canvas.white(oval(x - lit, y + ry * 0.42, rx * 0.16, ry * 0.13), glint)


def _shut_eye(canvas: Canvas, w: float, h: float, shut: str, lash: float) -> None:
    y, bend = (0.25 * h, -1.1 * h) if shut == "up" else (0.05 * h, 1.0 * h)
    canvas.black(spindle((-w, y), (0, y + bend), (w, y), 0.02, 0.075 * max(0.7, lash), 0.03))
    if lash > 0.9:
        for x in (0.6, 0.9):
            canvas.line(
                (w * x, y + bend * 0.25 * (1 - x)), (w * x, y), (w * x + 0.1, y + 0.08), 1, 0.8
            )
