"""The page's own ink over predicted colour.

The network draws colour at a lower resolution than the page, ink, greys and all. What is taken
from it is the paint alone: how much darker than the page's own tone a surface is, and its chroma.
Where the reduced page has ink, paint flows in from the same side of the line. The page, which was
never resized, is then painted over: its lines, lettering and screentone stay as they are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from mangacolor.images.geometry import Float32, UInt8, resize
from mangacolor.images.spread import spread

__all__ = ["lay_ink", "take_paint"]

Bool = npt.NDArray[np.bool_]

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
# Cleanness below which a pixel is part of a line or its edge.
_LINE = 0.97
# Tones below this are ink: dividing by them would find colour where there is none.
_DARKEST = 24
# White specks on a dark surface take at most this many times its chroma.
_MOST_GAIN = 2.0
# Rows composed at a time: memory does not grow with the page.
_BAND = 128
# Rec. 601, as the page was made grey.
_LUMA = (0.299, 0.587, 0.114)


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
    height, width = page.shape
    parts = take_paint(page if shade is None else shade, color, paper)
    paint, tone, bare = (
        Image.fromarray(part).resize((width, height), Image.Resampling.BILINEAR) for part in parts
    )
    result = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND):
        box = (0, top, width, min(top + _BAND, height))
        painted = 1 - np.asarray(bare.crop(box)) * np.float32(1 / 255)
        _lay(
            result[top : box[3]],
            page[top : box[3]],
            [np.asarray(part) for part in paint.crop(box).split()],
            np.asarray(tone.crop(box)),
            painted * np.float32(strength),
            saturation,
        )
    return result


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
    h, w = color.shape[:2]
    small = resize(page, h, w)
    scale = min((_MOST_PIXELS / (h * w)) ** 0.5, page.shape[0] / h, page.shape[1] / w)
    fine = (max(h, int(h * scale)), max(w, int(w * scale)))
    tone = resize(page, *fine)
    own = _cleanness(tone, round(_PAPER_WINDOW * fine[0] / h))
    # Where two tones meet, the small colour is a mixture of both.
    step = ndimage.morphological_gradient(small, size=(3, 3)) * np.float32(1 / 255)
    spilt = np.minimum(_cleanness(small, _PAPER_WINDOW), 1 - step)
    spilt = ndimage.gaussian_filter(spilt, _SPILL_SIGMA, mode="nearest")
    # The small term keeps a surface that is ink all over from dividing by zero.
    weight = (own * _enlarge(spilt, fine)) ** _CLEAN_POWER + np.float32(1e-8)
    bare = np.zeros(fine, np.uint8) if paper is None else resize(paper, *fine)
    values = np.dstack([resize(color, *fine), tone, bare]).astype(np.float32)
    mixed = spread(values, weight, tone * np.float32(1 / 255), _REACH * fine[0] / h)
    low, high = _HALF_PAPER
    mixed[..., 4] = (mixed[..., 4] - 255 * low) / (high - low)
    clean = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    _darken_lines(clean, own < _LINE)
    paint, tone, bare = clean[..., :3], clean[..., 3], clean[..., 4]
    return np.ascontiguousarray(paint), np.ascontiguousarray(tone), np.ascontiguousarray(bare)


def _darken_lines(paint: UInt8, line: Bool) -> None:
    """Gives pixels of lines the darkest paint beside them, in place.

    What the two sides of a line mix to would show as a light seam along the darker side, once it
    is enlarged.
    """
    y, x = np.nonzero(line)
    height, width = line.shape
    weights = np.array([*_LUMA, 0.0, 0.0], np.float32)
    best = paint[y, x]
    least = best @ weights
    source = paint.copy()
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        other = source[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
        luma = other @ weights
        better = luma < least
        best[better], least[better] = other[better], luma[better]
    paint[y, x] = best


def _cleanness(page: UInt8, window: int) -> Float32:
    """float32 (h, w): 1 without ink, 0 in the blackest of a line narrower than a window."""
    # A grey closing: narrow dark strokes disappear, wider grey and black surfaces stay.
    paper = ndimage.grey_closing(page, size=(window, window))
    return page / np.maximum(paper, 1).astype(np.float32)


def _enlarge(values: Float32, size: tuple[int, int]) -> Float32:
    h, w = size
    return np.asarray(Image.fromarray(values).resize((w, h), Image.Resampling.BILINEAR))


def _lay(
    out: UInt8,
    page: UInt8,
    paint: list[UInt8],
    tone: UInt8,
    amount: Float32,
    saturation: float,
) -> None:
    """Paints a band of the page into `out`, (rows, W, 3)."""
    ink = page.astype(np.float32)
    under = np.maximum(tone, _DARKEST).astype(np.float32)
    light = sum(np.float32(share) * part for share, part in zip(_LUMA, paint, strict=True))
    # On a tone the page has said already how dark the surface is.
    darker = np.maximum(0, 1 - light / under) * under * np.float32(1 / 255) * amount
    luma = ink * (1 - np.minimum(darker, 1))
    gain = np.minimum(ink / under, np.float32(_MOST_GAIN)) * (amount * np.float32(saturation))
    shifts = [(part - light) * gain for part in paint]
    # Towards grey as far as is needed for all three channels to exist at this luma.
    most = np.maximum(np.maximum(shifts[0], shifts[1]), shifts[2])
    least = np.minimum(np.minimum(shifts[0], shifts[1]), shifts[2])
    room = np.minimum((255 - luma) / np.maximum(most, 1e-3), luma / np.maximum(-least, 1e-3))
    room = np.minimum(room, 1)
    for channel, shift in enumerate(shifts):
        out[..., channel] = luma + shift * room + np.float32(0.5)
