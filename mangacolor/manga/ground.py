"""What is laid over one part of a drawing: its ground, and shadow on it."""

from __future__ import annotations

import math

import numpy as np

from mangacolor.images.kinds import Kind
from mangacolor.manga.cloth import PATTERNS, pattern
from mangacolor.manga.fields import Field, slope, smooth_noise
from mangacolor.manga.hair import comb, spindles
from mangacolor.manga.hand import Hand
from mangacolor.manga.layer import InkLayer
from mangacolor.manga.parts import Part
from mangacolor.manga.screens import Screen, screen
from mangacolor.manga.shade import far_side, form_shadow, sharpen
from mangacolor.manga.strokes import hatch

__all__ = ["Grounds"]

# How often each kind is toned, beside how often the hand tones.
TONED = {Kind.SKIN: 0.15, Kind.BACKDROP: 0.8}


class Grounds:
    """Lays grounds and shadows; what one label has it has on the whole page.

    Args:
        layer: to lay on.
        hand: how.
        rng: of all randomness.
    """

    def __init__(self, layer: InkLayer, hand: Hand, rng: np.random.Generator) -> None:
        self.layer, self.hand, self.rng = layer, hand, rng
        self._seed = int(rng.integers(2**32))

    def lay(self, part: Part, kind: Kind) -> None:
        """Lays a ground, and perhaps a shadow on it, over a part."""
        # A label's ground is drawn from its own lots, whatever came before it.
        lots = np.random.default_rng((self._seed, part.label))
        roll, hand = lots.random(), self.hand
        solid = kind not in (Kind.SKIN, Kind.BACKDROP)
        if kind == Kind.HAIR:
            self._hair(part, lots)
        elif solid and roll < hand.black:
            self._black(part, lots)
            return
        elif kind == Kind.CLOTHES and roll < hand.black + hand.patterned:
            self._cloth(part, lots)
        elif lots.random() < hand.toned * TONED.get(kind, 1.0):
            self._tone(part, lots, kind)
        if self.rng.random() < hand.shaded * (0.35 if kind == Kind.BACKDROP else 1.0):
            self._shadow(part)

    def fill(self, part: Part, field: Field) -> None:
        """Fills a shadow: with hatching, or with a tone and perhaps a second one inside it."""
        rng, hand = self.rng, self.hand
        if rng.random() < hand.hatched:
            density = sharpen(field, rng.uniform(0.1, 0.8)) * part.mask
            density *= np.float32(rng.uniform(0.35, 0.85))
            angle = rng.uniform(0, math.pi)
            self._add(part, hatch(density, angle, hand.nib, rng))
            if rng.random() < hand.crossed:
                deep = np.clip(density - np.float32(rng.uniform(0, 0.3)), 0, 1)
                self._add(part, hatch(deep, angle + rng.uniform(0.4, 1.6), hand.nib, rng))
            return
        density = sharpen(field, 0.02 if rng.random() < 0.7 else rng.uniform(0.2, 1.2))
        density *= np.float32(rng.uniform(0.12, 0.5))
        sheet = self._sheet(rng)
        if rng.random() < 0.2:
            density += sharpen(field - np.float32(rng.uniform(0.1, 0.3)), 0.02) * np.float32(0.25)
        self._add(part, self._screen(density, sheet, part))

    def _tone(self, part: Part, lots: np.random.Generator, kind: Kind) -> None:
        sheet = self._sheet(lots)
        dark = lots.choice(self.hand.greys) * (0.5 if kind == Kind.SKIN else 1.0)
        density = np.full(part.mask.shape, dark, np.float32)
        if lots.random() < self.hand.graded or (kind == Kind.BACKDROP and lots.random() < 0.3):
            angle = lots.choice((0.5, -0.5, 0.25, 0.75)) * math.pi + lots.normal(0, 0.15)
            run = slope(part.mask.shape, float(angle))
            density = np.clip(run * lots.uniform(0.6, 1.6) - lots.uniform(0, 0.5), 0, 0.95)
        elif lots.random() < 0.1:
            # Clouds of tone, as they are scraped or sprayed.
            noise = smooth_noise(part.mask.shape, self.rng, max(16.0, max(density.shape) * 0.25))
            density = np.clip(density * (1 + np.float32(0.6) * noise), 0, 0.95)
        washed = lots.random() < self.hand.washed
        self._add(part, density if washed else self._screen(density, sheet, part))

    def _cloth(self, part: Part, lots: np.random.Generator) -> None:
        """A pattern in black or in a tone, on white or on a lighter tone."""
        kind = str(lots.choice(PATTERNS))
        pitch, angle = self.hand.unit * math.exp(lots.uniform(2.3, 4.2)), lots.normal(0, 0.4)
        second = pattern(part.mask.shape, kind, max(5.0, pitch), angle, self.rng)
        sheet, dark, ground = self._sheet(lots), lots.choice(self.hand.greys), lots.random() < 0.3
        if lots.random() < 0.6:
            self._add(part, second)
            if ground:
                flat = np.full(part.mask.shape, dark * 0.6, np.float32)
                self._add(part, self._screen(flat, sheet, part))
        else:
            density = second * np.float32(dark) + np.float32(0.12 * ground)
            self._add(part, self._screen(density, sheet, part))

    def _black(self, part: Part, lots: np.random.Generator) -> None:
        """Solid black, often with lights: white strokes, or a rim along the lit side."""
        rng, shape = self.rng, part.mask.shape
        self._add(part, np.ones(shape, np.float32))
        way = lots.random()
        if way < 0.4:
            field = smooth_noise(shape, rng, max(12.0, min(shape) * 0.5))
            field = np.clip(field - np.float32(rng.uniform(0, 1)), 0, 0.8) * part.mask
            self._whiten(part, hatch(field, rng.uniform(0, math.pi), self.hand.nib, rng))
        elif way < 0.75:
            depth = max(2.5, self.hand.unit * rng.uniform(3, 10))
            field = form_shadow(part.mask, self.hand.light + math.pi, depth, rng)
            self._whiten(part, sharpen(field, 0.05))

    def _shadow(self, part: Part) -> None:
        """A shadow along a side of the part or across it."""
        rng, shape = self.rng, part.mask.shape
        light = self.hand.light + rng.normal(0, 0.3)
        if rng.random() < 0.6:
            depth = max(4.0, min(shape) * rng.uniform(0.05, 0.35))
            self.fill(part, form_shadow(part.mask, light, depth, rng))
        else:
            self.fill(part, far_side(shape, light, rng))

    def _hair(self, part: Part, lots: np.random.Generator) -> None:
        """Hair is left white, toned, has strands, or is black with lights or without."""
        rng, shape = self.rng, part.mask.shape
        way = lots.choice(len(self.hand.hair), p=self.hand.hair)
        gap = max(1.8, lots.uniform(2.5, 7) * self.hand.unit)
        light = lots.uniform(0.2, 0.6), lots.uniform(0.1, 0.5), lots.uniform(0.4, 1)
        if way == 1:
            self._tone(part, lots, Kind.HAIR)
        if way == 4:
            self._add(part, np.ones(shape, np.float32))
        if way in (0, 4) or (way == 1 and lots.random() < 0.6):
            return
        combed = comb(part.mask, gap, rng)
        if way == 3:
            white = spindles(combed, *light, lots.uniform(0.5, 1.1), rng)
            white = np.maximum(white, spindles(combed, rng.uniform(0.4, 1), 1.0, 0.15, 0.4, rng))
            strokes = 1 - white
        else:
            share = lots.uniform(0.2, 0.9), lots.uniform(0.1, 0.6)
            strokes = spindles(combed, 1.0, lots.uniform(0.4, 1.0), share[0], 0.8, rng)
            for place in (0.1, rng.uniform(0.2, 0.8)):
                more = spindles(combed, place, 0.5, share[1], 0.6, rng)
                np.maximum(strokes, more, out=strokes)
        ink = np.zeros(shape, np.float32)
        ink[combed.there] = strokes
        self._add(part, ink)

    def _sheet(self, lots: np.random.Generator) -> Screen:
        return self.hand.sheets[int(lots.integers(len(self.hand.sheets)))]

    def _screen(self, density: Field, sheet: Screen, part: Part) -> Field:
        return screen(density, sheet, (part.box[1].start, part.box[0].start))

    def _add(self, part: Part, ink: Field) -> None:
        self.layer.add(part.box, part.mask, ink)

    def _whiten(self, part: Part, white: Field) -> None:
        self.layer.whiten(part.box, part.mask, white)
