"""Front hair: the cap of hair on a skull, with its fringe, strands and shine."""

from __future__ import annotations

import math
from random import Random

import skia

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, Point, mix, smooth, spindle
from mangacolor.comic.fringes import cut_fringe
from mangacolor.comic.head import Head

__all__ = ["HairCap", "draw_front_hair", "is_black", "shade_forehead", "strand"]


class HairCap:
    """The outline of the hair on a head, before it is drawn."""

    def __init__(self, who: Character, head: Head) -> None:
        look, t = who.look, head.pose.turn
        self.look = look
        self.head = head
        self.fringe = cut_fringe(look, head.side)
        skull_x, skull_r = head.skull
        self.centre = (skull_x, -0.06 - 0.05 * (look.volume - 1))
        self.radii = (skull_r * (0.96 + 0.75 * (look.volume - 1)), 1.0 * look.volume)
        if look.fringe in ("crop", "slick"):
            self.radii = (skull_r * 1.0, 1.07)
        self.whorl = (skull_x + 0.1 * head.side * (1 - t), -0.8 * look.volume)
        # Locks that a turned head hides behind its forehead are left out.
        hidden = sum(math.asin(x / 0.95) + head.angle > 1.3 for x, _ in self.fringe.valleys[1:-2])
        self.belly = self.fringe.belly[hidden:]
        self.valleys = [self._place(x, y) for x, y in self.fringe.valleys[hidden:]]
        self.tips = [self._place(x, y) for x, y in self.fringe.tips[hidden:]]
        self.path = self._outline()

    def _place(self, x: float, y: float) -> Point:
        """Locks stand off the forehead a little."""
        px, py = self.head.at(x, y)
        return px * 1.02, py

    def rim(self, degrees: float, factor: float = 1.0) -> Point:
        """A place on the outer contour; 0 is to the right, 90 the top."""
        angle = math.radians(degrees)
        return (
            self.centre[0] + self.radii[0] * factor * math.cos(angle),
            self.centre[1] - self.radii[1] * factor * math.sin(angle),
        )

    def _outline(self) -> Path:
        _look, t = self.look, self.head.pose.turn
        right, left = self.fringe.sides
        path = skia.Path()
        start = self.rim(-8 if t < 0.6 else 22)
        path.moveTo(*start)
        # The lock beside the far cheek; in a profile it is behind the face.
        far = mix(right, 0.2, max(0.0, (t - 0.35) / 0.3)) if t > 0.35 else right
        far = max(far, 0.15)
        out = mix(0.97, 0.9, min(1, 2 * t)) if t < 0.65 else 0.86
        tip = (out * 0.93, far)
        first = self.valleys[0]
        if t < 0.6:
            path.quadTo(start[0] + 0.06, mix(start[1], far, 0.6), *tip)
            path.quadTo(mix(tip[0], first[0], 0.7) + 0.04, mix(far, first[1], 0.5), *first)
        else:
            path.lineTo(*first)
        self._locks(path)
        self._near_side(path, left, t)
        self._over_the_top(path, start)
        path.close()
        return path

    def _locks(self, path: Path) -> None:
        for i, (x, y) in enumerate(self.tips):
            a, b = self.valleys[i], self.valleys[i + 1]
            belly = self.belly[i]
            if self.fringe.round_tips:
                path.cubicTo(a[0] + 0.02, mix(a[1], y, 1.1), b[0] - 0.02, mix(b[1], y, 1.1), *b)
                continue
            path.quadTo(mix(a[0], x, 0.2) + 0.04 + belly, mix(a[1], y, 0.6), x, y)
            path.quadTo(mix(b[0], x, 0.25) - 0.03 + belly, mix(b[1], y, 0.5), *b)

    def _near_side(self, path: Path, length: float, t: float) -> None:
        """From the forehead down before the ear and behind it to the nape."""
        ear = -self.head.ear_x
        shows_ear = self.look.back in ("short", "spiky", "lowtail", "ponytail", "buns") or (
            self.look.fringe in ("crop", "slick", "spiky")
        )
        last = self.valleys[-1]
        width = 0.12 if shows_ear else 0.3 + 0.1 * t
        tip = (ear + 0.1 + 0.04 * t, length)
        path.quadTo(mix(last[0], tip[0], 0.2) + 0.03, mix(last[1], length, 0.5), *tip)
        behind = (ear - width * (0.3 + 0.7 * min(1, 2 * t)), 0.25 if shows_ear else length * 0.72)
        path.quadTo(tip[0] - 0.12, mix(behind[1], length, 0.5), *behind)
        if t > 0.12:
            nape = 0.78 + 0.12 * t
            back = self.rim(180)[0]
            wide = (behind[0] - back) * 0.9
            for i, share in enumerate((0.42, 0.8)):
                x = behind[0] - wide * share
                path.quadTo(x + 0.14 * wide, mix(behind[1], nape, 0.5), x, nape - 0.1 * i)
                path.lineTo(x - 0.1 * wide, nape - 0.22 - 0.1 * i)
        end = self.rim(196)
        path.quadTo(end[0] - 0.03, end[1] + 0.25, *end)

    def _over_the_top(self, path: Path, start: Point) -> None:
        look = self.look
        random = Random(look.hair_seed + 1)
        if look.fringe == "spiky" or look.back == "spiky":
            n, low, high, tidy = random.randint(7, 9), 1.2, 1.55, 0.0
        elif look.fringe == "messy":
            n, low, high, tidy = random.randint(8, 11), 1.06, 1.2, 0.2
        elif look.fringe == "curly" or look.back == "cloud":
            self._scallops(path, random, start)
            return
        else:
            # A smooth crown with the odd stray lock.
            points = [
                self.rim(a, random.uniform(0.985, 1.02)) for a in (172, 148, 120, 92, 64, 36, 12)
            ]
            stray = random.random() < 0.4
            for i, (x, y) in enumerate(points):
                px, py = points[i - 1] if i else self.rim(196)
                if stray and i == 4:
                    tall = random.uniform(0.2, 0.5)
                    tip = (px + 0.45 * tall * look.side, py - tall)
                    path.quadTo(px - 0.05, py - tall * 0.8, *tip)
                    path.quadTo(px + 0.12, py - tall * 0.5, px + 0.14, py + 0.01)
                mid = self.rim({0: 184, 1: 160, 2: 134, 3: 106, 4: 78, 5: 50, 6: 24}[i], 1.02)
                path.quadTo(*mid, x, y)
            path.quadTo(self.rim(2)[0] + 0.02, self.rim(2)[1], *start)
            return
        span = 196.0 + 8
        step = span / n
        for i in range(n):
            a = 196 - step * i
            tall = random.uniform(low, high)
            # Spikes at the sides point down less than the round would have it.
            lean = random.uniform(0.25, 0.75)
            middle = a - step * lean
            upward = 0.12 * (tall - 1)
            tip = self.rim(middle, tall)
            tip = (tip[0], tip[1] - upward)
            end = self.rim(a - step, 1.0) if i < n - 1 else start
            first = self.rim(a - step * 0.12, mix(1.02, tall, 0.55 - tidy))
            path.quadTo(*first, *tip)
            second = self.rim(a - step * 0.75, mix(1.0, tall, 0.35))
            path.quadTo(*second, *end)

    def _scallops(self, path: Path, random: Random, start: Point) -> None:
        n = random.randint(9, 12)
        step = 204.0 / n
        for i in range(n):
            a = 196 - step * i
            end = self.rim(a - step) if i < n - 1 else start
            big = random.uniform(1.12, 1.24)
            path.cubicTo(*self.rim(a + step * 0.1, big), *self.rim(a - step * 1.1, big), *end)


def strand(
    canvas: Canvas, black: bool, label: int, a: Point, b: Point, c: Point, weight: float
) -> None:
    """A line in hair, white where hair is black."""
    if black:
        width = canvas.pen(weight * 0.8)
        canvas.white(spindle(a, b, c, width * 0.3, width, 0.0), label)
    else:
        canvas.line(a, b, c, weight, 0.9)


def draw_front_hair(canvas: Canvas, who: Character, cap: HairCap) -> None:
    """The cap of hair over a face."""
    label = who.label("hair")
    black = is_black(canvas, who)
    canvas.paint(cap.path, label, 0, 0.16)
    with canvas.inside(cap.path):
        _shine(canvas, cap, label, black)
        if who.look.streaks:
            _streak(canvas, who, cap)
        _strands(canvas, cap, label, black)
    canvas.outline(cap.path, 1.0)


def shade_forehead(canvas: Canvas, who: Character, cap: HairCap, face: Path) -> None:
    """The shadow that hair throws on a face."""
    with canvas.inside(face):
        low = skia.Path(cap.path)
        low.offset(0.03, 0.13)
        canvas.darken(low, who.label("skin"))


def is_black(canvas: Canvas, who: Character) -> bool:
    """Whether a character's hair is solid black in black and white."""
    return canvas.palette.paints[who.label("hair")].mark & 0xFFFF00 == 0


def _strands(canvas: Canvas, cap: HairCap, label: int, black: bool) -> None:
    random = Random(cap.look.hair_seed + 2)
    if cap.look.fringe in ("crop", "curly"):
        return
    wx, wy = cap.whorl
    for (x, y), (tx, ty) in zip(cap.valleys[1:], cap.tips, strict=True):
        share = random.uniform(0.3, 0.75)
        cx, cy = mix(x, wx, share), mix(y, wy, share)
        bulge = (x - wx) * 0.28
        strand(
            canvas,
            black,
            label,
            (x, y),
            (mix(x, cx, 0.5) + bulge, mix(y, cy, 0.5) - 0.03),
            (cx, cy),
            0.8,
        )
        if random.random() < 0.5 and ty > y + 0.15:
            mx = mix(x, tx, 0.5)
            end = (mix(tx, wx, 0.15), y - 0.1)
            strand(canvas, black, label, (tx, ty - 0.06), (mx, mix(ty, y, 0.5)), end, 0.6)
    for degrees in (200, 172, 150, 30, 8) if cap.head.pose.turn < 0.6 else (200, 172, 150):
        if random.random() < 0.75:
            a = cap.rim(degrees, 0.99)
            if degrees > 165:
                a = (a[0] + 0.08, a[1] + 0.1)
            far = random.uniform(0.3, 0.55)
            c = (mix(a[0], wx, far), mix(a[1], wy, far))
            out = cap.rim(mix(degrees, 90, far * 0.6), 0.86)
            strand(canvas, black, label, a, out, c, 0.7)


def _shine(canvas: Canvas, cap: HairCap, label: int, black: bool) -> None:
    """A band of light around the crown, with ragged edges."""
    random = Random(cap.look.hair_seed + 3)
    kind = random.random()
    if cap.look.fringe in ("crop", "curly") or kind < 0.2:
        return
    cx = cap.centre[0] + 0.12 * canvas.light[0] * (1 if kind < 0.6 else 2)
    reach = random.uniform(0.45, 0.72)
    top, low = [], []
    n = 9
    for i in range(n):
        x = mix(-reach, reach, i / (n - 1))
        y = -0.56 * cap.look.volume + 0.3 * x * x
        ragged = 0.035 + 0.11 * random.random() * (1 if i % 2 else 0.3)
        edge = 1 - abs(x / reach) ** 3
        top.append((cx + x, y - ragged * edge))
        low.append((cx + x, y + ragged * 1.2 * edge))
    band = smooth([*top, *reversed(low)], corners=range(0, 2 * n, 2))
    if black and kind < 0.5:
        canvas.lighten(band, label, paper=False)
    else:
        canvas.lighten(band, label)


def _streak(canvas: Canvas, who: Character, cap: HairCap) -> None:
    """A lock in another colour."""
    i = min(1, len(cap.tips) - 1) if cap.head.side > 0 else max(0, len(cap.tips) - 2)
    a, b, tip = cap.valleys[i], cap.valleys[i + 1], cap.tips[i]
    path = skia.Path()
    path.moveTo(*cap.whorl)
    path.quadTo(a[0] * 1.1, mix(a[1], cap.whorl[1], 0.4), *a)
    path.lineTo(tip[0], tip[1] + 0.05)
    path.lineTo(*b)
    path.quadTo(b[0] * 1.1, mix(b[1], cap.whorl[1], 0.4), *cap.whorl)
    canvas.paint(path, who.label("hair tips"), 0.7)
