"""Pairs to train on: drawings of one cast, one to be coloured, others to take colours from."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.comic.characters import Character
from mangacolor.comic.frames import lay_frames
from mangacolor.comic.locations import Location
from mangacolor.comic.page import DrawnPage, Words, add_words, draw_frames, finish
from mangacolor.comic.panel import draw_panel, open_canvas
from mangacolor.comic.series import Series

__all__ = ["ComicPair", "Drawing", "draw_pair"]

# Shares of pairs whose drawing to be coloured has balloons, tones, solid blacks, several panels.
TALK, TONED, INKED, PAGES = 0.4, 0.5, 0.7, 0.2
# Share of drawings that are set in the pair's own place, so that backgrounds can be looked up, too.
SET = 0.6


class Drawing(NamedTuple):
    """One drawing, in black and white and in colour.

    Attributes:
        color: uint8 (H, W, 3), sRGB with its lines and balloons.
        lineart: uint8 (H, W), 0 ink ... 255 paper: lines, balloons, in some pairs solid blacks and
            screentone.
        labels: uint16 (H, W), which part of whom is seen; a label means the same part of the same
            character in all drawings of a pair. 0 paper, 1 balloon, 2 sound effect.
    """

    color: NDArray[np.uint8]
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
    scene = random.choice(series.places)
    toned, inked = random.random() < TONED, random.random() < INKED
    if random.random() < PAGES:
        target = _draw_window(series, random, who, size, toned, inked)
    else:
        target = _draw(series, random, who, scene, size, TALK, toned, inked)
    made = []
    for i in range(references):
        cast = _choose_shown(random, series.cast, who, i, alone=references == 1)
        made.append(_draw(series, random, cast, scene, reference_size or size, 0.08, False, False))
    return ComicPair(target, tuple(made))


def _choose_shown(
    random: Random, cast: list[Character], who: list[Character], number: int, alone: bool
) -> list[Character]:
    """Who is in a reference: of several none need show everybody; a lone one nearly always does."""
    share = 0.95 if alone else 0.7
    shown = [one for one in who if random.random() < share] or [who[number % len(who)]]
    others = [one for one in cast if one not in who]
    if others and random.random() < 0.3:
        shown.append(random.choice(others))
    random.shuffle(shown)
    return shown


def _draw(
    series: Series,
    random: Random,
    who: list[Character],
    scene: Location,
    size: int,
    talk: float,
    toned: bool,
    inked: bool,
) -> Drawing:
    canvas = open_canvas(series, size, size)
    place = scene if random.random() < SET else None
    heads = draw_panel(canvas, series, random, who, place=place)
    words = Words([])
    if random.random() < talk:
        rng = np.random.default_rng(random.getrandbits(64))
        add_words(words, random, rng, heads, (0, 0, size, size), None, (size, size))
    return _as_drawing(finish(series, canvas.layers(), words, toned, inked))


def _draw_window(
    series: Series, random: Random, who: list[Character], size: int, toned: bool, inked: bool
) -> Drawing:
    """A small page of the same few characters."""
    frames = lay_frames(random, size, size, random.choice((1, 2)))
    canvas = open_canvas(series, size, size, 0.62 * size)
    words = draw_frames(canvas, series, random, frames, TALK, who)
    return _as_drawing(finish(series, canvas.layers(), words, toned, inked))


def _as_drawing(page: DrawnPage) -> Drawing:
    return Drawing(page.color, page.lineart, page.labels)
