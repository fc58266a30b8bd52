"""Characters whose bodies are models: turned, posed and inked in any panel."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character, make_character
from mangacolor.comic.curves import Point
from mangacolor.comic.gltf import Mesh, Rig, read_model
from mangacolor.comic.palette import Palette
from mangacolor.comic.wardrobe import Costume
from mangacolor.comic.window import FINE, Window

__all__ = ["Actor", "draw_actor", "make_actor"]

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

    figure: Costume
    large: float
    stout: float
    hidden: frozenset[str]


def make_actor(
    random: Random, name: str, base: int, palette: Palette, eyes: float, figure: Costume
) -> Actor:
    """Draws lots for a character with a model's body; see `characters.make_character`."""
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
    canvas: Canvas, who: Actor, random: Random, at: Point, scale: float, towards: float
) -> None:
    """Draws an actor in some pose, seen from some side.

    Args:
        canvas: to draw on.
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
    matrix, clip = canvas.planes[0].getTotalMatrix(), canvas.planes[0].getDeviceClipBounds()
    if clip.isEmpty():
        return
    place = matrix.mapXY(*at)
    size = HEAD * scale * matrix.getScaleX() / radius * FINE
    shown = np.empty_like(view)
    shown[:, :2] = view[:, :2] * near * size * (1, -1)
    shown[:, :2] += ((place.x() - clip.left()) * FINE, (place.y() - clip.top()) * FINE)
    shown[:, 2] = -view[:, 2] * size
    window = Window(shown, clip, canvas)
    window.draw(triangles, labels, len(mouth), who, size * radius)


def _pose(
    model: Rig, who: Actor, random: Random
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
