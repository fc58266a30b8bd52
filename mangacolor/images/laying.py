"""Paint under a page's own pixels: how bright a pixel is, the page decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.pieces import Bool, close_dark

__all__ = ["LINE", "LUMA", "LastLaid", "cleanness", "darken_lines", "enlarge", "lay_paint"]

# Cleanness below which a pixel is part of a line or its edge.
LINE = 0.97
# Rec. 601, as the page was made grey.
LUMA = (0.299, 0.587, 0.114)
# Tones below this are ink: dividing by them would find colour where there is none.
_DARKEST = 24
# Rows composed at a time: memory does not grow with the page.
_BAND = 64


class LastLaid:
    """A page as it was painted last, so that rows that stay the same are not painted again.

    Attributes:
        last: what was laid (paint, tone and bare, enlarged) and what came of it, as one thing for
            threads that work side by side; None before the first time.
    """

    def __init__(self) -> None:
        self.last: tuple[list[UInt8], UInt8] | None = None

    def rows(self, under: list[UInt8]) -> Callable[[slice], UInt8 | None]:
        """Gives rows as they were painted, if they were laid as they are to be laid now."""
        last = self.last

        def find(rows: slice) -> UInt8 | None:
            if last is None:
                return None
            same = all(
                np.array_equal(x[rows], y[rows]) for x, y in zip(under, last[0], strict=True)
            )
            return last[1][rows] if same else None

        return find


def lay_paint(
    page: UInt8,
    paint: UInt8,
    tone: UInt8,
    bare: UInt8,
    *,
    strength: float,
    saturation: float,
    shaded: bool = False,
    laid: LastLaid | None = None,
) -> UInt8:
    """Paints a page: white paper takes the paint, black stays black.

    In between, the darker the page's own tone, the less the paint darkens it further; whatever is
    as dark as the page, or lit between its dots, has the paint's chromaticity.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        paint: uint8 (h, w, 3) sRGB, the same view at any size, without ink.
        tone: uint8 (h, w), the page's tone without ink.
        bare: uint8 (h, w), 255 where nothing is to be painted.
        strength: 0 leaves the page as it is, 1 paints it, more paints it more.
        saturation: factor of the chroma, at least 0.
        shaded: whether the paint is as dark as the page where that has a tone, as of a network that
            painted that, and not a surface's own colour.
        laid: the same page with the same strength and saturation, laid before; it is kept there
            for the next time.

    Returns:
        uint8 (H, W, 3) sRGB; its luma is nowhere above the page's.
    """
    under = [enlarge(part, page.shape) for part in (paint, tone, bare)]
    paint, tone, bare = under
    result = np.empty((*page.shape, 3), np.uint8)
    known = (laid or LastLaid()).rows(under)
    for top in range(0, len(page), _BAND):
        rows = slice(top, top + _BAND)
        if (found := known(rows)) is not None:
            result[rows] = found
            continue
        band = _Band(page[rows], paint[rows], tone[rows], bare[rows])
        _lay(result[rows], band, strength, saturation, shaded)
    if laid is not None:
        laid.last = under, result
    return result


def darken_lines(parts: Sequence[npt.NDArray[Any]], luma: Float32, line: Bool) -> None:
    """Gives pixels of lines the darkest paint beside them, in place.

    What the two sides of a line mix to would show as a light seam along the darker side, once it
    is enlarged.

    Args:
        parts: (h, w) or (h, w, channels) each, paint and whatever goes with it.
        luma: float32 (h, w), the paint's.
        line: bool (h, w).
    """
    height, width = line.shape
    # Most have nothing darker beside them.
    least = cv2.erode(luma, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    own = np.flatnonzero(line & (least < luma))
    y, x = np.divmod(own, width)
    # A pixel and its neighbours, which at the page's edge are itself.
    at = np.stack(
        [
            own,
            np.where(y > 0, own - width, own),
            np.where(y < height - 1, own + width, own),
            np.where(x > 0, own - 1, own),
            np.where(x < width - 1, own + 1, own),
        ]
    )
    darkest = np.take_along_axis(at, luma.ravel()[at].argmin(axis=0)[None], axis=0)[0]
    for part in parts:
        flat = part.reshape(line.size, -1)
        flat[own] = flat[darkest]


def cleanness(page: UInt8, window: int) -> Float32:
    """float32 (h, w): 1 without ink, 0 in the blackest of a line narrower than a window."""
    # Narrow dark strokes disappear, wider grey and black surfaces stay.
    paper = np.maximum(close_dark(page, window), 1)
    return np.asarray(cv2.divide(page, paper, dtype=cv2.CV_32F), np.float32)


def enlarge(values: npt.NDArray[Any], size: tuple[int, ...]) -> npt.NDArray[Any]:
    """Values (h, w, ...) at another height and width, between pixels linearly."""
    h, w = size
    if values.shape[:2] == size:
        return values
    return np.asarray(cv2.resize(values, (w, h), interpolation=cv2.INTER_LINEAR))


class _Band(NamedTuple):
    """Rows of what `lay_paint` is given, enlarged."""

    page: UInt8
    paint: UInt8
    tone: UInt8
    bare: UInt8


def _lay(out: UInt8, band: _Band, strength: float, saturation: float, shaded: bool) -> None:
    """Paints a band of the page into `out`, (rows, W, 3)."""
    page, paint, tone, bare = band
    # Black and what is bare stay what they are, and white paper is what is laid on it. That is most
    # of a page, and the same as is calculated for the rest.
    kept = (bare == 255) | (page == 0)
    done = kept
    if strength == 1 and saturation == 1:
        done = kept | ((cv2.min(page, tone) == 255) & (bare == 0))
    # A colour is one number.
    whole = np.asarray(cv2.cvtColor(paint, cv2.COLOR_RGB2RGBA), np.uint8)
    cv2.copyTo(cv2.cvtColor(page, cv2.COLOR_GRAY2RGBA), kept.view(np.uint8), whole)
    at = np.flatnonzero(~done)
    if len(at):
        colors = whole.view(np.uint32).ravel()
        paints = cv2.split(colors.take(at).view(np.uint8).reshape(1, -1, 4))
        ink, under, left = (part.ravel().take(at)[None] for part in (page, tone, bare))
        amount = (255 - left) * np.float32(strength / 255)
        found = _painted(ink, paints[:3], under, amount, saturation, shaded)
        colors[at] = np.asarray(cv2.merge([*found, ink])).view(np.uint32).ravel()
    cv2.cvtColor(whole, cv2.COLOR_RGBA2RGB, dst=out)


def _painted(
    page: UInt8,
    paint: Sequence[npt.NDArray[Any]],
    tone: UInt8,
    amount: Float32,
    saturation: float,
    shaded: bool,
) -> list[npt.NDArray[Any]]:
    """Some of the page's pixels, painted: uint8 of any shape for each channel."""
    ink, under = page.astype(np.float32), np.maximum(tone, _DARKEST).astype(np.float32)
    paints = [part.astype(np.float32) for part in paint]
    parts = [np.float32(share) * part for share, part in zip(LUMA, paints, strict=True)]
    light = np.maximum(parts[0] + parts[1] + parts[2], 1)
    # Lit specks of a tone are as dark as the paint at its brightest: white ones would leave the
    # surface grey.
    brightest = 255 / np.maximum(np.maximum(np.maximum(paints[0], paints[1]), paints[2]), 1)
    scale = ink / _darkened(under, light, shaded)
    scale /= light
    np.minimum(scale, brightest, out=scale)
    luma = ink + (light * scale - ink) * amount
    scale *= amount
    scale *= np.float32(saturation)
    for shift in paints:
        shift -= light
        shift *= scale
    # Between the page and the paint at its brightest or darker all colours exist.
    if saturation > 1 or amount.max(initial=0) > 1:
        _fit(paints, luma)
    for shift in paints:
        shift += luma
    return [np.asarray(cv2.convertScaleAbs(part)) for part in paints]


def _fit(shifts: list[Float32], luma: Float32) -> None:
    """Towards grey as far as is needed for all three channels to exist at this luma, in place."""
    np.maximum(luma, 0, out=luma)
    most = np.maximum(np.maximum(shifts[0], shifts[1]), shifts[2])
    least = np.minimum(np.minimum(shifts[0], shifts[1]), shifts[2])
    room = np.minimum((255 - luma) / np.maximum(most, 1e-3), luma / np.maximum(-least, 1e-3))
    np.clip(room, 0, 1, out=room)
    for shift in shifts:
        shift *= room


def _darkened(tone: Float32, light: Float32, shaded: bool) -> Float32:
    """How many times darker a page's tone gets under paint of some luma: float32, at least 1.

    On a tone the page has said already how dark the surface is: of both the darker one counts, and
    softly, unless the paint has that tone in it.
    """
    times = tone / light
    if shaded:
        return np.maximum(times, 1, out=times)
    np.square(times, out=times)
    times += 1 - np.square(tone * np.float32(1 / 255))
    return np.sqrt(times, out=times)
