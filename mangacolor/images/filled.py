"""The page's own ink over areas of one colour each, as a cartoon is coloured by hand.

Colour of areas has no ink in it and stops at lines by itself, so that it needs no cleaning.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.laying import (
    LINE,
    LUMA,
    LastLaid,
    cleanness,
    darken_lines,
    enlarge,
    lay_paint,
)
from mangacolor.images.pieces import Bool, close_dark
from mangacolor.images.runs import find_runs

__all__ = ["flat_paint", "lay_filled"]

# Side of the window that finds a surface's own tone below its lines.
_TONE_WINDOW = 7
# And of the one that finds lines.
_LINE_WINDOW = 5
# An area with less than the first share of paper is none, with more than the second all paper.
_SOME, _ALL = 0.15, 0.85


def lay_filled(
    page: UInt8,
    areas: Labels,
    palette: UInt8,
    paper: UInt8 | Bool | None = None,
    *,
    shade: UInt8 | None = None,
    small: UInt8 | None = None,
    strength: float = 1.0,
    saturation: float = 1.0,
    shaded: bool = False,
    laid: LastLaid | None = None,
) -> UInt8:
    """Paints each area of a page in its colour.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        areas: int32 (h, w), the same view at any size, of `find_areas`.
        palette: uint8 (areas.max() + 1, 3) sRGB, a colour an area.
        paper: uint8 (h', w'), the same view at any size: 255 where nothing is to be painted; or
            bool (areas.max() + 1,), which areas are not.
        shade: uint8 (H, W), the page with its screentone as flat shade; the page itself if left
            out.
        small: uint8 (h, w), `shade` at the areas' size, if that is known.
        strength: 0 leaves the page as it is, 1 paints it, more paints it more.
        saturation: factor of the chroma, at least 0.
        shaded, laid: as `lay_paint` has them.

    Returns:
        uint8 (H, W, 3) sRGB; its luma is nowhere above the page's.
    """
    shade = page if shade is None else shade
    small = resize(shade, *areas.shape) if small is None else small
    paint, tone, bare = flat_paint(small, areas, palette, paper)
    # A surface is nowhere darker than the page, as it would be beside a wide line once enlarged.
    tone = enlarge(tone, page.shape)
    np.maximum(tone, shade, out=tone)
    return lay_paint(
        page,
        paint,
        tone,
        bare,
        strength=strength,
        saturation=saturation,
        shaded=shaded,
        laid=laid,
    )


def flat_paint(
    small: UInt8, areas: Labels, palette: UInt8, paper: UInt8 | Bool | None = None
) -> tuple[UInt8, UInt8, UInt8]:
    """What `lay_paint` lays: the areas' colours, the page's tone, and what stays bare.

    Args:
        small: uint8 (h, w), the page at the areas' size, its screentone smoothed.
        areas: int32 (h, w).
        palette: uint8 (areas.max() + 1, 3) sRGB.
        paper: as `lay_filled` has it.

    Returns:
        uint8 (h, w, 3), uint8 (h, w) and uint8 (h, w).
    """
    tone = close_dark(small, _TONE_WINDOW)
    runs = find_runs(areas)
    if paper is None:
        bare = np.zeros_like(small)
    elif paper.ndim == 1:
        bare = runs.mapped(paper.view(np.uint8) * np.uint8(255))
    else:
        bare = _paper_of_areas(areas, paper.view(np.uint8))
    # A colour is one number.
    numbers = cv2.cvtColor(palette[None], cv2.COLOR_RGB2RGBA).view(np.uint32).ravel()
    packed = runs.mapped(numbers)
    shades = palette.astype(np.float32) @ np.array(LUMA, np.float32)
    darken_lines([packed, tone, bare], runs.mapped(shades), cleanness(small, _LINE_WINDOW) < LINE)
    channels = packed.view(np.uint8).reshape(*areas.shape, 4)
    return np.asarray(cv2.cvtColor(channels, cv2.COLOR_RGBA2RGB), np.uint8), tone, bare


def _paper_of_areas(areas: Labels, paper: UInt8) -> UInt8:
    """Paper up to the lines: an area is all paper or none, if it is mostly so; uint8 (h, w)."""
    h, w = areas.shape
    bare = np.asarray(cv2.resize(paper, (w, h), interpolation=cv2.INTER_LINEAR))
    flat = areas.ravel()
    share = np.bincount(flat, bare.ravel()) / (255 * np.maximum(np.bincount(flat), 1))
    snapped = np.select([share > _ALL, share < _SOME], [255, 0], -1).astype(np.int16)[areas]
    return np.where(snapped < 0, bare, snapped).astype(np.uint8)
