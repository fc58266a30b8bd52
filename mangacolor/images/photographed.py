"""A page that was photographed where it lies: the sheet, and its light made even."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.polynomial import polyval2d, polyvander2d

from mangacolor.images.geometry import UInt8, reduce

__all__ = ["Corners", "find_sheet", "flattened"]

# float32 (4, 2), corners as shares of width and height, in order around.
Corners = npt.NDArray[np.float32]

# Longer side at which a sheet is looked for.
_SIDE = 320
# Shares of the picture that a sheet has.
_LEAST, _MOST = 0.2, 0.94
# How little a sheet differs from its corners' quadrilateral, and by how many pixels a side of what
# a hand held leans: what is exactly upright is a panel on a dark page.
_FILLED, _LEANS = 0.93, 3.0
# What lies around is darker than so much of the paper's white, nearly all of it.
_DARKER, _AROUND = 0.9, 0.96
# Share of a sheet that is about as light as its paper.
_PAPER = 0.3
# Share of a picture's sides by which a sheet is taken smaller: its edge is no line.
_EDGE = 0.006
# Width of the line that is drawn around it instead, as a share of the longer side.
_FRAME = 0.002
# Rounds in which the paper's light is found, and what is darker than so much of it is none of it.
_ROUNDS, _WHITE = 8, 0.93


def find_sheet(page: UInt8) -> Corners | None:
    """Where the sheet is in a photograph of a page that lies on something darker.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.

    Returns:
        Its corners; None where the picture is the page, as a scan is.
    """
    height, width = page.shape
    scale = _SIDE / max(height, width)
    if scale >= 1:
        return None
    h, w = max(2, round(height * scale)), max(2, round(width * scale))
    small = cv2.GaussianBlur(reduce(page, h, w), (5, 5), 0)
    corners = _quadrilateral(np.asarray(small, np.uint8))
    if corners is None or _lean(corners) < _LEANS:
        return None
    inside = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), 1)
    around = cv2.dilate(inside, np.ones((7, 7), np.uint8)) == 0
    within = small[inside > 0]
    if not _LEAST <= len(within) / small.size <= _MOST or not around.any():
        return None
    white = float(np.percentile(within, 95))
    # What lies in the shade is darker, and so is its paper.
    dark = (small[around] < _DARKER * white).mean() >= _AROUND
    if not dark or (within > 0.75 * white).mean() < _PAPER:
        return None
    return (corners / np.array([w, h])).astype(np.float32)


def flattened(page: UInt8, corners: Corners) -> UInt8:
    """A photographed page as a scan would have it: its paper white, and nothing around it.

    Args:
        page: uint8 (H, W).
        corners: of `find_sheet`.

    Returns:
        uint8 (H, W).
    """
    height, width = page.shape
    middle = corners.mean(axis=0)
    within = middle + (corners - middle) * np.float32(1 - 2 * _EDGE)
    outline = np.rint(within * np.array([width, height], np.float32)).astype(np.int32)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, outline, 1)
    light = _light(page, inside)
    columns, found = np.linspace(-1, 1, width), np.full(page.shape, 255, np.uint8)
    for i, y in enumerate(np.linspace(-1, 1, height)):
        shine = polyval2d(columns, np.full(width, y), light)
        even = page[i] * (255 / np.maximum(shine, 1))
        found[i] = np.where(inside[i] > 0, np.minimum(even, 255), 255)
    # What bleeds ends where the sheet does.
    line = max(1, round(_FRAME * max(page.shape)))
    cv2.polylines(found, [outline], isClosed=True, color=(0,), thickness=line)
    return found


def _quadrilateral(small: UInt8) -> Corners | None:
    """Corners of the largest light thing, if it has four: float32 (4, 2), pixels."""
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = cv2.morphologyEx(
        (small > level).view(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)
    )
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(corners) != 4:
        return None
    whole, part = cv2.contourArea(hull), cv2.contourArea(corners)
    if not part or not _FILLED <= part / whole <= 1 / _FILLED:
        return None
    found: Corners = corners[:, 0].astype(np.float32)
    return found


def _lean(corners: Corners) -> float:
    """By how many pixels the side that is least so is not upright or level."""
    return float(np.abs(np.roll(corners, -1, axis=0) - corners).min(axis=1).max())


def _light(page: UInt8, inside: UInt8) -> npt.NDArray[np.float64]:
    """Coefficients of how light the paper is, of the second degree in both directions.

    What is darker than it is drawn, and is left out round by round: what stays is paper.
    """
    h, w = (max(2, round(n * _SIDE / max(page.shape))) for n in page.shape)
    small, there = reduce(page, h, w), reduce(inside * np.uint8(255), h, w) > 250
    y, x = np.meshgrid(np.linspace(-1, 1, h), np.linspace(-1, 1, w), indexing="ij")
    rows, values = polyvander2d(x[there], y[there], [2, 2]), small[there].astype(np.float64)
    kept = values >= np.percentile(values, 50)
    light: npt.NDArray[np.floating] = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        light = np.linalg.lstsq(rows[kept], values[kept], rcond=None)[0]
        again = values > _WHITE * (rows @ light)
        if not again.any() or (again == kept).all():
            break
        kept = again
    return light.reshape(3, 3).astype(np.float64)
