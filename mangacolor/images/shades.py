"""The colours among which the colour of a thing that no reference shows is guessed."""

from __future__ import annotations

import functools

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8

__all__ = ["guess", "shades", "to_lab", "to_rgb", "to_shares"]

# Distance of neighbours in CIELAB. White, the colour of paper, is one of them.
_STEP = 16.0
# Lattice points further than this from any colour of sRGB are none.
_OUTSIDE = 1.0
# How far a colour's share of its neighbours reaches, and neighbours that are one guess.
_REACH, _TOGETHER = 8.0, 16.5


def to_lab(colors: npt.NDArray[np.integer] | Float32) -> Float32:
    """CIELAB of sRGB 0 ... 255, (..., 3): float32 (..., 3), white point D65.

    By OpenCV: `metrics` has scikit-image's, which the base install is without.
    """
    flat = np.asarray(colors, np.float32).reshape(1, -1, 3) / np.float32(255)
    found: Float32 = cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(np.shape(colors))
    return found


def to_rgb(lab: Float32) -> Float32:
    """sRGB of CIELAB (..., 3), as of `to_lab`: float32 (..., 3), 0 ... 255 where it is a colour."""
    flat = np.asarray(lab, np.float32).reshape(1, -1, 3)
    rgb: Float32 = cv2.cvtColor(flat, cv2.COLOR_LAB2RGB).reshape(lab.shape) * np.float32(255)
    return rgb


def _lattice() -> Float32:
    """A lattice in CIELAB, as far as sRGB reaches."""
    light = np.arange(100, 0, -_STEP)
    chroma = np.arange(-7, 8) * _STEP
    points = np.stack(np.meshgrid(light, chroma, chroma, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = points.astype(np.float32)
    back = to_lab(np.clip(to_rgb(lab), 0, 255))
    return lab[np.linalg.norm(back - lab, axis=1) < _OUTSIDE]


@functools.cache
def shades() -> Float32:
    """All of them: float32 (C, 3), CIELAB.

    Made when they are asked for: OpenCV takes a tenth of a second for its first colour in CIELAB.

    Source: Zhang et al., Colorful image colorization, ECCV 2016, who classify quantised chroma, for
    the mean of several possible colours is none of them. Differs: lightness is guessed as well, for
    areas of ink are white.
    """
    return _lattice()


@functools.cache
def _near() -> Float32:
    """Which are one guess: float32 (C, C), 1 or 0."""
    apart = np.linalg.norm(shades()[:, None] - shades()[None], axis=2)
    return (apart <= _TOGETHER).astype(np.float32)


def to_shares(colors: UInt8) -> Float32:
    """Colours as shares of their neighbours among `shades`.

    Args:
        colors: (K, 3) sRGB 0 ... 255.

    Returns:
        float32 (K, C); rows add up to 1.
    """
    square = ((to_lab(colors)[:, None] - shades()[None]) ** 2).sum(axis=2)
    # The nearest one counts, however far it is.
    weights = np.exp((square.min(axis=1, keepdims=True) - square) / _REACH**2)
    shares: Float32 = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def guess(logits: Float32) -> tuple[UInt8, Float32]:
    """The likeliest colours.

    Args:
        logits: float32 (K, C), before the softmax.

    Returns:
        colors: uint8 (K, 3) sRGB, the mean of neighbours that are likeliest together.
        sure: float32 (K,) in [0, 1], how likely these are.
    """
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely = weights / weights.sum(axis=1, keepdims=True)
    best = (likely @ _near()).argmax(axis=1)
    counted = likely * _near()[best]
    sure = counted.sum(axis=1)
    mean = counted @ shades() / sure[:, None]
    colors: UInt8 = np.clip(np.rint(to_rgb(mean.astype(np.float32))), 0, 255).astype(np.uint8)
    # Paper is exactly white: a little of its neighbours would make it dirty.
    colors[counted.argmax(axis=1) == shades()[:, 0].argmax()] = 255
    return colors, sure.astype(np.float32)
