"""Who is in a series: characters with the labels of their parts."""

from __future__ import annotations

import dataclasses
from random import Random

from mangacolor.comic.looks import KINDS, Physique, random_look
from mangacolor.comic.palette import (
    Palette,
    hsv,
    luma_of,
    random_cloth,
    random_hair,
    random_iris,
    random_skin,
    towards,
)

__all__ = ["PARTS", "Character", "make_character"]

# Labels of a character are its first label and the place in this list.
PARTS = (
    "skin",
    "hair",
    "hair tips",
    "iris",
    "eye white",
    "mouth",
    "top",
    "trim",
    "undershirt",
    "bottom",
    "legs",
    "shoes",
    "accent",
    "glasses",
    "hat",
    "prop",
    "coat",
    "pattern",
)


@dataclasses.dataclass
class Character:
    """One of the cast: a name, a look, and the first of its labels."""

    name: str
    base: int
    look: Physique

    def label(self, part: str) -> int:
        """The label of a part of `PARTS`."""
        return self.base + PARTS.index(part)


def make_character(
    random: Random, name: str, base: int, palette: Palette, eyes: float
) -> Character:
    """Draws lots for a character and adds its labels to the palette.

    Args:
        random: source of randomness.
        name: in the labels' names.
        base: first label.
        palette: gets the labels.
        eyes: how large the series draws eyes, about 1.
    """
    kind = random.choices(KINDS, (32, 28, 12, 12, 9, 7))[0]
    look = random_look(random, kind, eyes)
    _add_labels(random, name, base, palette, look)
    return Character(name, base, look)


def _add_labels(random: Random, name: str, base: int, palette: Palette, look: Physique) -> None:
    skin, hair = random_skin(random), random_hair(random)
    if look.kind == "elder":
        hair = hsv(random.random(), random.uniform(0, 0.08), random.uniform(0.7, 0.92))
    top, trim, bottom = (random_cloth(random) for _ in range(3))
    # A collar in the colour of its shirt would not be seen.
    while sum(abs(a - b) for a, b in zip(top, trim, strict=True)) < 120:
        trim = random_cloth(random)
    legs = random.choice((skin, (250, 250, 250), (40, 38, 52), random_cloth(random)))
    colors = {
        "skin": skin,
        "hair": hair,
        "hair tips": towards(hair, random_hair(random), 0.8),
        "iris": random_iris(random),
        "eye white": (255, 253, 250),
        "mouth": towards((190, 70, 76), skin, random.uniform(0, 0.3)),
        "top": top,
        "trim": trim,
        "undershirt": random.choice(((250, 250, 248), (250, 250, 248), random_cloth(random))),
        "bottom": bottom,
        "legs": legs,
        "shoes": random.choice((hsv(0.07, 0.6, 0.35), (60, 56, 66), random_cloth(random))),
        "accent": hsv(random.random(), random.uniform(0.6, 0.95), random.uniform(0.7, 1)),
        "glasses": random.choice(((60, 60, 70), (150, 60, 50), (190, 150, 60))),
        "hat": random_cloth(random),
        "prop": random_cloth(random),
        "coat": random_cloth(random),
        "pattern": towards(top, random.choice(((255, 255, 255), trim)), 0.75),
    }
    taste = random.random()
    for offset, part in enumerate(PARTS):
        color = colors[part]
        dark = 1 - luma_of(color)
        inked = part not in ("skin", "eye white", "mouth", "legs") or dark > 0.55
        black = inked and dark > 0.72 and taste < 0.75 and part != "iris"
        tone = 0.0
        if inked and not black and dark > 0.28 and random.random() < 0.7:
            tone = round(0.12 + 0.6 * (dark - 0.2), 2)
        if part == "skin" and dark > 0.35:
            tone = round(0.5 * (dark - 0.2), 2)
        # Eyes are what a reader looks at: they are dark in black and white, too.
        shade = {"eye white": 0.12, "iris": 0.6}.get(part, 0.28)
        palette.add(base + offset, f"{name} {part}", color, tone, black, shade)
