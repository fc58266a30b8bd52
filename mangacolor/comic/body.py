"""Bodies: where joints are, and how a body may be held."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Point, mix, smooth
from mangacolor.comic.props import PROPS

__all__ = ["ARMS", "LEGS", "Body", "Stance", "draw_neck", "random_stance", "step"]

# Angles of upper arm and forearm in degrees: 0 down, 90 outward, 180 up, negative inward; hand.
ARMS = {
    "down": (9, 3, "loose"),
    "loose": (16, -8, "loose"),
    "hip": (42, -48, "fist"),
    "wave": (52, 162, "open"),
    "fist": (34, 148, "fist"),
    "point": (84, 80, "point"),
    "up": (148, 168, "open"),
    "chest": (18, -112, "fist"),
    "chin": (14, -152, "loose"),
    "cross": (16, -88, "fist"),
    "out": (62, 40, "open"),
    "shrug": (24, 100, "open"),
    "hold": (20, 128, "fist"),
}


# Angles of thigh and shin of both legs, outward.
LEGS = {
    "stand": ((4, 3), (4, 3)),
    "apart": ((14, 8), (14, 8)),
    "walk": ((20, 4), (-14, -34)),
    "run": ((48, -18), (-22, -72)),
    "jump": ((36, -40), (14, -50)),
}


class Stance(NamedTuple):
    """How a body is held: turn 0 to 1 to the right, arms left and right, legs, held thing."""

    turn: float
    left: str
    right: str
    legs: str
    prop: str
    sway: float


class Body:
    """Where the parts of a body are, around a head at (0, 0)."""

    def __init__(self, who: Character, stance: Stance) -> None:
        look = who.look
        self.stance = stance
        t = stance.turn
        self.female = look.kind in ("girl", "woman")
        k = 0.5 if look.body == "chibi" else 1.0
        tall = look.tall * k
        self.k = k
        self.tall = tall
        self.half = look.shoulders * (1 - 0.4 * t) * mix(1, k, 0.55)
        self.x = -0.12 * t
        self.neck_y = look.length + 0.34 * mix(0.4, 1, k)
        y = self.neck_y
        self.shoulder_y = y + 0.22
        self.armpit_y = y + 0.95 * tall
        self.waist_y = y + 2.5 * tall
        self.hip_y = y + 3.5 * tall
        self.crotch_y = y + 4.1 * tall
        self.thigh, self.shin = 2.7 * tall, 2.7 * tall
        self.upper, self.fore = 2.1 * mix(tall, k, 0.3), 1.95 * mix(tall, k, 0.3)
        self.waist = self.half * (0.62 if self.female else 0.76)
        self.hip = self.half * (0.86 if self.female else 0.78)
        self.neck = (0.27 if self.female or look.kind == "child" else 0.36) * mix(1, k, 0.3)
        self.limb = (0.36 if self.female else 0.46) * mix(1, k, 0.2)

    def at(self, x: float, y: float) -> Point:
        """A place on the chest's front, by shares of the shoulders' half width."""
        t = self.stance.turn
        return self.x + self.half * (x * (1 - 0.25 * t) + 0.34 * t), y

    def shoulder(self, side: float) -> Point:
        """The shoulder's joint; side -1 is at the left."""
        return self.x + side * self.half * 0.86, self.shoulder_y + 0.22 * mix(1, self.k, 0.5)

    def arm(self, side: float) -> tuple[Point, Point, Point, float]:
        """Shoulder, elbow, wrist, and the forearm's direction in degrees."""
        first, second, _ = ARMS[self.stance.left if side < 0 else self.stance.right]
        a = self.shoulder(side)
        b = step(a, side, first, self.upper)
        return a, b, step(b, side, second, self.fore), side * second

    def torso(self, hem: float = 0.0) -> list[Point]:
        """Outline of a chest from the left of the neck around; `hem` is added below the hips."""
        x, h = self.x, self.half
        right = [
            (x + self.neck, self.neck_y - 0.05),
            (x + h * 0.7, self.shoulder_y - 0.03),
            (x + h, self.shoulder_y + 0.28 * self.k),
            (x + h * 0.9, self.armpit_y),
            (x + self.waist * 1.03, self.waist_y),
            (x + self.hip, self.hip_y + hem),
        ]
        return [*((2 * x - px, py) for px, py in right), *reversed(right)]


def step(start: Point, side: float, degrees: float, length: float) -> Point:
    """Where a bone of a length ends that starts somewhere, turned outward on a side."""
    angle = math.radians(degrees)
    return start[0] + side * math.sin(angle) * length, start[1] + math.cos(angle) * length


def draw_neck(canvas: Canvas, who: Character, body: Body, turn: float) -> None:
    """The neck, in the shadow of the head."""
    x, n = body.x, body.neck
    top = -0.22 * turn
    path = smooth(
        [
            (top - n, 0.5),
            (top - n, 1.0),
            (x - n * 1.15, body.neck_y - 0.08),
            (x - n * 2.1, body.neck_y + 0.14),
            (x, body.neck_y + 0.7),
            (x + n * 2.1, body.neck_y + 0.14),
            (x + n * 1.15, body.neck_y - 0.08),
            (top + n * 1.1, 1.0),
            (top + n, 0.5),
        ],
        corners=(0, 8),
    )
    label = who.label("skin")
    canvas.paint(path, label, 0)
    with canvas.inside(path):
        deep = who.look.length + 0.16
        canvas.darken(
            smooth([(-0.9, 0.2), (0.9, 0.2), (0.8, deep), (top + 0.1, deep + 0.22), (-0.8, deep)]),
            label,
        )
    canvas.outline(path, 0.9)
    for side in (-1, 1):
        canvas.line(
            (x + side * 0.12, body.neck_y + 0.22),
            (x + side * 0.3, body.neck_y + 0.16),
            (x + side * 0.62, body.neck_y + 0.18),
            0.6,
        )


def random_stance(random: Random, turn: float) -> Stance:
    """Arms and legs that go together with nothing in particular."""
    arms = list(ARMS)
    left = random.choice(arms if random.random() < 0.7 else ("down", "loose"))
    right = random.choice(arms if random.random() < 0.7 else ("down", "loose"))
    prop = random.choice(PROPS[1:]) if random.random() < 0.3 else "none"
    if prop != "none":
        right = random.choice(("fist", "hold", "hip", "chest"))
    legs = random.choices(list(LEGS), (5, 3, 3, 2, 1))[0]
    return Stance(turn, left, right, legs, prop, random.uniform(-1, 1))
