"""The paper between and around the panels of a page."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.geometry import UInt8, fit_area, resize
from mangacolor.images.panels import find_parts
from mangacolor.images.pieces import Bool, find_pieces, grow, shrink

__all__ = ["find_gutters"]

# Pixels at which gutters are sought; their edges need not be exact.
_PIXELS = 210_000
# Share of a frame's rows, or columns, in which it goes on where it was in the last.
_SMOOTH_EDGE = 0.9
# Widest gutter, of the page's longer side; what is wider is margin only if it takes this share of
# the page's edge.
_GUTTER, _MARGIN = 0.07, 0.2
# Share of the page that framed panels must take.
_LEAST_FRAMED = 0.1
# Paper is at least this bright, as a share of the brightest that there is plenty of; so bright it
# is beside a line.
_PAPER, _BRIGHT = 0.85, 0.9
# How far from a frame paper is gutter for sure, in pixels.
_REACH = 3
# Largest side of a letter in the margin, and height of a line of text, of the page's longer side.
_LETTER, _TEXT = 0.06, 0.025


def find_gutters(page: UInt8) -> Bool:
    """Finds the paper between and around framed panels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, at least 1x1.

    Returns:
        bool (h, w), about 0.2 megapixels at most: true in gutters and margins, lettering there
        included, and on the bare paper that is open to them. Nowhere if no panel has a frame.
    """
    parts, (h, w) = find_parts(page, max(fit_area(page.shape[0], page.shape[1], _PIXELS)))
    framed = [part for part in parts if _has_smooth_edges(part)]
    inside = np.zeros((h, w), np.bool_)
    for part in framed:
        # A frame may slant.
        inside |= _between(part) & _between(part.T).T
    if inside.sum() < _LEAST_FRAMED * h * w:
        return np.zeros((h, w), np.bool_)
    # The darkest of what each pixel stands for, or hairlines would be no obstacle.
    side = max(1, round(max(page.shape) / max(h, w)))
    darkest = cv2.erode(page, np.ones((side, side), np.uint8))
    rows, columns = (
        (np.arange(n) * side // n + side // (2 * n))
        for n, side in zip((h, w), page.shape, strict=True)
    )
    small = darkest[rows[:, None], columns]
    white = float(np.percentile(page[rows[:, None], columns], 95))
    paper = (small > _PAPER * white) & ~inside
    beside = grow(inside, _REACH)
    # Only where there is room: through the gaps of a line it does not get into a figure.
    labels, sizes, _ = find_pieces(shrink(paper, 2, edge=True))
    near = np.zeros(len(sizes), np.bool_)
    near[labels[beside]] = True
    near[0] = False
    found = grow(near[labels], 2) | (paper & beside)
    found = _open_to_the_edge(found & paper)
    # Up to the lines, which the darkest made wider.
    bright = resize(page, h, w) > _BRIGHT * white
    found |= grow(found, 1) & bright & ~inside
    # The frames' outer edges, and what is written there.
    return (found | _small_gaps(~found & ~inside)) & ~inside


def _small_gaps(rest: Bool) -> Bool:
    """The connected pieces that are no larger than lettering."""
    labels, _, boxes = find_pieces(rest, diagonal=True)
    sides = boxes[:, 2:]
    letter, line = (share * max(rest.shape) for share in (_LETTER, _TEXT))
    small = (sides.max(axis=1) <= letter) | (sides.min(axis=1) <= line)
    small[0] = False
    return small[labels]


def _open_to_the_edge(area: Bool) -> Bool:
    """The parts of an area that reach the page's edge, and are narrow or take much of the edge."""
    labels, sizes, _ = find_pieces(area)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    share = np.bincount(edge, minlength=len(sizes)) / len(edge)
    inner = np.pad(area, 1, constant_values=True).view(np.uint8)
    depth = cv2.distanceTransform(inner, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    wide = np.zeros(len(sizes), np.bool_)
    wide[labels[depth > _GUTTER * max(area.shape) / 2]] = True
    kept = (share >= _MARGIN) | (~wide & (share > 0))
    kept[0] = False
    return kept[labels]


def _between(view: Bool) -> Bool:
    """What lies between the first and the last content of each row."""
    width = view.shape[1]
    first, last = view.argmax(axis=1), width - 1 - view[:, ::-1].argmax(axis=1)
    columns = np.arange(width)
    between: Bool = (columns >= first[:, None]) & (columns <= last[:, None])
    between &= np.any(view, axis=1, keepdims=True)
    return between


def _has_smooth_edges(part: Bool) -> bool:
    """Whether at least three sides of a part run straight on from row to row, as a frame's do."""
    smooth = 0
    for view in (part, part.T):
        for side in (view, view[:, ::-1]):
            first = side.argmax(axis=1)[side.any(axis=1)]
            smooth += bool((np.abs(np.diff(first)) <= 1).mean() > _SMOOTH_EDGE)
    return smooth >= 3
