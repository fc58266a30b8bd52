"""The page's own ink over predicted colour.

The network draws colour at a lower resolution than the page, ink, greys and all. What is taken
from it is the paint alone: how much darker than the page's own tone a surface is, and its chroma.
Where the reduced page has ink, paint flows in from the same side of the line. The page, which was
never resized, is then painted over: its lines, lettering and screentone stay as they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.geometry import Float32, UInt8, fit_area, resize
from mangacolor.images.laying import LINE, LUMA, cleanness, darken_lines, enlarge, lay_paint
from mangacolor.images.spread import spread

__all__ = ["lay_ink", "take_paint"]

# Weight of a pixel is its cleanness to this power: ten times the weight for a tenth less ink.
_CLEAN_POWER = 20
# Ink spoils the colour a little beyond its own pixels.
_SPILL_SIGMA = 0.7
# How far paint is averaged, in pixels of the colour: over the grid that a network's upsampling
# leaves (4 pixels) and not over a face.
_REACH = 24.0
# Paint is worked out at the page's size or with this many pixels, so that it keeps to the lines.
_MOST_PIXELS = 1_000_000
# Side of the window that finds the paper; a stroke must be narrower to count as ink.
_PAPER_WINDOW = 5
# Between these shares of paper around it, a pixel is both.
_HALF_PAPER = (0.35, 0.65)


def lay_ink(
    page: UInt8,
    color: UInt8,
    paper: UInt8 | None = None,
    *,
    shade: UInt8 | None = None,
    strength: float = 1.0,
    saturation: float = 1.0,
) -> UInt8:
    """Paints a page with predicted colour of any size.

    White paper takes the colour, black stays black, and in between the page decides how bright a
    pixel is: the darker the page's own tone, the less the paint darkens it further.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, the same view at any size, as predicted from the page.
        paper: uint8 (h', w'), the same view at any size: 255 where nothing is to be painted.
        shade: uint8 (H, W), the page with its screentone as flat shade: dots are no ink that colour
            would have to be cleaned of. The page itself if left out.
        strength: 0 leaves the page as it is, 1 paints it, more paints it more.
        saturation: factor of the chroma, at least 0.

    Returns:
        uint8 (H, W, 3) sRGB; its luma is nowhere above the page's.
    """
    paint, tone, bare = take_paint(page if shade is None else shade, color, paper)
    return lay_paint(page, paint, tone, bare, strength=strength, saturation=saturation, shaded=True)


def take_paint(page: UInt8, color: UInt8, paper: UInt8 | None = None) -> tuple[UInt8, UInt8, UInt8]:
    """Parts predicted colour from the ink in it.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, the same view at any size.
        paper: uint8, the same view at any size: 255 where nothing is to be painted.

    Returns:
        The colour without ink, uint8 (h', w', 3), the page's tone without ink, uint8 (h', w'):
        averages over the same pixels, of one side of every line; and where nothing is to be
        painted, up to the lines, uint8 (h', w').
    """
    # Areas may be finer than paint need be.
    color = resize(color, *fit_area(color.shape[0], color.shape[1], _MOST_PIXELS))
    h, w = color.shape[:2]
    scale = min((_MOST_PIXELS / (h * w)) ** 0.5, page.shape[0] / h, page.shape[1] / w)
    fine = (max(h, int(h * scale)), max(w, int(w * scale)))
    tone = resize(page, *fine)
    small = tone if fine == (h, w) else resize(page, h, w)
    own = cleanness(tone, round(_PAPER_WINDOW * fine[0] / h))
    # The small term keeps a surface that is ink all over from dividing by zero.
    weight = cv2.pow(own * enlarge(_unspilt(small), fine), _CLEAN_POWER) + np.float32(1e-8)
    bare = np.zeros(fine, np.uint8) if paper is None else resize(paper, *fine)
    values = np.stack([*cv2.split(resize(color, *fine)), tone, bare]).astype(np.float32)
    mixed = spread(values, weight, tone * np.float32(1 / 255), _REACH * fine[0] / h)
    low, high = _HALF_PAPER
    mixed[4] = (mixed[4] - 255 * low) / (high - low)
    parts = [cv2.convertScaleAbs(np.maximum(part, 0)) for part in mixed]
    # Of the rounded colour, or noise would decide which of two alike is the darker.
    luma = sum(np.float32(share) * part for share, part in zip(LUMA, parts, strict=False))
    paint, tone, bare = np.asarray(cv2.merge(parts[:3]), np.uint8), parts[3], parts[4]
    darken_lines([paint, tone, bare], luma, own < LINE)
    return paint, tone, bare


def _unspilt(small: UInt8) -> Float32:
    """How clean the small colour is of ink, float32 (h, w): less so where two tones meet."""
    step = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    spilt = np.minimum(cleanness(small, _PAPER_WINDOW), 1 - step * np.float32(1 / 255))
    blurred = cv2.GaussianBlur(spilt, (7, 7), _SPILL_SIGMA, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)
