"""Words on a page: which places of balloons are letters, and captions and effects drawn anew."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.images.kinds import Kind
from mangacolor.lettering.make import make_caption, make_effect
from mangacolor.manga.fields import Grey, Mask
from mangacolor.manga.hand import Hand

__all__ = ["add_words", "mark_letters"]

Labels = NDArray[np.uint16] | NDArray[np.int32]

# Where a word is set, tried in so many places of which the emptiest is taken.
TRIES = 6
# Darker than this is ink.
DARK = 150


def mark_letters(ink: Grey, kinds: Grey) -> None:
    """Makes the letters in balloons their own kind, in place: all ink but the outline.

    Args:
        ink: uint8 (H, W), 0 ink ... 255 paper.
        kinds: uint8 (H, W), numbers of `Kind`.
    """
    balloon = (kinds == Kind.BALLOON).astype(np.uint8)
    dark = balloon & (ink < DARK)
    count, pieces = cv2.connectedComponents(dark, connectivity=8)
    if count < 2:
        return
    # What meets the end of a balloon is its outline. The end of the picture is none.
    inside = cv2.erode(balloon, np.ones((5, 5), np.uint8))
    outline = np.zeros(count, bool)
    outline[pieces[(dark > 0) & (inside == 0)]] = True
    outline[0] = True
    letters = (~outline)[pieces].astype(np.uint8)
    # With the paper inside and around them, as far as a blurred letter reaches.
    near = cv2.dilate(letters, np.ones((5, 5), np.uint8)) & balloon
    kinds[near > 0] = Kind.LETTERING


def add_words(
    page: Grey, labels: Labels, kinds: Grey, hand: Hand, rng: np.random.Generator
) -> tuple[Grey, Labels]:
    """Sets captions and effects over art, each with a label of its own.

    Args:
        page: uint8 (H, W).
        labels: (H, W).
        kinds: uint8 (H, W), changed in place where words come to lie.
        hand: how many, and how large letters are.
        rng: source of randomness.

    Returns:
        Page and labels with the words; the same arrays if there are none.
    """
    h, w = labels.shape
    # On a piece of a page there are as many as its size asks for.
    share = min(1.0, h * w / (2000 * 1400 * hand.unit**2))
    captions, effects = rng.poisson(hand.captions * share), rng.poisson(hand.captions * share / 2)
    if not captions + effects:
        return page, labels
    page, labels = page.copy(), labels.copy()
    fresh = int(labels.max()) + 1
    for number in range(captions + effects):
        if number < captions:
            letters, halo, white = _caption(hand, rng)
            kind = Kind.LETTERING
        else:
            letters, halo, white = _effect(hand, rng)
            kind = Kind.EFFECT
        tall, wide = letters.shape
        if tall >= h or wide >= w:
            continue
        y, x = _quiet(kinds, tall, wide, rng)
        there = np.s_[y : y + tall, x : x + wide]
        _set(page[there], letters, halo, white)
        covered = np.maximum(letters, halo) > 127
        labels[there][covered] = fresh + number
        kinds[there][covered] = kind
    return page, labels


def _caption(hand: Hand, rng: np.random.Generator) -> tuple[Grey, Grey, bool]:
    """Letters and the halo around them, each 0 ... 255, and whether letters are white."""
    size = hand.letters * rng.uniform(0.8, 1.3)
    letters = make_caption(size, size * rng.uniform(3, 14), rng)
    reach = max(1, round(size * rng.uniform(0.05, 0.2)))
    letters = np.pad(letters, reach + 1)
    if rng.random() < 0.35:
        return letters, np.zeros_like(letters), False
    return letters, _halo(letters, reach), bool(rng.random() < 0.15)


def _effect(hand: Hand, rng: np.random.Generator) -> tuple[Grey, Grey, bool]:
    side = round(hand.letters * rng.uniform(5, 14))
    piece = np.asarray(make_effect(side, side, rng)[0])
    alpha, light = piece[:, :, 3], piece[:, :, 0] > 127
    # Which of the two colours is the outer one, at the rim of what is covered?
    rim = (alpha > 127) & (cv2.erode(alpha, np.ones((3, 3), np.uint8)) <= 127)
    white = not bool(light[rim].mean() > 0.5) if rim.any() else False
    letters = np.where(light == white, alpha, 0).astype(np.uint8)
    return letters, np.ascontiguousarray(alpha), white


def _halo(letters: Grey, reach: int) -> Grey:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    return np.asarray(cv2.dilate(letters, kernel), np.uint8)


def _quiet(kinds: Grey, tall: int, wide: int, rng: np.random.Generator) -> tuple[int, int]:
    """Row and column of the place that has the least of words, faces and gutters."""
    h, w = kinds.shape
    best, place = 2.0, (0, 0)
    for _ in range(TRIES):
        y, x = int(rng.integers(h - tall)), int(rng.integers(w - wide))
        there: Mask = np.isin(kinds[y : y + tall : 4, x : x + wide : 4], BUSY)
        if there.mean() < best:
            best, place = float(there.mean()), (y, x)
    return place


BUSY = (Kind.GUTTER, Kind.BALLOON, Kind.LETTERING, Kind.EFFECT, Kind.SKIN, Kind.EYE, Kind.MOUTH)


def _set(page: Grey, letters: Grey, halo: Grey, white: bool) -> None:
    """Lays a halo and letters over a page, in place."""
    outer, inner = (0.0, 255.0) if white else (255.0, 0.0)
    out = page.astype(np.float32)
    for alpha, color in ((halo, outer), (letters, inner)):
        out += (alpha / np.float32(255)) * (np.float32(color) - out)
    page[:] = (out + np.float32(0.5)).astype(np.uint8)
