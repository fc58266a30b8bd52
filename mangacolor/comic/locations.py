"""Places: what is behind a cast, with the labels of its parts."""

from __future__ import annotations

import dataclasses
from random import Random

from mangacolor.comic.palette import RGB, Palette, hsv, luma_of, towards

__all__ = ["LOCATION_PARTS", "Location", "make_location"]

LOCATION_PARTS = (
    "sky",
    "cloud",
    "far",
    "near",
    "ground",
    "road",
    "wall",
    "second wall",
    "roof",
    "window",
    "wood",
    "leaves",
    "trunk",
    "lamp",
    "water",
    "detail",
)


KINDS = ("hills", "street", "room", "classroom", "forest", "sea", "night", "mountains")


@dataclasses.dataclass(frozen=True)
class Location:
    """One place: its kind, what it is built from, and its first label."""

    name: str
    base: int
    kind: str
    seed: int

    def label(self, part: str) -> int:
        """The label of a part of `LOCATION_PARTS`."""
        return self.base + LOCATION_PARTS.index(part)


def make_location(random: Random, name: str, base: int, palette: Palette) -> Location:
    """Draws lots for a place and adds its labels to the palette."""
    u = random.uniform
    kind = random.choice(KINDS)
    if kind == "night":
        sky = hsv(u(0.58, 0.75), u(0.5, 0.8), u(0.15, 0.4))
    elif random.random() < 0.7:
        sky = hsv(u(0.5, 0.62), u(0.2, 0.6), u(0.85, 1))
    else:
        sky = hsv(u(-0.03, 0.14), u(0.25, 0.55), u(0.9, 1))
    leaf = (
        hsv(u(0.2, 0.42), u(0.4, 0.75), u(0.4, 0.8))
        if random.random() < 0.8
        else hsv(u(-0.08, 0.1), u(0.4, 0.7), u(0.7, 0.95))
    )
    colors: dict[str, RGB] = {
        "sky": sky,
        "cloud": towards((255, 255, 255), sky, 0.12),
        "far": towards(hsv(u(0.3, 0.6), u(0.2, 0.5), u(0.5, 0.8)), sky, 0.3),
        "near": towards(leaf, (90, 120, 60), 0.4),
        "ground": hsv(u(0.08, 0.35), u(0.2, 0.6), u(0.55, 0.9)),
        "road": hsv(u(0.05, 0.7), u(0.02, 0.15), u(0.55, 0.8)),
        "wall": hsv(u(0, 1), u(0.06, 0.4), u(0.75, 1)),
        "second wall": hsv(u(0, 1), u(0.1, 0.5), u(0.55, 0.9)),
        "roof": hsv(u(0, 1), u(0.35, 0.8), u(0.35, 0.8)),
        "window": hsv(u(0.5, 0.6), u(0.15, 0.45), u(0.8, 1)),
        "wood": hsv(u(0.05, 0.1), u(0.4, 0.7), u(0.4, 0.75)),
        "leaves": leaf,
        "trunk": hsv(u(0.04, 0.1), u(0.3, 0.6), u(0.3, 0.55)),
        "lamp": hsv(u(0.1, 0.16), u(0.3, 0.7), 1.0),
        "water": hsv(u(0.48, 0.62), u(0.4, 0.75), u(0.6, 0.95)),
        "detail": hsv(u(0, 1), u(0.5, 0.9), u(0.6, 0.95)),
    }
    for offset, part in enumerate(LOCATION_PARTS):
        dark = 1 - luma_of(colors[part])
        # What is behind is to stay behind: lighter tones, and many areas without any.
        tone = round(0.04 + 0.35 * dark, 2) if dark > 0.3 and random.random() < 0.5 else 0.0
        palette.add(
            base + offset, f"{name} {part}", colors[part], tone, part == "sky" and dark > 0.78, 0.22
        )
    return Location(name, base, kind, random.getrandbits(32))
