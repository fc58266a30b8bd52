"""A coloured page from the page and the network's colour for it."""

from __future__ import annotations

from mangacolor.config import BatchConfig
from mangacolor.images.flats import flatten
from mangacolor.images.geometry import UInt8
from mangacolor.images.ink import lay_ink
from mangacolor.images.paper import find_paper

__all__ = ["compose"]


def compose(page: UInt8, color: UInt8, config: BatchConfig) -> UInt8:
    """Lays colour under a page's ink; paper, balloons and lettering stay as they are.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, as the network gave it, without padding.
        config: flats, strength and saturation.

    Returns:
        uint8 (H, W, 3) sRGB.
    """
    paper = find_paper(page)
    if config.flats:
        color = flatten(page, color)
    return lay_ink(page, color, paper, strength=config.strength, saturation=config.saturation)
