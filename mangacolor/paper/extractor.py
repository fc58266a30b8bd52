"""The colour style extractor: what one or more references say about colour."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import ResidualBlock, mean_and_deviation, moments, stage_channels
from mangacolor.nets.coloring import Style

__all__ = ["Extractor"]


class Extractor(nn.Module):
    """Residual blocks, global pooling, and one linear layer per code.

    Source: Liu et al., CVM 2022, section 3 and architecture figure. `code` is the main model: four
    blocks, one code. `levels` is the fine-tune variant: a fifth block, and a code of each of the
    last four, deepest first, one per fusion block. Differs: pooling may keep the deviation, too, as
    the existing implementation's variant does.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.coded = 1 if config.style == "code" else 4
        channels = stage_channels(config.width, config.max_channels, 3 + min(self.coded, 2))
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs, outputs)
            for inputs, outputs in zip([3, *channels], channels, strict=False)
        )
        self.pool = _mean if config.pooling == "mean" else mean_and_deviation
        pooled = 1 if config.pooling == "mean" else 2
        self.codes = nn.ModuleList(
            nn.Linear(pooled * c, config.code_size) for c in channels[: -self.coded - 1 : -1]
        )

    def forward(self, references: Tensor) -> Style:
        """Reads references into a style.

        Args:
            references: float (N, R, 3, h, w), sRGB in [-1, 1]; R references for each of N works;
                h and w multiples of 32 and at least 64.
        """
        n, r = references.shape[:2]
        x = references.flatten(0, 1)
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        deepest = maps[: -self.coded - 1 : -1]
        codes = torch.stack(
            [layer(self.pool(x)) for layer, x in zip(self.codes, deepest, strict=True)], dim=1
        )
        # Several references of one work speak with one voice: the mean of their codes.
        return Style(codes.unflatten(0, (n, r)).mean(dim=1))


def _mean(x: Tensor) -> Tensor:
    """Global average pooling: (N, C, h, w) -> (N, C)."""
    return moments(x)[0].flatten(1)
