"""Screens: dots, lines, holes and sand that stand for a grey."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Field

__all__ = ["SPOTS", "Screen", "screen"]

# Samples along a side of a screen's cell; OpenCV's maps end at 32,767 of them.
CELL = 16
# The same for a grain of sand, and grains along a side before they come again.
GRAIN, SAND = 8, 40
SPOTS = ("dots", "lines", "holes", "diamonds")


class Screen(NamedTuple):
    """A sheet of tone: pattern (of SPOTS, or "sand"), pixels from dot to dot, radians."""

    spot: str
    pitch: float
    angle: float


def screen(density: Field, sheet: Screen, at: tuple[int, int]) -> Field:
    """Ink of a sheet of tone.

    Args:
        density: float32 (h, w) in [0, 1], the share of each place that ink is to cover.
        sheet: which.
        at: x and y of the box on the page, so that tone goes on across parts.

    Returns:
        float32 (h, w), 0 paper ... 1 ink; nowhere ink where density is 0.

    Source: ordered dithering, Ulichney, Digital Halftoning, 1987; differs: edges are a pixel soft.
    """
    # Half a soft edge in units of the threshold: sand rises faster, its grains are of one size.
    half = 0.04 if sheet.spot == "sand" else min(0.5, 0.9 / sheet.pitch)
    # Where a soft edge would reach below 0 or above 1, it is moved so that coverage stays right.
    steps = np.linspace(0, 1, 256, dtype=np.float32)
    edges = np.where(
        steps < half,
        2 * np.sqrt(half * steps) - half,
        np.where(steps > 1 - half, 1 + half - 2 * np.sqrt(half * (1 - steps)), steps),
    )
    edges[0] = -2
    edge = cv2.LUT((density * 255 + 0.5).astype(np.uint8), edges[None].astype(np.float32))
    threshold = _thresholds(density.shape, sheet, at)
    ink = cv2.addWeighted(edge, 0.5 / half, threshold, -0.5 / half, 0.5)
    return np.clip(ink, 0, 1).astype(np.float32, copy=False)


def _thresholds(shape: tuple[int, ...], sheet: Screen, at: tuple[int, int]) -> Field:
    h, w = shape
    cell = _grains() if sheet.spot == "sand" else _cell(sheet.spot)
    step = (GRAIN if sheet.spot == "sand" else CELL) / sheet.pitch
    cos, sin = math.cos(sheet.angle) * step, math.sin(sheet.angle) * step
    x, y = at
    turn = np.array([[cos, sin, x * cos + y * sin], [-sin, cos, y * cos - x * sin]])
    turn[:, 2] %= len(cell)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(cell, turn, (w, h), flags=flags, borderMode=cv2.BORDER_WRAP)
    return warped.astype(np.float32, copy=False)


@functools.cache
def _cell(spot: str) -> Field:
    """float32 (CELL, CELL) in (0, 1), every threshold as frequent as every other."""
    fine = 8 * CELL
    at = (np.arange(fine) + 0.5) / fine
    x, y = at[None], at[:, None]
    values = 2 - np.cos(2 * np.pi * (x - 0.5)) - np.cos(2 * np.pi * (y - 0.5))
    if spot == "lines":
        values = np.abs(2 * y - 1) + 0 * x
    elif spot == "holes":
        values = -values
    elif spot == "diamonds":
        values = np.abs(2 * x - 1) + np.abs(2 * y - 1)
    return _ranked(values).reshape(CELL, 8, CELL, 8).mean(axis=(1, 3)).astype(np.float32)


@functools.cache
def _grains() -> Field:
    """Sand: round grains in no order, float32 (side, side) in (0, 1), the same at all sides.

    Each grain comes at a density of its own; where all are there, they close up.
    """
    rng = np.random.default_rng(20)
    side = SAND * GRAIN
    values = np.full((side, side), np.inf, np.float32)
    # Grains keep to cells of their own, so that no two of the first ones touch.
    order = rng.permutation(SAND * SAND).reshape(SAND, SAND) / SAND**2
    shift = rng.uniform(0.1, 0.9, (SAND, SAND, 2))
    near = np.arange(-GRAIN, 2 * GRAIN)
    for (i, j), rank in np.ndenumerate(order):
        dy, dx = (near / GRAIN - shift[i, j, axis] for axis in (0, 1))
        grain = rank + 1.6 * np.maximum(0, np.hypot(dy[:, None], dx) - 0.3)
        there = np.ix_((near + i * GRAIN) % side, (near + j * GRAIN) % side)
        values[there] = np.minimum(values[there], grain)
    return _ranked(values).astype(np.float32)


def _ranked(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Each value's rank among all, as a share."""
    ranks = np.empty(values.size, np.float32)
    order = np.argsort(values.round(9), axis=None, kind="stable")
    ranks[order] = (np.arange(values.size) + 0.5) / values.size
    return ranks.reshape(values.shape)
