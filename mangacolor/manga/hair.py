"""Hair: strands that run from a crown, black on white, or white lights on black."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.manga.fields import Mask, smooth_noise

__all__ = ["Comb", "comb", "spindles"]

# Rows of strands whose lots differ; strands of a bundle are alike.
ROWS, BUNDLE = 1024, 7

Points = NDArray[np.float32]


class Comb(NamedTuple):
    """Hair that is combed; each array has a value for each place of `there`.

    Attributes:
        there: rows and columns of the places.
        along: float32, from the crown on, 0 ... 1 at the tips.
        row: int32 in [0, ROWS), number of the strand.
        side: float32, pixels from the strand's middle.
        room: float32, pixels from strand to strand; less where one begins or ends.
    """

    there: tuple[NDArray[np.intp], ...]
    along: Points
    row: NDArray[np.int32]
    side: Points
    room: Points


def comb(mask: Mask, gap: float, rng: np.random.Generator) -> Comb:
    """Combs hair from a crown above it, near or far, downwards.

    Args:
        mask: bool (h, w), where hair is.
        gap: from strand to strand, pixels.
        rng: source of randomness.
    """
    h, w = mask.shape
    there = np.nonzero(mask)
    far = rng.uniform(-0.1, 0.2) if rng.random() < 0.6 else rng.uniform(0.3, 4)
    x0, y0 = w * rng.uniform(0.3, 0.7), -far * h
    scale = max(12.0, max(h, w) * rng.uniform(0.15, 0.6))
    wave = smooth_noise((h, w), rng, scale)[there]
    y, x = (values.astype(np.float32) for values in there)
    radius, angle = (
        values.ravel() for values in cv2.cartToPolar(y - np.float32(y0), x - np.float32(x0 - 0.013))
    )
    # Downwards is in the middle of the range, so that the seam is above the crown.
    angle = (angle + np.float32(math.pi)) % np.float32(2 * math.pi)
    reach = float(radius.max(initial=1.0))
    # Stronger waves would turn back and close to rings.
    angle += wave * np.float32(rng.uniform(0.1, 0.35) * scale / reach) + np.float32(2 * math.pi)
    # Near the crown rows would be thinner than a pixel: there every second one ends.
    usual = 0.5 * reach if far < 0.3 else reach
    finest = (angle * np.float32(usual / gap / 32)).astype(np.int32)
    late = rng.random(ROWS, dtype=np.float32)[finest % ROWS]
    exact = np.log2(usual / np.maximum(radius, 1)) + late
    level = np.clip(np.ceil(exact), 0, 5)
    room = radius * np.exp2(level) * np.float32(gap / usual)
    across = angle * np.exp2(-level) * np.float32(usual / gap)
    row = across.astype(np.int32)
    side = np.abs(across - row - np.float32(0.5)) * room
    ends = np.where((level > 0) & (level < 5), np.minimum(level - exact, 1 + exact - level), 1)
    room *= np.minimum(1, 5 * ends)
    start = float(radius.min(initial=reach))
    along = (radius - np.float32(start)) / np.float32(max(1.0, reach - start))
    return Comb(there, along, row % ROWS, side, room)


def spindles(
    combed: Comb, place: float, length: float, share: float, width: float, rng: np.random.Generator
) -> Points:
    """Strokes along some strands, thick in their middle and thin at both ends.

    Args:
        combed: hair.
        place: middle of the strokes along the hair, 0 to 1.
        length: of the strokes, in the same measure.
        share: of the strands that have one.
        width: of a stroke, of the room between strands.
        rng: source of randomness.

    Returns:
        float32, one value for each place of `combed.there`, 0 none ... 1 all.
    """
    bundle = np.repeat(rng.random((-(-ROWS // BUNDLE), 2), dtype=np.float32), BUNDLE, axis=0)
    lot = rng.random((ROWS, 4), dtype=np.float32)
    half = np.float32(length) * (0.25 + 0.5 * lot[:, 0] + 0.5 * bundle[:ROWS, 0]) * 0.5
    middle = np.float32(place) + np.float32(length) * (
        0.7 * (bundle[:ROWS, 1] - 0.5) + 0.5 * (lot[:, 1] - 0.5)
    )
    thick = np.where(lot[:, 2] < share, np.float32(width) * (0.4 + 0.6 * lot[:, 3]), -1) * 0.5
    row = combed.row
    away = np.abs(combed.along - middle[row]) / half[row]
    ink = thick[row] * (1 - away * away) * combed.room - combed.side + np.float32(0.5)
    return np.where((away < 1) & (thick[row] > 0), np.clip(ink, 0, 1), 0).astype(np.float32)
