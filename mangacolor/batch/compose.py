"""A coloured page from the page and the network's colour for it."""

from __future__ import annotations

from mangacolor.config import BatchConfig
from mangacolor.images.flats import flatten
from mangacolor.images.geometry import UInt8
from mangacolor.images.ink import lay_ink
from mangacolor.images.paper import find_paper
from mangacolor.images.tones import smooth_tones

__all__ = ["compose"]


def compose(page: UInt8, color: UInt8, config: BatchConfig, shaded: UInt8 | None = None) -> UInt8:
    """Lays colour under a page's ink; paper, balloons and lettering stay as they are.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, as the network gave it, without padding.
        config: tones, flats, strength and saturation.
        shaded: what `smooth_tones` gave for the page, if that is known.

    Returns:
        uint8 (H, W, 3) sRGB.
    """
    shaded = smooth_tones(page) if shaded is None else shaded
    # Where screens are so dark that lines are lost in them, colour need not stop at lines.
    shade = smooth_tones(shaded, dark=True) if shaded is not page else page
    paper = find_paper(shade)
    if config.flats:
        color = flatten(shade, color)
    return lay_ink(
        shaded if config.tones == "smooth" else page,
        color,
        paper,
        shade=shade,
        strength=config.strength,
        saturation=config.saturation,
    )
