"""Screentone, told from line art and turned into the flat shade that it stands for."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.facts import rim_of
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.pieces import Bool, cut_fields, grow, mean_within, shrink
from mangacolor.images.runs import Runs, find_runs
from mangacolor.images.screens import STEP, Windows, find_in, find_tones

__all__ = ["smooth_all_tones", "smooth_tones"]

# Rows smoothed at a time, and how many of their neighbours are looked at: memory does not grow with
# the page, and a page in one piece is one band. Both are multiples of `STEP`.
_BAND, _OVERLAP = 2560, 64
# Pixels around a toned area that decide on its dots and its means.
_MARGIN = 32
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
    first = Windows(page)
    found = find_in(first)
    if not found.any():
        return page, page
    light = _smoothed(page, found, dark=False)
    # What is no screen does not become one, and what was not smoothed is what it was.
    return light, _smoothed(light, find_in(Windows(light, first), found > 0), dark=True)


def _smoothed(page: UInt8, found: Float32, dark: bool) -> UInt8:
    """The page without the screens that were found."""
    if not found.any():
        return page
    result = np.empty_like(page)
    for top in range(0, len(page), _BAND):
        # What is beside a band decides on its dots and its means.
        first, last = max(0, top - _OVERLAP), min(len(page), top + _BAND + _OVERLAP)
        squares = found[first // STEP : -(-last // STEP)]
        part = _smooth(page[first:last], squares, dark) if squares.any() else page[first:last]
        result[top : top + _BAND] = part[top - first :][:_BAND]
    return result


def _smooth(page: UInt8, found: Float32, dark: bool) -> UInt8:
    """The same for a band, with the pitches found in it."""
    pitch = float(np.percentile(found[found > 0], 75))
    # Dots at the rim of a tone may lie in windows that are mostly something else.
    near = grow(found > 0, 1)
    result = page.copy()
    for place, there in cut_fields(near, STEP, page.shape, _MARGIN):
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
    count, found = cv2.connectedComponents(part.view(np.uint8), connectivity=4)
    labels = np.asarray(found, np.int32)
    # OpenCV's facts of pieces take three times as long as the pieces.
    runs = find_runs(labels)
    small = runs.sizes(count) <= _DOT * pitch * pitch
    small[0] = False
    # What goes on beyond the part that is looked at may be a line.
    cut = np.zeros_like(small)
    cut[rim_of(labels)] = True
    cut &= small
    if cut.any():
        small &= ~_are_long(runs, cut, 2 * pitch)
    return runs.mapped(small)


def _are_long(runs: Runs, some: Bool, most: float) -> Bool:
    """Which pieces are longer than so many pixels, across or down: bool (n,).

    Args:
        runs: of the pieces.
        some: bool (n,), which of them are looked at; others are not long.
        most: in pixels.
    """
    here = some[runs.numbers]
    number = runs.numbers[here]
    y, x = np.divmod(runs.starts[here], runs.shape[1])
    long = np.zeros_like(some)
    for low, high in ((y, y), (x, x + runs.lengths[here] - 1)):
        first, last = np.full(len(some), max(runs.shape)), np.full(len(some), -1)
        np.minimum.at(first, number, low)
        np.maximum.at(last, number, high)
        long |= last - first + 1 > most
    return long


def _with_any(area: Bool, marks: Bool) -> Bool:
    """The connected parts of an area that have marks in them; not what is across a line."""
    count, found = cv2.connectedComponents(area.view(np.uint8), connectivity=4)
    labels = np.asarray(found, np.int32)
    kept = np.zeros(count, np.bool_)
    kept[labels[marks & area]] = True
    kept[0] = False
    return area if kept[1:].all() else np.take(kept, labels)


def _area_of(marks: Bool, pitch: float) -> Bool:
    """The area that dots lie in, without dots that stand alone."""
    reach = round(pitch)
    closed = shrink(grow(marks, reach), reach, edge=True)
    inner = shrink(closed, reach, edge=True)
    # To the middle of the paper between the outermost dots and what is beside them.
    return grow(inner, reach + round(0.35 * pitch))
