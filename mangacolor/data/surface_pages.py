"""Invented pages and crops of them, from which a network learns what is one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.comic.chapter import ASPECT
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.frames import lay_frames
from mangacolor.comic.kinds import kinds_of
from mangacolor.comic.page import DrawnPage, draw_frames, draw_page, finish
from mangacolor.comic.panel import open_canvas
from mangacolor.comic.series import Series
from mangacolor.comic.wardrobe import Costume
from mangacolor.files import atomic_path
from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind
from mangacolor.manga.folds import draw_folds
from mangacolor.manga.hand import make_hand
from mangacolor.manga.lay import Laid, lay_manga
from mangacolor.manga.lines import draw_lines
from mangacolor.manga.words import mark_letters

__all__ = [
    "TALL",
    "Crop",
    "SurfacePage",
    "cut_crop",
    "draw_surface_page",
    "read_page",
    "to_borders",
    "write_page",
]

# Heights of pages, pixels.
_HEIGHTS = (1000, 1700)
# Shares of crops that are small views of much, that are lines alone, and as the comic draws tone.
_FAR, _PLAIN, _OWN = 0.22, 0.12, 0.1
# Scales of small views and of others, and heights of pages whose tones are laid.
_SCALES, _FAR_SCALES, TALL = (0.7, 2.4), (0.35, 0.7), (850.0, 3300.0)
# Share of crops that hang over the page's edge.
_OVER = 0.15
# Shares of pages whose cast are models, if there are any, and of panels whose figures break out.
_MODELS, _BROKEN = 0.4, 0.15


_Kept = TypeVar("_Kept", np.uint8, np.uint16)


class SurfacePage(NamedTuple):
    """A drawing whose parts are known.

    Attributes:
        ink: uint8 (H, W), 0 ink ... 255 paper: lines and words.
        art: uint8 (H, W), the same with the blacks and tones of the comic.
        labels: uint16 (H, W), which part is where.
        kinds: uint8 (H, W), numbers of `Kind`.
        table: uint8 (N,), the kind of each label.
    """

    ink: UInt8
    art: UInt8
    labels: npt.NDArray[np.uint16]
    kinds: UInt8
    table: UInt8


class Crop(NamedTuple):
    """A square of a page as it is printed, and its truth.

    Attributes:
        page: uint8 (s, s), 0 ink ... 255 paper.
        borders: uint8 (s, s), 1 on a border, 0 elsewhere, or UNKNOWN.
        kinds: uint8 (s/2, s/2), numbers of `Kind`, or UNKNOWN.
    """

    page: UInt8
    borders: UInt8
    kinds: UInt8


def draw_surface_page(seed: int, figures: Sequence[Costume] = ()) -> SurfacePage:
    """Draws a page, a page of few large panels, or a cover; the same arguments, the same bytes.

    Args:
        seed: of all randomness.
        figures: models that are the bodies of a share of the casts.
    """
    random = Random(f"mangacolor surfaces {seed}")
    # A page without models is what it would be if there were none.
    modelled = bool(figures) and Random(f"mangacolor models {seed}").random() < _MODELS
    series = Series(seed, figures if modelled else ())
    height = random.randint(*_HEIGHTS)
    width = round(height * ASPECT)
    way = seed % 6
    if way == 0:
        page = draw_cover(series, width, height)
    elif way == 1:
        rows = random.randint(1, 2)
        canvas = open_canvas(series, width, height, (1.4 - 0.3 * rows) * (width * height) ** 0.5)
        frames = lay_frames(random, width, height, rows)
        words = draw_frames(canvas, series, random, frames, 0.9, broken=_BROKEN)
        page = finish(series, canvas.layers(), words, toned=True, inked=True)
    else:
        page = draw_page(series, way, width, height, broken=_BROKEN)
    return _known(page, kinds_of(series.palette.names, series.palette.colors))


def _known(page: DrawnPage, table: UInt8) -> SurfacePage:
    kinds = table[page.labels]
    words = np.isin(kinds, (Kind.BALLOON, Kind.EFFECT)).view(np.uint8)
    near = np.asarray(cv2.dilate(words, np.ones((3, 3), np.uint8))) > 0
    ink = np.where(near, np.minimum(page.ink, page.lineart), page.ink)
    mark_letters(ink, kinds)
    return SurfacePage(ink, page.lineart, page.labels, kinds, table)


def write_page(page: SurfacePage, path: Path) -> None:
    """Keeps a page in a file, whole or not at all."""
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez_compressed(file, **page._asdict())


def read_page(path: Path) -> SurfacePage:
    """A page that was kept."""
    with np.load(path) as arrays:
        return SurfacePage(**{name: arrays[name] for name in SurfacePage._fields})


def cut_crop(page: SurfacePage, size: int, rng: np.random.Generator) -> Crop:
    """Cuts a square out of a page, at some scale, and lays over it what a mangaka lays.

    Args:
        page: of `draw_surface_page`.
        size: of the square, pixels; even.
        rng: source of all randomness.
    """
    roll = rng.random()
    own, plain = roll < _OWN, _OWN <= roll < _OWN + _PLAIN
    scales = _FAR_SCALES if rng.random() < _FAR else _SCALES
    scale = math.exp(rng.uniform(*np.log(scales)))
    over = rng.random() < _OVER
    side = round(size / scale)
    box = [_span(side, length, rng, over=over) for length in page.ink.shape]
    flip = slice(None, None, -1 if rng.random() < 0.5 else 1)
    ink = _window(page.art if own else page.ink, box, side, 255)[:, flip]
    labels = _window(page.labels, box, side, 0)[:, flip]
    kinds = _window(page.kinds, box, side, Kind.GUTTER)[:, flip]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    ink = np.asarray(cv2.resize(np.ascontiguousarray(ink), (size, size), interpolation=way))
    rows = (np.arange(size) * 2 + 1) * side // (2 * size)
    labels, kinds = labels[rows[:, None], rows], kinds[rows[:, None], rows]
    if not own:
        ink, named, kinds = _printed(ink, labels, kinds, page.table, rng, plain=plain)
        labels = np.asarray(named, labels.dtype)
    return Crop(ink, to_borders(labels).view(np.uint8), np.ascontiguousarray(kinds[::2, ::2]))


def to_borders(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Both pixels of every border between two labels: bool (h, w)."""
    borders = np.zeros(labels.shape, np.bool_)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    borders[:, 1:] |= across
    borders[:, :-1] |= across
    borders[1:] |= down
    borders[:-1] |= down
    return borders


def _span(side: int, length: int, rng: np.random.Generator, *, over: bool) -> int:
    """Where a window begins; one that is larger than the page has all of it."""
    low, high = min(0, length - side), max(0, length - side)
    reach = side // 3 if over and side < length else 0
    return int(rng.integers(low - reach, high + reach + 1))


def _window(layer: npt.NDArray[_Kept], box: list[int], side: int, empty: int) -> npt.NDArray[_Kept]:
    """A square of a layer, filled up where it is beyond the page."""
    y, x = box
    height, width = layer.shape
    there = layer[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
    before = max(0, -y), max(0, -x)
    after = max(0, y + side - height), max(0, x + side - width)
    around = [(a, b) for a, b in zip(before, after, strict=True)]
    return np.pad(there, around, constant_values=empty)


def _printed(
    ink: UInt8,
    labels: npt.NDArray[np.uint16],
    kinds: UInt8,
    table: UInt8,
    rng: np.random.Generator,
    *,
    plain: bool,
) -> Laid:
    """A crop's lines, some heavier, some with folds and gaps, and what is laid over them."""
    heavy = rng.random()
    if heavy < 0.27:
        change = cv2.erode if heavy < 0.15 else cv2.dilate
        ink = np.asarray(change(ink, np.ones((2, 2), np.uint8)))
    hand = make_hand(rng, math.exp(rng.uniform(*np.log(TALL))))
    if not plain:
        return lay_manga(ink, labels, table, rng, hand)
    words = np.isin(kinds, (Kind.BALLOON, Kind.LETTERING, Kind.EFFECT))
    folded = draw_folds(ink, labels, kinds, hand, rng)
    return Laid(draw_lines(folded, words, kinds == Kind.GUTTER, hand, rng), labels, kinds)
