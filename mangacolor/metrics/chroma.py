"""Metrics of colour alone: PSNR and SSIM are almost all luma and hide a wrong hue."""

from __future__ import annotations

import torch
from torch import Tensor

from mangacolor.color import chroma

__all__ = ["ChromaR2", "colourfulness"]


class ChromaR2:
    """Share of the chroma's variation that is explained, pooled over a set.

    1 - (sum of squared chroma errors) / (sum of squared deviations of the truth's chroma from
    each picture's own mean chroma). 1 is perfect, 0 is what every picture's own mean colour laid
    over it would reach, below 0 is worse than that. Pooled, so that almost grey pictures weigh
    little.
    """

    def __init__(self) -> None:
        self.error = 0.0
        self.variation = 0.0

    def add(self, result: Tensor, truth: Tensor) -> None:
        """Takes pictures into account: float (N, 3, h, w) in [0, 1]."""
        made, true = chroma(result).double(), chroma(truth).double()
        self.error += float(((made - true) ** 2).sum())
        self.variation += float(((true - true.mean(dim=(2, 3), keepdim=True)) ** 2).sum())

    def value(self) -> float:
        """The figure; NaN where the truth has no variation at all."""
        return 1 - self.error / self.variation if self.variation else float("nan")


def colourfulness(color: Tensor) -> Tensor:
    """How colourful each picture is: 0 for grey, about 109 at most seen in photographs.

    Args:
        color: float (N, 3, h, w) in [0, 1].

    Returns:
        float (N,).

    Source: Hasler and Suesstrunk, Human Vision and Electronic Imaging 2003, M3.
    """
    red, green, blue = (255 * color).unbind(dim=1)
    red_green = red - green
    yellow_blue = (red + green) / 2 - blue
    spread, mean = torch.zeros(len(color)).to(color), torch.zeros(len(color)).to(color)
    for opponent in (red_green, yellow_blue):
        variance, average = torch.var_mean(opponent, dim=(1, 2), correction=0)
        spread = spread + variance
        mean = mean + average**2
    return torch.sqrt(spread) + 0.3 * torch.sqrt(mean)
