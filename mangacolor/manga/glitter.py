"""Small things strewn over a background: sparkles, bubbles of light, flowers, spatter."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mangacolor.manga.fields import Grey

__all__ = ["GLITTER", "strew"]

GLITTER = ("sparkles", "bubbles", "flowers", "spatter")
# Fractional bits of OpenCV's coordinates.
BITS = 3


def strew(
    shape: tuple[int, int], kind: str, unit: float, rng: np.random.Generator
) -> tuple[Grey, Grey]:
    """Strews things over a panel.

    Args:
        shape: (h, w).
        kind: of GLITTER.
        unit: pixels that are one on a page 2,000 high.
        rng: source of randomness.

    Returns:
        White and ink to lay over it in this order, each uint8 (h, w), 0 none ... 255.
    """
    h, w = shape
    white, ink = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    size = unit * {"sparkles": 26, "bubbles": 34, "flowers": 44, "spatter": 3}[kind]
    count = int(min(400, h * w / (size * size * rng.uniform(3, 25))))
    line = max(1, round(1.3 * unit))
    for _ in range(max(3, count)):
        x, y = rng.uniform(0, w), rng.uniform(0, h)
        radius = size * math.exp(rng.normal(-0.3, 0.6))
        if kind in ("bubbles", "spatter"):
            middle = round(x * 8), round(y * 8)
            cv2.circle(white, middle, round(radius * 8), 255, -1, cv2.LINE_AA, BITS)
            if kind == "bubbles" and rng.random() < 0.6:
                cv2.circle(ink, middle, round(radius * 8), 255, line, cv2.LINE_AA, BITS)
            continue
        outline = _star(radius) if kind == "sparkles" else _flower(radius, rng)
        points = np.rint((outline + np.array([x, y])) * 8).astype(np.int32)
        cv2.fillPoly(white, [points], 255, cv2.LINE_AA, BITS)
        if kind == "flowers" or rng.random() < 0.3:
            cv2.polylines(ink, [points], True, 255, line, cv2.LINE_AA, BITS)
        if kind == "flowers":
            middle = round(x * 8), round(y * 8)
            cv2.circle(ink, middle, round(radius * 2), 255, line, cv2.LINE_AA, BITS)
    return white, ink


def _star(radius: float) -> np.ndarray:
    """Four long points, thin as light makes them."""
    angles = np.arange(8) * math.pi / 4
    radii = np.where(np.arange(8) % 2 == 0, radius, 0.12 * radius)
    return np.stack([np.cos(angles) * radii * 0.7, np.sin(angles) * radii], axis=1)


def _flower(radius: float, rng: np.random.Generator) -> np.ndarray:
    angles = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    petals = int(rng.integers(4, 8))
    notch = np.abs(np.sin(angles * petals / 2 + rng.uniform(0, 6))) ** rng.uniform(0.4, 0.9)
    radii = radius * (0.35 + 0.65 * notch)
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii * rng.uniform(0.6, 1)], axis=1)
