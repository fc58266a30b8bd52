"""The painter: the U-Net of Liu et al. with colours that are looked up, and with hints."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.config import NetConfig
from mangacolor.nets.blocks import EncoderBlock, FusionBlock, stage_channels
from mangacolor.nets.coloring import FUSION_BLOCKS, Painting, Style
from mangacolor.nets.style_encoder import context

__all__ = ["Colorizer"]


class Describer(nn.Module):
    """Says what a place of a line drawing looks like, in a page and in a reference alike.

    Ours: one set of layers for both, so that the same drawing is found again before anything has
    been learned, and what is learned serves both sides.
    """

    def __init__(self, channels: int, first: int, key_size: int) -> None:
        super().__init__()
        self.first = first
        self.layers = nn.Sequential(
            nn.Conv2d(channels, 2 * key_size, 1),
            nn.ReLU(),
            nn.Conv2d(2 * key_size, key_size, 3, padding=1),
        )

    def forward(self, skips: list[Tensor]) -> Tensor:
        """The sketch encoder's maps -> (N, D, h/8, w/8)."""
        return self.layers(context(skips[self.first :]))


class LookedUp(NamedTuple):
    """What was looked up in the references.

    Attributes:
        values: float (N, V, h/8, w/8).
        sure: float (N, 1, h/8, w/8) in [0, 1], how much of it is the references'; None without a
            gate.
        scores: float (N, Q, K), how well each of K places of the references fits each of Q of the
            page, before the softmax.
    """

    values: Tensor
    sure: Tensor | None
    scores: Tensor


class ColorCopy(nn.Module):
    """Attention from the line art to the references; what is looked up is colour itself.

    Ours: pixel losses alone regress to the mean of all colours a place might have, sepia; a
    weighted mean of the reference's own colours cannot.
    """

    def __init__(self, channels: int, config: NetConfig) -> None:
        super().__init__()
        key_size = config.key_size
        self.query = nn.Sequential(
            nn.Conv2d(2 * channels, 2 * key_size, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * key_size, key_size, 3, padding=1),
        )
        self.log_scale = nn.Parameter(torch.tensor(2.5))
        if config.gate:
            # The best match that is not good enough, and the colour that is taken then.
            self.doubt = nn.Conv2d(2 * channels, 1, 1)
            self.guess = nn.Conv2d(2 * channels, copied_channels(config), 1)
            nn.init.constant_(self.doubt.bias, 4.0)  # type: ignore[arg-type]
        self.gated = config.gate

    def forward(self, features: Tensor, described: Tensor | None, style: Style) -> LookedUp:
        """Looks up.

        Args:
            features: (N, 2C, h, w) of the page.
            described: (N, D, h, w) of its lines, or None.
            style: its keys are (N, K, D) unit vectors, its values (N, K, V).
        """
        assert style.keys is not None and style.values is not None
        height, width = features.shape[2:]
        query = self.query(features)
        if described is not None:
            query = query + described
        queries = F.normalize(query, dim=1).flatten(2).transpose(1, 2)
        # Cosine similarity with a learned temperature, kept from becoming a hard choice.
        scores = self.log_scale.clamp(max=4.0).exp() * queries @ style.keys.transpose(1, 2)
        found = torch.softmax(scores, dim=2) @ style.values
        values = found.transpose(1, 2).unflatten(2, (height, width))
        if not self.gated:
            return LookedUp(values, None, scores)
        best = scores.amax(dim=2)[:, None].unflatten(2, (height, width))
        sure = torch.sigmoid(best - self.doubt(features))
        values = sure * values + (1 - sure) * torch.tanh(self.guess(features))
        return LookedUp(values, sure, scores)


def copied_channels(config: NetConfig) -> int:
    """Channels of what is looked up."""
    return 3 if config.looks_up == "colors" else config.key_size


class Colorizer(nn.Module):
    """Five-stage sketch encoder and four fusion blocks, with an output after each.

    Source: Liu et al., CVM 2022, architecture figure. Differs: `stem` 2 works at half resolution
    between a pixel-unshuffle and a pixel-shuffle; `attention` hands colours copied from the
    references to the fusion blocks below 1/8 and to the output.
    """

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.stem = config.stem
        self.attends = config.attends
        # Matched colours and how sure they are come beside the line art.
        self.inputs = inputs = 1 + config.family.hint_channels
        c = stage_channels(config.width, config.max_channels)
        self.encoder = nn.ModuleList(
            EncoderBlock(inputs, outputs, halve=stage > 0)
            for stage, (inputs, outputs) in enumerate(
                zip([inputs * config.stem**2, *c], c, strict=False)
            )
        )
        self.decoder = nn.ModuleList(
            FusionBlock(c[4 - i], c[3 - i], config.code_size) for i in range(FUSION_BLOCKS)
        )
        # Colours per working pixel: the stem puts stem**2 of them side by side.
        colors = 3 * config.stem**2
        self.heads = nn.ModuleList(nn.Conv2d(c[3 - i], colors, 1) for i in range(FUSION_BLOCKS - 1))
        # The copy comes with its certainty, where it has one.
        copied = copied_channels(config) + config.gate if self.attends else 0
        kernel = 1 if config.stem == 1 else 3
        self.output = nn.Conv2d(2 * c[0] + copied, colors, kernel, padding=kernel // 2)
        # The block after which the working resolution is 1/8 of the picture.
        self.copy_after = 0 if config.stem == 1 else 1
        self.copies_colors = config.looks_up == "colors"
        self.describe: Describer | None = None
        if self.attends:
            first = 3 - self.copy_after
            self.copy = ColorCopy(c[first], config)
            if config.found_by == "lines":
                self.describe = Describer(sum(c[first:]), first, config.key_size)
            self.inject = nn.ModuleList(
                nn.Conv2d(copied, c[4 - i], 1) for i in range(self.copy_after + 1, FUSION_BLOCKS)
            )

    def encode(self, lineart: Tensor) -> list[Tensor]:
        """The sketch encoder: (N, C, h, w) -> maps at 1, 1/2, 1/4, 1/8, 1/16 of the stem's size.

        Line art alone, C = 1, is taken for a page without a hint where hints are read.
        """
        if lineart.shape[1] < self.inputs:
            lineart = F.pad(lineart, (0, 0, 0, 0, 0, self.inputs - lineart.shape[1]))
        skips = []
        x = F.pixel_unshuffle(lineart, self.stem) if self.stem > 1 else lineart
        for stage in self.encoder:
            x = stage(x)
            skips.append(x)
        return skips

    def forward(self, lineart: Tensor, style: Style, hints: Tensor | None = None) -> Painting:
        """Colours line art.

        Args:
            lineart: float (N, 1, h, w), -1 ink ... +1 paper; h and w multiples of 16 * stem.
            style: of the same N.
            hints: float (N, 4, h, w), for style `areas` only: matched colours in [-1, 1], 0 where
                there are none, and confidence in [0, 1].
        """
        skips = self.encode(lineart if hints is None else torch.cat([lineart, hints], dim=1))
        x = skips[-1]
        pyramid = []
        copied: LookedUp | None = None
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
                features = torch.cat([x, skips[3 - i]], dim=1)
                described = None if self.describe is None else self.describe(skips)
                copied = self.copy(features, described, style)
                at_scale = copied.values
                if copied.sure is not None:
                    at_scale = torch.cat([at_scale, copied.sure * 2 - 1], dim=1)
        last = [skips[0], x] if at_scale is None else [skips[0], x, at_scale]
        pyramid.append(self._colors(self.output(torch.cat(last, dim=1))))
        if copied is None:
            return Painting(tuple(pyramid), None, None)
        colors = copied.values if self.copies_colors else None
        return Painting(tuple(pyramid), colors, copied.scores)

    def _colors(self, x: Tensor) -> Tensor:
        return torch.tanh(F.pixel_shuffle(x, self.stem) if self.stem > 1 else x)
