"""Where a part of a page is cut in two: the straight gutters through it, at any slope.

All lines are summed up at once: a part is seen as 64 upright strips, and the content on a line
through all of them is that on its left half and that on its right half.

Source: Götz and Druckmüller, A fast digital Radon transform, Pattern Recognition 1996. Differs:
content of strips, not pixels; lines less steep than 45 degrees by far.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.pieces import Bool

__all__ = ["Lines", "find_cuts", "sum_up"]

# Strips that a part is seen as, and the steepest line, in rows a column.
_STRIPS, _STEEPEST = 64, 0.3
# Thinnest gutter, and one that is crossed with and without a line on both its sides, in pixels.
_THIN, _FRAMED, _THICK = 2, 3, 6
# A crossed gutter without lines at its sides is free at both ends, for this share of its length,
# and mostly in between. The inside of a white panel is as empty, but its ends are the frame.
_FREE_END, _CROSSED = 0.06, 0.16
# Share of a gutter's length along which its sides are frames, within so many pixels, and share of
# it that may be crossed then.
_FRAME, _NEAR, _MOST_CROSSED = 0.55, 4, 0.2
# Share of a free gutter's length along which one of its sides is a frame.
_ONE_FRAME = 0.8
# Share of a framed gutter's length that is free at both ends, and how many are looked at.
_OPEN_END, _TRIED = 0.03, 8

Labels = npt.NDArray[np.intp]
_Value = TypeVar("_Value", bound=np.generic)


class Lines(NamedTuple):
    """Sums of content along lines.

    Attributes:
        view: bool (rows, columns), the part.
        counts: uint8 (k, rows + 2 * 64), strips with content on each line; by slope, then by the
            row of its higher end, from 64 above the part.
        falls: int (k,), how many rows a line falls from the first of 64 strips to the last.
        strips: bool (64, rows), whether a strip has content in a row.
        width: pixels of a strip.
        used: how many strips the part has.
    """

    view: Bool
    counts: npt.NDArray[np.uint8]
    falls: npt.NDArray[np.intp]
    strips: Bool
    width: int
    used: int


def find_cuts(lines: Lines, gutter: str) -> Labels | None:
    """Which side of the gutters through a part each pixel is on.

    Args:
        lines: of the part, from its left to its right.
        gutter: `framed`, without anything on it and beside the straight edge of a panel; `crossed`,
            by figures or balloons, between two such edges; `free`, without anything on it;
            `level`, crossed by little.

    Returns:
        int (h, w), from 0 at the top; None where there is no such gutter.
    """
    if gutter == "level":
        return _cut_level(lines.view)
    if gutter == "crossed":
        return _cut_crossed(lines)
    return _cut_free(lines, framed=gutter == "framed")


def sum_up(view: Bool) -> Lines:
    """Sums up the content of a part, bool (h, w), along all lines from its left to its right."""
    height, width = view.shape
    strip = max(1, -(-width // _STRIPS))
    used = -(-width // strip)
    padded = np.zeros((height, _STRIPS * strip), np.bool_)
    padded[:, :width] = view
    seen = padded[:, ::strip].copy()
    for column in range(1, strip):
        seen |= padded[:, column::strip]
    strips = seen.T
    room = _padded(strips.view(np.uint8), _STRIPS)
    steepest = min(_STRIPS, int(_STEEPEST * strip * _STRIPS) + 1)
    down, up = (_sums(way)[:steepest] for way in (room, room[::-1]))
    falls = np.arange(steepest)
    # The least steep come first.
    order = np.argsort(np.concatenate([2 * falls, 2 * falls[1:] + 1]), kind="stable")
    counts = np.concatenate([down, up[1:]])[order]
    return Lines(view, counts, np.concatenate([falls, -falls[1:]])[order], strips, strip, used)


def _sums(strips: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Sums along the lines that fall by 0 ... n - 1 rows over n strips: (n, h) to (n, h).

    The last n rows are empty: no line leaves the strips.
    """
    sums = strips[:, None]
    while len(sums) > 1:
        left = sums[::2]
        count, slopes, rows = left.shape
        right = np.zeros((count, slopes, rows + slopes), np.uint8)
        right[..., :rows] = sums[1::2]
        both = np.empty((count, 2 * slopes, rows), np.uint8)
        # A line of twice a half's slope, or one row more, begins as much lower on the right half.
        across, down, along = right.strides
        for more in (0, 1):
            # As `as_strided`, which takes ten times as long to make it.
            lower = np.ndarray(
                left.shape, np.uint8, right, more * along, (across, down + along, along)
            )
            np.add(left, lower, out=both[:, more::2])
        sums = both
    return sums[0]


def _padded(rows: npt.NDArray[_Value], more: int) -> npt.NDArray[_Value]:
    """Rows with so many more 0 at both ends, as `np.pad` makes them in ten times the time."""
    found = np.zeros((len(rows), rows.shape[1] + 2 * more), rows.dtype)
    found[:, more:-more] = rows
    return found


def _cut_free(lines: Lines, *, framed: bool) -> Labels | None:
    """Cuts along the slope with the widest free gutter; the least steep one wins a tie."""
    full = lines.counts > 0
    rows = np.arange(full.shape[1], dtype=np.int32)
    first = full.argmax(axis=1)[:, None]
    last = full.shape[1] - 1 - full[:, ::-1].argmax(axis=1)[:, None]
    free = rows - np.maximum.accumulate(np.where(full, rows, -1), axis=1)
    # At the edges there is nothing beyond that could be cut off.
    free[(rows < first) | (rows > last)] = 0
    slope, below = np.nonzero((free[:, :-1] >= _THIN) & full[:, 1:])
    width = free[slope, below]
    end = below + 1
    if framed:
        kept = np.maximum(*_edges(lines, slope, end - width, end)) >= _ONE_FRAME
        slope, end, width = slope[kept], end[kept], width[kept]
    if not len(slope):
        return None
    best = slope[width.argmax()]
    here = slope == best
    return _sides(lines, int(best), end[here] - (width[here] + 1) / 2)


def _edges(
    lines: Lines, slope: Labels, start: Labels, end: Labels
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Shares of gutters' length along which there is content just above and just below."""
    # The most within reach from each row on.
    most = cv2.dilate(lines.counts, np.ones((1, _NEAR), np.uint8), anchor=(0, 0))
    above, below = (
        (np.asarray(most[slope, row]) / lines.used).astype(np.float32)
        for row in (start - _NEAR, end)
    )
    return above, below


def _cut_crossed(lines: Lines) -> Labels | None:
    """Cuts along the gutter whose sides are most of all frames."""
    share = lines.counts.astype(np.float32) / lines.used
    steps = np.diff(_padded((share <= _MOST_CROSSED).view(np.int8), 1), axis=1)
    slope, start = np.nonzero(steps == 1)
    end = np.nonzero(steps == -1)[1]
    inner = (start >= _NEAR) & (end < share.shape[1] - _NEAR) & (end - start >= _FRAMED)
    slope, start, end = slope[inner], start[inner], end[inner]
    frame = np.minimum(*_edges(lines, slope, start, end))
    summed = np.zeros((len(share), share.shape[1] + 1), np.float32)
    np.cumsum(share, axis=1, out=summed[:, 1:])
    crossed = (summed[slope, end] - summed[slope, start]) / (end - start)
    for i in np.argsort(crossed - frame, kind="stable")[:_TRIED]:
        if frame[i] >= _FRAME and _is_open(lines, int(slope[i]), int(start[i]), int(end[i])):
            middle = np.array([(start[i] + end[i] - 1) / 2])
            return _sides(lines, int(slope[i]), middle)
    return None


def _is_open(lines: Lines, slope: int, start: int, end: int) -> bool:
    """Whether a gutter reaches both ends: inside a panel, the frame is there."""
    count = max(1, round(_OPEN_END * lines.used))
    fall, height = int(lines.falls[slope]), lines.strips.shape[1]
    for number in (*range(count), *range(lines.used - count, lines.used)):
        at = number if fall >= 0 else _STRIPS - 1 - number
        row = start - _STRIPS + round(abs(fall) * at / (_STRIPS - 1))
        part = lines.strips[number, max(0, row) : max(0, min(height, row + end - start))]
        if len(part) and part.mean() > 0.5:
            return False
    return True


def _sides(lines: Lines, slope: int, middles: npt.NDArray[np.float64]) -> Labels:
    """How many gutters of a slope, given by their highest row, each pixel is below."""
    height, width = lines.view.shape
    fall, length = int(lines.falls[slope]), lines.width * _STRIPS
    if not fall:
        sides = np.searchsorted(middles, np.arange(height) + _STRIPS)
        return np.broadcast_to(sides[:, None], lines.view.shape)
    columns = np.arange(width) / length
    rows = abs(fall) * (columns if fall >= 0 else 1 - columns) - _STRIPS
    # There are few of them: to look for each pixel's place among them takes longer.
    at, sides = np.arange(height)[:, None] - rows, np.zeros((height, width), np.intp)
    for middle in middles:
        sides += at > middle
    return sides


def _cut_level(view: Bool) -> Labels | None:
    """Cuts along level gutters that are free at both ends and crossed by little in between."""
    ends = max(2, round(_FREE_END * view.shape[1]))
    free = ~view[:, :ends].any(axis=1) & ~view[:, -ends:].any(axis=1)
    free &= view.mean(axis=1) <= _CROSSED
    steps = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(np.int8), [0]])))
    runs = [(a, b) for a, b in zip(steps[::2], steps[1::2], strict=True) if b - a >= _THICK]
    inner = [(a + b) / 2 for a, b in runs if view[:a].any() and view[b:].any()]
    if not inner:
        return None
    sides = np.searchsorted(inner, np.arange(len(view)), side="right")
    return np.broadcast_to(sides[:, None], view.shape)
