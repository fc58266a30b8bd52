"""How a character looks, as numbers and choices, from a seed."""

from __future__ import annotations

import dataclasses
from random import Random

__all__ = ["KINDS", "Physique", "random_look"]


@dataclasses.dataclass
class Physique:
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


KINDS = ("girl", "boy", "woman", "man", "child", "elder")


def random_look(random: Random, kind: str, eyes: float) -> Physique:
    """Draws lots for a look; `eyes` is how large the series draws eyes, about 1."""
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
    return Physique(
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
