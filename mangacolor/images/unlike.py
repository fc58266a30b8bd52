"""Where one thing ends on another without a line: their kinds tell."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, at_places
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.runs import find_runs

__all__ = ["find_fringes", "part_unlike"]

# A fringe has no outline: hair ends where skin is likelier. How far on both sides is looked for
# them, in places of kinds; the least that they have together; the least border.
_SIDE, _EITHER, _FRINGE = 3, 0.5, 40
# Within a square of this side there must be so much of a border, of 255.
_STRANDS, _STRAND = 9, 24
# What is never one: hair and skin, hair and what is behind it; gutters and what is drawn.
_DRAWN = (
    Kind.BACKDROP,
    Kind.SKIN,
    Kind.HAIR,
    Kind.EYE,
    Kind.MOUTH,
    Kind.CLOTHES,
    Kind.THING,
    Kind.CREATURE,
)
# And whether they are parted only where there is a border along most of the way: a fringe has none,
# and what has no frame is not cut in the middle of blank paper.
_UNLIKE = (
    ((Kind.HAIR,), (Kind.SKIN,), False),
    ((Kind.HAIR,), (Kind.BACKDROP,), False),
    ((Kind.GUTTER,), _DRAWN, True),
)
# An area is both if so many places, and this share of it, surely are one and so much the other,
# when doubt is evened out over about so many places.
_PATCH, _SHARE, _SURE, _EVEN = 150, 0.12, 0.6, 2.0
# Whether there is any such area every so many places in a row and in a column say as well.
_STEP = 2
# What is surely one so far from its edge, of places, grows from there.
_CORE = 9
# A border is so near, of pixels, and along so much of the way.
_WALL, _WALLED = 7, 0.5


def find_fringes(kinds: Float32, borders: UInt8) -> UInt8:
    """How surely hair ends on skin at each pixel: uint8 (h, w).

    Args:
        kinds: float32 (len(Kind), h', w').
        borders: uint8 (h, w), of the network.
    """
    h, w = borders.shape
    hair, skin = kinds[Kind.HAIR], kinds[Kind.SKIN]
    more = hair > skin
    turn = np.zeros(hair.shape, np.bool_)
    turn[:, 1:] |= more[:, 1:] != more[:, :-1]
    turn[1:] |= more[1:] != more[:-1]
    turn &= hair + skin > _EITHER
    y, x = np.divmod(np.flatnonzero(turn), turn.shape[1])
    sure = np.zeros(len(y), np.float32)
    for dy, dx in ((0, _SIDE), (_SIDE, 0)):
        one, other = (
            (np.clip(y + s * dy, 0, len(hair) - 1), np.clip(x + s * dx, 0, hair.shape[1] - 1))
            for s in (-1, 1)
        )
        for a, b in ((one, other), (other, one)):
            np.maximum(sure, np.minimum(hair[a], skin[b]), out=sure)
    found = np.zeros(hair.shape, np.uint8)
    found[y, x] = np.maximum(sure * 255, _FRINGE).astype(np.uint8)
    wide = cv2.resize(found, (2 * hair.shape[1], 2 * len(hair)), interpolation=cv2.INTER_NEAREST)
    # Strands are something of a border; across plain paper only kinds are in doubt.
    square = np.ones((_STRANDS, _STRANDS), np.uint8)
    drawn = np.asarray(cv2.dilate(borders, square)) >= _STRAND
    return np.asarray(wide, np.uint8)[:h, :w] * drawn


def part_unlike(areas: Labels, kinds: Float32, borders: UInt8) -> Labels:
    """Parts areas of hair and skin or backdrop, or of gutter and drawing: borders were too weak.

    Args:
        areas: int32 (h, w), numbers from 0.
        kinds: float32 (len(Kind), h', w'), how probably each place is of a kind; the same view.
        borders: uint8 (h, w), along which they part where there are some.

    Returns:
        int32 (h, w), numbered without gaps; `areas` itself if there is nothing to part.
    """
    few = kinds[:, ::_STEP, ::_STEP]
    likely = {group: _evened(few, group, _EVEN / _STEP) for pair in _UNLIKE for group in pair[:2]}
    parted = areas
    for some, others, walled in _UNLIKE:
        both = _are_both(parted, likely[some], likely[others])
        if both.any():
            one, other = (_evened(kinds, group, _EVEN) for group in (some, others))
            parted = _part(parted, both, one, other, borders, walled=walled)
    if parted is areas:
        return areas
    # Nothing of an area need be left; numbers begin where they did.
    runs = find_runs(parted)
    number = np.cumsum(runs.sizes() > 0) - 1 + int(areas.min())
    return runs.mapped(number.astype(np.int32))


def _evened(kinds: Float32, group: tuple[Kind, ...], sigma: float) -> Float32:
    """How probably each place is one of a group of kinds, doubt evened out."""
    summed = kinds[group[0]].copy()
    for kind in group[1:]:
        summed += kinds[kind]
    return np.asarray(cv2.GaussianBlur(summed, (0, 0), sigma), np.float32)


def _are_both(areas: Labels, one: Float32, other: Float32) -> npt.NDArray[np.bool_]:
    """Which areas surely are both: bool (areas.max() + 1,); every so many places say it."""
    count = int(areas.max()) + 1
    at = at_places(areas, one.shape)
    least = np.maximum(_PATCH / _STEP**2, _SHARE * np.bincount(at.ravel(), minlength=count))
    both = np.ones(count, np.bool_)
    for sure in (one, other):
        both &= np.bincount(at[sure > _SURE], minlength=count) >= least
    return both


def _part(
    areas: Labels,
    both: npt.NDArray[np.bool_],
    one: Float32,
    other: Float32,
    borders: UInt8,
    *,
    walled: bool,
) -> Labels:
    """Parts areas that surely are both, or, `walled`, those of them that have a border between the
    two; numbers may have gaps then.
    """
    count = len(both)
    at = at_places(areas, one.shape)
    there = both[at]
    # What lies around them all is as good as the page.
    y, x = (np.flatnonzero(there.any(axis=axis)) for axis in (1, 0))
    box = np.s_[y[0] : y[-1] + 1, x[0] : x[-1] + 1]
    wide_box = np.s_[2 * y[0] : 2 * y[-1] + 2, 2 * x[0] : 2 * x[-1] + 2]
    grown = _grown(one[box], other[box], there[box], borders[wide_box])
    is_one = _without_patches(grown, there[box])
    if walled:
        is_one &= _are_walled(at[box], is_one, there[box], borders[wide_box], count)[at[box]]
    window = areas[wide_box]
    wide = np.repeat(np.repeat(is_one, 2, axis=0), 2, axis=1)[: window.shape[0], : window.shape[1]]
    new = np.arange(count, dtype=np.int32)
    new[both] = count + np.arange(both.sum())
    parted = areas.copy()
    parted[wide_box][wide] = new[window[wide]]
    return parted


def _are_walled(
    at: Labels,
    is_one: npt.NDArray[np.bool_],
    there: npt.NDArray[np.bool_],
    borders: UInt8,
    count: int,
) -> npt.NDArray[np.bool_]:
    """Of which areas the two parts have a border between them: bool (count,)."""
    h, w = is_one.shape
    near = np.asarray(cv2.dilate(borders, np.ones((_WALL, _WALL), np.uint8))) >= _STRAND
    wall = cv2.resize(near.view(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST) > 0
    length, walls = np.zeros(count), np.zeros(count)
    for a, b in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        met = there[a] & there[b] & (at[a] == at[b]) & (is_one[a] != is_one[b])
        length += np.bincount(at[a][met], minlength=count)
        walls += np.bincount(at[a][met & wall[a]], minlength=count)
    found: npt.NDArray[np.bool_] = walls >= _WALLED * length
    return found


def _grown(
    one: Float32, other: Float32, there: npt.NDArray[np.bool_], borders: UInt8
) -> npt.NDArray[np.bool_]:
    """What is one of the two: what surely is grows, and meets at borders where there are some.

    Source: Meyer, Color image segmentation, ICIP 1992 (watershed of markers).
    """
    h, w = one.shape
    square = np.ones((_CORE, _CORE), np.uint8)
    marks = np.where(there, 0, 3).astype(np.int32)
    for number, sure in ((1, one), (2, other)):
        core = cv2.erode((there & (sure > _SURE)).view(np.uint8), square, borderValue=1)
        marks[(np.asarray(core) > 0) & there] = number
    # The highest of four pixels: a thin line stays one.
    high = np.asarray(cv2.dilate(borders, np.ones((2, 2), np.uint8)))
    walls = cv2.resize(high, (w, h), interpolation=cv2.INTER_NEAREST)
    # The outermost pixels of a picture are never told apart.
    walls, marks = np.pad(walls, 1, mode="edge"), np.pad(marks, 1, mode="edge")
    grown = np.asarray(cv2.watershed(cv2.cvtColor(walls, cv2.COLOR_GRAY2RGB), marks))
    grown = grown[1:-1, 1:-1]
    found: npt.NDArray[np.bool_] = np.where(grown > 0, grown == 1, one > other)
    return found


def _without_patches(
    is_one: npt.NDArray[np.bool_], there: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """What is one of the two where it may be, small patches given to what is around them."""
    for side in (True, False):
        patch = (there & (is_one == side)).view(np.uint8)
        # OpenCV's facts of pieces take three times as long as the pieces.
        count, found = cv2.connectedComponents(patch, connectivity=4)
        runs = find_runs(np.asarray(found, np.int32))
        small = runs.sizes(count) < _PATCH
        small[0] = False
        is_one = np.where(runs.mapped(small), not side, is_one)
    return is_one & there
