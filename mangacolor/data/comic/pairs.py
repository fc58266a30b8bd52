"""Pairs to train on: two drawings of one cast, one to be coloured, one to take colours from."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.data.comic.panel import draw_panel
from mangacolor.data.comic.screens import screen
from mangacolor.data.comic.series import Series
from mangacolor.data.comic.sheet import Layers

__all__ = ["ComicPair", "Drawing", "draw_pair"]

RGB = NDArray[np.uint8]


class Drawing(NamedTuple):
    """One drawing, in black and white and in colour.

    Attributes:
        color: uint8 (H, W, 3), sRGB with its lines.
        lineart: uint8 (H, W), 0 ink ... 255 paper; with blacks and tones where the pair has them.
        labels: uint16 (H, W), which part of whom is seen; a label means the same part of the same
            character in all drawings of a pair. 0 paper, 1 balloon, 2 frame.
    """

    color: RGB
    lineart: NDArray[np.uint8]
    labels: NDArray[np.uint16]


class ComicPair(NamedTuple):
    """What is to be coloured and what to take colours from."""

    target: Drawing
    references: tuple[Drawing, ...]


def draw_pair(
    seed: int, size: int, references: int = 1, reference_size: int | None = None
) -> ComicPair:
    """Draws a pair; the same arguments give the same bytes on one machine.

    Args:
        seed: of all randomness; each has a cast of its own.
        size: side of the drawing to be coloured, pixels.
        references: how many there are; together they show nearly always all of whom is in the
            drawing to be coloured, in other poses.
        reference_size: their side, pixels; None is `size`.
    """
    random = Random(f"mangacolor pair {seed}")
    series = Series(seed)
    count = random.choices((1, 2, 3), (62, 30, 8))[0]
    who = random.sample(series.cast, count)
    toned, inked = random.random() < 0.5, random.random() < 0.7
    target = _draw(series, random, who, size, toned, inked)
    made = []
    for i in range(references):
        # One reference of several need not show everybody; a lone one nearly always does.
        shown = [c for c in who if random.random() < (0.95 if references == 1 else 0.7)]
        if not shown:
            shown = [who[i % count]]
        others = [c for c in series.cast if c not in shown]
        if random.random() < 0.3:
            shown.append(random.choice(others) if others else shown[0])
        random.shuffle(shown)
        unique = list(dict.fromkeys(c.name for c in shown))
        cast = [next(c for c in series.cast if c.name == name) for name in unique]
        made.append(_draw(series, random, cast, reference_size or size, False, False))
    return ComicPair(target, tuple(made))


def _draw(series, random, who, size, toned, inked):  # type: ignore
    layers = draw_panel(series, random, size, size, who).layers
    return Drawing(to_color(layers), to_lineart(layers, series, toned, inked), layers.labels)


def to_color(layers: Layers) -> RGB:
    """Shaded colours under their lines."""
    ink = layers.ink[:, :, None].astype(np.uint16)
    return (layers.shaded * ink // 255).astype(np.uint8)


def to_lineart(layers: Layers, series: Series, toned: bool, inked: bool) -> NDArray[np.uint8]:
    """Lines, with solid blacks and tones if asked for."""
    lineart = layers.ink
    if inked:
        lineart = np.minimum(lineart, 255 - layers.blacks)
    if toned and series.hand.toned:
        kind, pitch, degrees = series.hand.screen
        side = (lineart.shape[0] * lineart.shape[1]) ** 0.5
        density = (layers.density * series.hand.toned).astype(np.uint8)
        tone = screen(density, kind, max(2.6, pitch * side), degrees)
        lineart = np.minimum(lineart, tone)
    return lineart
