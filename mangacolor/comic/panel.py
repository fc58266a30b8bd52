"""Panels: a camera, a backdrop or place, and some of the cast before it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from mangacolor.comic.actor import Actor, draw_actor
from mangacolor.comic.backdrops import draw_backdrop
from mangacolor.comic.body import random_stance
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.creatures import draw_creature
from mangacolor.comic.curves import Point
from mangacolor.comic.face import MOODS
from mangacolor.comic.figure import draw_figure
from mangacolor.comic.head import Head, Pose
from mangacolor.comic.locations import Location
from mangacolor.comic.scenes import draw_location
from mangacolor.comic.series import BACKDROP, BACKDROPS, Series

__all__ = ["SHOTS", "choose_cast", "draw_cast", "draw_ground", "draw_panel", "open_canvas"]

TURNS = (0.0, 0.15, 0.3, 0.45, 0.5, 0.55, 0.65, 1.0)


class Shot(NamedTuple):
    """A head's radius and place, as shares of the panel's height, and whether legs show."""

    scale: float
    y: float
    legs: bool


SHOTS = {
    "eyes": Shot(0.55, 0.38, False),
    "close": Shot(0.34, 0.46, False),
    "bust": Shot(0.22, 0.42, False),
    "waist": Shot(0.145, 0.33, True),
    "knees": Shot(0.1, 0.25, True),
    "full": Shot(0.068, 0.16, True),
    # A cover's: it leaves room for the title.
    "group": Shot(0.09, 0.44, True),
}


def open_canvas(series: Series, width: int, height: int, size: float | None = None) -> Canvas:
    """An empty canvas for a series' hand; `size` is that of a panel, if there are several."""
    manner = series.manner
    size = size or (width * height) ** 0.5
    weight = manner.weight * (0.55 + 0.0034 * size)
    return Canvas(
        width,
        height,
        series.palette,
        weight,
        manner.light,
        manner.shading,
        manner.gaps,
        manner.soft,
    )


def draw_panel(
    canvas: Canvas,
    series: Series,
    random: Random,
    who: Sequence[Character] | None = None,
    shot: str | None = None,
    place: Location | None = None,
) -> list[Point]:
    """Draws a panel of a series over the whole canvas.

    Args:
        canvas: of `open_canvas`, or a window of it.
        series: whose cast, places and hand.
        random: source of randomness.
        who: characters in it; None chooses.
        shot: a name of `SHOTS`; None chooses one that suits.
        place: where it is; None chooses, often a backdrop that is no place.

    Returns:
        Where heads are, in pixels of the canvas.
    """
    who, shot = choose_cast(canvas, series, random, who, shot)
    draw_ground(canvas, series, random, shot, bool(who), place)
    return draw_cast(canvas, series, random, who, shot)


def choose_cast(
    canvas: Canvas,
    series: Series,
    random: Random,
    who: Sequence[Character] | None = None,
    shot: str | None = None,
) -> tuple[Sequence[Character], str]:
    """Who is in a panel, and how it is seen; what is given stays."""
    if who is None:
        who = _choose_cast(series, random, canvas.width / canvas.height)
    return who, _choose_shot(random, len(who)) if shot is None else shot


def draw_ground(
    canvas: Canvas,
    series: Series,
    random: Random,
    shot: str,
    peopled: bool,
    place: Location | None,
) -> None:
    """Draws what is behind the cast; see `draw_panel`."""
    far = shot in ("full", "knees", "waist") or not peopled
    if place is not None or random.random() < (0.8 if far else 0.45):
        weight, canvas.weight = canvas.weight, canvas.weight * 0.7
        draw_location(canvas, place or random.choice(series.places), random)
        canvas.weight = weight
    else:
        draw_backdrop(canvas, BACKDROP, BACKDROPS, random, bool(series.manner.soft))


def _choose_cast(series: Series, random: Random, aspect: float) -> list[Character]:
    """Mostly one or two, more where there is room; rarely nobody."""
    most = 2 if aspect < 0.8 else 3 if aspect < 1.6 else 4
    roll = random.random()
    count = 0 if roll < 0.04 else 1 if roll < 0.6 else random.randint(2, most)
    return random.sample(series.cast, min(count, len(series.cast)))


def _choose_shot(random: Random, count: int) -> str:
    shares = (0.07, 0.3, 0.3, 0.18, 0.08, 0.07) if count == 1 else (0.0, 0.12, 0.36, 0.3, 0.12, 0.1)
    return random.choices(list(SHOTS)[: len(shares)], shares)[0]


def draw_cast(
    canvas: Canvas, series: Series, random: Random, who: Sequence[Character], name: str
) -> list[Point]:
    """Draws some of the cast, and perhaps their animals, in a shot; returns where heads are."""
    shot = SHOTS[name]
    w, h = float(canvas.width), float(canvas.height)
    n = len(who)
    scale = shot.scale * min(h, w * (1.35 if n < 2 else 0.7 + 0.35 * n)) * random.uniform(0.9, 1.15)
    pets = series.creatures if random.random() < 0.25 else []
    heads: list[Point] = []
    # A crowd stands in two rows.
    crowd = n > 3
    order = [*range(1, n, 2), *range(0, n, 2)] if crowd else range(n)
    for i in order:
        character = who[i]
        spread = (i + 0.5) / n
        x = w * (spread + random.uniform(-0.12, 0.12) / n)
        low = shot.y * h if h < 1.3 * w else h * 0.5 - (0.5 - shot.y) * min(h, w * 1.35)
        # Who is shorter has the head lower.
        y = low + scale * (2.2 * (1 - character.look.tall) + random.uniform(-0.3, 0.3)) * (
            0.4 if n < 2 else 1
        )
        if crowd:
            y += scale * (-0.9 if i % 2 else 1.1)
        _draw_one(
            canvas,
            random,
            character,
            (x, y),
            scale,
            shot.legs,
            towards=0.5 - spread if n > 1 else 0.0,
        )
        heads.append((x, y))
    if pets or not who:
        for pet in pets:
            size = scale * random.uniform(0.35, 0.65) if who else 0.2 * h
            # At the side, so that it does not hide whose pet it is.
            x = w * random.choice((random.uniform(0.04, 0.26), random.uniform(0.74, 0.96)))
            with canvas.moved(
                x,
                h - size * random.uniform(1.3, 2.5),
                size,
                random.uniform(-8, 8),
                random.choice((-1, 1)),
            ):
                draw_creature(canvas, pet, random.random(), random.uniform(-1, 1))
    return heads


def _draw_one(
    canvas: Canvas,
    random: Random,
    who: Character,
    at: Point,
    scale: float,
    legs: bool,
    towards: float,
) -> None:
    """A figure, mostly looking at whom it talks to."""
    if isinstance(who, Actor):
        draw_actor(canvas, who, random, at, scale, towards)
        return
    turn = random.choice(TURNS)
    mirrored = random.random() < 0.5
    if towards and random.random() < 0.75:
        mirrored = towards < 0
    pose = Pose(
        turn,
        random.uniform(-0.8, 0.8),
        random.choice(list(MOODS)),
        (random.uniform(-0.7, 0.7), random.uniform(-0.4, 0.4)),
    )
    head = Head(who, pose, mirrored)
    stance = random_stance(random, min(1.0, turn * random.uniform(0.4, 1.1)))
    tilt = random.gauss(0, 6)
    lean = random.gauss(0, 3)
    with canvas.moved(at[0], at[1], scale, lean, -1.0 if mirrored else 1.0):
        draw_figure(canvas, who, head, stance, tilt, legs)
