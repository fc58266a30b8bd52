"""From a config to networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.color import bright_ratio, luma
from mangacolor.config import NetConfig
from mangacolor.nets.coloring import Painting, Style
from mangacolor.nets.colorizer import Colorizer
from mangacolor.nets.style_encoder import StyleEncoder, to_tokens
from mangacolor.nets.surfaces import surface_net
from mangacolor.paper.colorizer import PaperColorizer
from mangacolor.paper.extractor import Extractor

__all__ = ["Generator", "build_generator", "minimum_size", "size_multiple"]


class Generator(nn.Module):
    """Style encoder and colorizer together: what is trained, averaged and shipped."""

    def __init__(self, config: NetConfig) -> None:
        super().__init__()
        self.config = config
        # What it remembers of pages, of `mangacolor.runtime.remembered.to_arrays`, if it does.
        self.remembered: dict[str, Tensor] = {}
        papers = config.style in ("code", "levels")
        self.style_encoder: StyleEncoder | Extractor = (
            Extractor(config) if papers else StyleEncoder(config)
        )
        self.colorizer: Colorizer | PaperColorizer = (
            PaperColorizer(config) if papers else Colorizer(config)
        )
        if config.has("matcher"):
            # Only here: timm and torchvision take a second to import.
            from mangacolor.nets.features import Features
            from mangacolor.nets.matcher import Matcher

            self.features = Features()
            self.matcher = Matcher(
                config.matcher_width, config.matcher_layers, guesses=config.guesses
            )
        if config.sees_surfaces:
            self.surfaces = surface_net(config.surface_size)

    def style(self, references: Tensor) -> Style:
        """Reads references (N, R, 3, h, w) into a style; h and w multiples of 32, at least 64."""
        style: Style = self.style_encoder(references)
        if style.keys is None:
            return style
        keys = style.keys
        painter = self.colorizer
        if isinstance(painter, Colorizer) and painter.describe is not None:
            n, r = references.shape[:2]
            described = painter.describe(painter.encode(_lines(references)))
            keys = keys + to_tokens(described, n, r)
        return style._replace(keys=F.normalize(keys, dim=2))

    def forward(self, lineart: Tensor, references: Tensor, hints: Tensor | None = None) -> Painting:
        """Colours line art (N, 1, h, w) after references (N, R, 3, s, s), with hints (N, 4, h, w)
        where the style is `areas`.
        """
        return self.colorizer(lineart, self.style(references), hints)


def _lines(references: Tensor) -> Tensor:
    """A reference's own line art: (N, R, 3, h, w) -> (N * R, 1, h, w), -1 ink ... +1 paper."""
    grey = (luma(references.flatten(0, 1)) + 1) / 2
    return bright_ratio(grey) ** 2 * 2 - 1


def build_generator(config: NetConfig, seed: int | None = None) -> Generator:
    """A generator with fresh weights; with a seed always the same ones."""
    if seed is None:
        return Generator(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(config)


def size_multiple(config: NetConfig) -> int:
    """Height and width of the line art must be multiples of this."""
    return 16 * config.stem


def minimum_size(config: NetConfig) -> int:
    """Smallest height and width of the line art: the deepest map is then 2x2."""
    return 2 * size_multiple(config)
