"""A page that was photographed where it lies: the sheet, made as flat and even as a scan."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.polynomial import polyval2d, polyvander2d

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8, reduce
from mangacolor.images.quadrilaterals import Corners, find_quadrilateral

__all__ = ["find_sheet", "flattened", "laid_back"]

# Longer side at which a sheet is looked for.
_SIDE = 320
# How light paper may be, as shares of what best parts dark from light.
_LEVELS = (1.0, 0.75, 0.55)
# Most of the picture's edge that may be light, and how near a corner is to be at it. One side of a
# sheet may be cut off, or its paper goes on as that of a scan does.
_ON_EDGE, _AT = 0.3, 0.025
# Shares of the picture that a sheet has.
_LEAST, _MOST = 0.2, 0.94
# By how many pixels a side of what a hand held leans: what is upright is a panel on a dark page.
_LEANS = 3.0
# What lies around is darker than so much of the paper's white, nearly all of it.
_DARKER, _AROUND = 0.9, 0.9
# Share of a sheet that is about as light as its paper.
_PAPER = 0.3
# Share of a picture's sides by which a sheet is taken smaller: its edge is no line.
_EDGE = 0.006
# Rounds in which the paper's light is found, and what is darker than so much of it is none of it.
_ROUNDS, _WHITE = 8, 0.93


def find_sheet(page: UInt8) -> Corners | None:
    """Where the sheet is in a photograph of a page that lies on something darker.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.

    Returns:
        Its corners as shares of width and height; None where the picture is the page, as a scan is.
    """
    height, width = page.shape
    scale = _SIDE / max(height, width)
    if scale >= 1:
        return None
    h, w = max(2, round(height * scale)), max(2, round(width * scale))
    small = np.asarray(cv2.GaussianBlur(reduce(page, h, w), (5, 5), 0), np.uint8)
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # What is in the shade is darker than all of the desk that is not.
    for lower in _LEVELS:
        light = (small > level * lower).view(np.uint8)
        edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
        # A scan ends here: its paper goes on to the edge.
        corners = None if edge.mean() > _ON_EDGE else find_quadrilateral(light)
        if corners is not None and _lies(small, corners):
            middle = corners.mean(axis=0)
            smaller = middle + (corners - middle) * np.float32(1 - 2 * _EDGE)
            return (smaller / np.array([w, h])).astype(np.float32)
    return None


def flattened(page: UInt8, corners: Corners) -> UInt8:
    """A photographed page as a scan would have it: the sheet alone, flat, its paper white.

    Args:
        page: uint8 (H, W).
        corners: of `find_sheet`.

    Returns:
        uint8 (H', W'), about as large as the sheet is in the picture.
    """
    height, width = page.shape
    places = (corners * np.array([width, height])).astype(np.float32)
    sides = np.linalg.norm(np.roll(places, -1, axis=0) - places, axis=1)
    w, h = (max(2, round(float(sides[i::2].mean()))) for i in (0, 1))
    turn = cv2.getPerspectiveTransform(places, _frame(w, h))
    sheet = np.asarray(cv2.warpPerspective(page, turn, (w, h), flags=cv2.INTER_CUBIC), np.uint8)
    light = _light(sheet)
    columns, found = np.linspace(-1, 1, w), np.empty_like(sheet)
    for i, y in enumerate(np.linspace(-1, 1, h)):
        shine = polyval2d(columns, np.full(w, y), light)
        found[i] = np.minimum(sheet[i] * (255 / np.maximum(shine, 1)), 255)
    return found


def laid_back(areas: Labels, corners: Corners, h: int, w: int, around: int) -> Labels:
    """Areas of a flattened page where they lie in the photograph.

    Args:
        areas: int32 (h', w'), of what `flattened` gave.
        corners: of `find_sheet`.
        h, w: size of the photograph that is wanted.
        around: the number of all that lies around the sheet.

    Returns:
        int32 (h, w).
    """
    there = _frame(areas.shape[1], areas.shape[0])
    turn = cv2.getPerspectiveTransform((corners * np.array([w, h])).astype(np.float32), there)
    y, x = np.mgrid[:h, :w] + 0.5
    point = turn @ np.stack([x.ravel(), y.ravel(), np.ones(h * w)])
    across, down = np.floor(point[:2] / point[2]).astype(np.int64)
    inside = (across >= 0) & (down >= 0) & (across < areas.shape[1]) & (down < areas.shape[0])
    found = np.full(h * w, around, np.int32)
    found[inside] = areas[down[inside], across[inside]]
    return found.reshape(h, w)


def _frame(w: int, h: int) -> npt.NDArray[np.float32]:
    return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)


def _lies(small: UInt8, corners: Corners) -> bool:
    """Whether what is between four corners is a sheet on something darker, held by hand."""
    if _lean(corners) < _LEANS or _is_cut_off(corners, small.shape):
        return False
    inside = np.zeros_like(small)
    cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), (1,))
    around = np.asarray(cv2.dilate(inside, np.ones((7, 7), np.uint8))) == 0
    within = small[inside > 0]
    if not _LEAST <= len(within) / small.size <= _MOST or not around.any():
        return False
    white = float(np.percentile(within, 95))
    dark = (small[around] < _DARKER * white).mean() >= _AROUND
    return bool(dark and (within > 0.75 * white).mean() >= _PAPER)


def _lean(corners: Corners) -> float:
    """By how many pixels the side that is least so is not upright or level."""
    return float(np.abs(np.roll(corners, -1, axis=0) - corners).min(axis=1).max())


def _is_cut_off(corners: Corners, size: tuple[int, ...]) -> bool:
    """Whether corners lie at the picture's edge, but those of one side, or one at each edge, as a
    scan has them that was turned.
    """
    x, y = corners[:, 0] / size[1], corners[:, 1] / size[0]
    at = [int(near.sum()) for near in (x < _AT, x > 1 - _AT, y < _AT, y > 1 - _AT)]
    return sum(at) > 2 and at != [1, 1, 1, 1]


def _light(sheet: UInt8) -> npt.NDArray[np.float64]:
    """Coefficients of how light the paper is, of the second degree in both directions.

    What is darker than it is drawn, and is left out round by round: what stays is paper.
    """
    h, w = (min(n, max(2, round(n * _SIDE / max(sheet.shape)))) for n in sheet.shape)
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    rows, values = polyvander2d(x.ravel(), y.ravel(), [2, 2]), reduce(sheet, h, w).ravel() * 1.0
    kept = values >= np.percentile(values, 50)
    light: npt.NDArray[np.floating] = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        light = np.linalg.lstsq(rows[kept], values[kept], rcond=None)[0]
        again = values > _WHITE * (rows @ light)
        if not again.any() or (again == kept).all():
            break
        kept = again
    return light.reshape(3, 3).astype(np.float64)
