"""What references say about colour: codes of the whole, and places to look colours up."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import ResidualBlock, mean_and_deviation, stage_channels
from mangacolor.nets.coloring import COPY_STRIDE, Style

__all__ = ["StyleEncoder", "context", "to_tokens"]

_BLOCKS = 5


class StyleEncoder(nn.Module):
    """Residual blocks, pooling and one linear layer per code; tokens for the attention.

    Source: Liu et al., CVM 2022, section 3 and architecture figure: the colour style extractor of
    the fine-tune variant, with one code per fusion block. Differs: pooling keeps mean and
    deviation, and there are keys and colours per position where colours are looked up.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.attends = config.attends
        channels = stage_channels(config.width, config.max_channels, _BLOCKS)
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs, outputs)
            for inputs, outputs in zip([3, *channels], channels, strict=False)
        )
        self.codes = nn.ModuleList(nn.Linear(2 * c, config.code_size) for c in channels[:0:-1])
        if config.attends:
            # Blocks 3, 4 and 5 are at 1/8, 1/16 and 1/32: what a place looks like and what is
            # around it.
            self.key = nn.Sequential(
                nn.Conv2d(sum(channels[2:]), 2 * config.key_size, 1),
                nn.ReLU(),
                nn.Conv2d(2 * config.key_size, config.key_size, 3, padding=1),
            )
            features = config.looks_up == "features"
            self.value = nn.Conv2d(sum(channels[2:]), config.key_size, 1) if features else None

    def forward(self, references: Tensor) -> Style:
        """Reads references into a style.

        Args:
            references: float (N, R, 3, h, w), sRGB in [-1, 1]; R references for each of N works;
                h and w multiples of 32 and at least 64.
        """
        n, r = references.shape[:2]
        pictures = references.flatten(0, 1)
        maps = []
        x = pictures
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        pooled = [mean_and_deviation(x) for x in maps[:0:-1]]
        codes = torch.stack([layer(x) for layer, x in zip(self.codes, pooled, strict=True)], dim=1)
        # Several references of one work speak with one voice: the mean of their codes.
        codes = codes.unflatten(0, (n, r)).mean(dim=1)
        if not self.attends:
            return Style(codes)
        around = context(maps[2:])
        colors = F.avg_pool2d(pictures, COPY_STRIDE)
        values = colors if self.value is None else self.value(around)
        return Style(codes, to_tokens(self.key(around), n, r), to_tokens(values, n, r))


def context(maps: list[Tensor]) -> Tensor:
    """What a place looks like and what is around it: maps of halving size, side by side."""
    enlarged = [
        F.interpolate(x, scale_factor=float(2**i), mode="nearest") if i else x
        for i, x in enumerate(maps)
    ]
    return torch.cat(enlarged, dim=1)


def to_tokens(x: Tensor, n: int, r: int) -> Tensor:
    """(N * R, C, h, w) -> (N, R * h * w, C)."""
    return x.flatten(2).transpose(1, 2).unflatten(0, (n, r)).flatten(1, 2)
