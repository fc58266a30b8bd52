"""A series: a cast, places and a hand that stay the same from page to page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from random import Random

from mangacolor.comic.actor import make_actor
from mangacolor.comic.characters import PARTS, Character, make_character
from mangacolor.comic.creatures import CREATURE_PARTS, Creature, make_creature
from mangacolor.comic.locations import LOCATION_PARTS, Location, make_location
from mangacolor.comic.palette import RGB, Palette, hsv
from mangacolor.comic.wardrobe import Costume

__all__ = ["BACKDROPS", "Manner", "Series"]

# First labels; what is in between stays free.
CAST, CREATURES, BACKDROP, PLACES = 16, 256, 320, 352
BACKDROPS = 4
NAMES = "ABCDEFGH"


@dataclasses.dataclass(frozen=True)
class Manner:
    """How a series is drawn.

    Attributes:
        weight: of lines, 1 is usual.
        shading: whether shadows are painted, 0 or 1.
        soft: how strong the gradients of areas are in the colour pictures, 0 none ... 1.
        gaps: share of lines that are broken.
        line: colour of the lines in colour pictures.
        light: where light comes from.
        screen: pattern of the tones, pitch as a share of the picture's side, angle in degrees.
        toned: how dense tones are, 0 none ... 1.
    """

    weight: float
    shading: float
    soft: float
    gaps: float
    line: RGB
    light: tuple[float, float]
    screen: tuple[str, float, float]
    toned: float


class Series:
    """One invented comic; the same seed gives the same cast, places and hand.

    Args:
        seed: of all randomness.
        figures: models that may be the cast's bodies, see `wardrobe.find_figures`; without any,
            all are drawn.

    Attributes:
        seed: what it was made from.
        palette: every label's name and colour.
        cast: three to six characters.
        creatures: none to two animals.
        places: three to five places.
        manner: how it is drawn.
    """

    def __init__(self, seed: int, figures: Sequence[Costume] = ()) -> None:
        random = Random(f"mangacolor series {seed}")
        u = random.uniform
        self.seed = seed
        self.palette = palette = Palette()
        eyes = u(0.9, 1.15)
        self.cast: list[Character] = []
        for i in range(random.randint(3, 6)):
            base = CAST + i * (len(PARTS) + 6)
            if figures:
                figure = random.choice(figures)
                self.cast.append(make_actor(random, NAMES[i], base, palette, eyes, figure))
            else:
                self.cast.append(make_character(random, NAMES[i], base, palette, eyes))
        self.creatures: list[Creature] = [
            make_creature(
                random, f"creature {i + 1}", CREATURES + i * (len(CREATURE_PARTS) + 2), palette
            )
            for i in range(random.randint(0, 2))
        ]
        for i in range(BACKDROPS):
            light = i < 2
            color = hsv(
                u(0, 1),
                u(0.08, 0.5) if light else u(0.3, 0.8),
                u(0.85, 1) if light else u(0.2, 0.8),
            )
            palette.add(
                BACKDROP + i, f"backdrop {i + 1}", color, 0.0 if light else u(0.1, 0.3), False, 0.2
            )
        self.places: list[Location] = [
            make_location(random, f"place {i + 1}", PLACES + i * (len(LOCATION_PARTS) + 4), palette)
            for i in range(random.randint(3, 5))
        ]
        self.manner = Manner(
            weight=u(0.6, 1.25),
            shading=1.0 if random.random() < 0.85 else 0.0,
            soft=u(0.3, 1.0) if random.random() < 0.45 else 0.0,
            gaps=u(0.05, 0.35) if random.random() < 0.35 else 0.0,
            line=hsv(u(0, 1), u(0.3, 0.7), u(0.1, 0.32)) if random.random() < 0.4 else (0, 0, 0),
            light=random.choice(((-0.6, -0.8), (0.6, -0.8), (-0.8, -0.5), (-0.2, -0.95))),
            screen=(
                random.choice(("dots", "dots", "dots", "lines", "holes")),
                u(0.006, 0.013),
                random.choice((45.0, 45.0, 30.0, 60.0)),
            ),
            toned=u(0.5, 1.0) if random.random() < 0.8 else 0.0,
        )
