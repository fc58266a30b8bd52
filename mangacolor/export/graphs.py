"""The generator cut in two: references to style once a chapter, line art and style to colour."""

from __future__ import annotations

from torch import Tensor, nn

from mangacolor.config import NetConfig
from mangacolor.nets.build import Generator
from mangacolor.nets.coloring import Style
from mangacolor.nets.matcher import Areas

__all__ = [
    "ColorGraph",
    "DescribeGraph",
    "MatchGraph",
    "ReferenceGraph",
    "StyleGraph",
    "SurfaceGraph",
    "color_graph",
    "style_tensors",
]


def style_tensors(config: NetConfig) -> tuple[str, ...]:
    """Names of the tensors that go from one graph to the other."""
    return ("codes", "keys", "values") if config.attends else ("codes",)


class StyleGraph(nn.Module):
    """References to style, with tensors for results."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, references: Tensor) -> tuple[Tensor, ...]:
        """(N, R, 3, h, w) -> the tensors that `style_tensors` names."""
        style = self.generator.style(references)
        return tuple(tensor for tensor in style if tensor is not None)


class ColorGraph(nn.Module):
    """Line art and style to colour, full resolution only."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.colorizer = generator.colorizer

    def forward(self, lineart: Tensor, *style: Tensor) -> Tensor:
        """(N, 1, h, w) and the style's tensors -> (N, 3, h, w)."""
        color: Tensor = self.colorizer(lineart, Style(*style)).pyramid[-1]
        return color


def color_graph(generator: Generator) -> nn.Module:
    """Line art, hints if the painter is told some, and the style's tensors to colour."""
    return (_HintedGraph if generator.config.family.hint_channels else ColorGraph)(generator)


class _HintedGraph(nn.Module):
    """The same for a painter that is told matched colours."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.colorizer = generator.colorizer

    def forward(self, lineart: Tensor, hints: Tensor, *style: Tensor) -> Tensor:
        """(N, 1, h, w), (N, 4, h, w) and the style's tensors -> (N, 3, h, w)."""
        color: Tensor = self.colorizer(lineart, Style(*style), hints).pyramid[-1]
        return color


class DescribeGraph(nn.Module):
    """A picture to features at four scales, of which areas are pooled outside."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.features = generator.features

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, h, w) -> (N, 24, h/4, w/4), (N, 48, h/8, w/8) and so on."""
        maps: tuple[Tensor, ...] = self.features(picture)
        return maps


class SurfaceGraph(nn.Module):
    """A page to borders and kinds, of which areas are made outside."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.surfaces = generator.surfaces

    def forward(self, page: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 1, h, w) -> (N, 1, h, w) and (N, kinds, h/2, w/2), both in [0, 1]."""
        borders, kinds = self.surfaces(page)
        # ONNX Runtime's softmax over channels takes a fifth of the network's time on a CPU.
        shares = (kinds - kinds.amax(dim=1, keepdim=True)).exp()
        return borders.sigmoid(), shares / shares.sum(dim=1, keepdim=True)


class ReferenceGraph(nn.Module):
    """Areas of references to tokens, once a chapter."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.matcher = generator.matcher

    def forward(self, features: Tensor, facts: Tensor, there: Tensor, colors: Tensor) -> Tensor:
        """(N, K, F), (N, K, G), (N, K) and (N, K, 3) -> (N, K, D)."""
        tokens: Tensor = self.matcher.read_references(Areas(features, facts, there, colors))
        return tokens


class MatchGraph(nn.Module):
    """Areas of a page and tokens of its references to scores, and guesses if it makes them."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.matcher = generator.matcher

    def forward(
        self,
        features: Tensor,
        facts: Tensor,
        there: Tensor,
        tokens: Tensor,
        tokens_there: Tensor,
    ) -> tuple[Tensor, ...]:
        """(N, K, F), (N, K, G), (N, K), (N, T, D) and (N, T) -> (N, K, T + 1), (N, K, C)."""
        found: tuple[Tensor, ...] = self.matcher(
            Areas(features, facts, there), tokens, tokens_there
        )
        return found
