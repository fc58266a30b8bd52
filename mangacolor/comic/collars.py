"""Collars, ties and bows."""

from __future__ import annotations

from mangacolor.comic.body import Body
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import mix, oval, polygon, smooth

__all__ = ["COLLARS", "round_collar", "tie"]


def round_collar(canvas: Canvas, who: Character, body: Body) -> None:
    """The collar of what has no other: a ring, a shirt's, or a bow."""
    if who.look.top in ("jacket", "coat", "vest", "armour"):
        _shirt_collar(canvas, who, body, "undershirt")
    elif who.look.top in ("tee", "cape"):
        x, y = body.at(0, body.neck_y)
        a, c = (body.x - body.neck * 1.1, y - 0.05), (body.x + body.neck * 1.1, y - 0.05)
        ring = smooth(
            [
                a,
                (x, y + 0.28),
                c,
                (c[0] + 0.08, c[1] + 0.06),
                (x, y + 0.42),
                (a[0] - 0.08, a[1] + 0.06),
            ],
            corners=(0, 2, 3, 5),
        )
        canvas.paint(ring, who.label("trim"), 0.8)
    elif who.look.top == "dress":
        _bow(canvas, who, *body.at(0, body.neck_y + 0.6 * body.k))


def _shirt_collar(canvas: Canvas, who: Character, body: Body, part: str) -> None:
    y = body.neck_y
    for side in (-1, 1):
        flap = polygon(
            [
                (body.x + side * body.neck, y - 0.22),
                body.at(side * 0.46, y + 0.12),
                body.at(side * 0.28, y + 0.48),
                body.at(0, y + 0.18),
            ]
        )
        canvas.paint(flap, who.label(part), 0.9, 0.04)


def _blouse_collar(canvas: Canvas, who: Character, body: Body) -> None:
    if who.look.hair_seed % 2:
        tie(canvas, who, body)
    _shirt_collar(canvas, who, body, "trim" if who.look.top == "blouse" else "undershirt")
    if who.look.top == "blouse":
        _bow(canvas, who, *body.at(0, body.neck_y + 0.3))


def _sailor_collar(canvas: Canvas, who: Character, body: Body) -> None:
    y, low = body.neck_y, body.armpit_y + 0.3 * body.k
    collar = polygon(
        [
            (body.x - body.neck, y - 0.2),
            body.at(-0.82, y + 0.25),
            body.at(-0.7, low - 0.25),
            body.at(0, low + 0.15),
            body.at(0.7, low - 0.25),
            body.at(0.82, y + 0.25),
            (body.x + body.neck, y - 0.2),
            body.at(0, low - 0.25),
        ]
    )
    canvas.paint(collar, who.label("trim"), 1.0, 0.05)
    line = polygon(
        [
            body.at(-0.72, y + 0.3),
            body.at(-0.6, low - 0.3),
            body.at(0, low + 0.02),
            body.at(0.6, low - 0.3),
            body.at(0.72, y + 0.3),
        ],
        closed=False,
    )
    canvas.outline(line, 0.6)
    _bow(canvas, who, *body.at(0, low))


def _high_collar(canvas: Canvas, who: Character, body: Body) -> None:
    n, y, x = body.neck * 1.2, body.neck_y, body.x
    mid = body.at(0, 0)[0]
    ring = smooth(
        [
            (x - n, y - 0.32),
            (mid, y - 0.12),
            (x + n, y - 0.32),
            (x + n * 1.15, y + 0.06),
            (mid, y + 0.28),
            (x - n * 1.15, y + 0.06),
        ],
        corners=(0, 2, 3, 5),
    )
    canvas.paint(ring, who.label("top"), 1.0)
    canvas.line((mid, y - 0.12), (mid, y), (mid, y + 0.26), 0.8, 0.9)


def _hood(canvas: Canvas, who: Character, body: Body) -> None:
    y, n = body.neck_y, body.neck
    for side in (-1, 1):
        roll = smooth(
            [
                (body.x + side * n * 1.1, y - 0.32),
                (body.x + side * body.half * 0.75, y - 0.12),
                body.at(side * 0.5, y + 0.35),
                body.at(0.02 * side, y + 0.42),
                body.at(side * 0.2, y + 0.12),
            ]
        )
        canvas.paint(roll, who.label("top"), 1.0, 0.07)
        a = body.at(side * 0.16, y + 0.4)
        canvas.line(a, (a[0] + side * 0.04, a[1] + 0.3), (a[0], a[1] + 0.6 * body.k), 1.2, 0.9)


def _no_collar(canvas: Canvas, who: Character, body: Body) -> None:
    """A kimono's collar is part of its cut."""


COLLARS = {
    "shirt": _blouse_collar,
    "blouse": _blouse_collar,
    "sailor": _sailor_collar,
    "gakuran": _high_collar,
    "hoodie": _hood,
    "kimono": _no_collar,
}


def tie(canvas: Canvas, who: Character, body: Body) -> None:
    """A tie down a chest."""
    y = body.neck_y + 0.18
    low = mix(body.armpit_y, body.waist_y, 0.75)
    label = who.label("accent")
    canvas.paint(
        polygon(
            [
                body.at(-0.07, y + 0.25),
                body.at(0.07, y + 0.25),
                body.at(0.15, low - 0.2),
                body.at(0, low),
                body.at(-0.15, low - 0.2),
            ]
        ),
        label,
        0.9,
    )
    canvas.paint(
        polygon(
            [body.at(-0.13, y), body.at(0.13, y), body.at(0.07, y + 0.28), body.at(-0.07, y + 0.28)]
        ),
        label,
        0.9,
    )


def _bow(canvas: Canvas, who: Character, x: float, y: float) -> None:
    label = who.label("accent")
    for side in (-1, 1):
        canvas.paint(
            polygon([(x, y), (x + side * 0.16, y + 0.62), (x + side * 0.32, y + 0.52)]), label, 0.9
        )
        loop = smooth([(x, y), (x + side * 0.4, y - 0.2), (x + side * 0.42, y + 0.2)], corners=(0,))
        canvas.paint(loop, label, 0.9, 0.04)
    canvas.paint(oval(x, y, 0.1, 0.1), label, 0.9)
