"""Screentone: the greys of a colour picture as dots and lines, laid under its line art."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from mangacolor.color import luma

__all__ = ["TONES", "lay_tones"]

# Most levels of grey that one picture gets.
LEVELS = 4
# Numbers that decide on one screen: pattern, pitch, angle, place.
SCREEN = 4
# Numbers that decide on one picture's tones.
TONES = 8 + LEVELS + 2 * SCREEN

# Samples along a side of a screen's cell, and steps of density in its table of slopes.
CELL = 64
STEPS = 64

# Lines up to this width, in pixels, belong to the ink and do not darken the tone around them.
INK_WIDTH = 5

# Pixels between the dots or lines of a screen; below the second it blurs into flat grey.
FINEST, FINE, COARSEST = 1.8, 3.2, 9.0


def lay_tones(lineart: Tensor, color: Tensor, dice: Tensor, share: float) -> Tensor:
    """Lays screentone over the line art of a share of the pictures.

    The greys of the colour picture are flattened and cut into a few levels, as a mangaka cuts
    sheets of tone: light places stay paper, each darker level gets a screen whose ink covers as
    much as the level is dark, the darkest may be solid black. Some pictures leave levels out; some
    have tones that run smoothly from light to dark.

    Args:
        lineart: float (N, 1, h, w), -1 ink ... +1 paper.
        color: float (N, 3, h, w), sRGB in [-1, 1], what the line art was drawn from.
        dice: float (N, TONES) in [0, 1).
        share: of the pictures that get tones; others stay as they are, bit for bit.

    Returns:
        Line art with tones, same shape and range; nowhere lighter than before.

    Source: ordered dithering by threshold arrays, Ulichney, Digital Halftoning, 1987; differs: soft
    edges, about a pixel wide, so that tones are anti-aliased as in a page that was scaled down.
    """
    (toned,) = torch.where(dice[:, 0].to(lineart.device) < share)
    if not len(toned):
        return lineart
    rolls = iter(dice.to(lineart)[toned, 1:, None, None, None].unbind(1))
    level, density = _cut_levels(_flatten((luma(color[toned]) + 1) / 2), rolls)
    second_differs = next(rolls) < 0.5
    screens = [[next(rolls) for _ in range(SCREEN)] for _ in range(2)]
    first, second = (_screen(density, *screen) for screen in screens)
    ink = torch.where(second_differs & (level % 2 == 0), second, first)
    # The darkest places may be solid: there the cut gives a density of 1.
    ink = torch.where(density >= 1, 1.0, ink)
    result = lineart.clone()
    result[toned] = (lineart[toned] + 1) * (1 - ink) - 1
    return result


def _flatten(grey: Tensor) -> Tensor:
    """Grey without lines and specks, its edges kept: what is thin is closed, then opened."""
    size, pad = INK_WIDTH, INK_WIDTH // 2

    def lightest(x: Tensor) -> Tensor:
        # One way after the other: a square window's maximum at a fraction of the cost.
        x = F.max_pool2d(x, (size, 1), stride=1, padding=(pad, 0))
        return F.max_pool2d(x, (1, size), stride=1, padding=(0, pad))

    closed = -lightest(-lightest(grey))
    opened = lightest(-lightest(-closed))
    smooth = F.avg_pool2d(F.pad(opened, (1,) * 4, mode="replicate"), 3, stride=1)
    return smooth.clamp(0, 1)


def _cut_levels(grey: Tensor, rolls: Iterator[Tensor]) -> tuple[Tensor, Tensor]:
    """Number of the level of each place (0: paper) and the share of it that ink is to cover."""

    def pick(low: float, high: float) -> Tensor:
        return next(rolls) * (high - low) + low

    shade = (1 - grey) ** pick(0.7, 1.6)
    # In many manga only what is dark is toned: skin and sky stay paper.
    lightest, strength = pick(0.15, 0.6), pick(0.4, 0.9)
    levels = pick(1, LEVELS + 1).floor()
    is_smooth = pick(0, 1) < 0.2
    # Above 1 nothing is solid.
    solid = pick(0.75, 1.2)
    keep = torch.cat([next(rolls) for _ in range(LEVELS)], dim=1) < 0.75
    span = 1 - lightest
    level = ((shade - lightest) / span * levels).floor().clamp(min=-1) + 1
    level = torch.minimum(level, levels)
    middle = lightest + (level - 0.5) / levels * span
    # Ink that is to stand out has to stay visible in the densest tone.
    density = (torch.where(is_smooth, shade, middle) * strength).clamp(0, 0.7)
    chosen = keep.flatten(1).gather(1, (level.long() - 1).clamp(min=0).flatten(1)).view_as(level)
    density = torch.where((level > 0) & (chosen | is_smooth), density, 0.0)
    return level, torch.where(1 - grey > solid, 1.0, density)


def _screen(
    density: Tensor, pattern: Tensor, coarseness: Tensor, turn: Tensor, at: Tensor
) -> Tensor:
    """Ink of a screen, 0 none ... 1 full, that covers `density` of every place on average."""
    h, w = density.shape[2:]
    thresholds, slopes = (table.to(density) for table in _patterns())
    kind = (pattern * len(thresholds)).long()
    # Most screens are fine beside what is drawn; a coarse one is an effect.
    pitch = FINEST * (COARSEST / FINEST) ** coarseness**1.5
    cos, sin = torch.cos(turn * math.pi) / pitch, torch.sin(turn * math.pi) / pitch
    y = torch.arange(h, device=density.device, dtype=density.dtype)[:, None]
    x = torch.arange(w, device=density.device, dtype=density.dtype)
    across, down = ((x * cos + y * sin + at) % 1, (y * cos - x * sin + at) % 1)
    row, column = ((share * CELL).long().clamp(max=CELL - 1) for share in (down, across))
    threshold = thresholds.flatten()[(kind * CELL + row) * CELL + column]
    # Half the height of an edge that is a pixel wide, in units of the threshold.
    slope = slopes.flatten()[kind * STEPS + (density * STEPS).long().clamp(max=STEPS - 1)]
    half = (0.5 * slope / pitch).clamp(0.02, 0.5)
    # Where a soft edge would reach below 0 or above 1, it is moved so that coverage stays right.
    light = 2 * (half * density).sqrt() - half
    dark = 1 + half - 2 * (half * (1 - density)).sqrt()
    edge = torch.where(density < half, light, torch.where(density > 1 - half, dark, density))
    ink = ((edge - threshold) / (2 * half) + 0.5).clamp(0, 1)
    # Too fine for the pixels: a rest of the pattern, and in the end flat grey.
    return torch.lerp(density, ink, ((pitch - FINEST) / (FINE - FINEST)).clamp(0, 1))


@functools.cache
def _patterns() -> tuple[Tensor, Tensor]:
    """One cell of each pattern, as thresholds that ink of some density rises above.

    Returns:
        float (K, CELL, CELL) in (0, 1), every threshold as frequent as every other; and float
        (K, STEPS), how steep they are, per cell, where they equal a density.
    """
    at = (np.arange(CELL) + 0.5) / CELL
    x, y = at[None], at[:, None]
    wave_x, wave_y = (abs(2 * ((v + 0.5) % 1) - 1) + 0 * (x + y) for v in (x, y))
    spots = [
        # Round dots that meet in a checkerboard, round holes in the dark.
        2 - np.cos(2 * np.pi * (x - 0.5)) - np.cos(2 * np.pi * (y - 0.5)),
        np.maximum(wave_x, wave_y),
        wave_x + wave_y,
        wave_x,
        np.minimum(wave_x, wave_y),
    ]
    # Dots are what most tone is: they come twice.
    ranked = [_ranked(spot) for spot in [spots[0], *spots]]
    slopes = [_slopes(spot) for spot in ranked]
    return torch.tensor(np.stack(ranked)).float(), torch.tensor(np.stack(slopes)).float()


def _ranked(spot: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each value's rank, as a share of all; equal values share theirs."""
    _, index, counts = np.unique(spot.round(6), return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - counts / 2) / spot.size
    return ranks[index].reshape(spot.shape)


def _slopes(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = [np.roll(thresholds, -1, axis) - np.roll(thresholds, 1, axis) for axis in (0, 1)]
    steep = np.hypot(*steps) / 2 * CELL
    order = np.argsort(thresholds, axis=None)
    # Equally many places to each step of density: thresholds are evenly spread.
    slopes: NDArray[np.float64] = steep.flatten()[order].reshape(STEPS, -1).mean(axis=1)
    return slopes
