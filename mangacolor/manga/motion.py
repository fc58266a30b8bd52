"""Lines of motion and of feeling behind figures: focus and speed lines, flashes."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mangacolor.manga.fields import Field, Floats

__all__ = ["MOTIONS", "motion"]

MOTIONS = ("focus", "speed", "flash", "black flash", "rain")


def motion(
    shape: tuple[int, int],
    kind: str,
    unit: float,
    centre: tuple[float, float],
    rng: np.random.Generator,
) -> Field:
    """Ink of lines behind a panel's figures.

    Args:
        shape: (h, w) of the panel.
        kind: of MOTIONS.
        unit: pixels that are one on a page 2,000 high.
        centre: x and y of what lines run to, pixels.
        rng: source of randomness.

    Returns:
        float32 (h, w), 0 paper ... 1 ink.
    """
    if kind in ("speed", "rain"):
        return _parallel(shape, kind, unit, rng)
    h, w = shape
    y, x = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)
    stretch = np.float32(rng.uniform(0.7, 1.2) * h / w)
    dx = (x - np.float32(centre[0])) * stretch + np.zeros_like(y)
    dy = y - np.float32(centre[1]) + np.zeros_like(x)
    radius, angle = cv2.cartToPolar(dx, dy)
    reach = float(radius.max()) or 1.0
    dense = kind != "focus"
    rows = int(reach * 2 * math.pi * 0.5 / (unit * rng.uniform(*((4, 8) if dense else (7, 22)))))
    rows = max(24, min(rows, 1500))
    across = angle * np.float32(rows / (2 * math.pi))
    row = np.minimum(across.astype(np.int32), rows - 1)
    side = np.abs(across - row - np.float32(0.5)) * radius * np.float32(2 * math.pi / rows)
    lot = rng.random((rows, 3), dtype=np.float32)
    ragged = np.float32(2 * rng.uniform(0.1, 0.6))
    start = np.float32(reach * rng.uniform(0.3, 0.65)) * (1 + ragged * (lot[:, 0] - 0.5))
    if kind == "black flash":
        # All is black but for spikes of white that run out from the middle.
        thick = 1.2 * (start[row] - radius) / (0.4 * reach)
        white = thick * radius * np.float32(math.pi / rows) - side + np.float32(0.5)
        white = np.maximum(white, (np.float32(0.5 * float(start.min())) - radius) * 0.5)
        return np.asarray(1 - np.clip(white, 0, 1), np.float32)
    share = 0.95 if dense else rng.uniform(0.3, 0.8)
    grow = np.clip((radius - start[row]) / np.float32(0.6 * reach), 0, 1)
    width = np.where(lot[:, 1] < share, 0.25 + 0.75 * lot[:, 2], 0).astype(np.float32)
    half = width[row] * grow * np.float32((1.1 if dense else 0.5) * math.pi / rows) * radius
    return _drawn(half, side)


def _parallel(shape: tuple[int, int], kind: str, unit: float, rng: np.random.Generator) -> Field:
    h, w = shape
    y, x = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)
    angle = rng.normal(0, 0.25) if kind == "speed" else rng.normal(1.4, 0.15)
    if kind == "speed" and rng.random() < 0.25:
        angle += math.pi / 2
    gap = max(2.0, unit * rng.uniform(4, 14))
    cos, sin = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    along = (x * cos + y * sin) / np.float32(max(h, w))
    across = (y * cos - x * sin) / np.float32(gap) + np.float32(4096)
    row = across.astype(np.int32)
    side = np.abs(across - row - np.float32(0.5)) * np.float32(gap)
    row %= 1024
    lot = rng.random((1024, 4), dtype=np.float32)
    middle = (lot[:, 0] * 2 - 0.5)[row]
    length = (0.2 + lot[:, 1] * (0.9 if kind == "speed" else 0.1))[row]
    thick = np.where(lot[:, 2] < rng.uniform(0.3, 0.95), 0.1 + 0.5 * lot[:, 3] ** 2, 0)
    half = thick.astype(np.float32)[row] * np.float32(gap * 0.5)
    half = half * (1 - np.minimum(1, np.abs(along - middle) / length) ** 2)
    return _drawn(half, side)


def _drawn(half: Floats, side: Floats) -> Field:
    """Ink of strokes of a half width, where a place is so far from their middles: pixels."""
    ink = np.clip(half - side + np.float32(0.5), 0, 1)
    return np.where(half > 0.05, ink, 0).astype(np.float32, copy=False)
