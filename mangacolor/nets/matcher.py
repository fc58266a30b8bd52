"""Which area of which reference each area of a page is, or none, and what colour it has if none.

Areas of one drawing attend to each other: hat, glasses, hair and collar belong together, and so
tell whose hair it is. Areas of a page attend to those of all references as well.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mangacolor.images.shades import shades
from mangacolor.images.views import FACTS
from mangacolor.nets.features import CHANNELS

__all__ = ["Areas", "Matcher"]

# Turns of a view's coordinates that are told apart, as octaves.
_OCTAVES = 4
_HEAD = 32
_SCALE, _MOST_SCALE = 10.0, 100.0


class Areas(NamedTuple):
    """Areas of views, K in each, the largest first, filled up with nothing.

    Attributes:
        features: float (N, K, sum(CHANNELS)), pooled over each area.
        facts: float (N, K, FACTS), see `mangacolor.images.views`.
        there: bool (N, K), false where a view has fewer.
        colors: float (N, K, 3), sRGB in [-1, 1]; None in ink.
    """

    features: Tensor
    facts: Tensor
    there: Tensor
    colors: Tensor | None = None


class Matcher(nn.Module):
    """Attention among areas, and a score for every pair.

    Source: Sarlin et al., SuperGlue, CVPR 2020 (self- and cross-attention between sets, dustbin).
    Differs: references do not look at the page, so that they are read once a chapter.

    Args:
        width: of a token.
        layers: of attention; each has self-attention, and in the page's half cross-attention.
        guesses: whether the colours of areas are guessed as well: skies are blue, and balloons are
            white, whatever the references show.
    """

    def __init__(self, width: int, layers: int, *, guesses: bool = False) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for channels in CHANNELS)
        inputs = sum(CHANNELS) + FACTS + 4 * _OCTAVES
        self.embed = nn.Sequential(
            nn.Linear(inputs, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.color = nn.Linear(3, width)
        self.page_layers = nn.ModuleList(_Block(width, cross=True) for _ in range(layers))
        self.reference_layers = nn.ModuleList(_Block(width) for _ in range(layers))
        self.query, self.key = (
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width)) for _ in range(2)
        )
        self.none = nn.Linear(width, 1)
        self.log_scale = nn.Parameter(torch.tensor(_SCALE).log())
        self.guess = (
            nn.Sequential(
                nn.LayerNorm(width),
                nn.Linear(width, 2 * width),
                nn.GELU(),
                nn.Linear(2 * width, len(shades())),
            )
            if guesses
            else None
        )

    def read_references(self, references: Areas) -> Tensor:
        """Tokens of references, once a chapter.

        Args:
            references: N views in colour.

        Returns:
            float (N, K, width).
        """
        assert references.colors is not None
        x = self._embed(references) + self.color(references.colors)
        for layer in self.reference_layers:
            x = layer(x, references.there)
        return x

    def forward(self, page: Areas, tokens: Tensor, there: Tensor) -> tuple[Tensor, ...]:
        """Scores every area of a page against every area of its references.

        Args:
            page: N views in ink.
            tokens: float (N, T, width), of `read_references`, one reference behind the other.
            there: bool (N, T).

        Returns:
            scores: float (N, K, T + 1), before the softmax; the last is "none of them".
            guesses: float (N, K, len(shades())), before the softmax; of a matcher that guesses.
        """
        x = self._embed(page)
        for layer in self.page_layers:
            x = layer(x, page.there, tokens, there)
        queries = F.normalize(self.query(x), dim=2)
        keys = F.normalize(self.key(tokens), dim=2)
        scale = self.log_scale.exp().clamp(max=_MOST_SCALE)
        scores = scale * queries @ keys.transpose(1, 2)
        scores = scores.masked_fill(~there[:, None], -1e4)
        scores = torch.cat([scores, self.none(x)], dim=2)
        return (scores,) if self.guess is None else (scores, self.guess(x))

    def _embed(self, areas: Areas) -> Tensor:
        parts = areas.features.split(CHANNELS, dim=2)
        described = [norm(part) for norm, part in zip(self.norms, parts, strict=True)]
        turns = 2 ** torch.arange(_OCTAVES, device=areas.facts.device) * torch.pi / 2
        # Centres are facts 2 and 3, in -1 ... 1.
        angles = (areas.facts[..., 2:4, None] * turns).flatten(2)
        return self.embed(torch.cat([*described, areas.facts, angles.sin(), angles.cos()], dim=2))


class _Block(nn.Module):
    """Self-attention, cross-attention if any, and two linear layers, each normalised before."""

    def __init__(self, width: int, *, cross: bool = False) -> None:
        super().__init__()
        self.own = _Attention(width)
        self.other = _Attention(width) if cross else None
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)
        )

    def forward(
        self,
        x: Tensor,
        there: Tensor,
        tokens: Tensor | None = None,
        tokens_there: Tensor | None = None,
    ) -> Tensor:
        x = x + self.own(x, x, there)
        if self.other is not None and tokens is not None and tokens_there is not None:
            x = x + self.other(x, tokens, tokens_there)
        return x + self.think(x)


class _Attention(nn.Module):
    """Attention of several heads from (N, K, width) to (N, T, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = width // _HEAD
        self.norm, self.norm_other = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor, tokens: Tensor, there: Tensor) -> Tensor:
        normed = self.norm_other(tokens)
        query, key, value = (
            y.unflatten(2, (self.heads, _HEAD)).transpose(1, 2)
            for y in (self.query(self.norm(x)), self.key(normed), self.value(normed))
        )
        scores = query @ key.transpose(2, 3) * _HEAD**-0.5
        weights = scores.masked_fill(~there[:, None, None], -1e4).softmax(dim=3)
        return self.out((weights @ value).transpose(1, 2).flatten(2))
