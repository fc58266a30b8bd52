"""Characters whose bodies are models: turned, posed and inked in any panel."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from mangacolor.comic.cast import PARTS, Character, make_character
from mangacolor.comic.curves import Point
from mangacolor.comic.gltf import Mesh, Model, read_model
from mangacolor.comic.palette import Palette
from mangacolor.comic.sheet import Sheet
from mangacolor.comic.wardrobe import Figure
from mangacolor.comic.zbuffer import Seen, draw_ink, see

__all__ = ["Actor", "draw_actor", "make_actor"]

# Samples along a pixel's side.
FINE = 2
# A drawn head's radius has its hair in it, a model's has not.
HEAD = 0.85

Floats = NDArray[np.float64]


@dataclasses.dataclass
class Actor(Character):
    """One of the cast whose body is a model.

    Attributes:
        figure: which.
        large: how much larger than made the head is.
        stout: how much wider than made the figure is.
        hidden: nodes that are not drawn: what others hold in their hands, hats taken off.
    """

    figure: Figure
    large: float
    stout: float
    hidden: frozenset[str]


def make_actor(
    random: Random, name: str, base: int, palette: Palette, eyes: float, figure: Figure
) -> Actor:
    """Draws lots for a character with a model's body; see `cast.make_character`."""
    who = make_character(random, name, base, palette, eyes)
    model = read_model(figure.path)
    nodes = sorted({model.names[mesh.node] for mesh in model.meshes})
    loose = [node for node in nodes if figure.part(node, "") is None]
    hidden = set(loose)
    if loose and random.random() < 0.5:
        hidden.discard(random.choice(loose))
    for part in ("Hat", "Helmet", "Cape"):
        if random.random() < 0.4:
            hidden |= {node for node in nodes if node.endswith(part)}
    return Actor(
        who.name,
        who.base,
        who.look,
        figure,
        random.uniform(*figure.large),
        random.uniform(0.88, 1.15),
        frozenset(hidden),
    )


def draw_actor(
    sheet: Sheet, who: Actor, random: Random, at: Point, scale: float, towards: float
) -> None:
    """Draws an actor in some pose, seen from some side.

    Args:
        sheet: to draw on.
        who: the actor.
        random: source of randomness.
        at: middle of the head.
        scale: radius of the head.
        towards: where whom the actor looks at is: left below 0, right above, 0 nobody.
    """
    model = read_model(who.figure.path)
    points, triangles, labels, head, radius, front = _pose(model, who, random)
    mouth = head + _mouth(random) @ front.T * radius
    view = (np.concatenate([points, mouth]) - head) @ _camera(random, towards).T
    # Nearer is larger, more so from close by.
    eye = radius * math.exp(random.uniform(2.3, 3.8))
    near = 1 / np.maximum(1 - view[:, 2:] / eye, 0.2)
    matrix, clip = sheet.canvases[0].getTotalMatrix(), sheet.canvases[0].getDeviceClipBounds()
    if clip.isEmpty():
        return
    place = matrix.mapXY(*at)
    size = HEAD * scale * matrix.getScaleX() / radius * FINE
    shown = np.empty_like(view)
    shown[:, :2] = view[:, :2] * near * size * (1, -1)
    shown[:, :2] += ((place.x() - clip.left()) * FINE, (place.y() - clip.top()) * FINE)
    shown[:, 2] = -view[:, 2] * size
    window = _Window(shown, clip, sheet)
    window.draw(triangles, labels, len(mouth), who, size * radius)


def _pose(
    model: Model, who: Actor, random: Random
) -> tuple[Floats, NDArray[np.int32], NDArray[np.int32], Floats, float, Floats]:
    """Points, triangles and their labels; the head's middle, radius and turn."""
    moves = [m for m in model.movements if not any(word in m for word in who.figure.unused)]
    pose = model.pose(random.choice(moves), random.random())
    bone = model.names.index(who.figure.head)
    neck = pose[bone][:3, 3]
    turn = pose[bone][:3, :3] @ np.linalg.inv(model.pose(None, 0.0)[bone][:3, :3])
    above = model.below(who.figure.head)
    points, triangles, labels, heads = [], [], [], []
    count = 0
    for mesh in model.meshes:
        node = model.names[mesh.node]
        if node in who.hidden:
            continue
        own = model.points(mesh, pose)
        weight = _weight(mesh, above)[:, None]
        own = own + weight * (who.large - 1) * (own - neck)
        parts = [who.figure.part(node, paint) or "prop" for paint in mesh.part]
        points.append(own)
        triangles.append(mesh.triangles + count)
        labels += [who.label(part) for part in parts]
        skin = np.array([part == "skin" for part in parts])
        heads.append(own[np.unique(mesh.triangles[skin])])
        heads[-1] = heads[-1][weight[np.unique(mesh.triangles[skin]), 0] > 0.9]
        count += len(own)
    whole = np.concatenate(points)
    face = np.concatenate(heads)
    low, high = (face.min(axis=0), face.max(axis=0)) if len(face) else (neck, neck + 1)
    middle, radius = (low + high) / 2, float(high[1] - low[1]) / 2
    spread = np.array([who.stout, 1.0, who.stout])
    whole = middle + (whole - middle) * spread
    return whole, np.concatenate(triangles), np.array(labels, np.int32), middle, radius, turn


def _mouth(random: Random) -> Floats:
    """A mouth before a face that looks at us, in radii of the head, from left to right."""
    x = np.linspace(-1, 1, 7)
    bend, wide = random.uniform(-0.12, 0.12), random.uniform(0.12, 0.26)
    return np.stack([wide * x, bend * x * x - 0.52, np.full(7, 0.8)], axis=1)


def _weight(mesh: Mesh, nodes: frozenset[int]) -> Floats:
    """How much each point of a piece hangs on some nodes: float64 (N,)."""
    if mesh.joints is None or mesh.weights is None:
        return np.full(len(mesh.points), float(mesh.node in nodes))
    return np.asarray((np.isin(mesh.joints, list(nodes)) * mesh.weights).sum(axis=1))


def _camera(random: Random, towards: float) -> Floats:
    """Turns a figure that looks at us: float64 (3, 3)."""
    yaw = random.uniform(-0.5, 0.5) if random.random() < 0.5 else random.uniform(-1.7, 1.7)
    if random.random() < 0.12:
        yaw = random.uniform(1.9, 4.4)
    elif towards and random.random() < 0.75:
        yaw = math.copysign(yaw, towards)
    pitch = random.gauss(0.05, 0.14)
    roll = random.gauss(0, 0.08)
    around, over, aside = (
        cv2.Rodrigues(np.array(axis) * angle)[0]
        for axis, angle in (((0.0, 1, 0), yaw), ((1.0, 0, 0), pitch), ((0.0, 0, 1), roll))
    )
    return np.asarray(aside @ over @ around)


class _Window:
    """The part of a sheet that can be drawn on, at `FINE` times its size."""

    def __init__(self, points: Floats, clip: skia.IRect, sheet: Sheet) -> None:
        low = np.floor(points[:, :2].min(axis=0) / FINE) - 4
        high = np.ceil(points[:, :2].max(axis=0) / FINE) + 4
        left, top = (int(max(0, v)) for v in low)
        right, lower = int(min(clip.width(), high[0])), int(min(clip.height(), high[1]))
        self.left, self.top = clip.left() + left, clip.top() + top
        self.width, self.height = right - left, lower - top
        self.points = (points - (left * FINE, top * FINE, 0)).astype(np.float32)
        self.sheet = sheet

    def draw(
        self,
        triangles: NDArray[np.int32],
        labels: NDArray[np.int32],
        mouth: int,
        who: Actor,
        head: float,
    ) -> None:
        """Draws triangles with labels over the sheet, and a mouth of the last so many points.

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
        pen = self.sheet.pen() * self.sheet.scale * FINE
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

    def _lay(self, seen: Seen, found: NDArray[np.int32], ink: NDArray[np.uint8]) -> None:
        sheet = self.sheet
        covered = found >= 0
        table = np.zeros((len(PARTS) + int(found.max()) + 1, 4, 4), np.uint8)
        for label in np.unique(found[covered]).tolist():
            paints = sheet.palette.paints[label]
            for i, argb in enumerate((paints.color, paints.shade, paints.mark, paints.shade_mark)):
                table[label, i] = [argb >> 16 & 255, argb >> 8 & 255, argb & 255, 255]
        light = np.array([*sheet.light, -0.6])
        dark = covered & ((seen.normal @ light < -0.25) if sheet.shading else False)
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
        for canvas, layer in zip(sheet.canvases, (color, mark, ids), strict=True):
            image = skia.Image.fromarray(
                np.ascontiguousarray(layer), skia.kRGBA_8888_ColorType, skia.kUnpremul_AlphaType
            )
            canvas.save()
            canvas.resetMatrix()
            canvas.drawImage(image, self.left, self.top)
            canvas.restore()


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
