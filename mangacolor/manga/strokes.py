"""Hatching: strokes of a pen side by side, as rows whose ends are ragged."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Field, smooth_noise

__all__ = ["hatch"]

# Rows of strokes whose chances differ; they come again after so many.
ROWS = 512

Points = NDArray[np.float32]


def hatch(
    density: Field, angle: float, gap: float, rng: np.random.Generator, bend: float = 0.5
) -> Field:
    """Strokes side by side, thicker where more ink is wanted, thin at their ends.

    Args:
        density: float32 (h, w) in [0, 1], the share that ink is to cover; 0 costs no time.
        angle: of the strokes, radians.
        gap: from stroke to stroke, pixels.
        rng: source of randomness.
        bend: how far strokes are bent, 0 none.

    Returns:
        float32 (h, w), 0 paper ... 1 ink.
    """
    out = np.zeros(density.shape, np.float32)
    there = np.nonzero(density > 0)
    along, row, side = _run(there, density.shape, angle, gap, rng, bend)
    lot = rng.random((ROWS, 2), dtype=np.float32)
    # Each row ends at a place of its own, and is cut into strokes of its own.
    part = along / np.float32(rng.uniform(10, 40))
    part += (lot[:, 0] * 7)[row]
    part -= np.floor(part)
    taper = np.minimum(np.minimum(part, 1 - part) * 4 + np.float32(0.25), 1)
    want = density[there]
    width = want * (0.375 + 0.25 * lot[:, 1])[row]
    width -= np.where(want < 0.9, (0.05 * lot[:, 0])[row], 0)
    out[there] = np.clip((width * taper - side) * np.float32(gap) + np.float32(0.5), 0, 1)
    return out


def _run(
    there: tuple[NDArray[np.intp], ...],
    shape: tuple[int, ...],
    angle: float,
    gap: float,
    rng: np.random.Generator,
    bend: float,
) -> tuple[Points, NDArray[np.int32], Points]:
    """How far each place is along its row, in gaps; the row's number; how far from its middle."""
    h, w = shape
    cos, sin = np.float32(math.cos(angle) / gap), np.float32(math.sin(angle) / gap)
    side = max(h, w)
    wave = smooth_noise((h, w), rng, max(24.0, side * rng.uniform(0.3, 0.8)))[there]
    y, x = (values.astype(np.float32) for values in there)
    along = x * cos + y * sin
    across = y * cos - x * sin + wave * np.float32(bend * 0.06 * side / gap)
    # Positive everywhere, so that cutting off the fraction rounds down.
    across += np.float32(rng.integers(ROWS) + 4 * ROWS)
    row = across.astype(np.int32)
    across -= row
    return along, row % ROWS, np.abs(across - np.float32(0.5))
