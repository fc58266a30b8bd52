"""Backdrops that show a mood and no place: lines of speed, bursts, patterns."""

from __future__ import annotations

import math
from random import Random

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.curves import oval, polygon, smooth
from mangacolor.comic.scenery import box

__all__ = ["draw_backdrop"]

KINDS = (
    "plain",
    "plain",
    "fade",
    "rays",
    "rays",
    "speed",
    "burst",
    "dots",
    "flowers",
    "sparkle",
    "dark",
)


def draw_backdrop(canvas: Canvas, first: int, count: int, random: Random, soft: bool) -> None:
    """Fills the canvas.

    Args:
        canvas: to draw on, in pixels.
        first, count: labels of the backdrops; the first half are light ones.
        random: source of randomness.
        soft: whether colours may run into each other.
    """
    w, h = float(canvas.width), float(canvas.height)
    kind = random.choice(KINDS)
    light = first + random.randrange(count // 2)
    deep = first + count // 2 + random.randrange(count - count // 2)
    whole = box(0, 0, w, h)
    canvas.paint(whole, deep if kind in ("burst", "dark") else light, 0)
    if kind == "fade":
        dense = random.uniform(0.15, 0.55)
        up = random.random() < 0.5
        canvas.fade(whole, (0, 0), (0, h), *((0.0, dense) if up else (dense, 0.0)))
    if kind == "fade" or soft:
        canvas.wash(
            whole,
            (0, 0),
            (random.uniform(-0.3, 0.3) * w, h),
            0x00000000,
            random.choice((0x60FFFFFF, 0x40203060)),
        )
    x, y = w * random.uniform(0.35, 0.65), h * random.uniform(0.3, 0.6)
    far, short = math.hypot(w, h), min(w, h)
    if kind == "rays":
        _rays(canvas, random, x, y, far, short * random.uniform(0.28, 0.45))
    elif kind == "burst":
        _burst(canvas, random, light, x, y, far)
    elif kind == "speed":
        _speed(canvas, random)
    elif kind == "dots":
        _dots(canvas, deep, short * random.uniform(0.1, 0.18))
    elif kind == "flowers":
        for _ in range(random.randint(5, 9)):
            at = random.uniform(0, w), random.uniform(0, h)
            _flower(canvas, deep, random, *at, short * random.uniform(0.05, 0.13))
    elif kind == "sparkle":
        for _ in range(random.randint(8, 16)):
            at = random.uniform(0, w), random.uniform(0, h)
            _star(canvas, deep, *at, short * random.uniform(0.02, 0.09))
    elif kind == "dark":
        low = [(0, h * 0.5), (w * 0.5, h * 0.7), (w, h * 0.4), (w, h), (0, h)]
        canvas.darken(smooth(low, corners=(0, 2, 3, 4)), deep)


def _burst(canvas: Canvas, random: Random, label: int, x: float, y: float, far: float) -> None:
    n, points = random.randint(11, 18), []
    for i in range(2 * n):
        angle = math.pi * (i + random.uniform(-0.3, 0.3)) / n
        reach = far * (random.uniform(0.5, 0.8) if i % 2 else 0.36)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    canvas.paint(polygon(points), label, 0.9)


def _speed(canvas: Canvas, random: Random) -> None:
    w, h = float(canvas.width), float(canvas.height)
    slant = random.uniform(-0.2, 0.2)
    for _ in range(random.randint(25, 50)):
        ly, x0 = random.uniform(-0.1, 1.1) * h, random.uniform(-0.4, 0.7) * w
        x1 = x0 + random.uniform(0.2, 0.8) * w
        middle, end = ((x0 + x1) / 2, ly + slant * (x1 - x0) / 2), (x1, ly + slant * (x1 - x0))
        canvas.line((x0, ly), middle, end, random.uniform(0.4, 1.4), 0.1)


def _dots(canvas: Canvas, label: int, step: float) -> None:
    r = step * 0.24
    for i in range(int(canvas.width / step) + 2):
        for j in range(int(canvas.height / step) + 2):
            canvas.paint(oval((i + 0.5 * (j % 2)) * step, j * step, r, r), label, 0.5)


def _rays(canvas: Canvas, random: Random, x: float, y: float, far: float, clear: float) -> None:
    n = random.randint(40, 90)
    path = skia.Path()
    for i in range(n):
        angle = 2 * math.pi * (i + random.random()) / n
        start = clear * random.uniform(0.9, 1.7)
        wide = random.uniform(0.002, 0.012)
        path.moveTo(x + start * math.cos(angle), y + start * math.sin(angle))
        path.lineTo(x + far * math.cos(angle - wide), y + far * math.sin(angle - wide))
        path.lineTo(x + far * math.cos(angle + wide), y + far * math.sin(angle + wide))
        path.close()
    canvas.black(path)


def _flower(canvas: Canvas, label: int, random: Random, x: float, y: float, size: float) -> None:
    with canvas.moved(x, y, size, random.uniform(0, 72)):
        for i in range(5):
            with canvas.moved(0, 0, 1.0, 72 * i):
                canvas.paint(
                    smooth([(0, 0), (0.5, -0.6), (0, -1), (-0.5, -0.6)], corners=(0,)), label, 0.8
                )
        canvas.white(oval(0, 0, 0.22, 0.22), label)


def _star(canvas: Canvas, label: int, x: float, y: float, size: float) -> None:
    path = skia.Path()
    path.moveTo(x, y - size)
    for dx, dy in ((size, 0), (0, size), (-size, 0), (0, -size)):
        path.quadTo(x, y, x + dx, y + dy)
    canvas.paint(path, label, 0.7)
