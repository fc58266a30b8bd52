"""A page that was photographed where it lies: the sheet, made as flat and even as a scan."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.polynomial import polyval2d, polyvander2d

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8, reduce

__all__ = ["Corners", "find_sheet", "flattened", "laid_back"]

# float32 (4, 2), corners as shares of width and height: from the upper left one on to its right.
Corners = npt.NDArray[np.float32]

# Longer side at which a sheet is looked for.
_SIDE = 320
# Shares of the picture that a sheet has.
_LEAST, _MOST = 0.2, 0.94
# What reaches into the sheet or out of it and is narrower than this, a finger, is none of it.
_NARROW = 41
# Share of a sheet's quadrilateral that was found to be light, by how many pixels it may reach
# beyond the picture, and how long of two sides the shorter is.
_FILLED, _OVER, _ALIKE = 0.9, 4.0, 0.6
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
        Its corners; None where the picture is the page, as a scan is.
    """
    height, width = page.shape
    scale = _SIDE / max(height, width)
    if scale >= 1:
        return None
    h, w = max(2, round(height * scale)), max(2, round(width * scale))
    small = np.asarray(cv2.GaussianBlur(reduce(page, h, w), (5, 5), 0), np.uint8)
    corners = _quadrilateral(small)
    if corners is None or _lean(corners) < _LEANS:
        return None
    inside = np.zeros((h, w), np.uint8)
    cv2.fillConvexPoly(inside, np.rint(corners).astype(np.int32), 1)
    around = cv2.dilate(inside, np.ones((7, 7), np.uint8)) == 0
    within = small[inside > 0]
    if not _LEAST <= len(within) / small.size <= _MOST or not around.any():
        return None
    white = float(np.percentile(within, 95))
    dark = (small[around] < _DARKER * white).mean() >= _AROUND
    # What lies in the shade is darker, and so is its paper.
    if not dark or (within > 0.75 * white).mean() < _PAPER:
        return None
    middle = corners.mean(axis=0)
    smaller = middle + (corners - middle) * np.float32(1 - 2 * _EDGE)
    return (smaller / np.array([w, h])).astype(np.float32)


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


def _quadrilateral(small: UInt8) -> Corners | None:
    """Corners of the largest light thing, if it has four: float32 (4, 2), pixels."""
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = (small > level).view(np.uint8)
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    whole = _largest(closed.astype(np.uint8))
    if whole is None:
        return None
    narrow = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_NARROW, _NARROW))
    body = _largest(cv2.morphologyEx(whole, cv2.MORPH_OPEN, narrow).astype(np.uint8))
    if body is None:
        return None
    outlines, _ = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(corners) != 4:
        return None
    found = _in_order(_sharpened(corners[:, 0].astype(np.float32), whole))
    return found if _is_sheet(found, hull, small.shape) else None


def _largest(light: UInt8) -> UInt8 | None:
    """The largest thing of a mask, its holes filled."""
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    found = np.zeros_like(light)
    cv2.drawContours(found, [max(outlines, key=cv2.contourArea)], 0, (1,), cv2.FILLED)
    return found


def _sharpened(corners: Corners, whole: UInt8) -> Corners:
    """Corners where the sides' lines meet: what is opened has round ones."""
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    edge = max(outlines, key=cv2.contourArea)[:, 0].astype(np.float32)
    lines = []
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (other - one) / np.float32(np.linalg.norm(other - one))
        away = (edge - one) @ np.array([-along[1], along[0]])
        share = (edge - one) @ along / np.float32(np.linalg.norm(other - one))
        near = edge[(np.abs(away) < _NARROW / 6) & (share > 0.15) & (share < 0.85)]
        if len(near) < 2:
            return corners
        vx, vy, x, y = cv2.fitLine(near, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append(np.cross([x, y, 1], [x + vx, y + vy, 1]))
    meet = [np.cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(abs(point[2]) < 1e-6 for point in meet):
        return corners
    return np.array([point[:2] / point[2] for point in meet], np.float32)


def _is_sheet(corners: Corners, hull: cv2.typing.MatLike, size: tuple[int, ...]) -> bool:
    """Whether four corners are within the picture, in the shape of a sheet, and what was found."""
    h, w = size
    within = (corners > -_OVER).all() and (corners < np.array([w, h]) + _OVER).all()
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    alike = min(sides[:2] / sides[2:]) > _ALIKE and min(sides[2:] / sides[:2]) > _ALIKE
    share = cv2.contourArea(corners) / max(cv2.contourArea(hull), 1.0)
    return bool(within and alike and _FILLED < share < 2 - _FILLED)


def _in_order(corners: Corners) -> Corners:
    """From the upper left one on to its right: a hand holds a page about upright."""
    middle = corners.mean(axis=0)
    turned = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    around = corners[np.argsort(turned)]
    return np.roll(around, -int(around.sum(axis=1).argmin()), axis=0)


def _lean(corners: Corners) -> float:
    """By how many pixels the side that is least so is not upright or level."""
    return float(np.abs(np.roll(corners, -1, axis=0) - corners).min(axis=1).max())


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
