"""Whether areas closed by ink have the colours that they should have."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from skimage.color import rgb2lab

__all__ = ["NEAR", "area_accuracy", "distance", "is_painted", "to_lab", "without_chroma"]

# Largest distance in CIELAB of a colour that is right.
NEAR = 14.0
# Colours less than this far from white, and lightness below which there is ink.
_PAPER, _INK = 8.0, 25.0

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]


def to_lab(color: UInt8) -> Float32:
    """CIELAB of sRGB, uint8 (..., 3): float32 (..., 3), white point D65."""
    lab: Float32 = rgb2lab(color.astype(np.float32) / np.float32(255))
    return lab


def is_painted(lab: Float32) -> Bool:
    """Whether colours, (..., 3), are neither paper (nearly white) nor ink (nearly black)."""
    white = np.array([100, 0, 0], np.float32)
    found: Bool = (distance(lab, white) >= _PAPER) & (lab[..., 0] >= _INK)
    return found


def without_chroma(lab: Float32) -> Float32:
    """The same picture in grey, as light as it was."""
    return lab * np.array([1, 0, 0], np.float32)


def area_accuracy(made: UInt8, true: UInt8, size: npt.NDArray[np.integer]) -> float:
    """Share of a picture that is in areas of the right colour.

    Args:
        made, true: uint8 (K, 3) sRGB, the areas' colours in the result and in the truth.
        size: (K,), the areas' pixels.

    Returns:
        0 ... 1, higher is better: the share of pixels in areas within a distance of 14 in CIELAB
        from the truth, of those that the truth paints. NaN where it paints none.

    Source: ours; after the accuracy by segments of Dai et al., CVPR 2024 (BasicPBC).
    """
    found, wanted = to_lab(made), to_lab(true)
    size = np.where(is_painted(wanted), size, 0)
    total = int(size.sum())
    return float(size[distance(found, wanted) < NEAR].sum() / total) if total else math.nan


def distance(lab: Float32, other: Float32) -> Float32:
    """Euclidean distance of colours (..., 3) in CIELAB, CIE 1976: float32 (...)."""
    found: Float32 = np.linalg.norm(lab - other, axis=-1)
    return found
