"""What of a page stays paper: gutters and margins, and balloons with their lettering."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8, fit_area, resize
from mangacolor.images.gutters import find_gutters
from mangacolor.images.pieces import Bool, close_dark, find_pieces

__all__ = ["find_balloons", "find_paper"]

# Pixels at which balloons are sought: letters of a page are still letters.
_PIXELS = 800_000
# Paper is at least this bright, as a share of the brightest that the page has plenty of.
_BRIGHT, _PLENTY = 0.8, 95
# A balloon is as bright as the paper, which a grey face is not.
_WHITE = 0.96
# Least and largest balloon, as shares of the page.
_LEAST_AREA, _MOST_AREA = 0.0008, 0.2
# What is thinner than this share of a balloon's width is its tail.
_TAIL = 0.22
# How well the body fits an ellipse or a box (intersection over union): one with much lettering
# need not be as round as one with a single word, which could be a face.
_FIT, _FIT_OF_FEW = 0.72, 0.8
# Fewer letters than this are few: they must stand in one row or column.
_FEW = 7
_SQUARE = 1.4
# Least side of a letter in pixels, and the largest mark by the side of a large letter.
_LEAST_LETTER, _LARGEST_MARK = 3, 3.5
# Share of the marks' area that is ink; eyes are white inside.
_SOLID, _SOLID_OF_FEW = 0.68, 0.78
# Largest letter as shares of the balloon's height and width; a word of joined letters is wide.
_LETTER_HEIGHT, _LETTER_WIDTH = 0.62, 0.85
# Share of the box around the letters that they cover once gaps as wide as so many letters
# are closed; the dots of a pause stand apart.
_DENSITY, _GAP, _GAP_OF_FEW = 0.55, 1.7, 3.5
# Share of the balloon that the marks take, holes of letters filled.
_LEAST_INK, _MOST_INK = 0.004, 0.5
# How far the middle of the letters may be from the balloon's, as a share of its sides.
_OFF_CENTRE = 0.2


def find_paper(page: UInt8, *, balloons: bool = True) -> UInt8:
    """Finds gutters, margins and balloons.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        balloons: look for them, too.

    Returns:
        uint8 (h, w), smaller than the page or of its size: 255 where it is paper and lettering,
        0 where there are pictures.
    """
    gutters = find_gutters(page)
    if not balloons:
        return gutters.view(np.uint8) * np.uint8(255)
    found = find_balloons(page)
    h, w = found.shape
    wide = cv2.resize(gutters.view(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST_EXACT)
    return (found | wide.view(np.bool_)).view(np.uint8) * np.uint8(255)


def find_balloons(page: UInt8) -> Bool:
    """Finds speech balloons and captions: bright round or square areas closed by ink, with letters.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.

    Returns:
        bool (h, w), about 0.8 megapixels at most: true inside balloons, letters included.
    """
    height, width = page.shape
    h, w = fit_area(height, width, _PIXELS)
    small = resize(page, h, w)
    white = max(64.0, float(np.percentile(small, _PLENTY)))
    bright = small > _BRIGHT * white
    found = np.zeros((h, w), np.bool_)
    for place, area in _areas(bright):
        if np.median(small[place][area]) < _WHITE * white:
            continue
        body = _filled(area)
        if _is_balloon(body, body & ~area, body & ~bright[place]):
            found[place] |= body
    # Up to the middle of the outline.
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(found.view(np.uint8), cross)).view(np.bool_)


def _areas(bright: Bool) -> Iterator[tuple[tuple[slice, slice], Bool]]:
    """Connected bright areas of a balloon's size: where, and which pixels there."""
    labels, sizes, boxes = find_pieces(bright)
    fitting = (sizes >= _LEAST_AREA * bright.size) & (sizes <= _MOST_AREA * bright.size)
    fitting[0] = False
    for label in np.flatnonzero(fitting):
        x, y, w, h = boxes[label]
        place = (slice(y, y + h), slice(x, x + w))
        yield place, labels[place] == label


def _filled(area: Bool) -> Bool:
    """An area in one piece with its holes."""
    outlines, _ = cv2.findContours(area.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(area.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, (1,), cv2.FILLED)
    return filled.view(np.bool_)


def _is_balloon(body: Bool, marks: Bool, ink: Bool) -> bool:
    """Whether an area is a balloon by its lettering and its shape: bool (h, w) each.

    Args:
        body: the area, holes filled.
        marks: the holes, filled.
        ink: what is dark in the holes.
    """
    around = find_pieces(marks, diagonal=True).boxes[1:]
    if not len(around):
        return False
    # Rows and columns, first and one after the last.
    starts = around[:, 1::-1]
    boxes = np.stack([starts, starts + around[:, :1:-1]], axis=2)
    sides = np.ptp(boxes, axis=2)
    boxes = boxes[sides.max(axis=1) >= _LEAST_LETTER]
    if len(boxes) < 2:
        return False
    few = len(boxes) < _FEW
    solid = ink.sum() / marks.sum()
    share = marks.sum() / body.sum()
    if solid < (_SOLID_OF_FEW if few else _SOLID) or not _LEAST_INK <= share <= _MOST_INK:
        return False
    core = _without_tail(body)
    fit = _fit(core)
    if fit < (_FIT_OF_FEW if few else _FIT):
        return False
    return (not few or _in_one_line(boxes)) and _is_lettering(marks, boxes, core)


def _is_lettering(marks: Bool, boxes: npt.NDArray[np.int_], core: Bool) -> bool:
    """Whether marks are small, alike, near each other and in the middle of a balloon.

    Args:
        marks: bool (h, w).
        boxes: of the marks, (n, 2, 2): rows and columns, first and last.
        core: the balloon without its tail, bool (h, w).
    """
    sides = np.ptp(boxes, axis=2)
    letter = float(np.percentile(sides.max(axis=1), 75))
    y, x = np.nonzero(core)
    extent = np.array([np.ptp(y) + 1, np.ptp(x) + 1])
    if (sides.max(axis=0) > extent * (_LETTER_HEIGHT, _LETTER_WIDTH)).any():
        return False
    if sides[:, 0].max() > _LARGEST_MARK * letter:
        return False
    first, last = boxes[:, :, 0].min(axis=0), boxes[:, :, 1].max(axis=0)
    middle = np.array([(y.min() + y.max()) / 2, (x.min() + x.max()) / 2])
    if (np.abs((first + last - 1) / 2 - middle) > _OFF_CENTRE * extent).any():
        return False
    gap = letter * (_GAP_OF_FEW if len(boxes) < _FEW else _GAP)
    return _density(marks[first[0] : last[0], first[1] : last[1]], gap) >= _DENSITY


def _in_one_line(boxes: npt.NDArray[np.int_]) -> bool:
    """Whether marks, (n, 2, 2), stand in one row or in one column, as eyes and a mouth do not."""
    sides = np.ptp(boxes, axis=2)
    largest = sides.max(axis=1).argmax()
    start, stop = boxes[largest, :, 0], boxes[largest, :, 1]
    centres = boxes.mean(axis=2)
    row, column = ((centres >= start) & (centres <= stop)).all(axis=0)
    # Letters of a column are about square, and so is none of them much wider than high.
    square = sides[largest, 1] <= _SQUARE * sides[largest, 0]
    return bool(row or (column and square))


def _density(block: Bool, gap: float) -> float:
    """Share of a block, bool (h, w), that is dark once gaps of a width are closed."""
    reach = max(2, round(gap))
    padded = np.pad(block, reach).astype(np.uint8)
    closed = close_dark(padded, reach)
    return float(closed[reach:-reach, reach:-reach].mean())


def _without_tail(body: Bool) -> Bool:
    """An area without what is thinner than a share of its own thickness."""
    padded = np.pad(body, 1)
    inside = _depth(padded)
    reach = _TAIL * float(inside.max())
    core = (_depth(inside > reach, outside=True) < reach + 1) & padded
    return core[1:-1, 1:-1]


def _depth(area: Bool, *, outside: bool = False) -> npt.NDArray[np.float32]:
    """How far each pixel of an area is from what is outside it, or the other way round."""
    mask = (~area if outside else area).view(np.uint8)
    far = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(far, np.float32)


def _fit(core: Bool) -> float:
    """Intersection over union of an area and an ellipse, or a box, of its place and size."""
    y, x = np.nonzero(core)
    points = np.stack([y - y.mean(), x - x.mean()])
    spread = points @ points.T / points.shape[1] + np.eye(2) * 1e-9
    down = (np.arange(core.shape[0]) - y.mean())[:, None]
    across = np.arange(core.shape[1]) - x.mean()
    (yy, xy), (_, xx) = np.linalg.inv(spread)
    # An ellipse reaches twice its standard deviation.
    ellipse = yy * down**2 + 2 * xy * down * across + xx * across**2 <= 4
    box = np.zeros_like(core)
    box[y.min() : y.max() + 1, x.min() : x.max() + 1] = True
    return float(max((core & form).sum() / (core | form).sum() for form in (ellipse, box)))
