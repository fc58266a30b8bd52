"""Colours of a series: each part of each character and place has a label, a colour and a tone."""

from __future__ import annotations

import colorsys
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.images.geometry import RGB

__all__ = ["BALLOON", "EFFECT", "PAPER", "RGB", "Palette", "hsv", "luma_of", "towards"]

# Labels that every series has.
PAPER, BALLOON, EFFECT = 0, 1, 2


class Paints(NamedTuple):
    """What a label is painted with, ARGB: colours, and marks (see `canvas`)."""

    color: int
    shade: int
    light: int
    mark: int
    shade_mark: int


class Palette:
    """Label to name, colour and tone; fixed for a whole series.

    Attributes:
        names: label to words like `A hair`.
        colors: label to sRGB.
        paints: label to what `Canvas` paints with.
    """

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.colors: dict[int, RGB] = {}
        self.paints: dict[int, Paints] = {}
        for label, name in ((PAPER, "paper"), (BALLOON, "balloon"), (EFFECT, "sound effect")):
            self.add(label, name, (255, 255, 255))

    def add(
        self,
        label: int,
        name: str,
        color: RGB,
        tone: float = 0.0,
        black: bool = False,
        shade_tone: float = 0.0,
    ) -> None:
        """Adds a label; a tone is the share of a place that its ink is to cover."""
        self.names[label] = name
        self.colors[label] = color
        mark = 0xFF0000FF if black else 0xFFFF0000 | round(tone * 255) << 8
        deep = min(0.75, tone + shade_tone)
        self.paints[label] = Paints(
            _argb(color),
            _argb(_shade(color)),
            _argb(towards(color, (255, 255, 255), 0.45)),
            mark,
            mark if black else 0xFFFF0000 | round(deep * 255) << 8,
        )

    def flat(self, labels: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """The flat colour of every place.

        Args:
            labels: uint16 (H, W).

        Returns:
            uint8 (H, W, 3), sRGB.
        """
        table = np.full((max(self.colors) + 1, 3), 255, np.uint8)
        for label, color in self.colors.items():
            table[label] = color
        return table[labels]


def hsv(hue: float, saturation: float, value: float) -> RGB:
    """sRGB of a hue in turns, saturation and value in 0 to 1."""
    r, g, b = colorsys.hsv_to_rgb(hue % 1, min(1, max(0, saturation)), min(1, max(0, value)))
    return round(r * 255), round(g * 255), round(b * 255)


def towards(color: RGB, other: RGB, share: float) -> RGB:
    """A colour on the way to another one."""
    r, g, b = (round(a + (o - a) * share) for a, o in zip(color, other, strict=True))
    return r, g, b


def luma_of(color: RGB) -> float:
    """Brightness as an eye sees it, 0 to 1."""
    return (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]) / 255


def _argb(color: RGB) -> int:
    return 0xFF000000 | color[0] << 16 | color[1] << 8 | color[2]


def _shade(color: RGB) -> RGB:
    """A colour in shadow: darker, and a little towards violet, as cel painters mix it."""
    r, g, b = (round(v * f) for v, f in zip(color, (0.76, 0.7, 0.8), strict=True))
    return r, g, b


SKINS: tuple[RGB, ...] = (
    (255, 228, 206),
    (255, 222, 196),
    (252, 214, 184),
    (255, 236, 220),
    (240, 196, 160),
    (222, 172, 130),
    (196, 142, 100),
    (160, 108, 74),
    (122, 82, 58),
    (250, 220, 205),
)


def random_skin(random: Random) -> RGB:
    """A colour of skin."""
    return random.choice(SKINS[:5] if random.random() < 0.6 else SKINS)


def random_hair(random: Random) -> RGB:
    """Half natural, half of the colours that only drawn hair has."""
    roll = random.random()
    if roll < 0.2:
        return hsv(random.uniform(0.55, 1.1), random.uniform(0.1, 0.4), random.uniform(0.12, 0.26))
    if roll < 0.38:
        return hsv(random.uniform(0.03, 0.08), random.uniform(0.45, 0.7), random.uniform(0.3, 0.6))
    if roll < 0.52:
        return hsv(random.uniform(0.1, 0.14), random.uniform(0.4, 0.7), random.uniform(0.85, 1))
    if roll < 0.6:
        return hsv(random.random(), random.uniform(0, 0.1), random.uniform(0.72, 0.95))
    if roll < 0.7:
        return hsv(
            random.uniform(-0.02, 0.05), random.uniform(0.65, 0.85), random.uniform(0.7, 0.95)
        )
    return hsv(random.random(), random.uniform(0.3, 0.7), random.uniform(0.55, 0.95))


def random_cloth(random: Random) -> RGB:
    """A colour of cloth: white, dark, greyish or strong."""
    roll = random.random()
    if roll < 0.14:
        return hsv(random.random(), random.uniform(0, 0.08), random.uniform(0.88, 0.98))
    if roll < 0.26:
        return hsv(
            random.uniform(0.58, 0.72), random.uniform(0.25, 0.6), random.uniform(0.18, 0.38)
        )
    if roll < 0.36:
        return hsv(random.random(), random.uniform(0, 0.15), random.uniform(0.35, 0.75))
    return hsv(random.random(), random.uniform(0.35, 0.85), random.uniform(0.5, 0.98))


def random_iris(random: Random) -> RGB:
    """A colour of eyes."""
    roll = random.random()
    if roll < 0.35:
        return hsv(random.uniform(0.04, 0.1), random.uniform(0.5, 0.8), random.uniform(0.35, 0.65))
    return hsv(random.random(), random.uniform(0.5, 0.9), random.uniform(0.5, 0.9))
