"""Areas from soft borders: pieces between them, joined where the border is weakest."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, at_places, fill_up
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import GROUPED, Kind
from mangacolor.images.runs import find_runs
from mangacolor.images.unlike import find_fringes, part_unlike

__all__ = [
    "JOIN",
    "MULTIPLE",
    "OUTLINE",
    "Surfaces",
    "color_borders",
    "find_colored",
    "find_surfaces",
]

# Sides of pages that the network reads are multiples of this.
MULTIPLE = 64

# What is surely inside is less of a border than this, of 255.
_INSIDE = 30
# Sides of squares that find pieces where they have room, the largest first: two rooms that a
# narrower passage joins are two.
_SQUARES = (5, 1)
# Pieces are joined as long as the mean border between them is below this, of 255.
JOIN = 120.0
# Pages take 10 to 60 rounds; what takes more is no drawing.
_ROUNDS = 400
# Pieces are seen by so many pixels at least.
_CORE = 8
# Of a picture in colour: the widest line, and the change of colour from pixel to pixel that is no
# border yet, and that surely is one.
_LINE, _STEEP = 9, (3.0, 12.0)
_BRIGHTNESS = np.float32(0.7)
# Mean border between two colours below which they are one, of 255.
_COLORED = 80.0
# Pieces of fewer pixels join the neighbour that they are least divided from, whatever it is.
_LEAST = 24
# Of printed pages: what a border is worth more for each length of it that is a side of a square as
# large as the smaller of both areas, up to three of four. What is seen along most of an outline is
# surely there, and a short border is a fold, or the end of a shadow or of a tone. Of what is
# between, the mean says enough.
OUTLINE = 10.0
_USUAL, _MOST = 2.3, 3.0
# What two areas of wholly different groups of kinds have more of a border, of 255.
_UNLIKE = 140.0
# What two areas of one group have less of a border: lines within a face or hair are folds and
# strands, and two faces side by side have one colour.
_FAMILIAR = 50.0 * GROUPED[Kind.SKIN].astype(np.float64) + 60.0 * GROUPED[Kind.HAIR]


class Surfaces(NamedTuple):
    """A page's areas and what they are.

    Attributes:
        areas: int32 (h, w), numbers from 1.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each is of a kind; 0 in row 0.
    """

    areas: Labels
    kinds: Float32


class _Contacts(NamedTuple):
    """Pairs of areas side by side, the smaller number first, in order.

    Attributes:
        first, second: int64 (n,).
        length: float64 (n,), pixels along which they touch.
        border: float64 (n,), the border there, added up.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    length: npt.NDArray[np.float64]
    border: npt.NDArray[np.float64]


def find_surfaces(
    borders: UInt8, kinds: Float32, join: float = JOIN, outline: float = 0.0
) -> Surfaces:
    """Numbers what lies between borders.

    Args:
        borders: uint8 (h, w), how surely each pixel is of a border.
        kinds: float32 (len(Kind), h', w'), how probably each place is of a kind; the same view.
        join: mean border below which two pieces are one, of 255.
        outline: how much the length of a border counts, of 255: `OUTLINE` for what is printed.

    Returns:
        Areas, none left out, and their kinds.

    Source: Arbelaez et al., Contour Detection and Hierarchical Image Segmentation, TPAMI 2011.
    Differs: pieces by distance and not by watershed; all pairs that are each other's weakest
    border are joined at once, which gives the same areas as one after the other.
    """
    borders = np.maximum(borders, find_fringes(kinds, borders))
    pieces = _pieces(borders)
    count = int(pieces.max()) + 1
    votes = _votes(pieces, kinds, count)
    runs = find_runs(pieces)
    size = runs.sizes(count).astype(np.float64)
    contacts = _contacts(pieces, borders, count)
    root = np.arange(count)
    for _ in range(_ROUNDS):
        pairs = _weakest(contacts, size, votes, join, outline)
        if not len(pairs):
            break
        low, high = contacts.first[pairs], contacts.second[pairs]
        step = np.arange(count)
        step[high] = low
        root = step[root]
        np.add.at(size, low, size[high])
        np.add.at(votes, low, votes[high])
        size[high], votes[high] = 0, 0
        contacts = _renamed(contacts, step, count)
    # Number 0 is no piece's, unless there is none at all.
    kept, number = np.unique(root, return_inverse=True)
    areas = runs.mapped(number.astype(np.int32))
    parted = part_unlike(areas, kinds, borders)
    if parted is areas:
        return Surfaces(areas, _shares(votes[kept]))
    return Surfaces(parted, _shares(_votes(parted, kinds, int(parted.max()) + 1)))


def color_borders(color: UInt8) -> UInt8:
    """How surely a colour ends at each pixel, lines left out: uint8 (h, w).

    Args:
        color: uint8 (h, w, 3) sRGB.
    """
    window = np.ones((_LINE, _LINE), np.uint8)
    # What a line is drawn on, as if there were none.
    clean = cv2.morphologyEx(color, cv2.MORPH_CLOSE, window, borderType=cv2.BORDER_REPLICATE)
    channels = cv2.cvtColor(np.asarray(clean), cv2.COLOR_RGB2YCrCb).astype(np.float32)
    # Shadows change brightness most of all.
    channels[..., 0] *= _BRIGHTNESS
    smooth = np.asarray(cv2.GaussianBlur(channels, (0, 0), 1.4))
    steep = np.zeros(color.shape[:2], np.float32)
    for way in (0, 1):
        across = np.asarray(cv2.Scharr(smooth, cv2.CV_32F, 1 - way, way, scale=1 / 32))
        steep += (across * across).sum(axis=2)
    low, high = _STEEP
    return (np.clip((np.sqrt(steep) - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def find_colored(color: UInt8) -> Labels:
    """Numbers what has one colour, lines left out: int32 (h, w), from 1.

    Args:
        color: uint8 (h, w, 3) sRGB.
    """
    half = tuple(-(-n // 2) for n in color.shape[:2])
    anything = np.full((len(Kind), *half), 1 / len(Kind), np.float32)
    return find_surfaces(color_borders(color), anything, _COLORED).areas


def _pieces(borders: UInt8) -> Labels:
    """What lies surely inside, in pieces: int32 (h, w), numbers from 1, none left out."""
    left = np.asarray(borders < _INSIDE).view(np.uint8)
    pieces = np.zeros(borders.shape, np.int32)
    count = 0
    for side in _SQUARES:
        square = np.ones((side, side), np.uint8)
        room = cv2.erode(left, square, borderValue=0) if side > 1 else left
        _, found = cv2.connectedComponents(room, connectivity=4)
        runs = find_runs(np.asarray(found, np.int32))
        keep = runs.sizes() >= _CORE
        keep[0] = False
        # New pieces lie beside those before, never on them.
        pieces += runs.mapped(np.where(keep, np.cumsum(keep) + count, 0).astype(np.int32))
        count += int(keep.sum())
        if side > 1:
            left &= np.asarray(cv2.dilate((pieces > 0).view(np.uint8), square), np.uint8) ^ 1
    return fill_up(pieces) if count else np.ones_like(pieces)


def _weakest(
    contacts: _Contacts,
    size: npt.NDArray[np.float64],
    votes: npt.NDArray[np.float64],
    join: float,
    outline: float,
) -> npt.NDArray[np.int64]:
    """Contacts that are the weakest of both sides, and weak enough to go."""
    first, second, length, border = contacts
    if not len(first):
        return np.zeros(0, np.int64)
    mean = border / length
    smaller = np.minimum(size[first], size[second])
    # Areas that are gone have no contacts.
    seen = outline * (np.minimum(length / np.sqrt(smaller), _MOST) - _USUAL)
    told = mean + _difference(votes, first, second) + seen
    worth = np.where(smaller < _LEAST, mean - 255.0, told)
    order = np.argsort(worth, kind="stable")
    best = np.full(len(size), -1, np.int64)
    # Of several writes to one place the last one stays.
    backwards = order[::-1]
    ends = np.stack([first[backwards], second[backwards]], axis=1).ravel()
    best[ends] = np.repeat(backwards, 2)
    mutual = (best[first] == np.arange(len(first))) & (best[second] == np.arange(len(first)))
    return np.flatnonzero(mutual & (worth < join))


def _difference(
    votes: npt.NDArray[np.float64], first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """What kinds add to borders, or take from them: float64 (n,), of 255."""
    shares = _shares(votes) @ GROUPED
    common = np.minimum(shares[first], shares[second])
    return _UNLIKE * (1 - common.sum(axis=1, dtype=np.float64)) - common @ _FAMILIAR


def _shares(votes: npt.NDArray[np.float64]) -> Float32:
    total = np.maximum(votes.sum(axis=1, keepdims=True), 1e-9)
    return (votes / total).astype(np.float32)


def _votes(pieces: Labels, kinds: Float32, count: int) -> npt.NDArray[np.float64]:
    """How much of each piece is of each kind: float64 (count, len(Kind))."""
    runs = find_runs(at_places(pieces, kinds.shape[1:]))
    votes = np.empty((count, len(kinds)))
    # In double precision a kind at a time: what a core's own cache holds.
    wide = np.empty(kinds[0].size)
    for number, kind in enumerate(kinds):
        wide[:] = kind.ravel()
        summed = np.add.reduceat(wide, runs.starts)
        votes[:, number] = np.bincount(runs.numbers, summed, minlength=count)
    return votes


def _contacts(pieces: Labels, borders: UInt8, count: int) -> _Contacts:
    """All pairs of pieces side by side."""
    keys, border = [], []
    width = pieces.shape[1]
    flat, strength = pieces.ravel(), borders.ravel()
    # To the right, where the last of a row has nothing, and below.
    for step, nothing in ((1, np.s_[width - 1 :: width]), (width, np.s_[:0])):
        differs = flat[step:] != flat[:-step]
        differs[nothing] = False
        at = np.flatnonzero(differs)
        p, q = flat[at].astype(np.int64), flat[at + step].astype(np.int64)
        keys.append(np.minimum(p, q) * count + np.maximum(p, q))
        border.append(np.maximum(strength[at], strength[at + step]))
    key, weight = np.concatenate(keys), np.concatenate(border).astype(np.float64)
    return _summed(key, np.ones(len(key)), weight, count)


def _renamed(contacts: _Contacts, step: npt.NDArray[np.int64], count: int) -> _Contacts:
    """Contacts of areas that have new numbers; those within one are gone."""
    one, other = step[contacts.first], step[contacts.second]
    left = one != other
    key = np.minimum(one, other) * count + np.maximum(one, other)
    return _summed(key[left], contacts.length[left], contacts.border[left], count)


def _summed(
    key: npt.NDArray[np.int64],
    length: npt.NDArray[np.float64],
    border: npt.NDArray[np.float64],
    count: int,
) -> _Contacts:
    pairs, place = np.unique(key, return_inverse=True)
    return _Contacts(
        pairs // count,
        pairs % count,
        np.bincount(place, length, minlength=len(pairs)).astype(np.float64),
        np.bincount(place, border, minlength=len(pairs)).astype(np.float64),
    )
