"""The multi-scale discriminator."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.nets.blocks import InstanceNorm

__all__ = ["Discriminator", "Verdict"]


class Verdict(NamedTuple):
    """What the discriminator says of pictures of one size.

    Attributes:
        logits: float (N, 1, h/8, w/8), patch by patch; high is real.
        features: of its blocks, (N, C, h/2, w/2) and so on.
    """

    logits: Tensor
    features: tuple[Tensor, ...]


class Discriminator(nn.Module):
    """One patch discriminator, used at all four scales of the pyramid.

    Source: Liu et al., CVM 2022 (three residual blocks of 64, 128 and 256 channels). Differs: it
    sees the line art beside the colours, so that it judges the colouring and not the drawing.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        channels = [width, 2 * width, 4 * width]
        self.blocks = nn.ModuleList(
            _DiscriminatorBlock(inputs, outputs, norm=i > 0)
            for i, (inputs, outputs) in enumerate(zip([4, *channels], channels, strict=False))
        )
        self.logits = nn.Conv2d(channels[-1], 1, 3, padding=1)

    def forward(self, color: Tensor, lineart: Tensor) -> Verdict:
        """Judges every patch.

        Args:
            color: float (N, 3, h, w) in [-1, 1], any level of the pyramid.
            lineart: float (N, 1, H, W), full resolution; it is reduced to the colour's size.
        """
        factor = lineart.shape[2] // color.shape[2]
        if factor > 1:
            lineart = F.avg_pool2d(lineart, factor)
        x = torch.cat([color, lineart], dim=1)
        features = []
        for block in self.blocks:
            x = block(x)
            features.append(x)
        return Verdict(self.logits(x), tuple(features))


class _DiscriminatorBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, *, norm: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=not norm)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=2)
        self.norm = InstanceNorm(outputs) if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.first(x), 0.2)
        return F.leaky_relu(self.norm(self.second(y)) + self.shortcut(x), 0.2)
