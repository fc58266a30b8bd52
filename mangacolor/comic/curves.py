"""Paths from points: smooth outlines, pointed locks, tapered strokes."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import skia

from mangacolor.images.geometry import Point

__all__ = ["Path", "Point", "mix", "oval", "polygon", "quad", "smooth", "spindle", "tube"]

Path = Any


def mix(a: float, b: float, share: float) -> float:
    """`a` at a share of 0, `b` at 1."""
    return a + (b - a) * share


def polygon(points: Sequence[Point], closed: bool = True) -> Path:
    """Straight lines from point to point."""
    path = skia.Path()
    path.moveTo(*points[0])
    for x, y in points[1:]:
        path.lineTo(x, y)
    if closed:
        path.close()
    return path


def oval(x: float, y: float, rx: float, ry: float) -> Path:
    """An ellipse by its centre and half axes."""
    path = skia.Path()
    path.addOval(skia.Rect(x - rx, y - ry, x + rx, y + ry))
    return path


def smooth(points: Sequence[Point], closed: bool = True, corners: Collection[int] = ()) -> Path:
    """A curve through points, pointed at the corners, which are numbers of points.

    Source: Catmull and Rom, A class of local interpolating splines, 1974, as Bezier curves.
    """
    n = len(points)
    path = skia.Path()
    path.moveTo(*points[0])
    for i in range(n if closed else n - 1):
        x1, y1 = points[i]
        x2, y2 = points[(i + 1) % n]
        x0, y0 = points[i - 1] if (i or closed) else (x1, y1)
        x3, y3 = points[(i + 2) % n] if (i + 2 < n or closed) else (x2, y2)
        if i in corners:
            x0, y0 = x1 - (x2 - x1), y1 - (y2 - y1)
        if (i + 1) % n in corners:
            x3, y3 = x2 + (x2 - x1), y2 + (y2 - y1)
        path.cubicTo(
            x1 + (x2 - x0) / 6,
            y1 + (y2 - y0) / 6,
            x2 - (x3 - x1) / 6,
            y2 - (y3 - y1) / 6,
            x2,
            y2,
        )
    if closed:
        path.close()
    return path


def spindle(a: Point, b: Point, c: Point, start: float, middle: float, end: float) -> Path:
    """A stroke from `a` to `c`, bent towards `b`, with its widths at three places."""
    dx, dy = c[0] - a[0], c[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length / 2, dx / length / 2
    # The control point of a quadratic curve counts half at the middle.
    wide = 2 * middle - (start + end) / 2
    path = skia.Path()
    path.moveTo(a[0] + nx * start, a[1] + ny * start)
    path.quadTo(b[0] + nx * wide, b[1] + ny * wide, c[0] + nx * end, c[1] + ny * end)
    path.lineTo(c[0] - nx * end, c[1] - ny * end)
    path.quadTo(b[0] - nx * wide, b[1] - ny * wide, a[0] - nx * start, a[1] - ny * start)
    path.close()
    return path


def quad(a: Point, b: Point, c: Point) -> Path:
    """An open curve from `a` to `c`, bent towards `b`."""
    path = skia.Path()
    path.moveTo(*a)
    path.quadTo(*b, *c)
    return path


def tube(points: Sequence[Point], widths: Sequence[float], round_end: bool = False) -> Path:
    """A limb, tail or tress: a smooth shape along points, as wide as `widths` says."""
    left: list[Point] = []
    right: list[Point] = []
    last = len(points) - 1
    for i, ((x, y), width) in enumerate(zip(points, widths, strict=True)):
        x0, y0 = points[max(0, i - 1)]
        x1, y1 = points[min(last, i + 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        nx, ny = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    if round_end:
        (x0, y0), (x1, y1) = points[-2:]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        reach = widths[-1] / 2 / length
        left.append((x1 + (x1 - x0) * reach, y1 + (y1 - y0) * reach))
        n = len(left)
        return smooth([*left, *reversed(right)], corners=(0, n + last))
    n = len(left)
    if widths[-1] < 0.02:
        return smooth([*left, *reversed(right[:-1])], corners=(0, n - 1, n + last - 1))
    return smooth([*left, *reversed(right)], corners=(0, n - 1, n, 2 * n - 1))
