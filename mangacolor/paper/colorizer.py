"""The U-Net that colours line art in a given style."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import EncoderBlock, FusionBlock, stage_channels
from mangacolor.nets.coloring import FUSION_BLOCKS, Painting, Style

__all__ = ["PaperColorizer"]


class PaperColorizer(nn.Module):
    """Five-stage sketch encoder and four fusion blocks, with an output after each.

    Source: Liu et al., CVM 2022, architecture figure. Differs: `stem` 2 works at half resolution
    between a pixel-unshuffle and a pixel-shuffle.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.stem = config.stem
        c = stage_channels(config.width, config.max_channels)
        self.encoder = nn.ModuleList(
            EncoderBlock(inputs, outputs, halve=stage > 0)
            for stage, (inputs, outputs) in enumerate(zip([config.stem**2, *c], c, strict=False))
        )
        self.decoder = nn.ModuleList(
            FusionBlock(c[4 - i], c[3 - i], config.code_size) for i in range(FUSION_BLOCKS)
        )
        # Colours per working pixel: the stem puts stem**2 of them side by side.
        colors = 3 * config.stem**2
        self.heads = nn.ModuleList(nn.Conv2d(c[3 - i], colors, 1) for i in range(FUSION_BLOCKS - 1))
        kernel = 1 if config.stem == 1 else 3
        self.output = nn.Conv2d(2 * c[0], colors, kernel, padding=kernel // 2)

    def forward(self, lineart: Tensor, style: Style, hints: Tensor | None = None) -> Painting:
        """Colours line art.

        Args:
            lineart: float (N, 1, h, w), -1 ink ... +1 paper; h and w multiples of 16 * stem.
            style: of the same N.
            hints: none; painters of areas take some.
        """
        assert hints is None
        x = F.pixel_unshuffle(lineart, self.stem) if self.stem > 1 else lineart
        skips = []
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        codes = style.codes.expand(-1, FUSION_BLOCKS, -1)
        pyramid = []
        for i, block in enumerate(self.decoder):
            x = block(x, skips[4 - i], codes[:, i])
            # The last block's is the output itself.
            if i < FUSION_BLOCKS - 1:
                pyramid.append(self._colors(self.heads[i](x)))
        pyramid.append(self._colors(self.output(torch.cat([skips[0], x], dim=1))))
        return Painting(tuple(pyramid))

    def _colors(self, x: Tensor) -> Tensor:
        return torch.tanh(F.pixel_shuffle(x, self.stem) if self.stem > 1 else x)
