"""Triangles seen from a camera: which is in front at each pixel, and the lines that a pen draws."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Raster", "draw_ink", "see"]

Floats = NDArray[np.float32]
# Depths are whole numbers while they are compared.
STEPS = 2**31 - 1
# A fold of less than this (cosine) gets no line.
CREASE = 0.35


class Raster(NamedTuple):
    """What is seen in a window.

    Attributes:
        face: int32 (h, w), number of the triangle, -1 where there is none.
        depth: float32 (h, w), away from the eye, in pixels.
        normal: float32 (h, w, 3), of unit length; x right, y down, z away.
    """

    face: NDArray[np.int32]
    depth: Floats
    normal: Floats


def see(
    points: Floats, normals: Floats, triangles: NDArray[np.int32], shape: tuple[int, int]
) -> Raster:
    """Looks at triangles from both sides.

    Args:
        points: float32 (N, 3), pixels of the window; x right, y down, z away.
        normals: float32 (N, 3), of the surface at each point.
        triangles: int32 (T, 3), numbers of points.
        shape: (h, w) of the window.

    Source: scan conversion with a z-buffer, Catmull 1974; all triangles at once.
    """
    h, w = shape
    corners = points[triangles]
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    twice = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    low, high = corners.min(axis=1), corners.max(axis=1)
    seen = (np.abs(twice) > 1e-6) & (high[:, 0] > 0) & (low[:, 0] < w)
    first = np.maximum(0, np.ceil(low[:, 1] - 0.5)).astype(np.int64)
    last = np.minimum(h - 1, np.floor(high[:, 1] - 0.5)).astype(np.int64)
    rows = np.where(seen, np.maximum(0, last - first + 1), 0)
    # A span is what one triangle covers of one row of pixels.
    owner, y = _counted(rows)
    y += first[owner]
    start, end = _ends(corners, np.sign(twice), owner, y + 0.5, w)
    span, x = _counted(np.maximum(0, end - start + 1))
    x += start[span]
    face = owner[span]
    slope = _slopes(corners, twice, corners[:, :, 2:])
    depth = (
        a[:, 2][face]
        + slope[0][:, 0][face] * (x + 0.5 - a[:, 0][face])
        + slope[1][:, 0][face] * (y[span] + 0.5 - a[:, 1][face])
    )
    out = np.full(h * w, -1, np.int32)
    deep = np.zeros(h * w, np.float32)
    normal = np.zeros((h * w, 3), np.float32)
    if len(face):
        near, far = float(depth.min()), float(depth.max())
        key = ((depth - near) * (STEPS / max(far - near, 1e-6))).astype(np.int64) << 32 | face
        nearest = np.full(h * w, np.iinfo(np.int64).max)
        np.minimum.at(nearest, y[span] * w + x, key)
        there = np.flatnonzero(nearest < np.iinfo(np.int64).max)
        out[there] = (nearest[there] & 0xFFFFFFFF).astype(np.int32)
        deep[there] = (nearest[there] >> 32) * np.float64(max(far - near, 1e-6) / STEPS) + near
        normal[there] = _normals(corners, twice, normals[triangles], out[there], there, w)
    return Raster(out.reshape(h, w), deep.reshape(h, w), normal.reshape(h, w, 3))


def _counted(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of so many things: whose it is, and how many of that one came before."""
    owner = np.repeat(np.arange(len(counts)), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - before[owner]


def _ends(
    corners: Floats, sign: Floats, owner: NDArray[np.int64], y: NDArray[np.floating], w: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last pixel of each span, for each of its triangle's edges cuts it once."""
    low, high = np.zeros(len(owner)), np.full(len(owner), float(w))
    for i in range(3):
        p, q = corners[:, i].astype(np.float64), corners[:, (i + 1) % 3].astype(np.float64)
        run, rise = q[:, 0] - p[:, 0], q[:, 1] - p[:, 1]
        level = rise[owner] == 0
        cut = p[:, 0][owner] + (y - p[:, 1][owner]) * run[owner] / np.where(level, 1, rise[owner])
        inwards = -rise[owner] * sign[owner]
        np.maximum(low, cut, out=low, where=inwards > 0)
        np.minimum(high, cut, out=high, where=inwards < 0)
    start = np.ceil(low - 0.5).astype(np.int64)
    return start, np.minimum(np.floor(high - 0.5).astype(np.int64), w - 1)


def _slopes(corners: Floats, twice: Floats, values: Floats) -> tuple[Floats, Floats]:
    """How values (T, 3, K) at corners change a pixel to the right and down: (T, K) each."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    first, second = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    whole = np.where(np.abs(twice) > 1e-6, twice, 1)[:, None]
    right = (first * (c[:, 1] - a[:, 1])[:, None] - second * (b[:, 1] - a[:, 1])[:, None]) / whole
    down = (second * (b[:, 0] - a[:, 0])[:, None] - first * (c[:, 0] - a[:, 0])[:, None]) / whole
    return right.astype(np.float32, copy=False), down.astype(np.float32, copy=False)


def _normals(
    corners: Floats,
    twice: Floats,
    values: Floats,
    face: NDArray[np.int32],
    at: NDArray[np.intp],
    w: int,
) -> Floats:
    right, down = _slopes(corners, twice, values)
    x, y = at % w + np.float32(0.5), at // w + np.float32(0.5)
    dx, dy = x - corners[:, 0, 0][face], y - corners[:, 0, 1][face]
    found = values[:, 0][face] + right[face] * dx[:, None] + down[face] * dy[:, None]
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6))


def draw_ink(
    seen: Raster, parts: NDArray[np.int32], pen: float, step: float, quiet: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Lines where one part ends, where something is behind something, and along folds.

    Args:
        seen: of `see`.
        parts: int32 (h, w), what is seen, -1 nothing.
        pen: width of a line, pixels.
        step: how far behind is behind, pixels.
        quiet: bool (h, w), where there are no lines inside a part.

    Returns:
        uint8 (h, w), 255 where there is ink ... 0.
    """
    strong, fine = np.zeros(parts.shape, np.uint8), np.zeros(parts.shape, np.uint8)
    for axis in (0, 1):
        here, there = (np.s_[1:], np.s_[:-1]) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
        other = parts[here] != parts[there]
        normal, next_normal = seen.normal[here], seen.normal[there]
        # Surfaces seen from the side run away fast; that is no step.
        facing = np.minimum(np.abs(normal[..., 2]), np.abs(next_normal[..., 2]))
        jump = np.abs(seen.depth[here] - seen.depth[there])
        behind = jump > step + 2 / np.maximum(facing, 0.08)
        fold = np.abs((normal * next_normal).sum(axis=-1)) < CREASE
        loud = ~quiet[here] & (parts[here] >= 0)
        strong[here] |= other | (behind & loud)
        fine[here] |= fold & loud
    lines = np.zeros(parts.shape, np.uint8)
    for edges, width in ((strong, pen), (fine, 0.7 * pen)):
        size = max(1, round(width))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        np.maximum(lines, cv2.dilate(edges, kernel), out=lines)
    return lines * np.uint8(255)
