"""The shapes of speech balloons."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

__all__ = ["Balloon", "blow_balloon", "draw_shape"]

Points = NDArray[np.float64]

AROUND = np.linspace(0, 2 * np.pi, 120, endpoint=False)


class Balloon(NamedTuple):
    """A balloon of half its width and height: what it covers is about -1 to 1.

    Attributes:
        outlines: polygons (n, 2), x and y; together they are the balloon and its tail.
        room: side of the box in its middle that letters may fill.
    """

    outlines: list[Points]
    room: float


def blow_balloon(rng: np.random.Generator) -> Balloon:
    """Makes a balloon: round, rounded, a cloud, a burst or a caption's box."""
    kind = str(rng.choice(KINDS, p=SHARES))
    if kind == "box":
        return Balloon([np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])], 0.86)
    cos, sin = np.cos(AROUND), np.sin(AROUND)
    wobble = 1 + 0.03 * np.sin(2 * AROUND + rng.uniform(0, 6)) * rng.random()
    room = {"round": 0.68, "rounded": 0.78, "cloud": 0.62, "burst": 0.6}[kind]
    if kind == "rounded":
        power = 2 / rng.uniform(3, 7)
        x, y = (np.sign(v) * np.abs(v) ** power for v in (cos, sin))
        body = np.stack([x, y], axis=1)
    elif kind == "burst":
        body = _burst(rng)
    else:
        bumps = int(rng.integers(9, 16))
        depth = 0.14 if kind == "cloud" else 0.0
        radius = wobble * (1 - depth + depth * np.abs(np.sin(bumps / 2 * AROUND)))
        body = np.stack([cos, sin], axis=1) * radius[:, None]
    return Balloon([body, *_tail(kind, rng)], room)


KINDS = ["round", "rounded", "cloud", "burst", "box"]
SHARES = [0.5, 0.15, 0.1, 0.12, 0.13]


def _burst(rng: np.random.Generator) -> Points:
    """Spikes of differing lengths and widths around a round middle."""
    spikes = int(rng.integers(10, 22))
    angles = (np.arange(2 * spikes) + rng.uniform(-0.3, 0.3, 2 * spikes)) * np.pi / spikes
    radii = np.where(np.arange(2 * spikes) % 2 == 0, rng.uniform(0.95, 1.3, 2 * spikes), 0.78)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]


def _tail(kind: str, rng: np.random.Generator) -> list[Points]:
    """What leads from a balloon to who speaks: a wedge, or bubbles from who thinks."""
    if rng.random() < 0.3:
        return []
    # Mostly downwards, where heads are.
    angle = rng.uniform(0.1, 0.9) * np.pi if rng.random() < 0.8 else rng.uniform(0, 2 * np.pi)
    if kind == "cloud":
        circle = np.stack([np.cos(AROUND), np.sin(AROUND)], axis=1)
        centre = np.array([np.cos(angle), np.sin(angle)])
        return [circle * size + centre * at for size, at in ((0.14, 1.12), (0.08, 1.36))]
    width, bend, reach = rng.uniform(0.12, 0.28), rng.uniform(-0.3, 0.3), rng.uniform(1.2, 1.6)
    turns = np.array([angle - width, angle + bend, angle + width])
    ends = np.array([0.8, reach, 0.8])
    return [np.stack([np.cos(turns), np.sin(turns)], axis=1) * ends[:, None]]


def draw_shape(
    draw: ImageDraw.ImageDraw, balloon: Balloon, centre: Points, half: Points, line: float
) -> None:
    """Draws a balloon, white in a black line of a width in pixels; 0 draws none.

    All lines come first, so that the line runs around the whole and not through it.
    """
    polygons = [
        [(float(x), float(y)) for x, y in outline * half + centre] for outline in balloon.outlines
    ]
    width = round(2 * line)
    for points in polygons:
        if width:
            draw.line([*points, *points[:2]], fill="black", width=width, joint="curve")
    for points in polygons:
        draw.polygon(points, fill="white")
