"""Where every place of a training picture comes from: what is known of who matches whom.

A map of places is float32 (4, h / STEP, w / STEP): number of the source picture (-1: unknown), x
and y in it, and how many of its pixels one pixel of ours spans. It goes through every cut and every
page with its picture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "STEP",
    "Box",
    "Places",
    "View",
    "cut",
    "forget_covered",
    "region_places",
    "unknown_places",
    "view",
]

# Pixels per cell of a map.
STEP = 4

Box = tuple[float, float, float, float]
Places = NDArray[np.float32]
# A picture and where its places come from.
View = tuple[Image.Image, Places]


def unknown_places(height: int, width: int) -> Places:
    """A map of nowhere."""
    places = np.zeros((4, -(-height // STEP), -(-width // STEP)), np.float32)
    places[0] = -1
    return places


def forget_covered(places: Places, before: Image.Image, after: Image.Image) -> None:
    """Makes unknown, in place, the cells in whose middle something was drawn."""
    covered = (np.asarray(before) != np.asarray(after)).any(axis=2)
    rows, columns = places.shape[1:]
    places[0, covered[STEP // 2 :: STEP, STEP // 2 :: STEP][:rows, :columns]] = -1


def region_places(labels: NDArray[np.int32]) -> Places:
    """A map for a drawing whose regions are known: all of a region is one place.

    So that any place of someone's hair matches any other place of that hair, in any drawing.

    Args:
        labels: (h, w), number of each pixel's region, at most 2 ** 24; below 0 where it is
            unknown, as under ink.

    Returns:
        The map; unknown where a cell has pixels of several regions, or more unknown than known.
    """
    height, width = labels.shape
    padding = ((0, -height % STEP), (0, -width % STEP))
    padded = np.pad(labels, padding, constant_values=-1)
    rows, columns = padded.shape[0] // STEP, padded.shape[1] // STEP
    cells = (
        padded.reshape(rows, STEP, columns, STEP).transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    )
    highest = cells.max(axis=2)
    known = cells >= 0
    one = (~known | (cells == highest[..., None])).all(axis=2) & (2 * known.sum(axis=2) >= STEP**2)
    places = unknown_places(height, width)
    places[0] = np.where(one, highest, -1)
    places[3] = 1
    return places


def view(
    picture: Image.Image, number: int, box: Box, width: int, height: int, *, flip: bool
) -> View:
    """Cuts a box out of source picture `number`, resized, with its places."""
    x0, y0, x1, y1 = box
    x, y = _centres(width), _centres(height)
    if flip:
        x = 1 - x
    places = np.empty((4, len(y), len(x)), np.float32)
    places[0] = number
    places[1] = x0 + x * (x1 - x0)
    places[2] = (y0 + y * (y1 - y0))[:, None]
    places[3] = max((x1 - x0) / width, (y1 - y0) / height)
    return _resized(picture, box, width, height, flip), places


def cut(seen: View, box: Box, width: int, height: int, *, flip: bool) -> View:
    """Cuts a box out of a view, resized; places are those of the nearest cells."""
    picture, places = seen
    x0, y0, x1, y1 = box
    x, y = _centres(width), _centres(height)
    if flip:
        x = 1 - x
    columns = np.clip((x0 + x * (x1 - x0)) / STEP, 0, places.shape[2] - 1).astype(int)
    rows = np.clip((y0 + y * (y1 - y0)) / STEP, 0, places.shape[1] - 1).astype(int)
    taken = places[:, rows[:, None], columns[None]]
    taken[3] *= max((x1 - x0) / width, (y1 - y0) / height)
    return _resized(picture, box, width, height, flip), taken


def _centres(length: int) -> NDArray[np.float32]:
    """Centres of the cells along a side, as shares of it."""
    cells = -(-length // STEP)
    return ((np.arange(cells, dtype=np.float32) + 0.5) * STEP / length).clip(0, 1)


def _resized(picture: Image.Image, box: Box, width: int, height: int, flip: bool) -> Image.Image:
    resized = picture.resize((width, height), Image.Resampling.BILINEAR, box=box)
    return resized.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else resized
