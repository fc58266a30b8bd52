"""What stays white: blank ground is one thing if no ink divides it, and words stand in black."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import Kind, is_paper
from mangacolor.images.outside import shares_outside
from mangacolor.images.panels import Box
from mangacolor.images.runs import find_runs

__all__ = ["with_ground", "with_white_words"]

# Brighter than this, so many pixels around, nothing is drawn or printed between two areas.
_BLANK, _ROOM = 225, 5
# Share of an area's outline along which it goes on as another one: balloons have gaps.
_OPEN = 0.25
# Share of an area outside all panels from which on it is one of the gutters, and may be paper.
_OUTSIDE = 0.5
# Mean tone of solid black, how much of an outline it is around words, and how sure effects are.
_BLACK, _AROUND, _SURE = 60, 0.9, 0.5
# Share of a page up to which it may be a word, and from which on black ground is wide; the tone
# of ground that has nothing but words on it.
_WORD, _WIDE, _SOLID = 0.015, 0.03, 20


def with_ground(
    areas: Labels, kinds: Float32, tone: UInt8, boxes: Sequence[Box], page: tuple[int, int]
) -> tuple[Labels, Float32]:
    """Areas in which blank ground that no ink divides is one thing.

    In panels what is drawn goes on: words that stand on bare ground have it behind them. Outside of
    them paper goes on.

    Args:
        areas: int32 (h, w), numbers from 1.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind.
        tone: uint8 (h, w), 0 ink ... 255 paper.
        boxes: of the panels, in pixels of the page.
        page: height and width of it.

    Returns:
        The same ones where nothing is to be joined; else areas without gaps in their numbers, and
        their kinds.
    """
    paper = is_paper(kinds)
    count = len(kinds)
    if not paper.any() or paper[1:].all():
        return areas, kinds
    calm = cv2.erode(tone, np.ones((_ROOM, _ROOM), np.uint8)) >= _BLANK
    length, pairs, open_length = _met(areas, paper, np.asarray(calm), count)
    if not len(pairs):
        return areas, kinds
    outside = shares_outside(areas, boxes, page, count) >= _OUTSIDE
    root = np.arange(count)
    # What goes on longest first; what has been joined to something stays with it.
    for at in np.argsort(-open_length, kind="stable"):
        one, other = pairs[at]
        white, drawn = (one, other) if paper[one] else (other, one)
        lost, kept = (drawn, white) if outside[white] else (white, drawn)
        if root[lost] == lost and root[kept] == kept and open_length[at] >= _OPEN * length[lost]:
            root[lost] = kept
    if (root == np.arange(count)).all():
        return areas, kinds
    left, number = np.unique(root, return_inverse=True)
    return find_runs(areas).mapped(number.astype(np.int32)), kinds[left]


def with_white_words(areas: Labels, kinds: Float32, tone: UInt8) -> Float32:
    """Kinds of areas in which effects that stand in solid black are words, and stay white; so does
    what is white in black ground without being an area, for the ground itself shows no colour.

    Args:
        areas: int32 (h, w), numbers from 1.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind.
        tone: uint8 (h, w), 0 ink ... 255 paper.

    Returns:
        The same ones where there are none.
    """
    effects = kinds[:, Kind.EFFECT] >= _SURE
    count = len(kinds)
    sizes = np.maximum(np.bincount(areas.ravel(), minlength=count), 1)
    mean = np.bincount(areas.ravel(), tone.ravel(), count) / sizes
    black = mean < _BLACK
    black[0] = False
    if not black.any():
        return kinds
    ground = black & (kinds[:, Kind.BACKDROP] + kinds[:, Kind.EFFECT] >= _SURE)
    # Splashes are black as well, and may have the foot of what stands behind them; rays of a flash
    # have a colour.
    ground &= (sizes >= _WIDE * areas.size) & (mean < _SOLID)
    length, dark = np.zeros(count), np.zeros(count)
    for _, _, one, other in _contacts(areas):
        for some, others in ((one, other), (other, one)):
            length += np.bincount(some, minlength=count)
            dark += np.bincount(some[black[others]], minlength=count)
    words = effects & ~black & (dark > _AROUND * length) & (sizes <= _WORD * areas.size)
    found = kinds.copy()
    for white, kind in ((words, Kind.LETTERING), (ground, Kind.GUTTER)):
        found[white] = 0
        found[white, kind] = 1
    return found


def _met(
    areas: Labels, paper: npt.NDArray[np.bool_], calm: npt.NDArray[np.bool_], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """How long each outline is, int64 (count,); pairs of paper and drawing, int64 (n, 2), and how
    far they go on as one another, int64 (n,).
    """
    length, keys = np.zeros(count, np.int64), []
    calm = calm.ravel()
    for at, step, one, other in _contacts(areas):
        length += np.bincount(one, minlength=count) + np.bincount(other, minlength=count)
        goes_on = (paper[one] != paper[other]) & calm[at] & calm[at + step]
        low, high = np.minimum(one, other)[goes_on], np.maximum(one, other)[goes_on]
        keys.append(low.astype(np.int64) * count + high)
    found, lengths = np.unique(np.concatenate(keys), return_counts=True)
    return length, np.stack(np.divmod(found, count), axis=1), lengths


def _contacts(areas: Labels) -> Iterator[tuple[npt.NDArray[np.intp], int, Labels, Labels]]:
    """Pixels beside those of another area, to their right and below: where they are, how far the
    others are from there, and the areas of both.
    """
    width, flat = areas.shape[1], areas.ravel()
    for step, nothing in ((1, np.s_[width - 1 :: width]), (width, np.s_[:0])):
        differs = flat[step:] != flat[:-step]
        differs[nothing] = False
        at = np.flatnonzero(differs)
        yield at, step, flat[at], flat[at + step]
