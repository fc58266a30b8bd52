"""Screentone, told from line art and turned into the flat shade that it stands for."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.pieces import Bool, cut_fields, find_pieces, grow, mean_within, shrink

__all__ = ["find_tones", "smooth_all_tones", "smooth_tones"]

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
# Pixels around a toned area that decide on its dots and its means.
_MARGIN = 32
# Windows at a time: what a core's own cache holds, in half the time of a thousand.
_CHUNK = 128
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
    return _smoothed(page, find_tones(page), dark)


def smooth_all_tones(page: UInt8) -> tuple[UInt8, UInt8]:
    """`smooth_tones` for a page, and for what that gave with the dark ones, in less time."""
    found = find_tones(page)
    light = _smoothed(page, found, dark=False)
    # What is no screen does not become one.
    return light, _smoothed(light, find_tones(light, found > 0), dark=True)


def _smoothed(page: UInt8, found: Float32, dark: bool) -> UInt8:
    """The page without the screens that were found."""
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
    # Dots at the rim of a tone may lie in windows that are mostly something else.
    near = grow(found > 0, 1)
    result = page.copy()
    for place, there in cut_fields(near, _STEP, page.shape, _MARGIN):
        screen = _find_screen(page[place], there, pitch, dark)
        if screen.any():
            shade = mean_within(page[place], screen, 0.55 * pitch)
            np.copyto(result[place], shade, where=screen)
    return result


def _find_screen(page: UInt8, near: Bool, pitch: float, dark: bool) -> Bool:
    """Where dots, of a screen of that pitch, are near, and the paper between them."""
    ink = page < 128
    dots = _small(ink, pitch) & near
    if not dark:
        screen = _area_of(dots, pitch)
        # Large dark marks are lines.
        screen &= ~ink | dots
        return _with_any(screen, dots)
    holes = _small(~ink, pitch) & near
    screen = _area_of(dots | holes, pitch)
    # What is dark between holes belongs to the screen.
    screen &= ~ink | dots | grow(holes, round(0.8 * pitch))
    return _with_any(screen, dots | holes)


def _small(part: Bool, pitch: float) -> Bool:
    """The connected pieces of a part that are no larger than the dots of a screen."""
    labels, sizes, boxes = find_pieces(part)
    x, y, w, h = boxes.T
    # What goes on beyond the part that is looked at may be a line.
    cut = (x == 0) | (y == 0) | (x + w == part.shape[1]) | (y + h == part.shape[0])
    small = (sizes <= _DOT * pitch * pitch) & ~(cut & (np.maximum(w, h) > 2 * pitch))
    small[0] = False
    return np.take(small, labels)


def _with_any(area: Bool, marks: Bool) -> Bool:
    """The connected parts of an area that have marks in them; not what is across a line."""
    count, found = cv2.connectedComponents(area.view(np.uint8), connectivity=4)
    labels = np.asarray(found, np.int32)
    kept = np.zeros(count, np.bool_)
    kept[labels[marks & area]] = True
    kept[0] = False
    return np.take(kept, labels)


def _area_of(marks: Bool, pitch: float) -> Bool:
    """The area that dots lie in, without dots that stand alone."""
    reach = round(pitch)
    closed = shrink(grow(marks, reach), reach, edge=True)
    inner = shrink(closed, reach, edge=True)
    # To the middle of the paper between the outermost dots and what is beside them.
    return grow(inner, reach + round(0.35 * pitch))


def find_tones(page: UInt8, where: Bool | None = None) -> Float32:
    """Finds screentone.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        where: bool (h, w), which squares it is sought in; all if left out.

    Returns:
        float32 (h, w), a value for each square of 16 pixels: the screen's pitch in pixels, 0 where
        there is none.
    """
    height, width = page.shape
    rows, columns = (max(1, -(-side // _STEP)) for side in page.shape)
    below, right = ((n + 1) * _STEP - side for n, side in ((rows, height), (columns, width)))
    half = _STEP // 2
    edges = (half, below - half, half, right - half)
    padded = np.asarray(cv2.copyMakeBorder(page, *edges, cv2.BORDER_REFLECT), np.uint8)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_SIDE, _SIDE))[::_STEP, ::_STEP]
    # A screen is found in no fewer than three by three windows, of which one is in an even row and
    # column. Those beside it are looked at only if it has one and they are not in its midst.
    busy = _changes(padded)[: windows.shape[0], : windows.shape[1]] > _CHANGES
    if where is not None:
        busy[:rows, :columns] &= where
    busy = _squares(busy)
    even = np.zeros_like(busy)
    even[::2, ::2] = True
    pitch = _pitches(windows, busy & even)
    near = busy & ~even & grow(pitch > 0, _LEAST - 1)
    doubtful = near & grow(even & (pitch == 0), 3)
    around = cv2.dilate(pitch, np.ones((3, 3), np.uint8))
    pitch = np.where(near & ~doubtful, around, pitch) + _pitches(windows, doubtful)
    # Lettering and hatching repeat themselves here and there, a screen does so all over.
    return np.where(_squares(pitch > 0), pitch, 0).astype(np.float32)[:rows, :columns]


def _squares(windows: Bool) -> Bool:
    """What of the windows lies in squares of the least side."""
    return grow(shrink(windows, _LEAST // 2, edge=False), _LEAST // 2)


def _pitches(windows: npt.NDArray[Any], where: Bool) -> Float32:
    """The period of some of the windows, float32 (h, w); 0 elsewhere."""
    pitch = np.zeros(where.shape, np.float32)
    at = np.argwhere(where)
    for start in range(0, len(at), _CHUNK):
        y, x = at[start : start + _CHUNK].T
        pitch[y, x] = _pitch(windows[y, x].astype(np.float32))
    return pitch


def _changes(page: UInt8) -> Float32:
    """Share of pixels in each window that differ from the next one."""
    across = cv2.absdiff(page[:, 1:], page[:, :-1])
    down = cv2.absdiff(page[1:], page[:-1])
    steps = np.zeros(page.shape, np.uint8)
    steps[:, 1:] = across > _CHANGE
    steps[1:] |= down > _CHANGE
    rows, columns = (side // _STEP for side in page.shape)
    whole = steps[: rows * _STEP, : columns * _STEP].astype(np.float32)
    # The mean of each square.
    squares = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    share = np.asarray(squares, np.float32)
    four = share[:-1, :-1] + share[1:, :-1] + share[:-1, 1:] + share[1:, 1:]
    return four * np.float32(0.25)


def _pitch(windows: Float32) -> Float32:
    """The period of each window, float32 (n, side, side), in pixels; 0 where it is no screen."""
    taper = np.hanning(_SIDE).astype(np.float32)
    level = windows - windows.mean(axis=(1, 2), keepdims=True)
    waves = np.fft.rfft2(level * (taper[:, None] * taper))
    power = waves.real**2 + waves.imag**2
    y, x = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)
    radius = np.hypot(y, x)
    flat = power.reshape(len(windows), -1)
    inside = ((radius >= 1 / _COARSE) & (radius <= 1 / _FINE)).ravel()
    band = flat[:, inside]
    strongest = np.partition(band, -_PEAKS, axis=1)[:, -_PEAKS:].sum(axis=1)
    regular = strongest > _REGULAR * flat[:, radius.ravel() > 0].sum(axis=1)
    period = 1 / radius.ravel()[inside][band.argmax(axis=1)]
    found: Float32 = np.where(regular, period, 0).astype(np.float32)
    return found
