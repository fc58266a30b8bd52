"""The U-Net that colours line art in a given style."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import AdaIN, EncoderBlock, stage_channels
from mangacolor.nets.style_encoder import FUSION_BLOCKS, Style

__all__ = ["Coloring", "Colorizer"]


class Coloring(NamedTuple):
    """What the colorizer makes of a picture.

    Attributes:
        pyramid: four float (N, 3, h/k, w/k), k = 8, 4, 2, 1, sRGB in [-1, 1].
        copied: float (N, 3, h/8, w/8), the colours looked up in the references, before the
            decoder refines them; None unless the style is `attention`.
    """

    pyramid: tuple[Tensor, ...]
    copied: Tensor | None


class FusionBlock(nn.Module):
    """Style-content fusion: conv, AdaIN, ReLU, conv, AdaIN, then skip and upsample.

    Source: Liu et al., CVM 2022, section 3.
    """

    def __init__(self, channels: int, outputs: int, code_size: int) -> None:
        super().__init__()
        # The normalisations would subtract a bias again.
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = AdaIN(channels, code_size)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = AdaIN(channels, code_size)
        self.enlarge = nn.ConvTranspose2d(2 * channels, outputs, 4, stride=2, padding=1)

    def forward(self, x: Tensor, skip: Tensor, code: Tensor) -> Tensor:
        """(N, C, h, w), a skip of that shape and (N, code_size) -> (N, outputs, 2h, 2w)."""
        y = F.relu(self.first_norm(self.first(x), code))
        y = self.second_norm(self.second(y), code)
        return F.relu(self.enlarge(torch.cat([y, skip], dim=1)))


class ColorCopy(nn.Module):
    """Attention from the line art to the references; what is looked up is colour itself.

    Ours: pixel losses alone regress to the mean of all colours a place might have, sepia; a
    weighted mean of the reference's own colours cannot.
    """

    def __init__(self, channels: int, key_size: int) -> None:
        super().__init__()
        self.query = nn.Sequential(
            nn.Conv2d(2 * channels, 2 * key_size, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * key_size, key_size, 3, padding=1),
        )
        self.log_scale = nn.Parameter(torch.tensor(2.5))

    def forward(self, features: Tensor, keys: Tensor, colors: Tensor) -> Tensor:
        """(N, 2C, h, w), (N, K, D) and (N, K, 3) -> colours (N, 3, h, w)."""
        height, width = features.shape[2:]
        queries = F.normalize(self.query(features), dim=1).flatten(2).transpose(1, 2)
        # Cosine similarity with a learned temperature, kept from becoming a hard choice.
        scale = self.log_scale.clamp(max=4.0).exp()
        weights = torch.softmax(scale * queries @ keys.transpose(1, 2), dim=2)
        return (weights @ colors).transpose(1, 2).unflatten(2, (height, width))


class Colorizer(nn.Module):
    """Five-stage sketch encoder and four fusion blocks, with an output after each.

    Source: Liu et al., CVM 2022, architecture figure. Differs: `stem` 2 works at half resolution
    between a pixel-unshuffle and a pixel-shuffle; `attention` hands colours copied from the
    references to the fusion blocks below 1/8 and to the output.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.stem = config.stem
        self.attends = config.style == "attention"
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
        copied = 3 if self.attends else 0
        kernel = 1 if config.stem == 1 else 3
        self.output = nn.Conv2d(2 * c[0] + copied, colors, kernel, padding=kernel // 2)
        # The block after which the working resolution is 1/8 of the picture.
        self.copy_after = 0 if config.stem == 1 else 1
        if self.attends:
            self.copy = ColorCopy(c[3 - self.copy_after], config.key_size)
            self.inject = nn.ModuleList(
                nn.Conv2d(3, c[4 - i], 1) for i in range(self.copy_after + 1, FUSION_BLOCKS)
            )

    def forward(self, lineart: Tensor, style: Style) -> Coloring:
        """Colours line art.

        Args:
            lineart: float (N, 1, h, w), -1 ink ... +1 paper; h and w multiples of 16 * stem.
            style: of the same N.
        """
        skips = []
        x = F.pixel_unshuffle(lineart, self.stem) if self.stem > 1 else lineart
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        pyramid = []
        copied: Tensor | None = None
        at_scale: Tensor | None = None
        codes = style.codes.expand(-1, FUSION_BLOCKS, -1)
        for i, block in enumerate(self.decoder):
            if at_scale is not None:
                x = x + self.inject[i - self.copy_after - 1](at_scale)
            x = block(x, skips[4 - i], codes[:, i])
            if i < FUSION_BLOCKS - 1:
                pyramid.append(self._colors(self.heads[i](x)))
            if at_scale is not None:
                at_scale = F.interpolate(at_scale, scale_factor=2.0, mode="bilinear")
            if self.attends and i == self.copy_after:
                assert style.keys is not None and style.colors is not None
                features = torch.cat([x, skips[3 - i]], dim=1)
                copied = at_scale = self.copy(features, style.keys, style.colors)
        last = [skips[0], x] if at_scale is None else [skips[0], x, at_scale]
        pyramid.append(self._colors(self.output(torch.cat(last, dim=1))))
        return Coloring(tuple(pyramid), copied)

    def _colors(self, x: Tensor) -> Tensor:
        return torch.tanh(F.pixel_shuffle(x, self.stem) if self.stem > 1 else x)
