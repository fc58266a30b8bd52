"""What scanning and storing do to a page: paper that is not white, blur, noise, JPEG."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mangacolor.data.lineart import blur
from mangacolor.data.noise import noise

__all__ = ["SCANS", "scan"]

# Numbers that decide on one picture's scan.
SCANS = 12

BLOCK = 8
# The luminance table that JPEG's standard gives as an example (ITU-T T.81, Annex K.1), for pictures
# of 0 to 255, at quality 50.
QUANTISERS = torch.tensor(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)


def scan(lineart: Tensor, dice: Tensor, share: float) -> Tensor:
    """Makes a share of the pictures look scanned and stored.

    Args:
        lineart: float (N, 1, h, w), -1 ink ... +1 paper.
        dice: float (N, SCANS) in [0, 1).
        share: of the pictures that are scanned; others stay as they are, bit for bit.

    Returns:
        The same shape and range.
    """
    (scanned,) = torch.where(dice[:, 0].to(lineart.device) < share)
    if not len(scanned):
        return lineart
    rolls = iter(dice.to(lineart)[scanned, 1:, None, None, None].unbind(1))

    def pick(low: float, high: float) -> Tensor:
        return next(rolls) * (high - low) + low

    grey = (lineart[scanned] + 1) / 2
    h, w = grey.shape[2:]
    grey = blur(grey, pick(0.25, 0.8))
    # Black ink that reflects, paper that does not reflect all.
    black, white = pick(0, 0.2), pick(0.82, 1.0)
    grey = black + grey * (white - black)
    grey = grey * _lighting(pick(0, 0.12), pick(0, 2 * math.pi), pick(-1, 1), h, w)
    grey = grey + pick(0, 0.035) * noise(next(rolls).flatten(), h, w)
    stored = torch.where(pick(0, 1) < 0.6, _jpeg(grey, pick(25, 95)), grey)
    result = lineart.clone()
    # Many scanners stretch the range: paper and ink are clipped.
    gain = 1 + pick(-0.25, 0.25).clamp(min=0)
    result[scanned] = ((stored - 0.5) * gain + 0.5).clamp(0, 1) * 2 - 1
    return result


def _lighting(depth: Tensor, angle: Tensor, bend: Tensor, height: int, width: int) -> Tensor:
    """Light that falls off to one side by `depth`, steeper at its end or at its start."""
    y = torch.linspace(-0.5, 0.5, height, device=depth.device, dtype=depth.dtype)[:, None]
    x = torch.linspace(-0.5, 0.5, width, device=depth.device, dtype=depth.dtype)
    along = (torch.cos(angle) * x + torch.sin(angle) * y) / math.sqrt(2) + 0.5
    # Rounding takes a corner below 0, where a power is not a number.
    return 1 - depth * along.clamp(min=0) ** torch.exp(bend)


def _jpeg(grey: Tensor, quality: Tensor) -> Tensor:
    """What JPEG leaves of a picture at a quality of 1 to 99: its rounding, in blocks of 8 x 8.

    Args:
        grey: float (N, 1, h, w) in [0, 1].
        quality: float (N, 1, 1, 1).

    Source: ITU-T T.81; quality as the Independent JPEG Group counts it.
    """
    h, w = grey.shape[2:]
    padded = F.pad(grey * 255 - 128, (0, -w % BLOCK, 0, -h % BLOCK), mode="replicate")
    tall, wide = (side // BLOCK for side in padded.shape[2:])
    blocks = padded.view(-1, tall, BLOCK, wide, BLOCK).transpose(2, 3)
    cosines = _cosines().to(grey)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)[..., None]
    steps = (QUANTISERS.to(grey) * scale).round().clamp(1, 255)
    waves = cosines @ blocks @ cosines.T
    kept = (waves / steps).round() * steps
    rows = (cosines.T @ kept @ cosines).transpose(2, 3)
    return (rows.reshape(padded.shape)[:, :, :h, :w] + 128).clamp(0, 255) / 255


def _cosines() -> Tensor:
    """The orthonormal discrete cosine transform of BLOCK values, as a matrix."""
    at = torch.arange(BLOCK, dtype=torch.float64)
    waves = torch.cos(math.pi / BLOCK * at[:, None] * (at + 0.5)) * math.sqrt(2 / BLOCK)
    waves[0] /= math.sqrt(2)
    return waves
