"""What lies outside all panels: wide blank gutters, which a network cannot tell from a backdrop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import Kind, paper_of
from mangacolor.images.panels import Box

__all__ = ["with_gutters"]

# Share of an area outside all panels, and how probably it is paper as the network has it, from
# which on it is a gutter: far from any ink a blank place may be either. Areas of drawings lie
# within panels for more than nine tenths, and where a panel was not found they are hardly paper.
_OUTSIDE, _LIKELY = 0.5, 1 / 6


def with_gutters(
    kinds: Float32, areas: Labels, boxes: Sequence[Box], page: tuple[int, int]
) -> Float32:
    """Kinds of areas in which gutters are that, however wide.

    Args:
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind.
        areas: int32 (h, w), of the page.
        boxes: of its panels, in pixels of the page.
        page: height and width of it.

    Returns:
        The same ones where there is no such gutter.
    """
    likely = paper_of(kinds) >= _LIKELY
    likely[0] = False
    if not likely.any():
        return kinds
    count = len(kinds)
    sizes = np.maximum(np.bincount(areas.ravel(), minlength=count), 1)
    shares = np.bincount(areas[_outside(areas.shape, boxes, page)], minlength=count) / sizes
    gutters = likely & (shares >= _OUTSIDE)
    if not gutters.any():
        return kinds
    found = kinds.copy()
    found[gutters] = 0
    found[gutters, Kind.GUTTER] = 1
    return found


def _outside(
    size: tuple[int, ...], boxes: Sequence[Box], page: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    (h, w), (height, width) = size, page
    found = np.ones((h, w), np.bool_)
    for x0, y0, x1, y1 in boxes:
        # Rounded outwards: a frame is no gutter.
        rows = slice(y0 * h // height, -(-y1 * h // height))
        found[rows, x0 * w // width : -(-x1 * w // width)] = False
    return found
