"""The kinds of models; here, and nowhere else, they are told apart."""

from __future__ import annotations

from mangacolor.runtime.area_color import AreasModel
from mangacolor.runtime.color import ColorModel, PainterModel

__all__ = ["kind_of"]


def kind_of(style: str) -> type[ColorModel]:
    """What colours with networks of a style, see `mangacolor.config.Style`."""
    return AreasModel if style == "areas" else PainterModel
