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


Lots = dict[str, float]

_YOUNG = ("girl", "boy", "child")
# How large eyes are, and between what a body's height is drawn.
_EYES = {"girl": 1.05, "child": 1.1, "boy": 0.95, "woman": 0.9, "man": 0.72, "elder": 0.68}
_TALL = {
    "child": (0.55, 0.7),
    "girl": (0.85, 0.97),
    "boy": (0.85, 1.02),
    "woman": (0.98, 1.08),
    "man": (1.02, 1.15),
    "elder": (0.8, 1.0),
}
# What is drawn with how many lots; of two tables the second is that of women and girls.
_EYE_KINDS: Lots = {"round": 8, "almond": 6, "sharp": 5, "droopy": 3, "dot": 1.2}
_PUPILS: Lots = {"full": 6, "ring": 3, "slit": 1, "plain": 3}
_EARS: Lots = {"plain": 20, "pointed": 2, "cat": 1}
_GLASSES: Lots = {"none": 11, "round": 1, "square": 1, "half": 0.6}
_HATS: Lots = {
    "none": 18,
    "cap": 1.6,
    "beanie": 1.2,
    "brim": 1,
    "witch": 0.6,
    "helmet": 0.5,
    "crown": 0.5,
}
_ORNAMENTS: tuple[Lots, Lots] = (
    {"none": 20, "ribbon": 0, "clip": 1, "band": 0, "flower": 0, "headband": 2.5},
    {"none": 4, "ribbon": 3, "clip": 3, "band": 2, "flower": 1.5, "headband": 0.5},
)
_PATTERNS: Lots = {"none": 9, "stripes": 1.2, "bands": 2, "dots": 1.2, "check": 1.2, "emblem": 2}
# What is drawn with one lot for each word.
_FRINGES = (
    ["jagged", "swept", "spiky", "spiky", "crop", "slick", "between", "messy", "parted"],
    ["jagged", "swept", "parted", "blunt", "between", "side", "veil", "curly", "messy"],
)
_BACKS = (
    ["short", "short", "short", "short", "spiky", "spiky", "lowtail", "cloud", "bob"],
    [
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
    ],
)
_LONG = ("long", "wavy", "half", "braids", "twintails", "ponytail")
_TOPS = (
    ["tee", "hoodie", "shirt", "gakuran", "jacket", "kimono", "vest", "armour", "cape", "coat"],
    ["sailor", "blouse", "tee", "hoodie", "dress", "kimono", "jacket", "vest", "cape", "coat"],
)
_BOTTOMS = (
    ["trousers", "trousers", "trousers", "shorts"],
    ["skirt", "skirt", "skirt", "shorts", "trousers"],
)
_NOSES = (["wedge", "line", "long"], ["tick", "dot", "wedge", "line"])


def _lot(random: Random, lots: Lots) -> str:
    return random.choices(list(lots), list(lots.values()))[0]


def _hair(random: Random, female: bool) -> tuple[str, str]:
    """Fringe and back of somebody's hair, which go together."""
    pick = random.choice
    fringe, back = pick(_FRINGES[female]), pick(_BACKS[female])
    if fringe == "spiky":
        back = pick(("spiky", "spiky", "short"))
    if fringe in ("crop", "slick") and not female:
        back = pick(("short", "short", "lowtail"))
    return fringe, back


def random_look(random: Random, kind: str, eyes: float) -> Physique:
    """Draws lots for a look; `eyes` is how large the series draws eyes, about 1."""
    u, pick = random.uniform, random.choice
    female = kind in ("girl", "woman") or (kind in ("child", "elder") and random.random() < 0.5)
    young, man, child = kind in _YOUNG, kind == "man", kind == "child"
    size = _EYES[kind] * eyes * u(0.92, 1.1)
    fringe, back = _hair(random, female)
    # Lots are drawn in this order: with another one a seed would be other people.
    return Physique(
        kind=kind,
        jaw=u(0.9, 1.02) * (1.06 if man else 1),
        chin=u(0.0, 0.4) if man else u(0.0, 1.0),
        length=(u(1.2, 1.32) if young else u(1.32, 1.48)) - (0.06 if child else 0),
        eye_w=0.31 * size * u(0.92, 1.08),
        eye_h=0.34 * size * u(0.85, 1.12) * (1 if female else 0.88),
        eye_y=u(0.36, 0.46) + (0.05 if child else -0.04 if not young else 0),
        eye_gap=u(0.41, 0.47),
        eye_tilt=u(-9, 9) if young else u(-9, 3),
        eye_kind=_lot(random, _EYE_KINDS),
        pupil=_lot(random, _PUPILS),
        lash=u(0.9, 1.4) if female else u(0.55, 0.9),
        brow=u(0.03, 0.05) if female else u(0.05, 0.1),
        brow_kind=pick(("arched", "straight", "thick", "short")),
        nose=pick(_NOSES[young]),
        mouth_w=u(0.15, 0.24),
        freckles=random.random() < 0.08,
        wrinkles=kind == "elder" or (man and random.random() < 0.3),
        beard=pick(("none", "moustache", "full", "goatee"))
        if not female and kind in ("man", "elder")
        else "none",
        ears=_lot(random, _EARS),
        fringe=fringe,
        back=back,
        volume=u(1.06, 1.2) + (0.05 if fringe == "messy" else 0),
        parting=u(-0.5, 0.5),
        hair_seed=random.getrandbits(32),
        hair_length=u(1.6, 4.2) if back in _LONG else u(0.9, 1.3),
        streaks=random.random() < 0.12,
        glasses=_lot(random, _GLASSES),
        hat=_lot(random, _HATS),
        ornament=_lot(random, _ORNAMENTS[female]),
        body="chibi" if random.random() < 0.06 else "plain",
        top=pick(_TOPS[female]),
        bottom=pick(_BOTTOMS[female]),
        pattern=_lot(random, _PATTERNS),
        sleeves=pick((0.35, 0.5, 1.0, 1.0, 1.0)),
        shoulders=(u(1.1, 1.3) if female else u(1.3, 1.6))
        * (1.18 if man else 1)
        * (0.85 if child else 1),
        # One lot for each kind.
        tall={name: u(*span) for name, span in _TALL.items()}[kind],
        scar=random.random() < 0.05,
        side=pick((-1.0, 1.0)),
    )
