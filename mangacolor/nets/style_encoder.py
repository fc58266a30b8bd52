"""The colour style extractor: what one or more references say about colour."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import ResidualBlock, moments, stage_channels

__all__ = [
    "COPY_STRIDE",
    "FUSION_BLOCKS",
    "REFERENCE_MULTIPLE",
    "Style",
    "StyleEncoder",
    "context",
    "to_tokens",
]

FUSION_BLOCKS = 4
# Tokens stand for 8x8 pixels of the reference, and colours are copied at 1/8 of the page.
COPY_STRIDE = 8
# Five halvings; also the smallest reference that reflection padding allows is twice this.
REFERENCE_MULTIPLE = 32


class Style(NamedTuple):
    """What the references give to the colorizer.

    Attributes:
        codes: float (N, L, code_size); L is 1 for `code` and 4, deepest first, otherwise.
        keys: float (N, K, key_size), one per 8x8 pixels of every reference, unit vectors when the
            style leaves the generator; None unless the style is `attention`.
        values: float (N, K, V), what is looked up there: the mean colour of those pixels, V = 3,
            in [-1, 1], or features of them, V = key_size; None likewise.
    """

    codes: Tensor
    keys: Tensor | None = None
    values: Tensor | None = None


class StyleEncoder(nn.Module):
    """Residual blocks, global pooling and one linear layer per code; tokens for the attention.

    Source: Liu et al., CVM 2022, section 3 and architecture figure. `code` is the paper's main
    model and `levels` its fine-tune variant, with a fifth block and one code per fusion block,
    which `areas` has, too; `attention` adds keys and colours per position. Differs: pooling keeps
    mean and deviation unless `pooling` is `mean`.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.style, self.attends = config.style, config.attends
        blocks = 4 if config.style == "code" else 5
        channels = stage_channels(config.width, config.max_channels, blocks)
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs, outputs)
            for inputs, outputs in zip([3, *channels], channels, strict=False)
        )
        coded = channels[-1:] if config.style == "code" else channels[:0:-1]
        self.pool = _mean if config.pooling == "mean" else _mean_and_deviation
        pooled = 1 if config.pooling == "mean" else 2
        self.codes = nn.ModuleList(nn.Linear(pooled * c, config.code_size) for c in coded)
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
        coded = maps[-1:] if self.style == "code" else maps[:0:-1]
        codes = torch.stack(
            [layer(self.pool(m)) for layer, m in zip(self.codes, coded, strict=True)], dim=1
        )
        # Several references of one work speak with one voice: the mean of their codes.
        codes = codes.unflatten(0, (n, r)).mean(dim=1)
        if not self.attends:
            return Style(codes)
        around = context(maps[2:])
        colors = F.avg_pool2d(pictures, COPY_STRIDE)
        values = colors if self.value is None else self.value(around)
        return Style(codes, to_tokens(self.key(around), n, r), to_tokens(values, n, r))


def _mean(x: Tensor) -> Tensor:
    """(N, C, h, w) -> (N, C)."""
    return moments(x)[0].flatten(1)


def _mean_and_deviation(x: Tensor) -> Tensor:
    """(N, C, h, w) -> (N, 2C)."""
    mean, variance = moments(x)
    return torch.cat([mean, torch.sqrt(variance + 1e-5)], dim=1).flatten(1)


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
