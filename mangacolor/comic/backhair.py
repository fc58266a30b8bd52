"""Hair behind a head: long hair, tails, buns and braids."""

from __future__ import annotations

import math
from random import Random

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, Point, mix, oval, smooth, tube
from mangacolor.comic.hair import is_black, strand
from mangacolor.comic.head import Head

__all__ = ["draw_back_hair", "draw_hair_before"]


def draw_back_hair(canvas: Canvas, who: Character, head: Head, sway: float) -> None:
    """What lies behind neck and shoulders; drawn before them.

    Args:
        canvas: to draw on, around the head.
        who, head: whose hair, and how the head is held.
        sway: to which side wind blows hair, -1 to 1.
    """
    look = who.look
    random = Random(look.hair_seed + 5)
    if look.back in ("long", "wavy", "half", "bob", "flip"):
        _mass(canvas, who, head, random, sway)
    elif look.back in ("short", "spiky", "lowtail", "buns", "braids", "twintails", "ponytail"):
        _nape(canvas, who, head, random)
    elif look.back == "cloud":
        _cloud(canvas, who, head, random)
    if look.back == "buns":
        for side in (-1.0, 1.0):
            x, y, _ = head.round_about(side * 0.95, 0.8, 1.3)
            path = oval(x, y, 0.38, 0.36)
            canvas.paint(path, who.label("hair"), 1.0, 0.12)
            _curl(canvas, who, x, y)
    if look.back in ("ponytail", "lowtail"):
        _tail(canvas, who, head, sway)
    if look.back == "twintails":
        _twintails(canvas, who, head, sway, before=False)


def draw_hair_before(canvas: Canvas, who: Character, head: Head, sway: float) -> None:
    """What hangs before shoulders and chest; drawn after the head."""
    if who.look.back == "twintails":
        _twintails(canvas, who, head, sway, before=True)
    elif who.look.back == "braids":
        for side in (-1.0, 1.0):
            if side > 0 and head.pose.turn > 0.6:
                continue
            _braid(canvas, who, head, side)


def _mass(canvas: Canvas, who: Character, head: Head, random: Random, sway: float) -> None:
    look, t = who.look, head.pose.turn
    short = look.back in ("bob", "flip")
    length = random.uniform(1.15, 1.5) if short else look.hair_length
    w = look.volume * (1.02 if short else 1.08)
    left = -w - 0.1 * t
    # Seen from the side hair hangs behind the neck.
    right = mix(w, 0.9, t * 2) if t < 0.5 else mix(0.9, 0.15, t * 2 - 1)
    flare = {"bob": 0.02, "flip": 0.22, "long": 0.12, "wavy": 0.3, "half": 0.15}[look.back]
    blow = sway * 0.5 * max(0.0, length - 1.0)
    points: list[Point] = [(left * 0.8, -0.6), (left * 1.02, 0.1)]
    n_side = 1 if short else 3
    for i in range(1, n_side + 1):
        share = i / (n_side + 1)
        wave = 0.13 * (-1) ** i if look.back == "wavy" else 0.0
        points.append(
            (left * (1 + flare * share) + wave + blow * share**2, mix(0.1, length, share))
        )
    corners = []
    n = random.randint(4, 6) if not short else random.randint(5, 7)
    low_left, low_right = left * (1 + flare) + blow, right * (1 + flare) + blow
    for i in range(n):
        x = mix(low_left, low_right, (i + 0.2 + 0.3 * random.random()) / n)
        drop = random.uniform(-0.05, 0.05) if short else random.uniform(-0.3, 0.3)
        inward = 0.0 if look.back == "flip" else 0.12
        corners.append(len(points))
        points.append((x * (1 - inward) + (0.1 * sway), length + drop))
        if i < n - 1:
            corners.append(len(points))
            deep = 0.12 if short else random.uniform(0.25, 0.55)
            points.append((mix(low_left, low_right, (i + 0.95) / n) * 0.97, length - deep))
    for i in range(n_side, 0, -1):
        share = i / (n_side + 1)
        wave = 0.13 * (-1) ** (i + 1) if look.back == "wavy" else 0.0
        points.append(
            (right * (1 + flare * share) + wave + blow * share**2, mix(0.1, length, share))
        )
    points += [(right * 1.02, 0.1), (right * 0.8, -0.6)]
    path = smooth(points, corners=corners)
    label = who.label("hair")
    canvas.paint(path, label, 0)
    if who.look.streaks and not short:
        with canvas.inside(path):
            canvas.paint(_dipped(left, right, length), who.label("hair tips"), 0.6)
    _neck_shadow(canvas, path, label)
    black = is_black(canvas, who)
    with canvas.inside(path):
        for i in range(4 if short else 7):
            x = mix(left, right, (i + random.uniform(0.2, 0.8)) / (4 if short else 7))
            a = (x * 0.9, random.uniform(0.4, 0.9))
            c = (x * (1 + flare * 0.7) + blow * 0.7, mix(0.9, length, random.uniform(0.5, 0.95)))
            strand(canvas, black, label, a, (mix(a[0], c[0], 0.3), mix(a[1], c[1], 0.6)), c, 0.7)
    canvas.outline(path, 1.0)


def _dipped(left: float, right: float, length: float) -> Path:
    """Below which long hair has another colour."""
    points = [
        (left * 2, length - 0.7),
        (0, length - 0.5),
        (right * 2, length - 0.8),
        (right * 2, length + 1),
        (left * 2, length + 1),
    ]
    return smooth(points, corners=(0, 2, 3, 4))


def _neck_shadow(canvas: Canvas, path: Path, label: int) -> None:
    """Hair behind the neck lies in the head's shadow."""
    with canvas.inside(path):
        canvas.darken(oval(0.0, 0.9, 0.85, 0.75), label)


def _nape(canvas: Canvas, who: Character, head: Head, random: Random) -> None:
    """Short hair that is seen beside the neck."""
    t = head.pose.turn
    x = head.skull[0] - 0.1 * t
    w = 0.86 + 0.06 * t
    low = 0.8 + 0.2 * random.random()
    points: list[Point] = [(x - w, -0.3), (x - w, 0.4)]
    corners = []
    right = mix(w, 0.1, t)
    for i in range(5):
        share = (i + 0.5) / 5
        corners += [len(points), len(points) + 1]
        points.append((mix(x - w * 0.8, x + right * 0.9, share), low + random.uniform(-0.06, 0.1)))
        points.append((mix(x - w * 0.8, x + right * 0.9, share + 0.1), low - 0.2))
    points += [(x + right, 0.4), (x + w, -0.3)]
    path = smooth(points, corners=corners)
    canvas.paint(path, who.label("hair"), 0.9)
    canvas.darken(path, who.label("hair"))
    canvas.outline(path, 0.9)


def _cloud(canvas: Canvas, who: Character, head: Head, random: Random) -> None:
    n = random.randint(11, 15)
    x, r = head.skull[0] - 0.1 * head.pose.turn, random.uniform(1.35, 1.6)
    points: list[Point] = []
    for i in range(2 * n):
        angle = math.pi * i / n
        far = r * (1.0 if i % 2 else 0.86)
        points.append((x + far * math.cos(angle), -0.12 - far * 0.95 * math.sin(angle)))
    path = smooth(points, corners=range(0, 2 * n, 2))
    canvas.paint(path, who.label("hair"), 1.0, 0.2)


def _curl(canvas: Canvas, who: Character, x: float, y: float) -> None:
    black, label = is_black(canvas, who), who.label("hair")
    strand(canvas, black, label, (x - 0.2, y + 0.1), (x, y - 0.28), (x + 0.2, y + 0.05), 0.7)
    strand(
        canvas, black, label, (x - 0.08, y + 0.12), (x + 0.02, y - 0.1), (x + 0.12, y + 0.1), 0.6
    )


def _tail(canvas: Canvas, who: Character, head: Head, sway: float) -> None:
    look, t = who.look, head.pose.turn
    high = look.back == "ponytail"
    x, y, _ = head.round_about(math.pi, 0.75 if high else -0.45, 1.05)
    away = -0.35 - 0.75 * t if t > 0.15 else 0.75 * head.side
    long = look.hair_length if high else 1.6
    points = [
        (x, y),
        (x + away * 0.6, y - (0.25 if high else -0.2)),
        (x + away * 1.15 + sway * 0.2, y + long * 0.3),
        (x + away * 1.1 + sway * 0.5, y + long * 0.65),
        (x + away * 0.95 + sway * 0.8, y + long),
    ]
    _tress(
        canvas, who, points, (0.25, 0.55, 0.7, 0.55, 0.0) if high else (0.2, 0.3, 0.34, 0.3, 0.0)
    )
    tie = oval(x + away * 0.12, y - 0.05, 0.2, 0.16)
    canvas.paint(tie, who.label("accent"), 0.9)


def _tress(canvas: Canvas, who: Character, points: list[Point], widths: tuple[float, ...]) -> None:
    """A bundle of hair along points, with strands along it."""
    label, black = who.label("hair"), is_black(canvas, who)
    path = tube(points, widths)
    canvas.paint(path, label, 0, 0.14)
    with canvas.inside(path):
        if who.look.streaks:
            x, y = points[-1]
            canvas.paint(oval(x, y, 0.9, 0.75), who.label("hair tips"), 0.6)
        for off in (-0.22, 0.05, 0.28):
            a = (points[1][0] + off * widths[1], points[1][1])
            b = (points[2][0] + off * widths[2] * 1.3, points[2][1])
            c = (
                mix(points[3][0], points[4][0], 0.6) + off * widths[3] * 0.5,
                mix(points[3][1], points[4][1], 0.5),
            )
            strand(canvas, black, label, a, b, c, 0.7)
    canvas.outline(path, 1.0)


def _twintails(canvas: Canvas, who: Character, head: Head, sway: float, before: bool) -> None:
    long = who.look.hair_length
    for side in (-1.0, 1.0):
        x, y, depth = head.round_about(side * 1.62, 0.42, 1.12)
        if (depth > -0.35) != before:
            continue
        points = [
            (x, y),
            (x + side * 0.42, y - 0.12),
            (x + side * 0.72 + sway * 0.2, y + long * 0.28),
            (x + side * 0.66 + sway * 0.5, y + long * 0.65),
            (x + side * 0.5 + sway * 0.9, y + long),
        ]
        _tress(canvas, who, points, (0.22, 0.5, 0.62, 0.46, 0.0))
        _bow(canvas, who, x + side * 0.05, y - 0.02)


def _bow(canvas: Canvas, who: Character, x: float, y: float) -> None:
    label = who.label("accent")
    for side in (-1, 1):
        loop = smooth(
            [(x, y), (x + side * 0.26, y - 0.24), (x + side * 0.3, y + 0.12)], corners=(0,)
        )
        canvas.paint(loop, label, 0.9, 0.04)
    canvas.paint(oval(x, y, 0.07, 0.08), label, 0.8)


def _braid(canvas: Canvas, who: Character, head: Head, side: float) -> None:
    label = who.label("hair")
    x0 = head.at(side * 0.9, 0)[0] * 0.9 if side > 0 else -head.ear_x * 0.92
    n = max(4, int(who.look.hair_length * 2.2))
    for i in range(n):
        y = 0.75 + i * 0.27
        x = x0 + side * 0.12 * math.sin(i * 0.5)
        for half in (-1, 1):
            knot = smooth(
                [
                    (x, y + 0.26),
                    (x + half * 0.2, y + 0.05),
                    (x + half * 0.12, y - 0.14),
                    (x, y - 0.02),
                ],
                corners=(0,),
            )
            canvas.paint(knot, label, 0.8, 0.05)
    y = 0.75 + n * 0.27
    brush = smooth(
        [(x, y - 0.05), (x + 0.16, y + 0.2), (x, y + 0.5), (x - 0.16, y + 0.2)], corners=(0, 2)
    )
    canvas.paint(brush, label, 0.8)
    canvas.paint(oval(x, y, 0.11, 0.09), who.label("accent"), 0.8)
