"""Things of four corners in a picture: a sheet of paper, whatever lies on its edge."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8

__all__ = ["Corners", "find_quadrilateral"]

# float32 (4, 2), from the upper left one on to its right.
Corners = npt.NDArray[np.float32]

# What reaches into it or out of it and is narrower than this, a finger, is none of it.
_NARROW = 31
# Share of a sheet's quadrilateral that was found to be light, by how many pixels it may reach
# beyond the picture, and how long of two sides the shorter is.
_FILLED, _OVER, _ALIKE = 0.9, 4.0, 0.6
# Sides of its outline: something may lie on its corners.
_MOST_SIDES = 7


def find_quadrilateral(light: UInt8) -> Corners | None:
    """Corners of the largest thing of a mask, if it has four.

    Args:
        light: uint8 (h, w), 1 where it may be; 0 elsewhere.

    Returns:
        float32 (4, 2), pixels, from the upper left one on to its right; what reaches into it or out
        of it, a finger, and what lies on one of its corners are none of it.
    """
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    whole = _largest(closed.astype(np.uint8))
    if whole is None:
        return None
    narrow = np.ones((_NARROW, _NARROW), np.uint8)
    body = _largest(cv2.morphologyEx(whole, cv2.MORPH_OPEN, narrow).astype(np.uint8))
    if body is None:
        return None
    outlines, _ = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(outlines, key=cv2.contourArea))
    outline = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, closed=True), closed=True)[:, 0]
    if not 4 <= len(outline) <= _MOST_SIDES:
        return None
    # Of a corner that something lies on there is one side more, a short one.
    ends = np.roll(outline, -1, axis=0)
    lengths = np.linalg.norm((ends - outline).astype(np.float64), axis=1)
    longest = np.sort(np.argsort(-lengths, kind="stable")[:4])
    corners = _meet([_line(outline[i], ends[i]) for i in longest])
    if corners is None:
        return None
    found = _in_order(_sharpened(corners, whole))
    return found if _is_sheet(found, hull, light.shape) else None


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
        near = edge[(np.abs(away) < _NARROW / 5) & (share > 0.15) & (share < 0.85)]
        if len(near) < 2:
            return corners
        vx, vy, x, y = cv2.fitLine(near, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append(_line(np.array([x, y]), np.array([x + vx, y + vy])))
    found = _meet(lines)
    return corners if found is None else found


def _line(one: npt.NDArray[np.number], other: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
    """The line through two points, in homogeneous coordinates."""
    return np.cross([*one.astype(np.float64), 1.0], [*other.astype(np.float64), 1.0])


def _meet(lines: list[npt.NDArray[np.float64]]) -> Corners | None:
    """Where each of four lines meets the one before; None where two do not."""
    points = np.array([np.cross(lines[i - 1], lines[i]) for i in range(4)])
    if (np.abs(points[:, 2]) < 1e-6 * np.abs(points[:, :2]).max()).any():
        return None
    return (points[:, :2] / points[:, 2:]).astype(np.float32)


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
