"""A model's triangles drawn into the part of a canvas that can be drawn on."""

from __future__ import annotations

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import PARTS, Character
from mangacolor.comic.zbuffer import Raster, draw_ink, see

__all__ = ["FINE", "Window"]

# Samples along a pixel's side.
FINE = 2

Floats = NDArray[np.float64]


class Window:
    """The part of a canvas that can be drawn on, at `FINE` times its size.

    Args:
        points: float64 (N, 3), samples from the corner of the clip; x right, y down, z away.
        clip: what can be drawn on, pixels of the canvas.
        canvas: to draw on.
    """

    def __init__(self, points: Floats, clip: skia.IRect, canvas: Canvas) -> None:
        low = np.floor(points[:, :2].min(axis=0) / FINE) - 4
        high = np.ceil(points[:, :2].max(axis=0) / FINE) + 4
        left, top = (int(max(0, v)) for v in low)
        right, lower = int(min(clip.width(), high[0])), int(min(clip.height(), high[1]))
        self.left, self.top = clip.left() + left, clip.top() + top
        self.width, self.height = right - left, lower - top
        self.points = (points - (left * FINE, top * FINE, 0)).astype(np.float32)
        self.canvas = canvas

    def draw(
        self,
        triangles: NDArray[np.int32],
        labels: NDArray[np.int32],
        mouth: int,
        who: Character,
        head: float,
    ) -> None:
        """Draws triangles with labels over the canvas, and a mouth of the last so many points.

        Args:
            triangles: int32 (T, 3).
            labels: int32 (T,).
            mouth: number of points.
            who: the actor.
            head: radius of the head, in samples.
        """
        if self.width < 1 or self.height < 1:
            return
        normals = _normals(self.points, triangles)
        shape = self.height * FINE, self.width * FINE
        seen = see(self.points, normals, triangles, shape)
        there = seen.face >= 0
        if not there.any():
            return
        found = np.where(there, labels[seen.face], -1)
        quiet = np.isin(found, [who.label("hair"), who.label("hair tips")])
        pen = self.canvas.pen() * self.canvas.scale * FINE
        ink = draw_ink(seen, found, pen, 0.12 * head, quiet)
        _draw_pupils(ink, found == who.label("iris"))
        self._draw_mouth(ink, found == who.label("skin"), self.points[-mouth:, :2], pen)
        self._lay(seen, found, ink)

    @staticmethod
    def _draw_mouth(
        ink: NDArray[np.uint8],
        skin: NDArray[np.bool_],
        points: NDArray[np.float32],
        pen: float,
    ) -> None:
        """Draws a mouth, which most models have none of, unless it is away from us, in place."""
        # Seen from behind, the corner of its right is to our left.
        if points[-1, 0] - points[0, 0] < pen:
            return
        line = np.zeros_like(ink)
        cv2.polylines(line, [np.rint(points).astype(np.int32)], False, 255, max(1, round(pen)))
        np.maximum(ink, line, out=ink, where=skin)

    def _lay(self, seen: Raster, found: NDArray[np.int32], ink: NDArray[np.uint8]) -> None:
        """Lays labels, their colours and ink over the canvas, from samples."""
        canvas = self.canvas
        covered = found >= 0
        table = np.zeros((len(PARTS) + int(found.max()) + 1, 4, 4), np.uint8)
        for label in np.unique(found[covered]).tolist():
            paints = canvas.palette.paints[label]
            for i, argb in enumerate((paints.color, paints.shade, paints.mark, paints.shade_mark)):
                table[label, i] = [argb >> 16 & 255, argb >> 8 & 255, argb & 255, 255]
        light = np.array([*canvas.light, -0.6])
        dark = covered & ((seen.normal @ light < -0.25) if canvas.shading else False)
        shown = np.where(covered, found, 0)
        color = table[shown, dark.astype(np.intp)]
        mark = table[shown, 2 + dark.astype(np.intp)]
        solid = _shrunk(covered.astype(np.uint8) * np.uint8(255))
        line = _shrunk(ink)
        # Each pixel has the colour of its middle: colours are not mixed, their shares of it are.
        middle = np.s_[FINE // 2 :: FINE, FINE // 2 :: FINE]
        color, mark, known = color[middle].copy(), mark[middle].copy(), covered[middle]
        color[..., 3] = np.where(known, np.maximum(solid, 128), 0)
        mark[..., :3] = mark[..., :3] * ((255 - line[..., None]) / 255)
        mark[~known, :3] = 0
        mark[..., 3] = np.maximum(np.where(known, 255, 0), line)
        ids = np.zeros_like(color)
        label = np.where(known, found[middle], 0)
        ids[..., 1], ids[..., 2] = label >> 8, label & 255
        ids[..., 3] = np.where(known, 255, 0)
        for plane, layer in zip(canvas.planes, (color, mark, ids), strict=True):
            image = skia.Image.fromarray(
                np.ascontiguousarray(layer), skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType
            )
            plane.save()
            plane.resetMatrix()
            plane.drawImage(image, self.left, self.top)
            plane.restore()


def _draw_pupils(ink: NDArray[np.uint8], iris: NDArray[np.bool_]) -> None:
    """Draws a pupil into each iris, which models have none of, in place."""
    if not iris.any():
        return
    count, pieces = cv2.connectedComponents(iris.astype(np.uint8))
    deep = cv2.distanceTransform(iris.astype(np.uint8), cv2.DIST_L2, 3)
    most = np.zeros(count, np.float32)
    np.maximum.at(most, pieces.ravel().astype(np.intp), deep.ravel())
    ink[iris & (deep > 0.45 * most[pieces])] = 255


def _shrunk(fine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    h, w = fine.shape
    return np.asarray(
        cv2.resize(fine, (w // FINE, h // FINE), interpolation=cv2.INTER_AREA), np.uint8
    )


def _normals(points: NDArray[np.float32], triangles: NDArray[np.int32]) -> NDArray[np.float32]:
    """Normals at points, the mean of those of the triangles around: towards us is below 0."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    # Points that lie in one place are one point of the surface.
    keys = np.round(points * 4).astype(np.int64)
    _, same = np.unique(keys @ np.array([1, 1 << 20, 1 << 40]), return_inverse=True)
    sums = np.stack(
        [
            np.bincount(same[triangles].ravel(), np.repeat(faces[:, i], 3), int(same.max()) + 1)
            for i in range(3)
        ],
        axis=1,
    )[same]
    length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return np.asarray(sums / length, np.float32)
