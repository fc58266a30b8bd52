"""The page's own ink over predicted colour.

The network draws colour at a lower resolution than the page, ink and all. Enlarged as it is, its
blurred dark lines would stand beside the page's sharp ones as a dirty halo. So the colour is first
cleaned: where the reduced page has ink, colour flows in from the paper around it. The clean colour
is enlarged and the page's ink, which was never resized, is laid over it.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from mangacolor.images.geometry import Float32, UInt8, resize

__all__ = ["clean_color", "lay_ink"]

# Found on two inked pages with their true colour reduced to 512 and 768 pixels, as it is and
# blurred (a network is a little blurred), by PSNR against the truth at full size.
# Weight of a pixel is its cleanness to this power: ten times the weight for a tenth less ink.
_CLEAN_POWER = 20
# Ink spoils the colour a little beyond its own pixels.
_SPILL_SIGMA = 0.7
# Widths, in pixels of the small picture, from which colour flows in; the next is used where the
# one before found too little clean colour.
_FLOW_SIGMAS = (0.7, 1.5, 4.0)
_FLOW_SHARE = 0.02
# Below `_DIRTY` cleanness the pixel's own colour is not used, above `_CLEAN` nothing else is.
_DIRTY, _CLEAN = 0.75, 0.95
# Side of the window that finds the paper; a stroke must be narrower to count as ink.
_PAPER_WINDOW = 5
# Rows composed at a time: memory does not grow with the page.
_BAND = 256


def lay_ink(page: UInt8, color: UInt8) -> UInt8:
    """Lays a page's own ink over colour of any size.

    White paper takes the colour, black stays black, and in between the colour is darkened as much
    as the ink darkens the paper around it. An evenly grey surface (shading) only caps the colour's
    brightness: the network has seen the grey and its colour is dark already.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, the same view at any size, as predicted from the page.

    Returns:
        uint8 (H, W, 3) sRGB.
    """
    height, width = page.shape
    small = resize(page, *color.shape[:2])
    paper = _paper(small)
    clean = Image.fromarray(clean_color(color, small, paper))
    clean = clean.resize((width, height), Image.Resampling.BICUBIC)
    full_paper = Image.fromarray(paper).resize((width, height), Image.Resampling.BILINEAR)
    result = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND):
        box = (0, top, width, min(top + _BAND, height))
        band = clean.crop(box)
        brightest = np.maximum(np.asarray(full_paper.crop(box)), np.asarray(band.convert("L")))
        result[top : box[3]] = _darken(np.asarray(band), page[top : box[3]], brightest)
    return result


def clean_color(color: UInt8, page: UInt8, paper: UInt8 | None = None) -> UInt8:
    """Takes the ink out of predicted colour: inked pixels get the colour of clean ones near them.

    Args:
        color: uint8 (h, w, 3) sRGB.
        page: uint8 (h, w), the page reduced to the same size.
        paper: uint8 (h, w), brightness of the paper there; found from the page if left out.

    Returns:
        uint8 (h, w, 3); a pixel without ink around it is unchanged.
    """
    paper = _paper(page) if paper is None else paper
    clean = np.minimum(1, page / np.maximum(paper, 1).astype(np.float32))
    clean = _blur(clean.astype(np.float32), _SPILL_SIGMA)
    # The small term keeps a surface that is ink all over from dividing by zero.
    weight = clean**_CLEAN_POWER + np.float32(1e-6) * clean + np.float32(1e-12)
    own = color.astype(np.float32)
    flow, total = np.zeros_like(own), np.zeros_like(weight)
    for level, sigma in enumerate(_FLOW_SIGMAS):
        share = np.float32(_FLOW_SHARE**level)
        flow += share * _blur(own * weight[..., None], sigma)
        total += share * _blur(weight, sigma)
    flow /= total[..., None]
    keep = np.clip((clean - _DIRTY) / (_CLEAN - _DIRTY), 0, 1)[..., None]
    return np.clip(np.rint(own * keep + flow * (1 - keep)), 0, 255).astype(np.uint8)


def _paper(page: UInt8) -> UInt8:
    """uint8 (h, w): how bright the paper, or the grey surface, is under the ink.

    A grey closing: dark strokes narrower than the window disappear, and the borders of wider grey
    and black surfaces stay where they are, so that no colour flows over them.
    """
    brightest = Image.fromarray(page).filter(ImageFilter.MaxFilter(_PAPER_WINDOW))
    return np.asarray(brightest.filter(ImageFilter.MinFilter(_PAPER_WINDOW)))


def _darken(color: UInt8, page: UInt8, brightest: UInt8) -> UInt8:
    """color * min(1, page / brightest), in 8-bit fixed point so that it is quick."""
    ratio = (page.astype(np.uint32) * 256 + brightest // 2) // np.maximum(brightest, 1)
    ratio = np.where(page == 0, 0, np.minimum(ratio, 256)).astype(np.uint16)
    darkened: UInt8 = ((color * ratio[..., None] + 128) >> 8).astype(np.uint8)
    return darkened


def _blur(values: Float32, sigma: float) -> Float32:
    """Gaussian blur of float32 (h, w) or (h, w, c); edges are repeated."""
    reach = int(np.ceil(2.5 * sigma))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).astype(np.float32)
    taps /= taps.sum()
    for axis in (0, 1):
        edges = [(0, 0)] * values.ndim
        edges[axis] = (reach, reach)
        padded = np.pad(values, edges, mode="edge")
        length = values.shape[axis]
        values = np.zeros_like(values)
        for offset, tap in enumerate(taps):
            span = slice(offset, offset + length)
            values += tap * (padded[span] if axis == 0 else padded[:, span])
    return values
