"""Where shadow falls: along the side of a thing that light does not reach, or across everything."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mangacolor.manga.fields import Field, Mask, slope, smooth_noise

__all__ = ["cast_shadow", "far_side", "form_shadow", "sharpen"]

# Shapes of shadows are found at a fraction of the size; their edges are smooth all the same.
STEP = 4


def form_shadow(mask: Mask, light: float, depth: float, rng: np.random.Generator) -> Field:
    """Shadow that follows the outline of a thing on the side away from light.

    Args:
        mask: bool (h, w), where the thing is.
        light: where light comes from, radians.
        depth: of the shadow, pixels, about.
        rng: source of randomness.

    Returns:
        float32 (h, w), 0 where light and shadow meet, higher in the shadow: see `sharpen`.
    """
    h, w = mask.shape
    small = np.ascontiguousarray(mask[::STEP, ::STEP]).astype(np.float32)
    shift = np.array([[1, 0, math.cos(light)], [0, 1, math.sin(light)]])
    shift[:, 2] *= depth / STEP
    # What the thing, moved towards the light, does not cover.
    lit = cv2.warpAffine(small, shift, small.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    lit = cv2.GaussianBlur(lit, (0, 0), max(0.6, depth / STEP * rng.uniform(0.15, 0.5)))
    field = (
        0.5
        - lit
        + np.float32(rng.uniform(0.1, 0.3))
        * smooth_noise(lit.shape, rng, max(3.0, depth / STEP * rng.uniform(1, 3)))
    )
    return cv2.resize(field, (w, h), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


def far_side(shape: tuple[int, int], light: float, rng: np.random.Generator) -> Field:
    """Shadow over one side of a thing, its edge as wild as a fold's; see `form_shadow`."""
    h, w = shape
    low = (-(-h // STEP), -(-w // STEP))
    side = slope(low, light + math.pi + rng.normal(0, 0.4)) - np.float32(rng.uniform(0.35, 0.75))
    scale = max(4.0, min(low) * rng.uniform(0.25, 1.0))
    field = side * np.float32(rng.uniform(1, 3))
    field += np.float32(rng.uniform(0.15, 0.5)) * smooth_noise(low, rng, scale)
    return cv2.resize(field, (w, h), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


def cast_shadow(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """Shadow of something outside the picture, across all that is in it: blots, bars, a slant."""
    h, w = shape
    low = (-(-h // STEP), -(-w // STEP))
    way = rng.random()
    if way < 0.35:
        field = smooth_noise(low, rng, max(low) * rng.uniform(0.1, 0.5)) + np.float32(
            rng.uniform(-0.9, 0.3)
        )
    elif way < 0.6:
        run = slope(low, rng.uniform(0, 2 * math.pi)) * np.float32(rng.uniform(3, 9) * math.pi)
        field = np.sin(run).astype(np.float32) - np.float32(rng.uniform(-0.3, 0.6))
    else:
        run = slope(low, rng.uniform(0, 2 * math.pi))
        field = 4 * (run - np.float32(rng.uniform(0.35, 0.8)))
        field += np.float32(0.15) * smooth_noise(low, rng, max(low) * 0.15)
    return cv2.resize(field, (w, h), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


def sharpen(field: Field, soft: float) -> Field:
    """Density of a shadow, 0 to 1: from no shadow to all of it within `soft` of its field.

    Args:
        field: float32 (h, w), 0 where light and shadow meet.
        soft: .02 is a hard edge, 1 fades over the whole shadow.
    """
    return np.clip(field * np.float32(1 / soft), 0, 1)
