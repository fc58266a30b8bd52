"""The panels of a page, found along its gutters by a recursive XY-cut.

What is not the colour of the gutters is content. A line across the page that meets no content is a
gutter; the page is cut there, and each part again, until nothing can be cut. Parts are kept as
content, not as boxes, so a slightly slanted gutter is only another direction of the lines.

Source: Nagy and Seth, Hierarchical representation of optically scanned documents, ICPR 1984
(XY-cut). Differs: slanted lines, and gutters that a figure or a balloon reaches across.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.cuts import Lines, find_cuts, sum_up
from mangacolor.images.geometry import UInt8, fit_size, reduce
from mangacolor.images.pieces import Bool
from mangacolor.images.strips import STRIP, working_size

__all__ = ["Bool", "Box", "find_panels", "find_parts"]

# x0, y0, x1, y1 in pixels; the far edges are not part of it.
Box = tuple[int, int, int, int]

# Longer side at which gutters are sought: frames are still lines.
_SIDE = 800
# Largest difference from the gutter's colour, in any channel: paper is noisy, JPEG adds to it.
_TOLERANCE = 40
# What has no more pixels than this in a 5x5 window is dust; a line has five.
_DUST = 4
# Kinds of gutters, the first to be tried first; the second row where the first finds no panels.
_GUTTERS = (("framed", "crossed"), ("free", "level"))
# Share of a panel's edge that is content, where the gutter is neither white nor black.
_FULL_EDGE = 0.6
# Least side and area of a panel, as shares of the page's; smaller is a page number or a title.
_LEAST_SIDE, _LEAST_AREA = 0.08, 0.012
# Deep enough for any page; a page of noise ends here.
_DEPTH = 8


def find_panels(page: UInt8) -> list[Box]:
    """Finds the panels of a page.

    Gutters have the colour of the page's edge, or are white or black; between panels without frames
    only the latter.

    Args:
        page: uint8 (H, W) grey or (H, W, 3) colour, at least 1x1.

    Returns:
        Boxes in reading order: top to bottom, and left to right in a row. The whole page if no
        panel is found. Boxes of panels with slanted frames may overlap.
    """
    height, width = page.shape[:2]
    parts, (h, w) = find_parts(page, max(working_size(height, width, _SIDE)))
    boxes = [box for part in parts if (box := _bounds(part))]
    down, across = height / h, width / w
    return [_enlarge(box, across, down, width, height) for box in boxes] or [(0, 0, width, height)]


def find_parts(page: UInt8, side: int) -> tuple[list[Bool], tuple[int, int]]:
    """Finds the content of each panel.

    Args:
        page: uint8 (H, W) grey or (H, W, 3) colour, at least 1x1.
        side: longer side at which it is sought.

    Returns:
        What belongs to each panel, bool (h, w), in reading order, and the size (h, w).
    """
    height, width = page.shape[:2]
    h, w = fit_size(height, width, side)
    h, w = min(h, height), min(w, width)
    small = np.atleast_3d(reduce(page, h, w).astype(np.int16))
    colors = list(_gutter_colors(small))
    contents = [_without_dust(_differs(small, color)) for color in colors]
    best: list[Bool] = []
    # Only where no panel has a frame are gutters without one looked for: in a panel that is as
    # white as they are, there are many.
    for gutters in _GUTTERS:
        for color, content in zip(colors, contents, strict=True):
            parts = [p for p in _cut(content, gutters, 0) if not _is_sliver(p, content.shape)]
            boxes = [box for part in parts if (box := _bounds(part))]
            if len(parts) > len(best) and (_is_paper(color) or _are_framed(boxes, content)):
                best = parts
            if len(best) > 1:
                return best, (h, w)
    return best, (h, w)


def _differs(page: npt.NDArray[np.int16], color: npt.NDArray[np.int16]) -> Bool:
    """Where any channel is not that of the gutters."""
    differs: Bool = np.abs(page - color).max(axis=2) > _TOLERANCE
    return differs


def _gutter_colors(page: npt.NDArray[np.int16]) -> Iterator[npt.NDArray[np.int16]]:
    """The edge's colour where it has one, then white and black: int16 (channels,)."""
    edge = np.concatenate([page[0], page[-1], page[:, 0], page[:, -1]])
    middle = np.median(edge, axis=0).astype(np.int16)
    if (np.abs(edge - middle).max(axis=1) <= _TOLERANCE).mean() > 0.5:
        yield middle
    for grey in (255, 0):
        yield np.full_like(middle, grey)


def _is_paper(color: npt.NDArray[np.int16]) -> bool:
    return bool((np.abs(color - 255) <= _TOLERANCE).all() or (color <= _TOLERANCE).all())


def _are_framed(boxes: list[Box], content: Bool) -> bool:
    """Whether most boxes are full along their edges, as panels are.

    Figures on a flat background are not: there, that colour is no gutter.
    """
    full = 0
    for x0, y0, x1, y1 in boxes:
        part = content[y0:y1, x0:x1]
        edges = [part[:2].any(axis=0), part[-2:].any(axis=0)]
        edges += [part[:, :2].any(axis=1), part[:, -2:].any(axis=1)]
        full += sum(edge.mean() > _FULL_EDGE for edge in edges) >= 3
    return 2 * full >= len(boxes)


def _without_dust(content: Bool) -> Bool:
    """Content without specks: bool (h, w)."""
    around = cv2.boxFilter(
        content.view(np.uint8), -1, (5, 5), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return content & (around > _DUST)


def _cut(content: Bool, gutters: tuple[str, ...], depth: int) -> Iterator[Bool]:
    """The parts of a page in reading order, each with the content of the others taken out."""
    inside = _bounds(content)
    if inside is None:
        return
    x0, y0, x1, y1 = inside
    view = content[y0:y1, x0:x1]
    parts = _split(view, gutters, content.shape) if depth < _DEPTH else None
    if parts is None:
        yield content
        return
    for part in parts:
        whole = np.zeros_like(content)
        whole[y0:y1, x0:x1] = part
        yield from _cut(whole, gutters, depth + 1)


def _split(view: Bool, gutters: tuple[str, ...], page: tuple[int, ...]) -> list[Bool] | None:
    """Cuts in the first direction that has a gutter: rows before columns, free before crossed.

    A sliver is taken out and the rest is looked at anew: a stroke beside the panels must not turn
    rows into columns. Where all parts are slivers, it was lettering, and nothing is left.

    Returns:
        None where there is no gutter.
    """
    lines: dict[bool, Lines] = {}
    for gutter in gutters:
        for turned in (False, True):
            if turned not in lines:
                lines[turned] = sum_up(view.T if turned else view)
            labels = find_cuts(lines[turned], gutter)
            if labels is None:
                continue
            labels = labels.T if turned else labels
            cut = [view & (labels == i) for i in range(int(labels.max()) + 1)]
            parts = [part for part in cut if not _is_sliver(part, page)]
            if gutter == "crossed" and len(parts) < len(cut):
                # A moulding, or a box for a title.
                continue
            if len(parts) < len(cut) and len(parts) > 1:
                rest: Bool = np.logical_or.reduce(parts)
                return _split(rest, gutters, page) or parts
            return parts
    return None


def _bounds(content: Bool) -> Box | None:
    rows, columns = np.flatnonzero(content.any(axis=1)), np.flatnonzero(content.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _is_sliver(part: Bool, page: tuple[int, ...]) -> bool:
    """Whether a part is too small, for a page of that height and width, to be a panel."""
    bounds = _bounds(part)
    if bounds is None:
        return True
    w, h = bounds[2] - bounds[0], bounds[3] - bounds[1]
    # A strip is as many pages as it is long.
    height, width = (min(side, STRIP * min(page)) for side in page)
    thin = w < _LEAST_SIDE * width or h < _LEAST_SIDE * height
    return thin or w * h < _LEAST_AREA * height * width


def _enlarge(box: Box, across: float, down: float, width: int, height: int) -> Box:
    """From the small page to the page, rounded outward."""
    x0, y0, x1, y1 = box
    return (
        int(x0 * across),
        int(y0 * down),
        min(width, int(np.ceil(x1 * across))),
        min(height, int(np.ceil(y1 * down))),
    )
