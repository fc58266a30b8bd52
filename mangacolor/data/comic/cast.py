"""Who is in a series: characters as numbers and choices, from a seed."""

from __future__ import annotations

import dataclasses
from random import Random

from mangacolor.data.comic.palette import (
    Palette,
    hsv,
    luma_of,
    random_cloth,
    random_hair,
    random_iris,
    random_skin,
    towards,
)

__all__ = ["PARTS", "Character", "Look", "make_character"]

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

FRINGES = (
    "jagged",
    "swept",
    "parted",
    "blunt",
    "between",
    "spiky",
    "crop",
    "slick",
    "veil",
    "side",
    "curly",
    "messy",
)
BACKS = (
    "short",
    "bob",
    "long",
    "wavy",
    "ponytail",
    "twintails",
    "buns",
    "braids",
    "spiky",
    "lowtail",
    "cloud",
    "flip",
    "half",
)


@dataclasses.dataclass
class Look:
    """The shapes of one character; lengths in heads' radii, shares in 0 to 1.

    Attributes are read by the modules that draw the parts they name.
    """

    kind: str
    jaw: float
    chin: float
    length: float
    eye_w: float
    eye_h: float
    eye_y: float
    eye_gap: float
    eye_tilt: float
    eye_kind: str
    pupil: str
    lash: float
    brow: float
    brow_kind: str
    nose: str
    mouth_w: float
    freckles: bool
    wrinkles: bool
    beard: str
    ears: str
    fringe: str
    back: str
    volume: float
    parting: float
    hair_seed: int
    hair_length: float
    streaks: bool
    glasses: str
    hat: str
    ornament: str
    body: str
    top: str
    bottom: str
    pattern: str
    sleeves: float
    shoulders: float
    tall: float
    scar: bool
    side: float


@dataclasses.dataclass
class Character:
    """One of the cast: a name, a look, and the first of its labels."""

    name: str
    base: int
    look: Look

    def label(self, part: str) -> int:
        return self.base + PARTS.index(part)


KINDS = ("girl", "boy", "woman", "man", "child", "elder")


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
    look = _look(random, kind, eyes)
    _add_labels(random, name, base, palette, look)
    return Character(name, base, look)


def _look(random: Random, kind: str, eyes: float) -> Look:
    u, pick = random.uniform, random.choice
    female = kind in ("girl", "woman") or (kind in ("child", "elder") and random.random() < 0.5)
    young = kind in ("girl", "boy", "child")
    big = {"girl": 1.05, "child": 1.1, "boy": 0.95, "woman": 0.9, "man": 0.72, "elder": 0.68}[kind]
    size = big * eyes * u(0.92, 1.1)
    fringe = pick(
        ("jagged", "swept", "parted", "blunt", "between", "side", "veil", "curly", "messy")
        if female
        else ("jagged", "swept", "spiky", "spiky", "crop", "slick", "between", "messy", "parted")
    )
    back = pick(
        (
            "short",
            "bob",
            "bob",
            "long",
            "long",
            "wavy",
            "ponytail",
            "twintails",
            "buns",
            "braids",
            "flip",
            "half",
            "cloud",
        )
        if female
        else ("short", "short", "short", "short", "spiky", "spiky", "lowtail", "cloud", "bob")
    )
    if fringe == "spiky":
        back = pick(("spiky", "spiky", "short"))
    if fringe in ("crop", "slick") and not female:
        back = pick(("short", "short", "lowtail"))
    long_back = back in ("long", "wavy", "half", "braids", "twintails", "ponytail")
    return Look(
        kind=kind,
        jaw=u(0.9, 1.02) * (1.06 if kind == "man" else 1),
        chin=u(0.0, 1.0) if kind != "man" else u(0.0, 0.4),
        length=(u(1.2, 1.32) if young else u(1.32, 1.48)) - (0.06 if kind == "child" else 0),
        eye_w=0.31 * size * u(0.92, 1.08),
        eye_h=0.34 * size * u(0.85, 1.12) * (1 if female else 0.88),
        eye_y=u(0.36, 0.46) + (0.05 if kind == "child" else -0.04 if not young else 0),
        eye_gap=u(0.41, 0.47),
        eye_tilt=u(-9, 9) if young else u(-9, 3),
        eye_kind=random.choices(("round", "almond", "sharp", "droopy", "dot"), (8, 6, 5, 3, 1.2))[
            0
        ],
        pupil=random.choices(("full", "ring", "slit", "plain"), (6, 3, 1, 3))[0],
        lash=(u(0.9, 1.4) if female else u(0.55, 0.9)),
        brow=(u(0.03, 0.05) if female else u(0.05, 0.1)),
        brow_kind=pick(("arched", "straight", "thick", "short")),
        nose=pick(("tick", "dot", "wedge", "line")) if young else pick(("wedge", "line", "long")),
        mouth_w=u(0.15, 0.24),
        freckles=random.random() < 0.08,
        wrinkles=kind == "elder" or (kind == "man" and random.random() < 0.3),
        beard=pick(("none", "moustache", "full", "goatee"))
        if not female and kind in ("man", "elder")
        else "none",
        ears=random.choices(("plain", "pointed", "cat"), (20, 2, 1))[0],
        fringe=fringe,
        back=back,
        volume=u(1.06, 1.2) + (0.05 if fringe == "messy" else 0),
        parting=u(-0.5, 0.5),
        hair_seed=random.getrandbits(32),
        hair_length=u(1.6, 4.2) if long_back else u(0.9, 1.3),
        streaks=random.random() < 0.12,
        glasses=random.choices(("none", "round", "square", "half"), (11, 1, 1, 0.6))[0],
        hat=random.choices(
            ("none", "cap", "beanie", "brim", "witch", "helmet", "crown"),
            (18, 1.6, 1.2, 1, 0.6, 0.5, 0.5),
        )[0],
        ornament=random.choices(
            ("none", "ribbon", "clip", "band", "flower", "headband"),
            (4, 3, 3, 2, 1.5, 0.5) if female else (20, 0, 1, 0, 0, 2.5),
        )[0],
        body="chibi" if random.random() < 0.06 else "plain",
        top=pick(
            (
                "sailor",
                "blouse",
                "tee",
                "hoodie",
                "dress",
                "kimono",
                "jacket",
                "vest",
                "cape",
                "coat",
            )
            if female
            else (
                "tee",
                "hoodie",
                "shirt",
                "gakuran",
                "jacket",
                "kimono",
                "vest",
                "armour",
                "cape",
                "coat",
            )
        ),
        bottom=pick(("skirt", "skirt", "skirt", "shorts", "trousers"))
        if female
        else pick(("trousers", "trousers", "trousers", "shorts")),
        pattern=random.choices(
            ("none", "stripes", "bands", "dots", "check", "emblem"), (9, 1.2, 2, 1.2, 1.2, 2)
        )[0],
        sleeves=pick((0.35, 0.5, 1.0, 1.0, 1.0)),
        shoulders=(u(1.1, 1.3) if female else u(1.3, 1.6))
        * (1.18 if kind == "man" else 1)
        * (0.85 if kind == "child" else 1),
        tall={
            "child": u(0.55, 0.7),
            "girl": u(0.85, 0.97),
            "boy": u(0.85, 1.02),
            "woman": u(0.98, 1.08),
            "man": u(1.02, 1.15),
            "elder": u(0.8, 1.0),
        }[kind],
        scar=random.random() < 0.05,
        side=pick((-1.0, 1.0)),
    )


def _add_labels(random: Random, name: str, base: int, palette: Palette, look: Look) -> None:
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
