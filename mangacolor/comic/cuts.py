"""What is on a chest: openings, buttons, patterns."""

from __future__ import annotations

import math

from mangacolor.comic.body import Body
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.collars import tie
from mangacolor.comic.curves import Point, mix, oval, polygon, smooth

__all__ = ["CUTS", "pattern", "tee"]


def pattern(canvas: Canvas, who: Character, body: Body) -> None:
    """Stripes, bands, checks, dots or an emblem; drawn inside the chest's outline."""
    label, kind = who.label("pattern"), who.look.pattern
    x, w = body.x, body.half
    top, low = body.shoulder_y, body.hip_y + 0.6
    if kind in ("bands", "check"):
        y = top + 0.4
        while y < low:
            band = smooth(
                [
                    (x - w, y),
                    (x, y + 0.08),
                    (x + w, y),
                    (x + w, y + 0.22),
                    (x, y + 0.3),
                    (x - w, y + 0.22),
                ],
                corners=(0, 2, 3, 5),
            )
            canvas.paint(band, label, 0.5)
            y += 0.6
    if kind in ("stripes", "check"):
        for i in range(-3, 4):
            a, b = body.at(i * 0.3, top)[0], body.at(i * 0.26, low)[0]
            canvas.paint(
                polygon(
                    [(a - 0.06, top - 0.3), (a + 0.06, top - 0.3), (b + 0.06, low), (b - 0.06, low)]
                ),
                label,
                0.4,
            )
    elif kind == "dots":
        for i in range(5):
            for j in range(4):
                px, py = body.at(-0.75 + 0.4 * j + 0.2 * (i % 2), top + 0.3 + 0.5 * i)
                canvas.paint(oval(px, py, 0.1, 0.1), label, 0.5)
    elif kind == "emblem":
        px, py = body.at(0, body.armpit_y + 0.35 * body.k)
        size = 0.4 * mix(1, body.k, 0.5)
        star: list[Point] = []
        for i in range(10):
            angle = math.pi * i / 5
            reach = size * (1 if i % 2 == 0 else 0.45)
            star.append((px + reach * math.sin(angle), py - reach * math.cos(angle)))
        canvas.paint(
            polygon(star) if who.look.hair_seed % 2 else oval(px, py, size, size), label, 0.8
        )


def tee(canvas: Canvas, who: Character, body: Body) -> None:
    """Nothing on it but its folds."""


def _open_front(canvas: Canvas, who: Character, body: Body) -> None:
    """A jacket's opening with what is under it, lapels and a tie."""
    y, low = body.neck_y - 0.2, body.hip_y + 0.8
    gap = polygon([body.at(-0.34, y), body.at(0.34, y), body.at(0.12, low), body.at(-0.12, low)])
    canvas.paint(gap, who.label("undershirt"), 1.0)
    if who.look.hair_seed % 3:
        tie(canvas, who, body)
    for side in (-1, 1):
        lapel = polygon(
            [
                body.at(side * 0.3, y),
                body.at(side * 0.62, y + 0.55),
                body.at(side * 0.5, y + 0.75),
                body.at(side * 0.16, body.armpit_y + 0.7 * body.k),
            ]
        )
        canvas.paint(lapel, who.label("top"), 0.9)


def _buttons(canvas: Canvas, who: Character, body: Body) -> None:
    x, y = body.at(0, body.neck_y)
    canvas.line((x, y), (x + 0.02, body.waist_y), (body.at(0, 0)[0], body.hip_y + 0.5), 0.8, 0.9)
    for i in range(5):
        px, py = body.at(
            0.07 if who.look.top == "gakuran" else 0.0, mix(y + 0.55, body.hip_y, i / 4)
        )
        canvas.paint(oval(px, py, 0.07, 0.07), who.label("accent"), 0.7)


def _vest(canvas: Canvas, who: Character, body: Body) -> None:
    y = body.neck_y - 0.2
    v = polygon([body.at(-0.42, y), body.at(0.42, y), body.at(0, body.armpit_y + 0.5 * body.k)])
    canvas.paint(v, who.label("undershirt"), 0.9)
    with canvas.inside(v):
        tie(canvas, who, body)
    canvas.paint(
        polygon(
            [
                body.at(-2, body.hip_y - 0.22),
                body.at(2, body.hip_y - 0.22),
                body.at(2, body.hip_y + 0.5),
                body.at(-2, body.hip_y + 0.5),
            ]
        ),
        who.label("trim"),
        0.8,
    )


def _kimono(canvas: Canvas, who: Character, body: Body) -> None:
    y, low = body.neck_y - 0.25, body.waist_y
    for side, label in ((1.0, "undershirt"), (1.0, "trim"), (-1.0, "trim")):
        out = 0.12 if label == "undershirt" else 0.0
        canvas.paint(
            polygon(
                [
                    body.at(side * (0.34 - out), y),
                    body.at(side * (0.56 - out), y),
                    body.at(-side * 0.32, low),
                    body.at(-side * 0.56, low),
                ]
            ),
            who.label(label),
            0.8,
        )
    canvas.paint(
        polygon(
            [
                body.at(-2, low - 0.3),
                body.at(2, low - 0.3),
                body.at(2, low + 0.4),
                body.at(-2, low + 0.4),
            ]
        ),
        who.label("accent"),
        0.9,
    )


def _armour(canvas: Canvas, who: Character, body: Body) -> None:
    x, y = body.at(0, body.armpit_y)
    canvas.line((x, y - 0.5), (x + 0.03, y + 0.3), (x, body.waist_y), 0.9, 0.9)
    for i in range(3):
        py = mix(body.waist_y, body.hip_y, i / 2.5)
        canvas.line(body.at(-1.1, py), body.at(0, py + 0.25), body.at(1.1, py), 0.9, 0.9)
    canvas.paint(
        polygon([body.at(-0.2, y), body.at(0, y - 0.25), body.at(0.2, y), body.at(0, y + 0.3)]),
        who.label("accent"),
        0.8,
    )


def _hoodie(canvas: Canvas, who: Character, body: Body) -> None:
    low = body.hip_y + 0.3
    pocket = polygon(
        [
            body.at(-0.4, body.waist_y + 0.1),
            body.at(0.4, body.waist_y + 0.1),
            body.at(0.6, low - 0.2),
            body.at(-0.6, low - 0.2),
        ]
    )
    canvas.outline(pocket, 0.8)


CUTS = {
    "jacket": _open_front,
    "coat": _open_front,
    "gakuran": _buttons,
    "shirt": _buttons,
    "blouse": _buttons,
    "vest": _vest,
    "kimono": _kimono,
    "armour": _armour,
    "hoodie": _hoodie,
}
