"""Patterns of cloth: stripes, checks, dots and motifs, which are one surface all the same."""

from __future__ import annotations

import math

import numpy as np

from mangacolor.manga.fields import Field, Floats, smooth_noise

__all__ = ["PATTERNS", "pattern"]

PATTERNS = ("stripes", "double", "checks", "tartan", "spots", "motifs", "argyle", "zigzag", "grid")


def pattern(
    shape: tuple[int, int], kind: str, pitch: float, angle: float, rng: np.random.Generator
) -> Field:
    """Where a pattern's second colour is, on cloth that is a little creased.

    Args:
        shape: (h, w).
        kind: of PATTERNS.
        pitch: pixels until it comes again.
        angle: radians.
        rng: source of randomness, of the creases.

    Returns:
        float32 (h, w), 0 the cloth ... 1 the pattern.
    """
    h, w = shape
    y, x = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)
    cos, sin = np.float32(math.cos(angle) / pitch), np.float32(math.sin(angle) / pitch)
    scale = max(5 * pitch, 40.0)
    crease = np.float32(rng.uniform(0.0, 0.4))
    u = x * cos + y * sin + crease * smooth_noise(shape, rng, scale)
    v = y * cos - x * sin + crease * smooth_noise(shape, rng, scale)
    # Distances from edges in cells; a pixel is 1 / pitch of one.
    edge = _distance(kind, u, v)
    return np.clip(edge * np.float32(pitch) + np.float32(0.5), 0, 1).astype(np.float32, copy=False)


def _distance(kind: str, u: Field, v: Field) -> Field:
    """How far inside the pattern each place is, in cells; less than 0 outside."""
    if kind == "stripes":
        return _band(u, 0.25)
    if kind == "double":
        return np.maximum(_band(u, 0.12), _band(u + np.float32(0.3), 0.04))
    if kind == "checks":
        first, second = _band(u, 0.25), _band(v, 0.25)
        near = np.minimum(np.abs(first), np.abs(second))
        return np.asarray(near * np.sign(first * second), np.float32)
    if kind == "tartan":
        thin = np.maximum(_band(u + np.float32(0.35), 0.03), _band(v + np.float32(0.35), 0.03))
        return np.maximum(thin, np.minimum(_band(u, 0.2), _band(v, 0.2)))
    if kind == "grid":
        return np.maximum(_band(u, 0.05), _band(v, 0.05))
    if kind == "argyle":
        return _band(u + v, 0.25) * np.float32(0.7) * np.sign(_band(u - v, 0.25))
    if kind == "zigzag":
        return _band(v + np.abs(_turn(u)) * np.float32(0.8), 0.14)
    # Every second row is shifted by half a cell.
    row = np.floor(v)
    du, dv = _turn(u + np.float32(0.5) * (row % 2)), v - row - np.float32(0.5)
    away = np.hypot(du, dv)
    if kind == "motifs":
        petals = np.cos(5 * np.arctan2(dv, du))
        return np.float32(0.24) + np.float32(0.1) * petals - away
    return np.float32(0.24) - away


def _turn(value: Floats) -> Field:
    """Distance from the nearest middle of a cell, -.5 to .5."""
    return value - np.floor(value) - np.float32(0.5)


def _band(value: Floats, half: float) -> Field:
    return np.float32(half) - np.abs(_turn(value))
