"""What an open model gives, wherever its networks run: ONNX Runtime or torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.runtime.area_model import TaughtModel

__all__ = ["Networks", "StyleTensors"]

# What a style encoder makes of references, each (1, ...); what is in it, its painter alone knows.
StyleTensors = dict[str, Any]


class Networks(Protocol):
    """The networks of one model.

    Attributes:
        areas: those that describe and match areas; None of a model that knows none.
        page_size: longer side at which a page is painted unless somebody says otherwise.
        size_multiple, minimum_size: of the sides of the line art that the painter takes.
    """

    @property
    def areas(self) -> TaughtModel | None: ...
    @property
    def page_size(self) -> int: ...
    @property
    def size_multiple(self) -> int: ...
    @property
    def minimum_size(self) -> int: ...

    def style_of(self, references: Sequence[UInt8]) -> StyleTensors:
        """Reads the style of a work from its references, uint8 (H, W, 3) sRGB, at least one."""

    def color(self, lineart: Float32, style: StyleTensors, hints: Float32 | None = None) -> Float32:
        """Paints line art.

        Args:
            lineart: float32 (n, 1, h, w), -1 ink ... +1 paper; h and w multiples of
                `size_multiple` and at least `minimum_size`.
            style: of one work.
            hints: float32 (n, 4, h, w), of a model of areas, see `to_hints`; none are no matches.

        Returns:
            float32 (n, 3, h, w) sRGB, about -1 ... +1.
        """
