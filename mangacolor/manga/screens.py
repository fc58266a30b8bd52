"""Screens: dots, lines, holes and sand that stand for a grey."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import cv2
import numpy as np

from mangacolor.manga.fields import Field

__all__ = ["SPOTS", "Screen", "screen"]

# Samples along a side of a screen's cell; OpenCV's maps end at 32,767 of them.
CELL = 16
SPOTS = ("dots", "lines", "holes", "diamonds")


class Screen(NamedTuple):
    """A sheet of tone: pattern (of SPOTS, or "sand"), pixels from dot to dot, radians."""

    spot: str
    pitch: float
    angle: float


def screen(density: Field, sheet: Screen, at: tuple[int, int], seed: int) -> Field:
    """Ink of a sheet of tone.

    Args:
        density: float32 (h, w) in [0, 1], the share of each place that ink is to cover.
        sheet: which.
        at: x and y of the box on the page, so that tone goes on across parts.
        seed: of sand.

    Returns:
        float32 (h, w), 0 paper ... 1 ink; nowhere ink where density is 0.

    Source: ordered dithering, Ulichney, Digital Halftoning, 1987; differs: edges are a pixel soft.
    """
    if sheet.spot == "sand":
        threshold = _sand(density.shape, sheet.pitch, seed)
        half = 0.3
    else:
        threshold = _thresholds(density.shape, sheet, at)
        half = min(0.5, 0.9 / sheet.pitch)
    # Where a soft edge would reach below 0 or above 1, it is moved so that coverage stays right.
    steps = np.linspace(0, 1, 256, dtype=np.float32)
    edges = np.where(
        steps < half,
        2 * np.sqrt(half * steps) - half,
        np.where(steps > 1 - half, 1 + half - 2 * np.sqrt(half * (1 - steps)), steps),
    )
    edges[0] = -2
    edge = cv2.LUT((density * 255 + 0.5).astype(np.uint8), edges[None].astype(np.float32))
    ink = cv2.addWeighted(edge, 0.5 / half, threshold, -0.5 / half, 0.5)
    return np.asarray(np.clip(ink, 0, 1, out=ink), np.float32)


def _thresholds(shape: tuple[int, ...], sheet: Screen, at: tuple[int, int]) -> Field:
    h, w = shape
    step = CELL / sheet.pitch
    cos, sin = math.cos(sheet.angle) * step, math.sin(sheet.angle) * step
    x, y = at
    turn = np.array([[cos, sin, x * cos + y * sin], [-sin, cos, y * cos - x * sin]])
    turn[:, 2] %= CELL
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cell = _cell(sheet.spot)
    return np.asarray(
        cv2.warpAffine(cell, turn, (w, h), flags=flags, borderMode=cv2.BORDER_WRAP), np.float32
    )


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
    ranks = np.empty(fine * fine, np.float32)
    order = np.argsort(values.round(9), axis=None, kind="stable")
    ranks[order] = (np.arange(fine * fine) + 0.5) / (fine * fine)
    return ranks.reshape(CELL, 8, CELL, 8).mean(axis=(1, 3)).astype(np.float32)


def _sand(shape: tuple[int, ...], grain: float, seed: int) -> Field:
    """Grains of about a quarter of a pitch, uniform in (0, 1)."""
    h, w = shape
    size = max(1.0, grain / 3.2)
    rows, columns = math.ceil(h / size) + 1, math.ceil(w / size) + 1
    coarse = np.random.default_rng(seed).random((rows, columns), dtype=np.float32)
    if size > 1:
        coarse = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_LINEAR)
        # Between two grains the mean is more frequent than in a grain.
        coarse = np.clip((coarse - 0.5) * 1.5 + 0.5, 0, 1)
    return np.ascontiguousarray(coarse[:h, :w])
