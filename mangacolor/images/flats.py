"""Areas closed by ink, each in one colour, as a cartoon is coloured by hand."""

from __future__ import annotations

from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.geometry import UInt8

__all__ = ["find_areas", "flatten"]


def flatten(page: UInt8, color: UInt8) -> UInt8:
    """Gives every area that ink closes the middle one of its colours.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        color: uint8 (h, w, 3) sRGB, the same view at any size.

    Returns:
        uint8 (h', w', 3) sRGB.
    """
    areas = find_areas(page)
    return area_colors(areas, page, color)[areas]
