"""What places are made of: clouds, ridges, trees, houses."""

from __future__ import annotations

import itertools
import math
from random import Random

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.curves import Path, Point, mix, polygon, smooth, tube
from mangacolor.comic.locations import Location

__all__ = ["box", "bush", "clouds", "grass", "houses", "ridge", "tree"]


def box(x0: float, y0: float, x1: float, y1: float) -> Path:
    """A rectangle by its corners."""
    path = skia.Path()
    path.addRect(skia.Rect(x0, y0, x1, y1))
    return path


def clouds(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    """Clouds over a view that is so wide."""
    label = place.label("cloud")
    for _ in range(int(2 + 2 * extent)):
        x, y, w = random.uniform(-0.5, extent), random.uniform(0.02, 0.4), random.uniform(0.12, 0.3)
        n = random.randint(4, 6)
        top = [
            (
                x + w * (2 * i / n - 1),
                y - (0.1 + 0.3 * random.random()) * w * (1 if 0 < i < n else 0),
            )
            for i in range(n + 1)
        ]
        path = skia.Path()
        path.moveTo(*top[0])
        for (ax, ay), (bx, by) in itertools.pairwise(top):
            path.cubicTo(ax - 0.02, ay - w * 0.35, bx + 0.02, by - w * 0.35, bx, by)
        path.quadTo(x, y + 0.05 * w, *top[0])
        canvas.paint(path, label, 0.6, 0.02)


def ridge(
    canvas: Canvas, label: int, random: Random, extent: float, y: float, wild: float, sharp: bool
) -> None:
    """A line of hills, or of peaks if sharp, with all that is below it."""
    n = int(4 + 3 * extent)
    points: list[Point] = [
        (
            mix(-1, extent + 1, i / n),
            y - wild * random.random() * (1 if i % 2 or not sharp else 0.2),
        )
        for i in range(n + 1)
    ]
    corners = set(range(n + 1)) if sharp else {0, n}
    path = smooth([*points, (extent + 1, 2), (-1, 2)], corners=corners | {n + 1, n + 2})
    canvas.paint(path, label, 0.7)
    if sharp:
        for x, top in points[1:-1:2]:
            canvas.darken(polygon([(x, top), (x + 0.12, y), (x + 0.02, y - 0.03)]), label)


def tree(canvas: Canvas, place: Location, random: Random, x: float, y: float, size: float) -> None:
    """A tree that stands at a place."""
    canvas.paint(
        tube(
            [(x, y), (x + 0.01, y - size * 0.3), (x, y - size * 0.6)],
            (size * 0.16, size * 0.1, size * 0.08),
        ),
        place.label("trunk"),
        0.7,
    )
    n = random.randint(7, 10)
    path = skia.Path()
    ring = [oval_point(x, y - size * 0.8, size * 0.4, size * 0.38, i / n) for i in range(n)]
    path.moveTo(*ring[0])
    for i in range(n):
        far = oval_point(x, y - size * 0.8, size * 0.56, size * 0.54, (i + 0.5) / n)
        path.quadTo(*far, *ring[(i + 1) % n])
    path.close()
    canvas.paint(path, place.label("leaves"), 0.8, size * 0.1)


def oval_point(x: float, y: float, rx: float, ry: float, turns: float) -> Point:
    """A place on an ellipse."""
    angle = 6.283185307 * turns
    return x + rx * math.cos(angle), y + ry * math.sin(angle)


def grass(canvas: Canvas, random: Random, extent: float, low: float) -> None:
    """Tufts of grass below a height."""
    for _ in range(int(10 * extent)):
        x, y = random.uniform(-0.5, extent), random.uniform(low, 1.0)
        for d in (-0.012, 0.0, 0.014):
            canvas.line((x + d * 0.3, y), (x + d * 0.5, y - 0.015), (x + d, y - 0.035), 0.6, 0.9)


def bush(random: Random, x: float, y: float, r: float) -> Path:
    """A ragged round of leaves."""
    n = random.randint(8, 11)
    points = [
        oval_point(x, y, r * (1 if i % 2 else 0.82), r * 0.8 * (1 if i % 2 else 0.8), i / (2 * n))
        for i in range(2 * n)
    ]
    return smooth(points, corners=range(0, 2 * n, 2))


def houses(
    canvas: Canvas, place: Location, random: Random, extent: float, top: float, lit: bool
) -> None:
    """A row of houses with their windows; some are lit."""
    x = -0.7
    while x < extent + 0.3:
        w, y = random.uniform(0.22, 0.42), top + random.uniform(-0.15, 0.18)
        wall = place.label("wall" if random.random() < 0.5 else "second wall")
        canvas.paint(box(x, y, x + w, 1.2), wall, 0.8)
        if random.random() < 0.6:
            canvas.paint(
                polygon([(x - 0.03, y), (x + w * 0.5, y - 0.14), (x + w + 0.03, y)]),
                place.label("roof"),
                0.8,
            )
        else:
            canvas.paint(box(x - 0.01, y - 0.03, x + w + 0.01, y), place.label("roof"), 0.8)
        rows, columns = random.randint(2, 4), random.randint(2, 3)
        for r in range(rows):
            for c in range(columns):
                wx, wy = x + w * (c + 0.25) / columns, y + 0.05 + 0.14 * r
                glass = "lamp" if lit and random.random() < 0.6 else "window"
                canvas.paint(
                    box(wx, wy, wx + w * 0.5 / columns, wy + 0.08), place.label(glass), 0.6
                )
        x += w + random.choice((0.0, 0.0, 0.05))
