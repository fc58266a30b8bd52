"""Screentone, told from line art and turned into the flat shade that it stands for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from mangacolor.images.geometry import Float32, UInt8

__all__ = ["find_tones", "smooth_tones"]

Bool = npt.NDArray[np.bool_]

# Windows in which a screen's period is sought, and the step from one to the next.
_SIDE, _STEP = 32, 16
# Windows with fewer changes from dark to light than this share of their pixels have no screen.
_CHANGES, _CHANGE = 0.12, 48
# Widest pitch that is a screen and not hatching, and the finest, in pixels.
_COARSE, _FINE = 9.0, 2.2
# Share of a window's detail that is in the strongest frequencies of a screen, and their number.
_REGULAR, _PEAKS = 0.45, 16
# Least side of a toned area, in steps.
_LEAST = 3
# Rows smoothed at a time, and how many of their neighbours are looked at: memory does not grow with
# the page, and a page in one piece is one band. Both are multiples of `_STEP`.
_BAND, _OVERLAP = 2560, 64
# Windows at a time.
_CHUNK = 1024
# Pieces of more than this many squares of the pitch are lines, or paper, and not dots.
_DOT = 1.6


def smooth_tones(page: UInt8, *, dark: bool = False) -> UInt8:
    """Replaces the dots of screentone by their local mean; lines of the drawing stay.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, at the resolution that it was scanned at.
        dark: do so with white dots on black, too. Lines cannot be told from such a screen and go
            with it.

    Returns:
        uint8 (H, W); the page itself if it has no screentone.
    """
    found = find_tones(page)
    if not found.any():
        return page
    result = np.empty_like(page)
    for top in range(0, len(page), _BAND):
        # What is beside a band decides on its dots and its means.
        first, last = max(0, top - _OVERLAP), min(len(page), top + _BAND + _OVERLAP)
        squares = found[first // _STEP : -(-last // _STEP)]
        part = _smooth(page[first:last], squares, dark) if squares.any() else page[first:last]
        result[top : top + _BAND] = part[top - first :][:_BAND]
    return result


def _smooth(page: UInt8, found: Float32, dark: bool) -> UInt8:
    """The same for a band, with the pitches found in it."""
    pitch = float(np.percentile(found[found > 0], 75))
    height, width = page.shape
    # Dots at the rim of a tone may lie in windows that are mostly something else.
    near = ndimage.binary_dilation(found > 0, np.ones((3, 3)))
    near = np.repeat(np.repeat(near, _STEP, axis=0), _STEP, axis=1)[:height, :width]
    ink = page < 128
    dots = _small(ink, pitch) & near
    holes = _small(~ink, pitch) & near if dark else np.zeros_like(dots)
    screen = _area_of(dots | holes, pitch)
    # What is dark between holes belongs to the screen, other large dark marks are lines.
    screen &= ~ink | dots | _dilate(holes, round(0.8 * pitch))
    screen = _with_any(screen, dots | holes)
    sigma = 0.55 * pitch
    weight = screen.astype(np.float32)
    total = ndimage.gaussian_filter(weight, sigma, mode="nearest", truncate=3.0)
    shade = ndimage.gaussian_filter(page * weight, sigma, mode="nearest", truncate=3.0)
    shade /= np.maximum(total, 1e-3)
    return np.where(screen, np.clip(np.rint(shade), 0, 255), page).astype(np.uint8)


def _small(part: Bool, pitch: float) -> Bool:
    """The connected pieces of a part that are no larger than the dots of a screen."""
    labels, _ = ndimage.label(part)
    small = np.bincount(labels.ravel()) <= _DOT * pitch * pitch
    small[0] = False
    found: Bool = small[labels]
    return found


def _with_any(area: Bool, marks: Bool) -> Bool:
    """The connected parts of an area that have marks in them; not what is across a line."""
    labels, count = ndimage.label(area)
    kept = np.zeros(count + 1, np.bool_)
    kept[labels[marks & area]] = True
    kept[0] = False
    found: Bool = kept[labels]
    return found


def _area_of(marks: Bool, pitch: float) -> Bool:
    """The area that dots lie in, without dots that stand alone."""
    reach = round(pitch)
    closed = ~_dilate(~_dilate(marks, reach), reach)
    inner = ~_dilate(~closed, reach)
    # To the middle of the paper between the outermost dots and what is beside them.
    grown: Bool = _dilate(inner, reach + round(0.35 * pitch))
    return grown


def _dilate(mask: Bool, reach: int) -> Bool:
    grown: Bool = ndimage.maximum_filter(mask.view(np.uint8), 2 * reach + 1).astype(np.bool_)
    return grown


def find_tones(page: UInt8) -> Float32:
    """Finds screentone.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.

    Returns:
        float32 (h, w), a value for each square of 16 pixels: the screen's pitch in pixels, 0 where
        there is none.
    """
    height, width = page.shape
    rows, columns = (max(1, -(-side // _STEP)) for side in page.shape)
    below, right = ((n + 1) * _STEP - side for n, side in ((rows, height), (columns, width)))
    half = _STEP // 2
    padded = np.pad(page, ((half, below - half), (half, right - half)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_SIDE, _SIDE))[::_STEP, ::_STEP]
    busy = np.argwhere(_changes(padded)[: windows.shape[0], : windows.shape[1]] > _CHANGES)
    pitch = np.zeros(windows.shape[:2], np.float32)
    for start in range(0, len(busy), _CHUNK):
        y, x = busy[start : start + _CHUNK].T
        pitch[y, x] = _pitch(windows[y, x].astype(np.float32))
    # Lettering and hatching repeat themselves here and there, a screen does so all over.
    found = ndimage.binary_opening(pitch > 0, np.ones((_LEAST, _LEAST)))
    return np.where(found, pitch, 0).astype(np.float32)[:rows, :columns]


def _changes(page: UInt8) -> Float32:
    """Share of pixels in each window that differ from the next one."""
    steps = np.zeros(page.shape, np.uint8)
    steps[:, 1:] = np.abs(page[:, 1:].astype(np.int16) - page[:, :-1]) > _CHANGE
    steps[1:] |= np.abs(page[1:].astype(np.int16) - page[:-1]) > _CHANGE
    rows, columns = (side // _STEP for side in page.shape)
    squares = steps[: rows * _STEP, : columns * _STEP].reshape(rows, _STEP, columns, _STEP)
    share = squares.mean(axis=(1, 3), dtype=np.float32)
    four = share[:-1, :-1] + share[1:, :-1] + share[:-1, 1:] + share[1:, 1:]
    return four / 4


def _pitch(windows: Float32) -> Float32:
    """The period of each window, float32 (n, side, side), in pixels; 0 where it is no screen."""
    taper = np.hanning(_SIDE).astype(np.float32)
    level = windows - windows.mean(axis=(1, 2), keepdims=True)
    power = np.abs(fft.rfft2(level * (taper[:, None] * taper))) ** 2
    y, x = fft.fftfreq(_SIDE)[:, None], fft.rfftfreq(_SIDE)
    radius = np.hypot(y, x)
    flat = power.reshape(len(windows), -1)
    inside = ((radius >= 1 / _COARSE) & (radius <= 1 / _FINE)).ravel()
    band = flat[:, inside]
    strongest = np.partition(band, -_PEAKS, axis=1)[:, -_PEAKS:].sum(axis=1)
    regular = strongest > _REGULAR * flat[:, radius.ravel() > 0].sum(axis=1)
    period = 1 / radius.ravel()[inside][band.argmax(axis=1)]
    found: Float32 = np.where(regular, period, 0).astype(np.float32)
    return found
