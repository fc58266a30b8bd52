"""Strokes of a pen that follow a direction: hatching and strands, as rows whose ends are ragged."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Field, Mask, smooth_noise

__all__ = ["hatch", "strands"]

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


def strands(mask: Mask, angle: float, gap: float, rng: np.random.Generator, dark: float) -> Field:
    """Strands of hair: long strokes of differing width, denser in bundles.

    Args:
        mask: bool (h, w), where hair is.
        angle: of the strands, radians.
        gap: from strand to strand, pixels.
        rng: source of randomness.
        dark: share that ink is to cover, about.

    Returns:
        float32 (h, w), 0 paper ... 1 ink.
    """
    out = np.zeros(mask.shape, np.float32)
    there = np.nonzero(mask)
    along, row, side = _run(there, mask.shape, angle, gap, rng, 1.0)
    lot = rng.random((ROWS, 2), dtype=np.float32)
    # A bundle is light or dark for a while along its run: lights are bands with ragged ends.
    along *= np.float32(2 * math.pi / rng.uniform(18, 60))
    along += (lot[:, 0] * 2.2)[row]
    want = np.sin(along) * np.float32(0.35) + (0.5 * (lot[:, 1] - 0.5) + np.float32(dark))[row]
    ink = (np.clip(want, 0, 1.4) * np.float32(0.5) - side) * np.float32(gap) + np.float32(0.5)
    out[there] = np.clip(ink, 0, 1)
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
