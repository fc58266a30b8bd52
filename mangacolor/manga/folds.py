"""Pen lines that part nothing: folds of cloth, wrinkles, cheeks, grain; and outlines left open."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.images.kinds import Kind
from mangacolor.manga.fields import Grey, smooth_noise
from mangacolor.manga.hand import Hand

__all__ = ["draw_folds", "open_hair"]

# How often each kind is folded, beside cloth.
FOLDED = np.zeros(256)
FOLDED[[Kind.CLOTHES, Kind.SKIN, Kind.CREATURE, Kind.THING]] = 1.0, 0.7, 0.6, 0.6
FOLDED[[Kind.HAIR, Kind.BACKDROP]] = 0.4, 0.25
# Fractional bits of OpenCV's coordinates.
BITS = 3


def draw_folds(
    ink: Grey,
    labels: NDArray[np.uint16] | NDArray[np.int32],
    kinds: Grey,
    hand: Hand,
    rng: np.random.Generator,
) -> Grey:
    """Draws short lines inside parts.

    Args:
        ink: uint8 (H, W), 0 ink ... 255 paper.
        labels: (H, W), no line crosses from one to another.
        kinds: uint8 (H, W), numbers of `Kind`.
        hand: how many, and how thick.
        rng: source of randomness.

    Returns:
        uint8 (H, W), nowhere lighter; the same array if there are none.
    """
    h, w = ink.shape
    count = int(rng.poisson(hand.folds * h * w / (140 * hand.unit) ** 2))
    if not count:
        return ink
    out = ink.copy()
    for y, x in zip(rng.integers(h, size=count), rng.integers(w, size=count), strict=True):
        if rng.random() >= FOLDED[int(kinds[y, x])]:
            continue
        outline = _stroke(float(x), float(y), hand.unit, rng)
        x0, y0 = (int(max(0, v)) for v in np.floor(outline.min(axis=0)) - 2)
        x1, y1 = (int(v) for v in np.ceil(outline.max(axis=0)) + 3)
        there = np.s_[y0:y1, x0:x1]
        line = np.zeros(out[there].shape, np.uint8)
        if not line.size:
            continue
        points = np.rint((outline - (x0, y0)) * 2**BITS).astype(np.int32)
        cv2.fillPoly(line, [points], 255, cv2.LINE_AA, BITS)
        np.minimum(out[there], 255 - line, out=out[there], where=labels[there] == labels[y, x])
    return out


def _stroke(x: float, y: float, unit: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Outline of a bent stroke from a place on, thick in its middle: (n, 2)."""
    steps = int(rng.integers(4, 18))
    turns = rng.uniform(0, 2 * math.pi) + np.cumsum(rng.normal(0, 0.1, steps) + rng.normal(0, 0.1))
    length = unit * math.exp(rng.uniform(2.7, 4.8))
    way = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1), axis=0) * length / steps
    way += (x, y)
    side = np.stack([-np.sin(turns), np.cos(turns)], axis=1)
    along = np.linspace(0, 1, steps)[:, None]
    thick = unit * rng.uniform(0.5, 1.8) * np.sin(math.pi * along ** rng.uniform(0.6, 1.6))
    return np.concatenate([way + side * thick, (way - side * thick)[::-1]])


def open_hair(ink: Grey, kinds: Grey, hand: Hand, rng: np.random.Generator) -> Grey:
    """Erases stretches of the outline of hair: many draw a fringe by its strands alone.

    Args:
        ink: uint8 (H, W), 0 ink ... 255 paper.
        kinds: uint8 (H, W), numbers of `Kind`.
        hand: how.
        rng: source of randomness.

    Returns:
        uint8 (H, W), nowhere darker; the same array if no outline is open.
    """
    hair = kinds == Kind.HAIR
    if not hand.open_hair or not hair.any():
        return ink
    faces = np.isin(kinds, (Kind.SKIN, Kind.EYE) if rng.random() < 0.6 else AROUND)
    size = 2 * max(1, round(2.5 * hand.unit)) + 1
    kernel = np.ones((size, size), np.uint8)
    near, close = (cv2.dilate(m.astype(np.uint8), kernel) > 0 for m in (hair, faces))
    # Lines of other things that end there stay.
    met = near & close & (hair | faces)
    low = (-(-ink.shape[0] // 4), -(-ink.shape[1] // 4))
    noise = smooth_noise(low, rng, 12 * hand.unit)
    share = cv2.resize(noise, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
    # The deviate above which a share of all lies, about.
    level = np.float32(2.2 * (0.5 - hand.open_hair))
    return np.where(met & (share > level), 255, ink).astype(np.uint8)


AROUND = (Kind.SKIN, Kind.EYE, Kind.BACKDROP, Kind.CLOTHES)
