"""Where a page has screentone: windows in which dots have a period."""

from __future__ import annotations

import functools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.pieces import Bool, grow, shrink

__all__ = ["STEP", "Windows", "find_in", "find_tones"]

# Windows in which a screen's period is sought, and the step from one to the next.
_SIDE, STEP = 32, 16
# Windows with fewer changes from dark to light than this share of their pixels have no screen.
_CHANGES, _CHANGE = 0.12, 48
# Widest pitch that is a screen and not hatching, and the finest, in pixels.
_COARSE, _FINE = 9.0, 2.2
# Share of a window's detail that is in the strongest frequencies of a screen, and their number.
_REGULAR, _PEAKS = 0.45, 16
# Least side of a toned area, in steps.
_LEAST = 3
# Windows at a time: what a core's own cache holds, in half the time of a thousand.
_CHUNK = 128


def find_tones(page: UInt8) -> Float32:
    """Finds screentone.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.

    Returns:
        float32 (h, w), a value for each square of 16 pixels: the screen's pitch in pixels, 0 where
        there is none.
    """
    return find_in(Windows(page))


class Windows:
    """The windows of a page, one around each corner of its squares, and their periods so far.

    Args:
        page: uint8 (H, W).
        before: those of the same page before some of it was changed.
    """

    def __init__(self, page: UInt8, before: Windows | None = None) -> None:
        self.squares = rows, columns = tuple(max(1, -(-side // STEP)) for side in page.shape)
        below, right = (
            (n + 1) * STEP - side for n, side in zip((rows, columns), page.shape, strict=True)
        )
        half = STEP // 2
        edges = (half, below - half, half, right - half)
        padded = np.asarray(cv2.copyMakeBorder(page, *edges, cv2.BORDER_REFLECT), np.uint8)
        self.page = padded
        windows = np.lib.stride_tricks.sliding_window_view(padded, (_SIDE, _SIDE))
        self.all = windows[::STEP, ::STEP]
        # Not a number where nobody looked.
        self._pitch = np.full(self.all.shape[:2], np.nan, np.float32)
        if before is not None:
            same = _share_of_windows(padded != before.page) == 0
            self._pitch[same] = before._pitch[same]

    def pitches(self, where: Bool) -> Float32:
        """The period of some of the windows, float32 (h, w); 0 elsewhere."""
        at = np.argwhere(where & np.isnan(self._pitch))
        for start in range(0, len(at), _CHUNK):
            y, x = at[start : start + _CHUNK].T
            self._pitch[y, x] = _pitch(self.all[y, x].astype(np.float32))
        return np.where(where, self._pitch, np.float32(0))


def find_in(windows: Windows, where: Bool | None = None) -> Float32:
    """`find_tones` for a page whose windows may be known.

    Args:
        windows: of the page.
        where: bool (h, w), which squares it is sought in; all if left out.
    """
    rows, columns = windows.squares
    # A screen is found in no fewer than three by three windows, of which one is in an even row and
    # column. Those beside it are looked at only if it has one and they are not in its midst.
    busy = _changes(windows.page) > _CHANGES
    if where is not None:
        busy[:rows, :columns] &= where
    busy = _squares(busy)
    even = np.zeros_like(busy)
    even[::2, ::2] = True
    pitch = windows.pitches(busy & even)
    near = busy & ~even & grow(pitch > 0, _LEAST - 1)
    doubtful = near & grow(even & (pitch == 0), 3)
    around = cv2.dilate(pitch, np.ones((3, 3), np.uint8))
    pitch = np.where(near & ~doubtful, around, pitch) + windows.pitches(doubtful)
    # Lettering and hatching repeat themselves here and there, a screen does so all over.
    return np.where(_squares(pitch > 0), pitch, 0).astype(np.float32)[:rows, :columns]


def _squares(windows: Bool) -> Bool:
    """What of the windows lies in squares of the least side."""
    return grow(shrink(windows, _LEAST // 2, edge=False), _LEAST // 2)


def _changes(page: UInt8) -> Float32:
    """Share of pixels in each window that differ from the next one."""
    most = np.zeros_like(page)
    most[:, 1:] = cv2.absdiff(page[:, 1:], page[:, :-1])
    np.maximum(most[1:], cv2.absdiff(page[1:], page[:-1]), out=most[1:])
    return _share_of_windows(most > _CHANGE)


def _share_of_windows(marks: Bool) -> Float32:
    """Share of each window's pixels that are marked: sides of the page are multiples of a step."""
    rows, columns = (side // STEP for side in marks.shape)
    # Whole numbers: no more than 16 a square and column.
    summed = marks.view(np.uint8).reshape(rows, STEP, -1).sum(axis=1, dtype=np.uint8)
    squares = summed.reshape(rows, columns, STEP).sum(axis=2, dtype=np.float32)
    four = squares[:-1, :-1] + squares[1:, :-1] + squares[:-1, 1:] + squares[1:, 1:]
    return four * np.float32(1 / _SIDE**2)


class _Waves(NamedTuple):
    """What windows are looked at with.

    Attributes:
        taper: float32 (side, side).
        inside: bool (n,), which of a window's n frequencies are a screen's.
        periods: float64 (inside.sum(),), of these, in pixels.
    """

    taper: Float32
    inside: Bool
    periods: npt.NDArray[np.float64]


@functools.cache
def _waves() -> _Waves:
    taper = np.hanning(_SIDE).astype(np.float32)
    radius = np.hypot(np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)).ravel()
    inside = (radius >= 1 / _COARSE) & (radius <= 1 / _FINE)
    return _Waves(taper[:, None] * taper, inside, 1 / radius[inside])


def _pitch(windows: Float32) -> Float32:
    """The period of each window, float32 (n, side, side), in pixels; 0 where it is no screen."""
    taper, inside, periods = _waves()
    level = windows - windows.mean(axis=(1, 2), keepdims=True)
    level *= taper
    waves = np.fft.rfft2(level)
    power = waves.real**2 + waves.imag**2
    flat = power.reshape(len(windows), -1)
    band = flat[:, inside]
    strongest = np.partition(band, -_PEAKS, axis=1)[:, -_PEAKS:].sum(axis=1)
    # The first frequency is none.
    regular = strongest > _REGULAR * flat[:, 1:].sum(axis=1)
    return np.where(regular, periods[band.argmax(axis=1)], 0).astype(np.float32)
