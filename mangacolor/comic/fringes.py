"""Cuts of front hair: the locks that fall over a forehead."""

from __future__ import annotations

import itertools
from random import Random
from typing import NamedTuple

from mangacolor.comic.curves import mix
from mangacolor.comic.looks import Physique

__all__ = ["Fringe", "cut_fringe"]


class Fringe(NamedTuple):
    """Locks in the front view's places, from right to left.

    Attributes:
        valleys: where locks part, one more than there are tips.
        tips: where they end.
        belly: how much locks bulge, to the left if negative.
        round_tips: whether they are curls.
        sides: how far down the hair beside the face reaches, right and left.
    """

    valleys: list[tuple[float, float]]
    tips: list[tuple[float, float]]
    belly: list[float]
    round_tips: bool
    sides: tuple[float, float]


# Hair that is combed back.
_SLICK = Fringe(
    valleys=[(0.92, 0.1), (0.55, -0.5), (0.0, -0.62), (-0.55, -0.5), (-0.92, 0.1)],
    tips=[(0.78, -0.2), (0.3, -0.6), (-0.3, -0.6), (-0.78, -0.2)],
    belly=[0.0] * 4,
    round_tips=True,
    sides=(0.4, 0.4),
)


def cut_fringe(look: Physique, side: float) -> Fringe:
    """The same look always gets the same cut; `side` says which way it is combed."""
    random = Random(look.hair_seed)
    u = random.uniform
    kind = look.fringe
    long_side = look.back in ("long", "wavy", "bob", "twintails", "half", "flip", "braids", "buns")
    reach = u(0.75, 1.25) if long_side else u(0.42, 0.72)
    sides = (reach, reach * u(0.92, 1.08))
    tall = look.eye_y
    if kind == "crop":
        return _cropped(random)
    if kind == "slick":
        return _SLICK
    if kind == "blunt":
        xs = _spread(random, 7, 0.3)
        low = tall - 0.14 + u(-0.05, 0.03)
        valleys = [(x, low - u(0.05, 0.16)) for x in xs]
        tips = [(mix(a, b, u(0.3, 0.7)), low + 0.03) for a, b in itertools.pairwise(xs)]
        sides = (u(0.9, 1.2),) * 2 if long_side else sides
        return Fringe(valleys, tips, [0.0] * 7, False, sides)
    if kind == "curly":
        xs = _spread(random, 6, 0.2)
        valleys = [(x, -0.12 + 0.2 * x * x) for x in xs]
        tips = [(mix(a, b, 0.5), 0.1 + u(-0.05, 0.08)) for a, b in itertools.pairwise(xs)]
        return Fringe(valleys, tips, [0.0] * 6, True, sides)
    if kind in ("parted", "side"):
        return _parted(look, random, side, kind == "side", sides)
    return _locks(look, random, side, sides)


def _cropped(random: Random) -> Fringe:
    """Hair cut short all along the forehead."""
    u, xs = random.uniform, _spread(random, 9, 0.25)
    valleys = [(x, -0.5 + 0.3 * abs(x) ** 3) for x in xs]
    tips = [
        (mix(a, b, 0.5) + u(-0.05, 0.05), -0.36 + 0.3 * abs(a) ** 3 + u(-0.05, 0.06))
        for a, b in itertools.pairwise(xs)
    ]
    return Fringe(valleys, tips, [0.0] * 9, False, (0.38, 0.38))


def _locks(look: Physique, random: Random, side: float, sides: tuple[float, float]) -> Fringe:
    """Locks side by side, as jagged, combed or wild as the cut is."""
    u, kind, tall = random.uniform, look.fringe, look.eye_y
    n = {
        "jagged": random.randint(5, 7),
        "between": 6,
        "swept": 5,
        "spiky": random.randint(4, 6),
        "messy": random.randint(6, 9),
        "veil": 5,
    }[kind]
    xs = _spread(random, n, 0.35)
    high = {"spiky": -0.42, "swept": -0.3, "veil": -0.3}.get(kind, -0.16)
    valleys, tips, belly = [], [], []
    for i, x in enumerate(xs):
        edge = abs(x) > 0.85
        valleys.append((x, 0.05 if edge else high + u(-0.12, 0.12)))
        if i == n:
            break
        middle = mix(x, xs[i + 1], 0.5)
        low = tall - 0.17 + u(-0.14, 0.16)
        lean = (0.1 if middle > look.parting * 0.5 else -0.1) + u(-0.06, 0.06)
        if kind == "swept":
            lean = side * u(0.16, 0.3)
            low = tall - 0.28 + 0.3 * (0.5 + 0.5 * side * middle) + u(-0.05, 0.05)
        elif kind == "veil":
            lean = side * u(0.12, 0.2)
            low = tall + 0.42 if 0.15 < side * middle < 0.75 else tall - 0.25 + u(-0.05, 0.1)
        elif kind == "spiky":
            lean, low = u(-0.14, 0.14), tall - 0.3 + u(-0.15, 0.2)
        elif kind == "between" and abs(middle) < 0.2:
            low, lean = tall + 0.22, u(-0.06, 0.06)
        tips.append((max(-0.93, min(0.93, middle + lean)), low))
        belly.append(lean * 0.5)
    if kind == "spiky":
        sides = (u(0.4, 0.55),) * 2
    return Fringe(valleys, tips, belly, False, sides)


def _spread(random: Random, n: int, wild: float) -> list[float]:
    """Ends of n locks from right to left, unevenly spread."""
    step = 1.86 / n
    inner = [0.93 - step * (i + random.uniform(-wild, wild)) for i in range(1, n)]
    return [0.93, *inner, -0.93]


def _parted(
    look: Physique, random: Random, side: float, far: bool, sides: tuple[float, float]
) -> Fringe:
    """Hair combed from a parting to both sides."""
    u = random.uniform
    at = side * (u(0.35, 0.55) if far else abs(look.parting) * 0.4)
    tall = look.eye_y
    valleys, tips, belly = [(0.93, 0.12)], [], []
    right = random.randint(2, 3) if at < 0.3 else 1
    left = random.randint(2, 3) if at > -0.3 else 1
    for i in range(right):
        share = (i + 0.5) / right
        x = mix(0.9, at, share)
        tips.append(
            (
                min(0.93, x + 0.22 * (1 - share * 0.2)),
                mix(tall + 0.12, tall - 0.22, share) + u(-0.06, 0.06),
            )
        )
        end = mix(0.93, at, (i + 1) / right)
        valleys.append((end, mix(0.0, -0.3, share) if i < right - 1 else -0.66))
        belly.append(0.16)
    for i in range(left):
        share = (i + 0.5) / left
        x = mix(at, -0.9, share)
        tips.append(
            (
                max(-0.93, x - 0.22 * (0.8 + share * 0.2)),
                mix(tall - 0.22, tall + 0.12, share) + u(-0.06, 0.06),
            )
        )
        end = mix(at, -0.93, (i + 1) / left)
        valleys.append((end, mix(-0.3, 0.0, share) if i < left - 1 else 0.12))
        belly.append(-0.16)
    return Fringe(valleys, tips, belly, False, sides)
