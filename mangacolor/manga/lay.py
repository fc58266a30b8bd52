"""Lays over a drawing what a mangaka lays over it, part by part, from exact labels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.manga.fields import Field, Grey, slope, smooth_noise
from mangacolor.manga.gaps import cut_gaps
from mangacolor.manga.hand import Hand, make_hand
from mangacolor.manga.parts import Part, find_parts
from mangacolor.manga.screens import Screen, screen
from mangacolor.manga.strokes import hatch, strands

__all__ = ["Laid", "lay_manga"]

Labels = NDArray[np.uint16] | NDArray[np.int32]

# What is left as it is: paper, words, and the eyes and mouths that a reader looks at.
BARE = {Kind.GUTTER, Kind.BALLOON, Kind.LETTERING, Kind.EFFECT, Kind.EYE, Kind.MOUTH, UNKNOWN}
# How often each kind is toned, beside how often the hand tones.
TONED = {Kind.SKIN: 0.15, Kind.CLOTHES: 1.0, Kind.BACKDROP: 1.0, Kind.HAIR: 0.0}


class Laid(NamedTuple):
    """A page as it is printed.

    Attributes:
        page: uint8 (H, W), 0 ink ... 255 paper.
        labels: (H, W), what is one thing, as it came but for words that are drawn anew.
        kinds: uint8 (H, W), numbers of `Kind`, or UNKNOWN.
    """

    page: Grey
    labels: Labels
    kinds: Grey


def lay_manga(
    ink: Grey,
    labels: Labels,
    kinds: Grey,
    rng: np.random.Generator,
    hand: Hand | None = None,
) -> Laid:
    """Lays tone, shadow, hatching, blacks and strands over a drawing, and gaps into its lines.

    Args:
        ink: uint8 (H, W), lines alone, 0 ink ... 255 paper.
        labels: uint16 or int32 (H, W), which thing is where.
        kinds: uint8 (N,), the kind of each label.
        rng: source of all randomness.
        hand: how; None draws lots for one.
    """
    hand = hand or make_hand(rng)
    lay = _Lay(labels.shape, hand, rng)
    for part in find_parts(labels):
        kind = int(kinds[part.label])
        if kind not in BARE:
            lay.lay(part, kind)
    line = cut_gaps(ink, rng, hand.unit)
    page = np.minimum(line, 255 - lay.amount)
    page = np.where((lay.light > 0) & (line > 127), np.maximum(page, lay.light), page)
    return Laid(page, labels, kinds[labels])


class _Lay:
    """A page while it is laid on: ink and white, each 0 none ... 255."""

    def __init__(self, shape: tuple[int, int], hand: Hand, rng: np.random.Generator) -> None:
        self.amount = np.zeros(shape, np.uint8)
        self.light = np.zeros(shape, np.uint8)
        self.hand, self.rng = hand, rng
        self.seed = int(rng.integers(2**32))

    def lay(self, part: Part, kind: int) -> None:
        """Lays a ground, and perhaps a shadow on it, over a part."""
        # What one label has it has on the whole page: its ground is drawn from its own lots.
        lots = np.random.default_rng((self.seed, part.label))
        if kind == Kind.HAIR:
            self._hair(part, lots)
        elif lots.random() < self.hand.black and kind != Kind.SKIN and kind != Kind.BACKDROP:
            self._add(part, np.ones(part.mask.shape, np.float32))
            if lots.random() < 0.6:
                self._lights(part)
            return
        elif lots.random() < self.hand.toned * TONED.get(Kind(kind), 1.0):
            self._tone(part, lots, kind)
        if self.rng.random() < self.hand.shaded * (0.4 if kind == Kind.BACKDROP else 1.0):
            self._shadow(part)

    def _tone(self, part: Part, lots: np.random.Generator, kind: int) -> None:
        sheet = self.hand.sheets[int(lots.integers(len(self.hand.sheets)))]
        dark = lots.uniform(0.08, 0.6) if kind != Kind.SKIN else lots.uniform(0.08, 0.3)
        density = np.full(part.mask.shape, dark, np.float32)
        if lots.random() < self.hand.graded or (kind == Kind.BACKDROP and lots.random() < 0.4):
            angle = lots.choice((0.5, -0.5, 0.25, 0.75)) * math.pi + lots.normal(0, 0.15)
            run = slope(part.mask.shape, float(angle))
            density = np.clip(run * lots.uniform(0.6, 1.6) - lots.uniform(0, 0.5), 0, 0.95)
        washed = lots.random() < self.hand.washed
        self._add(part, density if washed else self._screen(density, sheet, part))

    def _screen(self, density: Field, sheet: Screen, part: Part) -> Field:
        at = part.box[1].start, part.box[0].start
        return screen(density, sheet, at)

    def _shadow(self, part: Part) -> None:
        """A shadow that cuts across the part, toned or hatched, its edge hard or soft."""
        rng, shape = self.rng, part.mask.shape
        scale = max(12.0, min(shape) * rng.uniform(0.3, 1.2))
        side = slope(shape, self.hand.light + rng.normal(0, 0.5))
        side -= np.float32(rng.uniform(0.3, 0.8))
        field = side * np.float32(rng.uniform(2, 5)) + np.float32(0.5) * smooth_noise(
            shape, rng, scale
        )
        if rng.random() < self.hand.hatched:
            soft = np.float32(rng.uniform(0.3, 1.2))
            density = np.clip(field / soft, 0, 1) * np.float32(rng.uniform(0.35, 0.8))
            angle = rng.uniform(0, math.pi)
            self._add(part, hatch(density * part.mask, angle, self.hand.nib, rng))
            if rng.random() < self.hand.crossed:
                turn = angle + rng.uniform(0.5, 1.6)
                deep = np.clip(density - np.float32(rng.uniform(0, 0.3)), 0, 1)
                self._add(part, hatch(deep * part.mask, turn, self.hand.nib, rng))
            return
        soft = 0.02 if rng.random() < 0.75 else rng.uniform(0.3, 1.5)
        density = np.clip(field / np.float32(soft), 0, 1) * np.float32(rng.uniform(0.15, 0.6))
        sheet = self.hand.sheets[int(rng.integers(len(self.hand.sheets)))]
        self._add(part, self._screen(density, sheet, part))

    def _hair(self, part: Part, lots: np.random.Generator) -> None:
        rng, shape = self.rng, part.mask.shape
        way = lots.choice(len(self.hand.hair), p=self.hand.hair)
        angle = lots.normal(math.pi / 2, 0.5)
        gap = max(1.8, lots.uniform(2.2, 6) * self.hand.unit)
        if way == 1:
            self._tone(part, lots, Kind.HAIR)
        elif way == 2:
            self._add(part, strands(part.mask, angle, gap, rng, lots.uniform(0.0, 0.6)))
        elif way == 3:
            self._add(part, strands(part.mask, angle, gap, rng, lots.uniform(0.7, 1.1)))
        elif way == 4:
            self._add(part, np.ones(shape, np.float32))

    def _lights(self, part: Part) -> None:
        """White hatching on black."""
        rng, shape = self.rng, part.mask.shape
        field = smooth_noise(shape, rng, max(12.0, min(shape) * 0.5))
        field -= np.float32(rng.uniform(0, 1))
        white = hatch(
            np.clip(field, 0, 1) * part.mask * np.float32(0.8),
            rng.uniform(0, math.pi),
            self.hand.nib,
            rng,
        )
        self._over(self.light, part, white)

    def _add(self, part: Part, ink: Field) -> None:
        self._over(self.amount, part, ink)

    @staticmethod
    def _over(layer: Grey, part: Part, ink: Field) -> None:
        fresh = (ink * np.float32(255) + np.float32(0.5)).astype(np.uint8)
        there = layer[part.box]
        np.maximum(there, fresh, out=there, where=part.mask)
