"""Screentone: how much ink is to cover a place, as dots or lines."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCREENS", "screen"]

SCREENS = ("dots", "lines", "holes")
# Samples along a side of a screen's cell.
CELL = 64


def screen(
    density: NDArray[np.uint8], kind: str, pitch: float, degrees: float
) -> NDArray[np.uint8]:
    """Ink of a screen.

    Args:
        density: uint8 (H, W), 255 where all is to be covered.
        kind: of `SCREENS`.
        pitch: pixels from dot to dot.
        degrees: of the screen's rows.

    Returns:
        uint8 (H, W), 0 ink ... 255 paper.

    Source: ordered dithering, Ulichney, Digital Halftoning, 1987; differs: edges are a pixel soft.
    """
    out = np.full(density.shape, 255, np.uint8)
    rows = np.flatnonzero(density.any(axis=1))
    if not len(rows):
        return out
    part = slice(rows[0], rows[-1] + 1)
    y, x = np.nonzero(density[part])
    angle = math.radians(degrees)
    cos, sin = math.cos(angle) / pitch, math.sin(angle) / pitch
    across = ((x * cos + y * sin) % 1 * CELL).astype(np.intp)
    down = ((y * cos - x * sin) % 1 * CELL).astype(np.intp)
    threshold = _thresholds(kind)[down, across]
    wanted = density[part][y, x].astype(np.float32) / 255
    # Half a soft edge in units of the threshold: it rises once from 0 to 1 in about half a cell.
    half = min(0.5, 0.9 / pitch)
    # Where a soft edge would reach below 0 or above 1, it is moved so that coverage stays right.
    light = 2 * np.sqrt(half * wanted) - half
    dark = 1 + half - 2 * np.sqrt(half * (1 - wanted))
    edge = np.where(wanted < half, light, np.where(wanted > 1 - half, dark, wanted))
    ink = np.clip((edge - threshold) / (2 * half) + 0.5, 0, 1)
    out[part][y, x] = (255 - ink * 255).astype(np.uint8)
    return out


@functools.cache
def _thresholds(kind: str) -> NDArray[np.float32]:
    """float32 (CELL, CELL) in (0, 1), every threshold as frequent as every other."""
    at = (np.arange(CELL) + 0.5) / CELL
    x, y = at[None], at[:, None]
    spot = 2 - np.cos(2 * np.pi * (x - 0.5)) - np.cos(2 * np.pi * (y - 0.5))
    if kind == "lines":
        spot = np.abs(2 * ((y + 0.5) % 1) - 1) + 0 * x
    elif kind == "holes":
        spot = -spot
    order = np.argsort(spot.round(9), axis=None, kind="stable")
    ranks = np.empty(CELL * CELL, np.float32)
    ranks[order] = (np.arange(CELL * CELL) + 0.5) / (CELL * CELL)
    return ranks.reshape(CELL, CELL)
