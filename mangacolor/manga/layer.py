"""What has been laid over a page so far."""

from __future__ import annotations

import numpy as np

from mangacolor.manga.fields import Field, Grey, Mask
from mangacolor.manga.parts import Slices

__all__ = ["InkLayer"]


class InkLayer:
    """Ink that is laid over a page, white paint over ink and lines, and ink over the paint.

    Attributes:
        ink: uint8 (H, W), 0 none ... 255.
        white: uint8 (H, W), 0 none ... 255.
        top: uint8 (H, W), 0 none ... 255.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.ink, self.white, self.top = (np.zeros(shape, np.uint8) for _ in range(3))

    def add(self, box: Slices, mask: Mask, ink: Field) -> None:
        """Lays ink, float32 0 ... 1, over what is there already, where the mask is."""
        there = self.ink[box]
        np.maximum(there, _bytes(ink), out=there, where=mask)

    def whiten(self, box: Slices, mask: Mask, white: Field) -> None:
        """Takes ink away, float32 0 ... 1, where the mask is; lines stay."""
        there = self.ink[box]
        np.minimum(there, 255 - _bytes(white), out=there, where=mask)

    def cover(self, box: Slices, mask: Mask, white: Grey) -> None:
        """Lays white paint, uint8, over ink and lines, where the mask is."""
        there = self.white[box]
        np.maximum(there, white, out=there, where=mask)

    def draw(self, box: Slices, mask: Mask, ink: Grey) -> None:
        """Lays ink, uint8, over the white paint, where the mask is."""
        there = self.top[box]
        np.maximum(there, ink, out=there, where=mask)

    def over(self, line: Grey) -> Grey:
        """The page: lines, uint8 (H, W), 0 ink ... 255, with all this over them."""
        page = np.minimum(line, 255 - self.ink)
        return np.minimum(np.maximum(page, self.white), 255 - self.top)


def _bytes(values: Field) -> Grey:
    return (values * np.float32(255) + np.float32(0.5)).astype(np.uint8)
