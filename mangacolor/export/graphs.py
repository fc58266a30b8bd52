"""The generator cut in two: references to style once a chapter, line art and style to colour."""

from __future__ import annotations

from torch import Tensor, nn

from mangacolor.config import NetConfig
from mangacolor.nets.build import Generator
from mangacolor.nets.style_encoder import Style

__all__ = ["ColorGraph", "StyleGraph", "style_tensors"]


def style_tensors(config: NetConfig) -> tuple[str, ...]:
    """Names of the tensors that go from one graph to the other."""
    return ("codes", "keys", "values") if config.style == "attention" else ("codes",)


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
