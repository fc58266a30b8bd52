"""Pages: panels in frames, balloons and sound effects; every layer exact."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mangacolor.comic.canvas import Canvas, Layers
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Point, polygon
from mangacolor.comic.frames import Frame, lay_frames
from mangacolor.comic.locations import Location
from mangacolor.comic.palette import BALLOON, EFFECT
from mangacolor.comic.panel import choose_cast, draw_cast, draw_ground, draw_panel, open_canvas
from mangacolor.comic.screens import screen
from mangacolor.comic.series import Series
from mangacolor.lettering.make import make_balloon, make_effect

__all__ = ["DrawnPage", "Words", "add_words", "draw_frames", "draw_page", "finish", "page_frames"]


# A panel of a page is about so large beside the page; screens are as fine as panels want them.
PITCH = 0.42


class Words(NamedTuple):
    """Balloons and sound effects: RGBA pictures, their upper left corners and labels."""

    pieces: list[tuple[Image.Image, tuple[int, int], int]]


class DrawnPage(NamedTuple):
    """A finished drawing.

    Attributes:
        color: uint8 (H, W, 3), sRGB: shaded colours, lines, balloons.
        flat: uint8 (H, W, 3), one colour for each label.
        lineart: uint8 (H, W), 0 ink ... 255 paper: lines, and blacks, tones and balloons if any.
        ink: uint8 (H, W), the drawing's lines alone, without blacks, tones and balloons.
        tone: uint8 (H, W), screentone alone, 0 ink ... 255 paper.
        labels: uint16 (H, W), see `Palette.names`.
    """

    color: NDArray[np.uint8]
    flat: NDArray[np.uint8]
    lineart: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    tone: NDArray[np.uint8]
    labels: NDArray[np.uint16]

    def lines(self) -> NDArray[np.uint8]:
        """Lines, balloons and effects, without blacks and tones: uint8 (H, W), 0 ink ... 255."""
        words = (self.labels == BALLOON) | (self.labels == EFFECT)
        return np.where(words, self.lineart, self.ink)


def draw_page(
    series: Series,
    number: int,
    width: int,
    height: int,
    screened: bool = True,
    broken: float = 0.0,
) -> DrawnPage:
    """Draws a page of a series; the same arguments give the same bytes on one machine.

    Args:
        series: whose page.
        number: of the page.
        width, height: pixels.
        screened: whether tones are dots and lines; else they are the greys that these stand for.
        broken: share of panels whose figures break out of their frames.
    """
    random = _random(series, number)
    frames = lay_frames(random, width, height)
    canvas = open_canvas(series, width, height, 0.62 * (width * height) ** 0.5)
    words = draw_frames(canvas, series, random, frames, 0.9, broken=broken)
    return finish(series, canvas.layers(), words, toned=True, inked=True, screened=screened)


def page_frames(series: Series, number: int, width: int, height: int) -> list[Frame]:
    """Where the panels of that page are."""
    return lay_frames(_random(series, number), width, height)


def _random(series: Series, number: int) -> Random:
    return Random(f"mangacolor page {series.seed} {number}")


def draw_frames(
    canvas: Canvas,
    series: Series,
    random: Random,
    frames: list[Frame],
    talk: float,
    cast: Sequence[Character] | None = None,
    broken: float = 0.0,
) -> Words:
    """Draws a panel into each frame.

    Args:
        canvas: to draw on.
        series: whose panels.
        random: source of randomness.
        frames: where panels are.
        talk: share of panels with balloons.
        cast: who may appear; None is everybody.
        broken: share of panels whose figures break out of their frames.

    Returns:
        Balloons and effects to lay over it.
    """
    rng = np.random.default_rng(random.getrandbits(64))
    words = Words([])
    scene = random.choice(series.places)
    letters = min(canvas.width, canvas.height) * random.uniform(0.019, 0.024)
    for frame in frames:
        x0, y0, x1, y1 = box = frame.box()
        place = scene if random.random() < 0.55 else None
        who = None
        if cast is not None:
            who = random.sample(list(cast), random.randint(1, min(2, len(cast))))
        path = polygon(frame.corners)
        # No lot is drawn where none is needed: other pages stay what they were.
        if broken and random.random() < broken:
            heads = _draw_broken(canvas, series, random, frame, who, place)
        else:
            with canvas.window(path, x0, y0, x1, y1):
                heads = draw_panel(canvas, series, random, who, place=place)
            if frame.line:
                canvas.outline(path, 1.3, whole=True)
        if random.random() < talk:
            add_words(words, random, rng, heads, box, letters, (canvas.width, canvas.height))
    return words


def _draw_broken(
    canvas: Canvas,
    series: Series,
    random: Random,
    frame: Frame,
    who: Sequence[Character] | None,
    place: Location | None,
) -> list[Point]:
    """A panel whose figures stand before its frame, cut off only where it ends below."""
    x0, y0, x1, y1 = box = frame.box()
    path = polygon(frame.corners)
    with canvas.window(path, *box):
        who, shot = choose_cast(canvas, series, random, who)
        draw_ground(canvas, series, random, shot, bool(who), place)
    if frame.line:
        canvas.outline(path, 1.3, whole=True)
    aside, above = 0.2 * (x1 - x0), 0.35 * (y1 - y0)
    left, right = frame.corners[3][0] - aside, frame.corners[2][0] + aside
    low = frame.corners[3][1], frame.corners[2][1]
    room = [(left, y0 - above), (right, y0 - above), (right, low[1]), (left, low[0])]
    with canvas.window(polygon(room), *box):
        return draw_cast(canvas, series, random, who, shot)


def add_words(
    words: Words,
    random: Random,
    rng: np.random.Generator,
    heads: list[Point],
    box: tuple[float, float, float, float],
    letters: float | None,
    page: tuple[int, int],
) -> None:
    """Adds balloons, and now and then a sound effect, to a panel in a box of a page."""
    x0, y0, x1, y1 = box
    width, height = round(x1 - x0), round(y1 - y0)
    taken = list(heads)
    for _ in range(random.choices((1, 2), (3, 1))[0] if width > 0.7 * height else 1):
        centre = _quiet_spot(random, taken, width, height)
        balloon, at = make_balloon(width, height, rng, centre, letters)
        # The balloon without its tail is to stay on the page, or its words would be cut.
        x, y = (
            _clamp(place + round(start), round(own * 0.21), round(whole - own * 0.79))
            for place, start, own, whole in zip(at, (x0, y0), balloon.size, page, strict=True)
        )
        words.pieces.append((balloon, (x, y), BALLOON))
        taken.append(centre)
    if random.random() < 0.15:
        effect, at = make_effect(width, height, rng)
        words.pieces.append((effect, (at[0] + round(x0), at[1] + round(y0)), EFFECT))


def _clamp(value: int, margin: int, most: int) -> int:
    return max(-margin, min(value, most))


def _quiet_spot(random: Random, heads: list[Point], width: float, height: float) -> Point:
    """A place for a balloon, far from heads and rather up than down."""
    spots = [
        (x * width + random.uniform(-0.04, 0.04) * width, y * height)
        for x in (0.14, 0.3, 0.5, 0.7, 0.86)
        for y in (0.16, 0.3, 0.84)
    ]

    def quiet(spot: Point) -> float:
        near = min((abs(spot[0] - x) + 0.7 * abs(spot[1] - y) for x, y in heads), default=0.0)
        return near - (0.15 * height if spot[1] > 0.5 * height else 0.0)

    return max(spots, key=quiet)


def finish(
    series: Series,
    layers: Layers,
    words: Words | None,
    toned: bool,
    inked: bool,
    screened: bool = True,
) -> DrawnPage:
    """Puts layers together.

    Args:
        series: whose palette and screens.
        layers: what was drawn.
        words: balloons and effects to lay over it.
        toned, inked: whether the line art has tones and solid blacks.
        screened: whether tones are dots and lines; else they are the greys that these stand for.
    """
    height, width = layers.ink.shape
    bare = layers.ink[:, :, None].astype(np.uint16)
    line = np.array(series.manner.line, np.uint16)
    color = ((layers.shaded * bare + line * (255 - bare)) // 255).astype(np.uint8)
    lineart = layers.ink
    tone = np.full_like(layers.ink, 255)
    if inked:
        # What is half line and half black is ink, too: the two add up.
        lineart = lineart - np.minimum(lineart, layers.blacks)
    if toned and series.manner.toned:
        kind, pitch, degrees = series.manner.screen
        density = (layers.density * series.manner.toned).astype(np.uint8)
        fine = max(2.6, PITCH * pitch * (width * height) ** 0.5)
        tone = screen(density, kind, fine, degrees) if screened else 255 - density
        lineart = np.minimum(lineart, tone)
    ink, labels = layers.ink, layers.labels
    if words and words.pieces:
        color, lineart, ink, tone = (layer.copy() for layer in (color, lineart, ink, tone))
        labels = labels.copy()
        for piece, at, label in words.pieces:
            _lay(piece, at, label, color, lineart, ink, tone, labels)
    return DrawnPage(color, series.palette.flat(labels), lineart, ink, tone, labels)


def _lay(
    piece: Image.Image,
    at: tuple[int, int],
    label: int,
    color: NDArray[np.uint8],
    lineart: NDArray[np.uint8],
    ink: NDArray[np.uint8],
    tone: NDArray[np.uint8],
    labels: NDArray[np.uint16],
) -> None:
    """Lays a piece over all layers, in place; what is under it is neither ink nor tone."""
    height, width = lineart.shape
    x0, y0 = max(0, at[0]), max(0, at[1])
    x1, y1 = min(width, at[0] + piece.width), min(height, at[1] + piece.height)
    if x0 >= x1 or y0 >= y1:
        return
    pixels = np.asarray(piece)[y0 - at[1] : y1 - at[1], x0 - at[0] : x1 - at[0]].astype(np.float32)
    alpha = pixels[:, :, 3:] / 255
    there = np.s_[y0:y1, x0:x1]

    def over(old: NDArray[np.uint8], new: NDArray[np.float32]) -> NDArray[np.uint8]:
        share = alpha if old.ndim == 3 else alpha[:, :, 0]
        return (old * (1 - share) + new * share + 0.5).astype(np.uint8)

    color[there] = over(color[there], pixels[:, :, :3])
    lineart[there] = over(lineart[there], pixels[:, :, 0])
    paper = np.full(alpha.shape[:2], 255, np.float32)
    ink[there], tone[there] = over(ink[there], paper), over(tone[there], paper)
    labels[there][alpha[:, :, 0] > 0.5] = label
