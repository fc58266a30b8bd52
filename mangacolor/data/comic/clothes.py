"""Clothes on a chest: cuts, collars, folds, patterns."""

from __future__ import annotations

import math

import skia

from mangacolor.data.comic.body import Body, draw_arm, draw_legs, draw_neck
from mangacolor.data.comic.cast import Character
from mangacolor.data.comic.curves import Path, Point, mix, oval, polygon, smooth
from mangacolor.data.comic.sheet import Sheet

__all__ = ["draw_body"]


def draw_body(sheet: Sheet, who: Character, body: Body, turn: float, legs: bool) -> None:
    """Everything below a head, which is drawn afterwards.

    Args:
        sheet: to draw on, around the head.
        who, body: whose body, and where its parts are.
        turn: of the head.
        legs: whether legs are within the picture.
    """
    look = who.look
    behind = body.stance.turn > 0.3
    if look.top in ("cape", "coat"):
        _cloak(sheet, who, body, before=False)
    sleeve = {"vest": "undershirt", "armour": "undershirt", "coat": "coat"}.get(look.top, "top")
    if behind:
        draw_arm(sheet, who, body, 1.0, sleeve)
    if legs:
        draw_legs(sheet, who, body)
        if look.bottom == "skirt" or look.top == "dress":
            _skirt(sheet, who, body)
    draw_neck(sheet, who, body, turn)
    _chest(sheet, who, body)
    if look.top == "coat":
        _cloak(sheet, who, body, before=True)
    for side in (1.0, -1.0):
        if side < 0 or not behind:
            draw_arm(sheet, who, body, side, sleeve)
            if look.top == "armour":
                x, y = body.shoulder(side)
                sheet.paint(oval(x + side * 0.08, y - 0.02, 0.45, 0.38), who.label("top"), 1.0, 0.1)
                sheet.line((x - 0.3, y + 0.1), (x, y + 0.22), (x + 0.32, y + 0.1), 0.7, 0.9)
    if look.top == "cape":
        _cloak(sheet, who, body, before=True)


def _chest(sheet: Sheet, who: Character, body: Body) -> None:
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
        sheet.paint(smooth(belt, corners=(0, 1, 2, 3, 4)), who.label("bottom"), 1.0, 0.08)
    label = who.label("top")
    sheet.paint(path, label, 0, 0.22)
    with sheet.inside(path):
        if look.pattern != "none" and look.top in ("tee", "hoodie", "dress", "kimono", "vest"):
            _pattern(sheet, who, body)
        CUTS.get(look.top, _tee)(sheet, who, body)
        _folds(sheet, body)
    sheet.outline(path, 1.0)
    COLLARS.get(look.top, _round_collar)(sheet, who, body)


def _folds(sheet: Sheet, body: Body) -> None:
    for side in (-1, 1):
        x, y = body.x + side * body.half * 0.88, body.armpit_y
        sheet.line((x, y), (x - side * 0.2, y + 0.15), (x - side * 0.5, y + 0.18), 0.7, 0.9)
        sheet.line((x, y + 0.1), (x - side * 0.15, y + 0.4), (x - side * 0.36, y + 0.5), 0.6, 0.9)
        wx, wy = body.x + side * body.waist, body.waist_y
        sheet.line((wx, wy), (wx - side * 0.25, wy + 0.1), (wx - side * 0.5, wy - 0.02), 0.7, 0.9)
        sheet.line(
            (wx, wy + 0.12), (wx - side * 0.2, wy + 0.25), (wx - side * 0.4, wy + 0.22), 0.6, 0.9
        )
    if body.female and body.k == 1.0:
        for side in (-1, 1):
            a = body.at(side * 0.62, body.armpit_y + 0.15)
            sheet.line(
                a,
                body.at(side * 0.45, body.armpit_y + 0.5),
                body.at(side * 0.12, body.armpit_y + 0.42),
                0.6,
            )


def _pattern(sheet: Sheet, who: Character, body: Body) -> None:
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
            sheet.paint(band, label, 0.5)
            y += 0.6
    if kind in ("stripes", "check"):
        for i in range(-3, 4):
            a, b = body.at(i * 0.3, top)[0], body.at(i * 0.26, low)[0]
            sheet.paint(
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
                sheet.paint(oval(px, py, 0.1, 0.1), label, 0.5)
    elif kind == "emblem":
        px, py = body.at(0, body.armpit_y + 0.35 * body.k)
        size = 0.4 * mix(1, body.k, 0.5)
        star: list[Point] = []
        for i in range(10):
            angle = math.pi * i / 5
            reach = size * (1 if i % 2 == 0 else 0.45)
            star.append((px + reach * math.sin(angle), py - reach * math.cos(angle)))
        sheet.paint(
            polygon(star) if who.look.hair_seed % 2 else oval(px, py, size, size), label, 0.8
        )


def _tee(sheet: Sheet, who: Character, body: Body) -> None:
    """Nothing on it but its folds."""


def _open_front(sheet: Sheet, who: Character, body: Body) -> None:
    """A jacket's opening with what is under it, lapels and a tie."""
    y, low = body.neck_y - 0.2, body.hip_y + 0.8
    gap = polygon([body.at(-0.34, y), body.at(0.34, y), body.at(0.12, low), body.at(-0.12, low)])
    sheet.paint(gap, who.label("undershirt"), 1.0)
    if who.look.hair_seed % 3:
        _tie(sheet, who, body)
    for side in (-1, 1):
        lapel = polygon(
            [
                body.at(side * 0.3, y),
                body.at(side * 0.62, y + 0.55),
                body.at(side * 0.5, y + 0.75),
                body.at(side * 0.16, body.armpit_y + 0.7 * body.k),
            ]
        )
        sheet.paint(lapel, who.label("top"), 0.9)


def _buttons(sheet: Sheet, who: Character, body: Body) -> None:
    x, y = body.at(0, body.neck_y)
    sheet.line((x, y), (x + 0.02, body.waist_y), (body.at(0, 0)[0], body.hip_y + 0.5), 0.8, 0.9)
    for i in range(5):
        px, py = body.at(
            0.07 if who.look.top == "gakuran" else 0.0, mix(y + 0.55, body.hip_y, i / 4)
        )
        sheet.paint(oval(px, py, 0.07, 0.07), who.label("accent"), 0.7)


def _vest(sheet: Sheet, who: Character, body: Body) -> None:
    y = body.neck_y - 0.2
    v = polygon([body.at(-0.42, y), body.at(0.42, y), body.at(0, body.armpit_y + 0.5 * body.k)])
    sheet.paint(v, who.label("undershirt"), 0.9)
    with sheet.inside(v):
        _tie(sheet, who, body)
    sheet.paint(
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


def _kimono(sheet: Sheet, who: Character, body: Body) -> None:
    y, low = body.neck_y - 0.25, body.waist_y
    for side, label in ((1.0, "undershirt"), (1.0, "trim"), (-1.0, "trim")):
        out = 0.12 if label == "undershirt" else 0.0
        sheet.paint(
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
    sheet.paint(
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


def _armour(sheet: Sheet, who: Character, body: Body) -> None:
    x, y = body.at(0, body.armpit_y)
    sheet.line((x, y - 0.5), (x + 0.03, y + 0.3), (x, body.waist_y), 0.9, 0.9)
    for i in range(3):
        py = mix(body.waist_y, body.hip_y, i / 2.5)
        sheet.line(body.at(-1.1, py), body.at(0, py + 0.25), body.at(1.1, py), 0.9, 0.9)
    sheet.paint(
        polygon([body.at(-0.2, y), body.at(0, y - 0.25), body.at(0.2, y), body.at(0, y + 0.3)]),
        who.label("accent"),
        0.8,
    )


def _hoodie(sheet: Sheet, who: Character, body: Body) -> None:
    low = body.hip_y + 0.3
    pocket = polygon(
        [
            body.at(-0.4, body.waist_y + 0.1),
            body.at(0.4, body.waist_y + 0.1),
            body.at(0.6, low - 0.2),
            body.at(-0.6, low - 0.2),
        ]
    )
    sheet.outline(pocket, 0.8)


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


def _round_collar(sheet: Sheet, who: Character, body: Body) -> None:
    if who.look.top in ("jacket", "coat", "vest", "armour"):
        _shirt_collar(sheet, who, body, "undershirt")
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
        sheet.paint(ring, who.label("trim"), 0.8)
    elif who.look.top == "dress":
        _bow(sheet, who, *body.at(0, body.neck_y + 0.6 * body.k))


def _shirt_collar(sheet: Sheet, who: Character, body: Body, part: str) -> None:
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
        sheet.paint(flap, who.label(part), 0.9, 0.04)


def _blouse_collar(sheet: Sheet, who: Character, body: Body) -> None:
    if who.look.hair_seed % 2:
        _tie(sheet, who, body)
    _shirt_collar(sheet, who, body, "trim" if who.look.top == "blouse" else "undershirt")
    if who.look.top == "blouse":
        _bow(sheet, who, *body.at(0, body.neck_y + 0.3))


def _sailor_collar(sheet: Sheet, who: Character, body: Body) -> None:
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
    sheet.paint(collar, who.label("trim"), 1.0, 0.05)
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
    sheet.outline(line, 0.6)
    _bow(sheet, who, *body.at(0, low))


def _high_collar(sheet: Sheet, who: Character, body: Body) -> None:
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
    sheet.paint(ring, who.label("top"), 1.0)
    sheet.line((mid, y - 0.12), (mid, y), (mid, y + 0.26), 0.8, 0.9)


def _hood(sheet: Sheet, who: Character, body: Body) -> None:
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
        sheet.paint(roll, who.label("top"), 1.0, 0.07)
        a = body.at(side * 0.16, y + 0.4)
        sheet.line(a, (a[0] + side * 0.04, a[1] + 0.3), (a[0], a[1] + 0.6 * body.k), 1.2, 0.9)


def _no_collar(sheet: Sheet, who: Character, body: Body) -> None:
    """A kimono's collar is part of its cut."""


COLLARS = {
    "shirt": _blouse_collar,
    "blouse": _blouse_collar,
    "sailor": _sailor_collar,
    "gakuran": _high_collar,
    "hoodie": _hood,
    "kimono": _no_collar,
}


def _tie(sheet: Sheet, who: Character, body: Body) -> None:
    y = body.neck_y + 0.18
    low = mix(body.armpit_y, body.waist_y, 0.75)
    label = who.label("accent")
    sheet.paint(
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
    sheet.paint(
        polygon(
            [body.at(-0.13, y), body.at(0.13, y), body.at(0.07, y + 0.28), body.at(-0.07, y + 0.28)]
        ),
        label,
        0.9,
    )


def _bow(sheet: Sheet, who: Character, x: float, y: float) -> None:
    label = who.label("accent")
    for side in (-1, 1):
        sheet.paint(
            polygon([(x, y), (x + side * 0.16, y + 0.62), (x + side * 0.32, y + 0.52)]), label, 0.9
        )
        loop = smooth([(x, y), (x + side * 0.4, y - 0.2), (x + side * 0.42, y + 0.2)], corners=(0,))
        sheet.paint(loop, label, 0.9, 0.04)
    sheet.paint(oval(x, y, 0.1, 0.1), label, 0.9)


def _skirt(sheet: Sheet, who: Character, body: Body) -> None:
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
    sheet.paint(path, label, 1.0, 0.2)
    with sheet.inside(path):
        for i in range(1, n):
            hx = body.x + sway + mix(wide, -wide, i / n)
            tx = body.x + mix(w, -w, i / n)
            fold = polygon(
                [(hx, low + 0.3), (hx + 0.16, low + 0.3), (mix(tx, hx, 0.3), mix(y, low, 0.3))]
            )
            sheet.darken(fold, label)
            sheet.line((hx, low + 0.1), (mix(tx, hx, 0.6), mix(y, low, 0.55)), (tx, y), 0.8, 0.9)
        if not dress and who.look.pattern in ("bands", "check"):
            band: Path = skia.Path()
            band.addRect(skia.Rect(body.x - 3, low - 0.3, body.x + 3, low - 0.1))
            sheet.paint(band, who.label("trim"), 0.5)


def _cloak(sheet: Sheet, who: Character, body: Body, before: bool) -> None:
    label, x, h = who.label("coat"), body.x, body.half
    low = body.crotch_y + 1.6 * body.tall
    sway = body.stance.sway * 0.6
    if not before:
        wide = h * 1.45
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
        sheet.paint(path, label, 1.0)
        sheet.darken(path, label)
        sheet.outline(path, 1.0)
        return
    if who.look.top == "cape":
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
            sheet.paint(flap, label, 1.0, 0.1)
        sheet.paint(oval(*body.at(0, body.neck_y + 0.15), 0.15, 0.15), who.label("accent"), 0.9)
        return
    for side in (-1, 1):
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
        sheet.paint(panel, label, 1.0, 0.12)
        sheet.paint(
            polygon(
                [
                    (x + side * body.neck * 1.1, body.neck_y - 0.25),
                    body.at(side * 0.75, body.neck_y + 0.3),
                    body.at(side * 0.6, body.armpit_y - 0.1),
                    body.at(side * 0.32, body.armpit_y + 0.3),
                ]
            ),
            label,
            0.9,
            0.04,
        )
