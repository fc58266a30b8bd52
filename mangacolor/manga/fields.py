"""Smooth fields: noise at a low resolution, slopes, and coordinates in a box of a page."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Field", "Floats", "Grey", "Mask", "slope", "smooth_noise"]

Field = NDArray[np.float32]
# What mypy takes sums of fields for.
Floats = NDArray[np.floating]
Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def smooth_noise(shape: tuple[int, int], rng: np.random.Generator, scale: float) -> Field:
    """Noise of about unit deviation whose hills are `scale` pixels apart: float32 (h, w)."""
    h, w = shape
    rows, columns = max(2, math.ceil(h / scale) + 1), max(2, math.ceil(w / scale) + 1)
    coarse = rng.standard_normal((rows, columns), dtype=np.float32) * 1.35
    return np.asarray(cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC), np.float32)


def slope(shape: tuple[int, int], angle: float) -> Field:
    """Runs from 0 to 1 across a box along an angle in radians: float32 (h, w)."""
    h, w = shape
    x, y = math.cos(angle) * np.arange(w), math.sin(angle) * np.arange(h)
    x, y = (v - v.min() for v in (x, y))
    most = float(x.max() + y.max()) or 1.0
    return (y[:, None] / most + x / most).astype(np.float32)
