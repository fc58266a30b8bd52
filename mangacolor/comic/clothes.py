"""Clothes: chests, skirts, cloaks, and the order in which a body is drawn."""

from __future__ import annotations

import skia

from mangacolor.comic.body import Body, draw_neck
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.collars import COLLARS, round_collar
from mangacolor.comic.curves import Path, Point, mix, oval, polygon, smooth
from mangacolor.comic.cuts import CUTS, pattern, tee
from mangacolor.comic.limbs import draw_arm, draw_legs

__all__ = ["draw_body"]


def draw_body(canvas: Canvas, who: Character, body: Body, turn: float, legs: bool) -> None:
    """Everything below a head, which is drawn afterwards.

    Args:
        canvas: to draw on, around the head.
        who, body: whose body, and where its parts are.
        turn: of the head.
        legs: whether legs are within the picture.
    """
    look = who.look
    behind = body.stance.turn > 0.3
    if look.top in ("cape", "coat"):
        _cloak(canvas, who, body, before=False)
    sleeve = {"vest": "undershirt", "armour": "undershirt", "coat": "coat"}.get(look.top, "top")
    if behind:
        draw_arm(canvas, who, body, 1.0, sleeve)
    if legs:
        draw_legs(canvas, who, body)
        if look.bottom == "skirt" or look.top == "dress":
            _skirt(canvas, who, body)
    draw_neck(canvas, who, body, turn)
    _chest(canvas, who, body)
    if look.top == "coat":
        _cloak(canvas, who, body, before=True)
    for side in (1.0, -1.0):
        if side < 0 or not behind:
            draw_arm(canvas, who, body, side, sleeve)
            if look.top == "armour":
                x, y = body.shoulder(side)
                canvas.paint(
                    oval(x + side * 0.08, y - 0.02, 0.45, 0.38), who.label("top"), 1.0, 0.1
                )
                canvas.line((x - 0.3, y + 0.1), (x, y + 0.22), (x + 0.32, y + 0.1), 0.7, 0.9)
    if look.top == "cape":
        _cloak(canvas, who, body, before=True)


def _chest(canvas: Canvas, who: Character, body: Body) -> None:
    look = who.look
    hem = {"hoodie": 0.3, "tee": 0.25, "kimono": 0.2, "jacket": 0.25, "gakuran": 0.35}.get(
        look.top, 0.0
    )
    points = body.torso(hem * body.k)
    x, y = body.at(0, 0)[0], body.neck_y
    deep = {"tee": 0.3, "dress": 0.45, "hoodie": 0.2, "kimono": 0.3}.get(look.top, 0.25)
    neckline: Point = (x, y + deep * mix(1, body.k, 0.4))
    path = smooth([*points, neckline], corners=(0, 5, 6, 11))
    if look.bottom != "skirt" and look.top != "dress":
        belt = [
            (body.x - body.hip * 0.98, body.hip_y - 0.1),
            (body.x + body.hip * 0.98, body.hip_y - 0.1),
            (body.x + body.hip * 1.05, body.hip_y + 0.75 * body.k),
            (body.x, body.crotch_y + 0.1),
            (body.x - body.hip * 1.05, body.hip_y + 0.75 * body.k),
        ]
        canvas.paint(smooth(belt, corners=(0, 1, 2, 3, 4)), who.label("bottom"), 1.0, 0.08)
    label = who.label("top")
    canvas.paint(path, label, 0, 0.22)
    with canvas.inside(path):
        if look.pattern != "none" and look.top in ("tee", "hoodie", "dress", "kimono", "vest"):
            pattern(canvas, who, body)
        CUTS.get(look.top, tee)(canvas, who, body)
        _folds(canvas, body)
    canvas.outline(path, 1.0)
    COLLARS.get(look.top, round_collar)(canvas, who, body)


def _folds(canvas: Canvas, body: Body) -> None:
    for side in (-1, 1):
        x, y = body.x + side * body.half * 0.88, body.armpit_y
        canvas.line((x, y), (x - side * 0.2, y + 0.15), (x - side * 0.5, y + 0.18), 0.7, 0.9)
        canvas.line((x, y + 0.1), (x - side * 0.15, y + 0.4), (x - side * 0.36, y + 0.5), 0.6, 0.9)
        wx, wy = body.x + side * body.waist, body.waist_y
        canvas.line((wx, wy), (wx - side * 0.25, wy + 0.1), (wx - side * 0.5, wy - 0.02), 0.7, 0.9)
        canvas.line(
            (wx, wy + 0.12), (wx - side * 0.2, wy + 0.25), (wx - side * 0.4, wy + 0.22), 0.6, 0.9
        )
    if body.female and body.k == 1.0:
        for side in (-1, 1):
            a = body.at(side * 0.62, body.armpit_y + 0.15)
            canvas.line(
                a,
                body.at(side * 0.45, body.armpit_y + 0.5),
                body.at(side * 0.12, body.armpit_y + 0.42),
                0.6,
            )


def _skirt(canvas: Canvas, who: Character, body: Body) -> None:
    dress = who.look.top == "dress"
    label = who.label("top" if dress else "bottom")
    y, low = (
        body.waist_y if dress else body.hip_y - 0.35,
        body.crotch_y + (1.9 if dress else 0.9) * body.tall,
    )
    w, wide = (body.waist if dress else body.hip) * 1.0, body.half * (1.5 if dress else 1.25)
    sway = body.stance.sway * 0.25
    n = 6
    hem: list[Point] = []
    corners = [0, 1]
    for i in range(n + 1):
        hx = body.x + sway + mix(wide, -wide, i / n)
        corners.append(2 + len(hem))
        hem.append((hx, low + 0.1 * (1 - (2 * i / n - 1) ** 2)))
        if i < n:
            hem.append((hx - wide / n, low + 0.12 + 0.12 * (1 - (2 * i / n - 1) ** 2)))
    path = smooth([(body.x - w, y), (body.x + w, y), *hem], corners=corners)
    canvas.paint(path, label, 1.0, 0.2)
    with canvas.inside(path):
        for i in range(1, n):
            hx = body.x + sway + mix(wide, -wide, i / n)
            tx = body.x + mix(w, -w, i / n)
            fold = polygon(
                [(hx, low + 0.3), (hx + 0.16, low + 0.3), (mix(tx, hx, 0.3), mix(y, low, 0.3))]
            )
            canvas.darken(fold, label)
            canvas.line((hx, low + 0.1), (mix(tx, hx, 0.6), mix(y, low, 0.55)), (tx, y), 0.8, 0.9)
        if not dress and who.look.pattern in ("bands", "check"):
            band: Path = skia.Path()
            band.addRect(skia.Rect(body.x - 3, low - 0.3, body.x + 3, low - 0.1))
            canvas.paint(band, who.label("trim"), 0.5)


def _cloak(canvas: Canvas, who: Character, body: Body, before: bool) -> None:
    if not before:
        _cloak_behind(canvas, who, body)
    elif who.look.top == "cape":
        _cape(canvas, who, body)
    else:
        for side in (-1, 1):
            _coat_front(canvas, who, body, side)


def _hem(body: Body) -> tuple[float, float]:
    """How low a cloak hangs, and how far it is blown aside."""
    return body.crotch_y + 1.6 * body.tall, body.stance.sway * 0.6


def _cloak_behind(canvas: Canvas, who: Character, body: Body) -> None:
    label, x, h = who.label("coat"), body.x, body.half
    (low, sway), wide = _hem(body), h * 1.45
    path = smooth(
        [
            (x - h * 0.9, body.shoulder_y),
            (x + h * 0.9, body.shoulder_y),
            (x + wide + sway, low),
            (x + wide * 0.3 + sway, low + 0.3),
            (x - wide * 0.3 + sway, low + 0.05),
            (x - wide + sway, low + 0.3),
        ],
        corners=(0, 1, 2, 5),
    )
    canvas.paint(path, label, 1.0)
    canvas.darken(path, label)
    canvas.outline(path, 1.0)


def _cape(canvas: Canvas, who: Character, body: Body) -> None:
    x, h = body.x, body.half
    for side in (-1, 1):
        flap = smooth(
            [
                (x + side * body.neck, body.neck_y - 0.15),
                (x + side * h * 1.12, body.shoulder_y + 0.15),
                (x + side * h * 1.22, body.armpit_y + 0.2),
                (x + side * h * 0.75, body.armpit_y),
            ],
            corners=(0, 2),
        )
        canvas.paint(flap, who.label("coat"), 1.0, 0.1)
    canvas.paint(oval(*body.at(0, body.neck_y + 0.15), 0.15, 0.15), who.label("accent"), 0.9)


def _coat_front(canvas: Canvas, who: Character, body: Body, side: float) -> None:
    label, x, h = who.label("coat"), body.x, body.half
    low, sway = _hem(body)
    panel = smooth(
        [
            (x + side * body.neck * 1.1, body.neck_y - 0.2),
            (x + side * h * 0.95, body.shoulder_y + 0.02),
            (x + side * h * 0.98, body.armpit_y),
            (x + side * h * 0.85, body.waist_y),
            (x + side * h * 1.15 + sway, low),
            (x + side * h * 0.3 + sway, low + 0.15),
            body.at(side * 0.3, body.waist_y),
        ],
        corners=(0, 1, 4, 5),
    )
    canvas.paint(panel, label, 1.0, 0.12)
    lapel = [
        (x + side * body.neck * 1.1, body.neck_y - 0.25),
        body.at(side * 0.75, body.neck_y + 0.3),
        body.at(side * 0.6, body.armpit_y - 0.1),
        body.at(side * 0.32, body.armpit_y + 0.3),
    ]
    canvas.paint(polygon(lapel), label, 0.9, 0.04)
