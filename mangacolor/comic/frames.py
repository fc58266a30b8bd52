"""Layouts of pages: grids, slanted frames, bleeds, insets, panels without a frame."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from mangacolor.comic.curves import Point, mix

__all__ = ["Frame", "lay_frames"]


class Frame(NamedTuple):
    """A panel's corners on the page, from the upper left one around, and whether it has a line."""

    corners: list[Point]
    line: bool

    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 around it."""
        xs, ys = zip(*self.corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


def lay_frames(random: Random, width: int, height: int, rows: int | None = None) -> list[Frame]:
    """Lays out a page.

    Args:
        random: source of randomness.
        width, height: of the page, pixels.
        rows: of panels; None chooses.

    Returns:
        Frames in the order in which they are drawn.
    """
    side = float(min(width, height))
    margin, gutter = side * random.uniform(0.03, 0.055), side * random.uniform(0.012, 0.024)
    rows = rows or random.choices((2, 3, 4), (2, 5, 3))[0]
    slanted = random.random() < 0.4
    cuts = _cuts(random, rows, margin, height - margin)
    # Height of each cut at the left and at the right of the page.
    lines = [(y, y) for y in cuts]
    if slanted:
        for i in range(1, rows):
            slant = random.uniform(-0.035, 0.035) * height
            lines[i] = (cuts[i] - slant, cuts[i] + slant)
    bleed = [random.random() < 0.18 for _ in range(4)]
    out = side * 0.02
    if bleed[0]:
        lines[0] = (-out, -out)
    if bleed[1]:
        lines[-1] = (height + out, height + out)
    left = -out if bleed[2] else margin
    right = width + out if bleed[3] else width - margin
    frames: list[Frame] = []
    for i in range(rows):
        gap = (gutter * 0.7 if i else 0.0, gutter * 0.7 if i < rows - 1 else 0.0)
        frames += _row(
            random, lines[i], lines[i + 1], gap, (left, right), gutter, float(width), slanted
        )
    if random.random() < 0.25:
        frames.append(_inset(random, max(frames, key=_area)))
    return frames


def _cuts(random: Random, count: int, start: float, end: float) -> list[float]:
    """Ends of unequal parts of a length."""
    shares = [random.uniform(0.7, 1.45) for _ in range(count)]
    cuts, at = [start], start
    for share in shares:
        at += (end - start) * share / sum(shares)
        cuts.append(at)
    return cuts


def _row(
    random: Random,
    top: Point,
    low: Point,
    gap: Point,
    ends: Point,
    gutter: float,
    width: float,
    slanted: bool,
) -> list[Frame]:
    tall = low[0] - top[0]
    most = 3 if tall < width * 0.6 else 2
    columns = random.choices((1, 2, 3), (3, 5, 2 if most == 3 else 0))[0]
    cuts = _cuts(random, columns, *ends)
    slants = [
        0.0,
        *(random.uniform(-0.06, 0.06) * width if slanted else 0.0 for _ in cuts[1:-1]),
        0.0,
    ]

    def corner(x: float, line: Point, offset: float) -> Point:
        return x, mix(line[0], line[1], x / width) + offset

    frames = []
    for i in range(columns):
        g0, g1 = gutter / 2 if i else 0.0, gutter / 2 if i < columns - 1 else 0.0
        x0, x1, s0, s1 = cuts[i] + g0, cuts[i + 1] - g1, slants[i], slants[i + 1]
        frames.append(
            Frame(
                [
                    corner(x0 + s0, top, gap[0]),
                    corner(x1 + s1, top, gap[0]),
                    corner(x1 - s1, low, -gap[1]),
                    corner(x0 - s0, low, -gap[1]),
                ],
                random.random() < 0.9,
            )
        )
    return frames


def _area(frame: Frame) -> float:
    x0, y0, x1, y1 = frame.box()
    return (x1 - x0) * (y1 - y0)


def _inset(random: Random, frame: Frame) -> Frame:
    """A small panel in a corner of a large one."""
    x0, y0, x1, y1 = frame.box()
    w, h = (x1 - x0) * random.uniform(0.25, 0.38), (y1 - y0) * random.uniform(0.28, 0.42)
    x = random.choice((x0 + 0.04 * (x1 - x0), x1 - w - 0.04 * (x1 - x0)))
    y = random.choice((y0 + 0.05 * (y1 - y0), y1 - h - 0.05 * (y1 - y0)))
    return Frame([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], True)
