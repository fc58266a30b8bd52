"""Heads: the outline of the face at any turn, and how places on the face move with it."""

from __future__ import annotations

import math
from typing import NamedTuple

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, Point, mix, smooth

__all__ = ["Head", "Pose", "draw_ear", "draw_face"]

ROUND = 0.95


class Pose(NamedTuple):
    """How a head is held and what it shows.

    Attributes:
        turn: 0 looks at us, 0.5 is a three-quarter view, 1 a profile facing right.
        pitch: -1 looks up ... 1 looks down.
        mood: a name of `face.MOODS`.
        gaze: where the eyes look, x and y in -1 to 1.
    """

    turn: float
    pitch: float
    mood: str
    gaze: Point


# From the forehead over the far cheek to the chin, the jaw and the back: front, three-quarter,
# profile. A jaw's shape is laid on afterwards.
FRONT = [
    (0.0, -1.0),
    (0.62, -0.78),
    (0.93, -0.2),
    (0.94, 0.15),
    (0.9, 0.42),
    (0.84, 0.62),
    (0.72, 0.86),
    (0.52, 1.06),
    (0.3, 1.22),
    (0.09, 1.32),
    (-0.09, 1.32),
    (-0.3, 1.22),
    (-0.52, 1.06),
    (-0.72, 0.86),
    (-0.9, 0.42),
    (-0.94, 0.0),
    (-0.86, -0.45),
    (-0.5, -0.86),
]
QUARTER = [
    (0.1, -1.0),
    (0.66, -0.74),
    (0.88, -0.2),
    (0.86, 0.12),
    (0.83, 0.34),
    (0.86, 0.56),
    (0.8, 0.82),
    (0.68, 1.03),
    (0.54, 1.22),
    (0.4, 1.33),
    (0.24, 1.33),
    (0.02, 1.22),
    (-0.24, 1.06),
    (-0.5, 0.86),
    (-0.72, 0.45),
    (-0.92, 0.0),
    (-0.92, -0.45),
    (-0.5, -0.88),
]
PROFILE = [
    (0.1, -1.0),
    (0.66, -0.74),
    (0.84, -0.2),
    (0.81, 0.14),
    (0.82, 0.34),
    (1.0, 0.62),
    (0.83, 0.72),
    (0.83, 0.94),
    (0.74, 1.1),
    (0.72, 1.3),
    (0.54, 1.36),
    (0.3, 1.26),
    (0.06, 1.1),
    (-0.16, 0.9),
    (-0.3, 0.5),
    (-0.9, 0.2),
    (-1.0, -0.4),
    (-0.5, -0.9),
]


class Head:
    """A head at a turn: where its places are. Its skull is about a unit circle at (0, 0)."""

    def __init__(self, character: Character, pose: Pose, mirrored: bool = False) -> None:
        self.look = character.look
        self.pose = pose
        # A parting stays on its side of the head when the drawing is mirrored.
        self.side = -character.look.side if mirrored else character.look.side
        t = pose.turn
        self.angle = mix(0, 0.4, t * 2) if t < 0.5 else mix(0.4, 1.05, t * 2 - 1)
        self.true_angle = t * 1.45
        self.ear_x = mix(0.95, 0.56, t * 2) if t < 0.5 else mix(0.56, 0.12, t * 2 - 1)
        self.skull = (-0.14 * t, 1 + 0.14 * t)
        self.outline = self._outline()

    def at(self, x: float, y: float) -> Point:
        """Where a place of the front view is at this turn."""
        lon = math.asin(max(-1.0, min(1.0, x / ROUND))) + self.angle
        lon = max(-1.57, min(1.57, lon))
        return ROUND * math.sin(lon), y + self.pose.pitch * 0.16 * math.cos(lon)

    def narrowing(self, x: float) -> float:
        """How much narrower things at a place of the front view look."""
        across = (self.at(x + 0.1, 0)[0] - self.at(x - 0.1, 0)[0]) / 0.2
        # In a profile an eye lies on the turn of the face.
        return max(0.3, across * (1 - max(0.0, self.pose.turn - 0.6)))

    def round_about(self, lon: float, lat: float, radius: float) -> tuple[float, float, float]:
        """Where a place around the skull is, by longitude from the nose and latitude, and depth."""
        turned = lon + self.true_angle
        x = radius * math.cos(lat) * math.sin(turned)
        return x + self.skull[0], -radius * math.sin(lat), radius * math.cos(turned)

    def _outline(self) -> list[Point]:
        t, look = self.pose.turn, self.look
        first, second, share = (FRONT, QUARTER, t * 2) if t < 0.5 else (QUARTER, PROFILE, t * 2 - 1)
        points = []
        chin_x = mix(0, 0.32, t * 2) if t < 0.5 else mix(0.32, 0.62, t * 2 - 1)
        for (x0, y0), (x1, y1) in zip(first, second, strict=True):
            x, y = mix(x0, x1, share), mix(y0, y1, share)
            if y > 0.2:
                low = (y - 0.2) / 1.12
                y = 0.2 + low * (look.length - 0.2) + self.pose.pitch * 0.1 * low
                # A pointed chin takes from the jaw, a square one adds to it.
                width = look.jaw * (1.06 - 0.16 * look.chin * math.sin(math.pi * min(1, low)))
                x = chin_x + (x - chin_x) * mix(1, width, min(1, 2 * low))
            points.append((x, y))
        return points

    def face(self) -> Path:
        """The face's outline."""
        return smooth(self.outline)


def draw_ear(canvas: Canvas, who: Character, head: Head, side: float) -> None:
    """One ear; side -1 is near us when the head is turned."""
    t = head.pose.turn
    if side > 0 and t > 0.3:
        return
    x, y = -head.ear_x * (1 if side < 0 else -1), 0.42 + 0.06 * head.pose.pitch
    if side > 0:
        x = 0.95 - t * 0.3
    skin = who.label("skin")
    wide = 0.15 + 0.09 * t
    with canvas.moved(x, y, 1.0, 0.0, side):
        if who.look.ears == "pointed":
            points = [
                (0.0, -0.2),
                (0.25, -0.34),
                (0.72, -0.5),
                (0.4, 0.0),
                (0.18, 0.26),
                (0.0, 0.3),
            ]
            path = smooth(points, corners=(2,))
        else:
            points = [
                (-0.05, -0.2),
                (wide, -0.26),
                (wide + 0.05, -0.05),
                (wide - 0.04, 0.2),
                (0, 0.3),
            ]
            path = smooth(points)
        canvas.paint(path, skin, 0.8, 0.05)
        canvas.line((wide * 0.25, -0.1), (wide * 0.95, -0.14), (wide * 0.55, 0.1), 0.5)


def draw_face(canvas: Canvas, who: Character, head: Head) -> Path:
    """The bare face, without ears and features; returns its path."""
    path = head.face()
    canvas.paint(path, who.label("skin"), 0)
    # Only from cheek to jaw is the line seen; the rest lies under hair.
    jaw = smooth(head.outline[2:15], closed=False)
    canvas.outline(jaw, 1.0)
    return path
