"""Line art made from colour pictures, in batches on any device."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mangacolor.color import bright_ratio, luma
from mangacolor.data.noise import noise

__all__ = ["PENS", "blur", "draw_ink"]

# Numbers that decide on one picture's pen.
PENS = 19

# The widest blur that is used, 1.6 * 1.3 px, reaches three deviations.
RADIUS = 6
# Pixels that a gap in a line is long, about.
GAP = 6


def draw_ink(color: Tensor, dice: Tensor | None = None) -> Tensor:
    """Draws each picture's line art, every one with another pen.

    Three ways of inking, chosen at random per picture: the ratio to the brightest neighbour, which
    leaves lines only, as a page before blacks and tones; the same without its faint marks, as clean
    as a drawn line; extended difference of Gaussians, which fills dark areas as spot blacks. Some
    pictures keep a part of their grey as shade; some have gaps in their lines, heavier lines, or
    what is nearly black filled with ink.

    Args:
        color: float (N, 3, h, w), sRGB in [-1, 1].
        dice: float (N, PENS) in [0, 1), what decides on each picture's pen; without them every
            picture gets the same middle pen, which is what evaluation uses.

    Returns:
        float (N, 1, h, w), -1 ink ... +1 paper.

    Source: Winnemoeller, Kyprianidis and Olsen, Computers & Graphics 2012 (XDoG).
    """
    grey = (luma(color) + 1) / 2
    if dice is None:
        # The middle of every range is the pencil, which shows every mark, without any shade.
        dice = torch.full((len(color), PENS), 0.5)
    rolls = iter(dice.to(grey)[:, :, None, None, None].unbind(1))

    def pick(low: float, high: float) -> Tensor:
        return next(rolls) * (high - low) + low

    ratio = bright_ratio(grey)
    pencil = blur(ratio ** pick(1.2, 2.6), pick(0.3, 0.7))
    level = pick(0.3, 0.5)
    clean = blur(((ratio - level) / pick(0.2, 0.4)).clamp(0, 1), pick(0.2, 0.6))
    inked = _xdog(grey, pick(0.4, 1.0), pick(6.0, 24.0), pick(0.25, 0.55), pick(4.0, 20.0))
    pen = pick(0, 1)
    chosen = torch.where(pen < 0.5, clean, torch.where(pen < 0.7, pencil, inked))
    shade = torch.where(pick(0, 1) < 0.2, pick(0.0, 0.6), 0.0)
    shaded = chosen * (1 - shade * (1 - grey))
    # What follows leaves the middle pen as it is, bit for bit.
    shaded = _heavier(_with_gaps(shaded, next(rolls), next(rolls), next(rolls)), pick(-1.5, 1.0))
    solid, level = next(rolls), pick(0.04, 0.2)
    black = ((grey - level) / 0.06 + 0.5).clamp(0, 1)
    shaded = torch.where((solid - 0.5).abs() > 0.15, torch.minimum(shaded, black), shaded)
    # Half of the pens are black. The others are faint: reduced pages have grey lines.
    roll = next(rolls)
    faint = 1 - (1 - shaded) * torch.where(roll > 0.5, 1.0, 0.55 + 0.45 * roll)
    return faint.clamp(0, 1) * 2 - 1


def _xdog(grey: Tensor, sigma: Tensor, sharpness: Tensor, level: Tensor, slope: Tensor) -> Tensor:
    narrow, wide = blur(grey, sigma), blur(grey, 1.6 * sigma)
    response = (1 + sharpness) * narrow - sharpness * wide
    return 1 + torch.tanh(slope * (response - level)).clamp(max=0)


def _with_gaps(ink: Tensor, on: Tensor, often: Tensor, seed: Tensor) -> Tensor:
    """Lines of a third of the pictures, fading in a few places."""
    h, w = ink.shape[2:]
    coarse = noise(seed.flatten(), -(-h // GAP), -(-w // GAP))
    field = F.interpolate(coarse, size=(h, w), mode="bilinear", align_corners=False)
    gap = ((field - (1.6 - often)) * 4).clamp(0, 1)
    return torch.where(on < 0.33, torch.lerp(ink, torch.ones_like(ink), gap), ink)


def _heavier(ink: Tensor, weight: Tensor) -> Tensor:
    """Lines wider by up to a pixel to each side; a weight of 0 or less leaves them."""
    wide = -F.max_pool2d(-ink, 3, stride=1, padding=1)
    return torch.where(weight > 0, torch.lerp(ink, wide, weight), ink)


def blur(grey: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur of (N, 1, h, w) with another deviation, (N, 1, 1, 1), for every picture."""
    n = grey.shape[0]
    at = torch.arange(-RADIUS, RADIUS + 1, device=grey.device, dtype=grey.dtype)
    kernel = torch.exp(-(at**2) / (2 * sigma.reshape(n, 1) ** 2))
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    # Pictures become channels, so that a grouped convolution gives each its own kernel.
    x = F.pad(grey.transpose(0, 1), (RADIUS,) * 4, mode="replicate")
    x = F.conv2d(x, kernel[:, None, None, :], groups=n)
    return F.conv2d(x, kernel[:, None, :, None], groups=n).transpose(0, 1)
