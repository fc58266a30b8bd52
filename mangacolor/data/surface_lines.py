"""Lines that part nothing, and borders without a line: what areas cannot be told by."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind

__all__ = ["add_folds", "cut_borders", "open_fringes", "to_borders"]

_Bool = npt.NDArray[np.bool_]
_Labels = npt.NDArray[np.uint16]

# How often a fold that begins in a kind is drawn.
_FOLDS = {
    Kind.SKIN: 1.0,
    Kind.CLOTHES: 0.9,
    Kind.THING: 0.7,
    Kind.CREATURE: 0.6,
    Kind.HAIR: 0.4,
    Kind.BACKDROP: 0.25,
}
_MOST_FOLDS = 40
# What hair ends on.
_FACE = (Kind.SKIN, Kind.EYE)
_AROUND_HAIR = (*_FACE, Kind.BACKDROP, Kind.CLOTHES)


def to_borders(labels: _Labels) -> _Bool:
    """Both pixels of every border between two labels: bool (h, w)."""
    borders = np.zeros(labels.shape, np.bool_)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    borders[:, 1:] |= across
    borders[:, :-1] |= across
    borders[1:] |= down
    borders[:-1] |= down
    return borders


def add_folds(ink: UInt8, labels: _Labels, kinds: UInt8, rng: np.random.Generator) -> UInt8:
    """Draws folds, wrinkles and noses: pen lines each within one part.

    Args:
        ink: uint8 (h, w), 0 ink ... 255 paper.
        labels: uint16 (h, w), which part is where.
        kinds: uint8 (h, w), numbers of `Kind`.
        rng: source of randomness.
    """
    rows, columns = np.nonzero(np.isin(kinds, list(_FOLDS)))
    if not len(rows):
        return ink
    out = ink.copy()
    for i in rng.integers(len(rows), size=int(rng.integers(4, _MOST_FOLDS))):
        y, x = int(rows[i]), int(columns[i])
        if rng.random() < _FOLDS[Kind(int(kinds[y, x]))]:
            fold, box = _fold(x, y, ink.shape, rng)
            same = labels[box] == labels[y, x]
            np.minimum(out[box], 255 - fold, out=out[box], where=same)
    return out


def _fold(
    x: int, y: int, shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[UInt8, tuple[slice, slice]]:
    """A line that bends and tapers, 255 its middle, and where it is on the page."""
    count = int(rng.integers(4, 26))
    turns = rng.normal(0, 0.12) + rng.normal(0, 0.1, count)
    angles = rng.uniform(0, 2 * math.pi) + np.cumsum(turns)
    steps = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(2.5, 6)
    points = np.array([x, y]) + np.cumsum(steps, axis=0)
    low = np.maximum(points.min(axis=0).astype(int) - 4, 0)
    low = np.minimum(low, [shape[1] - 1, shape[0] - 1])
    high = np.maximum(points.max(axis=0).astype(int) + 5, low + 1)
    box = slice(low[1], min(high[1], shape[0])), slice(low[0], min(high[0], shape[1]))
    fold = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), np.uint8)
    # OpenCV draws at eighths of a pixel.
    path = np.rint((points - low) * 8).astype(np.int32)
    thick, taper = rng.uniform(0.8, 3.2), rng.uniform(0.5, 1)
    if thick < 1.3:
        dark = (int(rng.integers(150, 256)),)
        cv2.polylines(fold, [path], False, dark, 1, cv2.LINE_AA, 3)
        return fold, box
    for j in range(count - 1):
        wide = max(1, round(thick * (1 - abs(2 * j / count - 1) * taper)))
        cv2.line(fold, path[j].tolist(), path[j + 1].tolist(), (255,), wide, cv2.LINE_AA, 3)
    return fold, box


def open_fringes(ink: UInt8, kinds: UInt8, rng: np.random.Generator) -> UInt8:
    """Erases stretches of the line around hair, which ends in strands and has no outline.

    Args:
        ink: uint8 (h, w), 0 ink ... 255 paper.
        kinds: uint8 (h, w), numbers of `Kind`.
        rng: source of randomness.
    """
    others = _FACE if rng.random() < 0.6 else _AROUND_HAIR
    square = np.ones((2 * int(rng.integers(2, 6)) + 1,) * 2, np.uint8)
    hair, beside = (
        np.asarray(cv2.dilate(np.isin(kinds, wanted).view(np.uint8), square)) > 0
        for wanted in ((Kind.HAIR,), others)
    )
    rim = hair & beside & np.isin(kinds, (Kind.HAIR, *_AROUND_HAIR))
    if not rim.any():
        return ink
    scale = rng.uniform(15, 90)
    coarse = rng.standard_normal([max(2, round(side / scale) + 1) for side in ink.shape])
    noise = cv2.resize(coarse.astype(np.float32), ink.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.where(rim & (noise > rng.uniform(-1.5, 0.7)), np.uint8(255), ink)


def cut_borders(ink: UInt8, labels: _Labels, rng: np.random.Generator) -> UInt8:
    """Cuts gaps into the lines between parts.

    Args:
        ink: uint8 (h, w), 0 ink ... 255 paper.
        labels: uint16 (h, w), which part is where.
        rng: source of randomness.
    """
    rows, columns = np.nonzero(to_borders(labels) & (ink < 120))
    if not len(rows):
        return ink
    out = ink.copy()
    for i in rng.integers(len(rows), size=int(rng.integers(1, 22))):
        middle = int(columns[i]), int(rows[i])
        cv2.circle(out, middle, int(rng.integers(1, 7)), (255,), cv2.FILLED)
    return out
