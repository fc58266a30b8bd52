"""The hand of one mangaka: a few sheets of tone and habits, used over and over."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from mangacolor.manga.scan import Scan, make_scan
from mangacolor.manga.screens import Screen

__all__ = ["Hand", "make_hand"]


@dataclasses.dataclass(frozen=True)
class Hand:
    """How things are laid over a drawing.

    Attributes:
        unit: pixels that are one on a page 2,000 high.
        sheets: screens that are used.
        greys: densities of flat tones.
        toned: share of things that have tone.
        graded: share of tones that run from dark to light.
        washed: share of tones that are plain grey.
        shaded: share of things that have shadows.
        hatched: share of shadows that are hatched.
        crossed: share of hatching that is crossed.
        black: share of clothes and things that are black.
        patterned: share of clothes with a pattern.
        hair: chances of hair: as it is, toned, strands, black with lights, black.
        nib: pixels from stroke to stroke of hatching.
        light: where light comes from, radians.
        moved: share of panels with lines of motion, flashes or small things behind the figures.
        cast: share of panels with a shadow across all that is in them.
        halo: share of panels whose figures have white around them.
        captions: words without a balloon on a page, about; effects are half as many.
        letters: size of letters, pixels.
        swell: how far lines swell and thin, 0 not at all.
        faint: grey of lines, 0 black ... 1 white.
        folds: lines inside parts, for a square of 140 pixels on a page 2,000 high.
        open_hair: share of the outline of hair that is left open, 0 to 1.
        gaps: cut into a thousand square pixels of ink, on a page 2,000 high.
        scan: what becomes of pages when they are printed and scanned; None is a clean file.
    """

    unit: float
    sheets: tuple[Screen, ...]
    greys: tuple[float, ...]
    toned: float
    graded: float
    washed: float
    shaded: float
    hatched: float
    crossed: float
    black: float
    patterned: float
    hair: tuple[float, ...]
    nib: float
    light: float
    moved: float
    cast: float
    halo: float
    captions: float
    letters: float
    swell: float
    faint: float
    folds: float
    open_hair: float
    gaps: float
    scan: Scan | None


def make_hand(rng: np.random.Generator, height: float | None = None) -> Hand:
    """Draws lots for a hand.

    Args:
        rng: source of randomness.
        height: of its pages, pixels; None chooses one of 900 to 4,000.
    """
    tall = height or math.exp(rng.uniform(math.log(900), math.log(4000)))
    unit = tall / 2000
    fine = rng.uniform(2.8, 5.0) * unit
    sheets = []
    for _ in range(int(rng.integers(2, 5))):
        spot = str(rng.choice(("dots", "lines", "holes", "diamonds", "sand"), p=SPOT_SHARES))
        pitch = fine * (1.0 if rng.random() < 0.75 else rng.uniform(1.2, 2.2))
        # Grains of sand are finer than dots.
        pitch *= 0.8 if spot == "sand" else 1.0
        angle = math.pi / 4 if rng.random() < 0.75 else rng.uniform(0, math.pi)
        sheets.append(Screen(spot, max(2.0, pitch), angle))
    open_hair = rng.uniform(0.1, 0.9) if rng.random() < 0.25 else 0.0
    # Without an outline hair needs strands or black to be seen.
    hair = rng.dirichlet((0.05, 0.3, 1.5, 1.5, 0.3) if open_hair else (1.0, 0.8, 1.0, 1.5, 0.5))
    return Hand(
        unit=unit,
        sheets=tuple(sheets),
        greys=tuple(rng.choice((0.08, 0.12, 0.2, 0.3, 0.4, 0.5, 0.65), 3, replace=False)),
        toned=rng.uniform(0.1, 0.95),
        graded=rng.uniform(0, 0.4),
        washed=rng.uniform(0.3, 1) if rng.random() < 0.12 else 0.0,
        shaded=rng.uniform(0.1, 0.9),
        hatched=rng.uniform(0.2, 0.9) if rng.random() < 0.6 else 0.0,
        crossed=rng.uniform(0, 0.6),
        black=rng.uniform(0, 0.25),
        patterned=rng.uniform(0, 0.25),
        hair=tuple(hair),
        nib=max(2.4, rng.uniform(4, 9) * unit),
        # Mostly from above.
        light=rng.normal(-math.pi / 2, 0.8),
        moved=rng.uniform(0.05, 0.4),
        cast=rng.uniform(0, 0.25),
        halo=rng.uniform(0.4, 0.9) if rng.random() < 0.3 else 0.0,
        captions=rng.exponential(2.5),
        letters=max(7.0, rng.uniform(26, 42) * unit),
        swell=rng.uniform(0.2, 1.2) if rng.random() < 0.6 else 0.0,
        faint=rng.uniform(0, 0.45) if rng.random() < 0.15 else 0.0,
        folds=rng.exponential(1.2) if rng.random() < 0.7 else 0.0,
        open_hair=open_hair,
        gaps=rng.exponential(0.9) if rng.random() < 0.6 else 0.0,
        scan=make_scan(rng) if rng.random() < 0.7 else None,
    )


SPOT_SHARES = (0.64, 0.1, 0.06, 0.06, 0.14)
