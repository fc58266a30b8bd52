"""Bodies: where joints are, arms, legs and hands."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from mangacolor.data.comic.cast import Character
from mangacolor.data.comic.curves import Path, Point, mix, oval, smooth, tube
from mangacolor.data.comic.sheet import Sheet

__all__ = ["ARMS", "LEGS", "Body", "Stance", "draw_arm", "draw_legs", "draw_neck"]

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
        return self.x + side * self.half * 0.86, self.shoulder_y + 0.22 * mix(1, self.k, 0.5)

    def arm(self, side: float) -> tuple[Point, Point, Point, float]:
        """Shoulder, elbow, wrist, and the forearm's direction in degrees."""
        first, second, _ = ARMS[self.stance.left if side < 0 else self.stance.right]
        a = self.shoulder(side)
        b = _step(a, side, first, self.upper)
        return a, b, _step(b, side, second, self.fore), side * second

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


def _step(start: Point, side: float, degrees: float, length: float) -> Point:
    angle = math.radians(degrees)
    return start[0] + side * math.sin(angle) * length, start[1] + math.cos(angle) * length


def limb(a: Point, b: Point, c: Point, widths: tuple[float, float, float]) -> list[Path]:
    """Two bones with flesh on them."""
    wa, wb, wc = widths
    d, e = (
        (mix(a[0], b[0], 0.5), mix(a[1], b[1], 0.5)),
        (mix(b[0], c[0], 0.4), mix(b[1], c[1], 0.4)),
    )
    upper = tube([a, d, b], (wa, mix(wa, wb, 0.4), wb))
    lower = tube([b, e, c], (wb, mix(wb, wc, 0.15) * 1.04, wc))
    return [upper, oval(*a, wa / 2, wa / 2), oval(*b, wb / 2, wb / 2), lower]


def draw_neck(sheet: Sheet, who: Character, body: Body, turn: float) -> None:
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
    sheet.paint(path, label, 0)
    with sheet.inside(path):
        deep = who.look.length + 0.16
        sheet.darken(
            smooth([(-0.9, 0.2), (0.9, 0.2), (0.8, deep), (top + 0.1, deep + 0.22), (-0.8, deep)]),
            label,
        )
    sheet.outline(path, 0.9)
    for side in (-1, 1):
        sheet.line(
            (x + side * 0.12, body.neck_y + 0.22),
            (x + side * 0.3, body.neck_y + 0.16),
            (x + side * 0.62, body.neck_y + 0.18),
            0.6,
        )


def draw_arm(sheet: Sheet, who: Character, body: Body, side: float, sleeve: str) -> None:
    """An arm with its sleeve, of the part named, and hand."""
    look = who.look
    a, b, c, direction = body.arm(side)
    w = body.limb
    skin = who.label("skin")
    hand = ARMS[body.stance.left if side < 0 else body.stance.right][2]
    loose = (
        1.75 if look.top == "kimono" else 1.2 if look.top in ("hoodie", "coat", "jacket") else 1.08
    )
    if body.stance.prop != "none" and hand == "fist" and side > 0:
        _prop(sheet, who, c, direction, body.stance.prop)
    if not sleeve or look.sleeves < 0.99:
        sheet.paint_joined(limb(a, b, c, (w, w * 0.82, w * 0.58)), skin, 0.07)
    _hand(
        sheet, who, c, direction, hand, side, mix(1, body.k, 0.35) * (0.88 if body.female else 1.0)
    )
    if not sleeve:
        return
    label = who.label(sleeve)
    if look.sleeves < 0.99:
        end = (mix(a[0], b[0], look.sleeves * 1.5), mix(a[1], b[1], look.sleeves * 1.5))
        path = tube(
            [a, (mix(a[0], end[0], 0.5), mix(a[1], end[1], 0.5)), end], (w * 1.15, w * 1.2, w * 1.3)
        )
        sheet.paint_joined([oval(*a, w * 0.58, w * 0.58), path], label, 0.09)
        _seam(sheet, a, w, side, label, who.label("top"))
        _fold(sheet, a, end, w, side)
        return
    paths = limb(a, b, c, (w * 1.12, w * 0.98 * mix(1, loose, 0.5), w * 0.8 * loose))
    sheet.paint_joined(paths, label, 0.09)
    _seam(sheet, a, w, side, label, who.label("top"))
    _fold(sheet, a, b, w, side)
    _fold(sheet, c, b, w, -side)
    if look.top in ("sailor", "gakuran", "coat", "jacket", "hoodie", "cape", "armour"):
        near = (mix(c[0], b[0], 0.14), mix(c[1], b[1], 0.14))
        cuff = tube(
            [near, ((near[0] + c[0]) / 2, (near[1] + c[1]) / 2), c], (w * 0.86 * loose,) * 3
        )
        sheet.paint(cuff, who.label("trim"), 0.9)


def _seam(sheet: Sheet, at: Point, w: float, side: float, label: int, chest: int) -> None:
    """Lets sleeve and chest run into each other where they are one piece."""
    if label == chest:
        x, y = at
        sheet.paint(oval(x - side * 0.2 * w, y + 0.12 * w, 0.5 * w, 0.5 * w), label, 0)
        sheet.line(
            (x - side * w * 0.45, y + w * 1.3),
            (x - side * w * 0.5, y + w * 0.7),
            (x - side * w * 0.28, y + w * 0.2),
            0.8,
            0.9,
        )


def _fold(sheet: Sheet, a: Point, b: Point, w: float, side: float) -> None:
    """Creases on the inner side of a bend."""
    for share in (0.82, 0.94):
        x, y = mix(a[0], b[0], share), mix(a[1], b[1], share)
        sheet.line(
            (x - side * w * 0.45, y - 0.05),
            (x - side * w * 0.1, y + 0.04),
            (x + side * w * 0.22, y - 0.06),
            0.7,
            0.9,
        )


FINGERS = {"open": (-32, -12, 6, 24), "point": (4,)}


def _hand(
    sheet: Sheet, who: Character, at: Point, direction: float, kind: str, side: float, size: float
) -> None:
    label = who.label("skin")
    with sheet.moved(at[0], at[1], size, -direction, side):
        if kind in FINGERS:
            for angle in FINGERS[kind]:
                with sheet.moved(0, 0.22, 1.0, -angle):
                    path = tube([(0, 0), (0, 0.25), (0, 0.4)], (0.13, 0.125, 0.1), round_end=True)
                    sheet.paint(path, label, 0.8)
            palm = smooth(
                [
                    (-0.13, -0.08),
                    (0.13, -0.08),
                    (0.2, 0.15),
                    (0.17, 0.36),
                    (-0.15, 0.36),
                    (-0.2, 0.15),
                ]
            )
            sheet.paint(palm, label, 0)
            sheet.outline(smooth([(-0.13, -0.02), (-0.2, 0.15), (-0.16, 0.32)], closed=False), 0.8)
            sheet.outline(smooth([(0.13, -0.02), (0.2, 0.15), (0.17, 0.32)], closed=False), 0.8)
            thumb = tube(
                [(-0.12, 0.1), (-0.28, 0.22), (-0.32, 0.34)], (0.15, 0.13, 0.1), round_end=True
            )
            sheet.paint(thumb, label, 0.8)
            if kind == "point":
                for y in (0.16, 0.26):
                    sheet.line((0.2, y), (0.1, y + 0.02), (0.02, y), 0.6, 0.9)
            return
        if kind == "fist":
            path = smooth(
                [
                    (-0.14, -0.06),
                    (0.14, -0.06),
                    (0.25, 0.12),
                    (0.22, 0.38),
                    (-0.2, 0.4),
                    (-0.24, 0.14),
                ]
            )
            sheet.paint(path, label, 0.9, 0.05)
            for x in (-0.08, 0.03, 0.13):
                sheet.line((x, 0.39), (x + 0.01, 0.3), (x, 0.2), 0.6, 0.9)
            sheet.line((-0.22, 0.16), (-0.02, 0.14), (0.06, 0.24), 0.7, 0.9)
            return
        path = smooth(
            [
                (-0.13, -0.06),
                (0.13, -0.06),
                (0.2, 0.14),
                (0.16, 0.44),
                (0.02, 0.6),
                (-0.12, 0.5),
                (-0.2, 0.18),
            ]
        )
        sheet.paint(path, label, 0.9, 0.05)
        for x in (-0.05, 0.05):
            sheet.line((x, 0.55), (x + 0.01, 0.42), (x, 0.32), 0.6, 0.9)
        sheet.line((-0.18, 0.18), (-0.1, 0.3), (-0.12, 0.36), 0.7, 0.9)


def draw_legs(sheet: Sheet, who: Character, body: Body) -> None:
    """Legs, what covers them, and shoes."""
    look = who.look
    w = body.limb * 1.35
    bare = look.bottom in ("skirt", "shorts") or look.top == "dress"
    poses = LEGS[body.stance.legs]
    for side, (thigh, shin) in ((1.0, poses[1]), (-1.0, poses[0])):
        hip = (body.x + side * body.hip * 0.5, body.hip_y + 0.25 * body.k)
        knee = _step(hip, side, thigh, body.thigh)
        ankle = _step(knee, side, shin, body.shin)
        _shoe(sheet, who, ankle, side, body)
        if bare:
            sheet.paint_joined(
                limb(hip, knee, ankle, (w * 1.15, w * 0.8, w * 0.5)), who.label("skin"), 0.1
            )
            top = (mix(hip[0], knee[0], 0.6), mix(hip[1], knee[1], 0.6))
            if look.hair_seed % 2:
                top = (mix(knee[0], ankle[0], 0.3), mix(knee[1], ankle[1], 0.3))
                sock = [
                    tube(
                        [top, (mix(top[0], ankle[0], 0.4), mix(top[1], ankle[1], 0.4)), ankle],
                        (w * 0.8, w * 0.76, w * 0.52),
                    )
                ]
            else:
                sock = limb(top, knee, ankle, (w * 1.02, w * 0.84, w * 0.52))
            sheet.paint_joined(sock, who.label("legs"), 0.08)
            if look.bottom == "shorts" and look.top != "dress":
                end = (mix(hip[0], knee[0], 0.55), mix(hip[1], knee[1], 0.55))
                short = tube(
                    [hip, (mix(hip[0], end[0], 0.5), mix(hip[1], end[1], 0.5)), end],
                    (w * 1.25, w * 1.3, w * 1.35),
                )
                sheet.paint(short, who.label("bottom"), 1.0, 0.1)
        else:
            sheet.paint_joined(
                limb(hip, knee, ankle, (w * 1.25, w * 0.98, w * 0.86)), who.label("bottom"), 0.1
            )
            _fold(sheet, hip, knee, w, side)
            _fold(sheet, knee, ankle, w, -side)


def _shoe(sheet: Sheet, who: Character, at: Point, side: float, body: Body) -> None:
    x, y = at
    size = 0.5 * mix(1, body.k, 0.5)
    out = side * 0.3 if body.stance.turn < 0.3 else 0.65
    path = smooth(
        [
            (x - size * 0.55, y - 0.05),
            (x + size * 0.55, y - 0.05),
            (x + size * (0.6 + max(0, out)), y + size * 0.55),
            (x + size * (0.55 + max(0, out)), y + size * 0.78),
            (x - size * (0.55 - min(0, out)), y + size * 0.78),
            (x - size * (0.6 - min(0, out)), y + size * 0.5),
        ],
        corners=(0, 1),
    )
    sheet.paint(path, who.label("shoes"), 1.0, 0.06)


PROPS = ("none", "sword", "book", "flower", "cup", "phone", "staff", "umbrella")


def _prop(sheet: Sheet, who: Character, at: Point, direction: float, kind: str) -> None:
    label, accent = who.label("prop"), who.label("accent")
    with sheet.moved(at[0], at[1], 1.0, -direction):
        with sheet.moved(0, 0.2, 1.0, 90 if kind in ("sword", "staff", "umbrella") else 180):
            if kind == "sword":
                blade = smooth(
                    [(-0.12, -0.3), (-0.13, -2.7), (0.02, -3.1), (0.13, -2.7), (0.12, -0.3)],
                    corners=(0, 2, 4),
                )
                sheet.paint(blade, label, 1.0, 0.08)
                sheet.paint(oval(0, -0.32, 0.36, 0.09), accent, 0.9)
                sheet.paint(tube([(0, -0.3), (0, 0.1), (0, 0.55)], (0.14, 0.14, 0.16)), accent, 0.9)
            elif kind == "staff":
                sheet.paint(
                    tube([(0, 2.2), (0, 0), (0, -2.3)], (0.13, 0.14, 0.15)), label, 1.0, 0.04
                )
                sheet.paint(oval(0, -2.5, 0.32, 0.32), accent, 1.0, 0.08)
            elif kind == "umbrella":
                sheet.paint(tube([(0, 0.4), (0, -1), (0, -2.2)], (0.07, 0.07, 0.07)), accent, 0.8)
                sheet.paint(
                    smooth(
                        [
                            (-1.9, -1.6),
                            (-1.2, -2.6),
                            (0, -3.0),
                            (1.2, -2.6),
                            (1.9, -1.6),
                            (0.9, -1.8),
                            (0, -1.6),
                            (-0.9, -1.8),
                        ],
                        corners=(0, 4, 6),
                    ),
                    label,
                    1.0,
                    0.15,
                )
            elif kind == "book":
                sheet.paint(
                    smooth(
                        [(-0.5, -0.6), (0.5, -0.6), (0.5, 0.5), (-0.5, 0.5)], corners=(0, 1, 2, 3)
                    ),
                    label,
                    1.0,
                    0.08,
                )
                sheet.paint(
                    smooth(
                        [(-0.3, -0.35), (0.3, -0.35), (0.3, 0.0), (-0.3, 0.0)], corners=(0, 1, 2, 3)
                    ),
                    accent,
                    0.7,
                )
            elif kind == "flower":
                sheet.paint(tube([(0, 0.5), (0.05, 0), (0, -0.5)], (0.07, 0.07, 0.06)), label, 0.8)
                for i in range(6):
                    with sheet.moved(0, -0.65, 1.0, 60 * i):
                        sheet.paint(oval(0, -0.2, 0.13, 0.17), accent, 0.8)
                sheet.paint(oval(0, -0.65, 0.1, 0.1), label, 0.7)
            elif kind == "cup":
                sheet.paint(
                    smooth(
                        [(-0.3, -0.4), (0.3, -0.4), (0.24, 0.3), (-0.24, 0.3)], corners=(0, 1, 2, 3)
                    ),
                    label,
                    1.0,
                    0.08,
                )
            else:
                sheet.paint(
                    smooth(
                        [(-0.25, -0.7), (0.25, -0.7), (0.25, 0.2), (-0.25, 0.2)],
                        corners=(0, 1, 2, 3),
                    ),
                    label,
                    1.0,
                )
                sheet.paint(
                    smooth(
                        [(-0.18, -0.6), (0.18, -0.6), (0.18, 0.1), (-0.18, 0.1)],
                        corners=(0, 1, 2, 3),
                    ),
                    accent,
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
