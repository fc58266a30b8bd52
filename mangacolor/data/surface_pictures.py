"""Crops of pictures in colour, drawn as manga: what is one thing to other hands than ours.

What has one colour is one thing, as far as its colour tells; in a few pictures parts are named.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch

from mangacolor.data.heads import window_at
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.data.picture_kinds import NamedPlace, lay_kinds, whole
from mangacolor.data.surface_pages import TALL, Crop, to_borders
from mangacolor.images.areas import Labels, fill_up
from mangacolor.images.geometry import UInt8, to_grey
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.images.panels import Box
from mangacolor.images.surfaces import color_borders, find_colored
from mangacolor.manga.hand import make_hand
from mangacolor.manga.lay import lay_manga

__all__ = ["cut_picture_crop", "name_picture"]

# Scales of crops.
_SCALES = (0.8, 1.8)
# Least change of colour that may be a border, of 255.
_DOUBTFUL = 40
# What is nowhere wider than this, and so much darker than what is beside it, is a line.
_LINE, _DARKER = 13, 30
# Shares of crops that are lines alone, and lines over the picture's own grey.
_PLAIN, _GREY = 0.2, 0.12
# Numbers of a pen (`draw_ink`) that would fill what is dark: tones are laid by kinds.
_WHICH, _SHADE, _SOLID = 9, 10, 16
_LINES = 0.6
# What things are taken for when they are laid: colours do not tell.
_LAID = (Kind.SKIN, Kind.HAIR, Kind.CLOTHES, Kind.CLOTHES, Kind.THING, Kind.BACKDROP)


def cut_picture_crop(
    color: UInt8,
    size: int,
    rng: np.random.Generator,
    lineart: UInt8 | None = None,
    named: UInt8 | None = None,
    head: Box | None = None,
) -> Crop:
    """Cuts a square out of a picture, at some scale, and draws it as manga.

    Args:
        color: uint8 (H, W, 3) sRGB.
        size: of the square, pixels; even.
        rng: source of all randomness.
        lineart: uint8 (H, W), its real line art; ink is made of the colours where there is none.
        named: uint8 (H, W), what is where, as `name_picture` gives it, if anybody named it.
        head: that is to be seen, large; the square lies anywhere if left out.

    Returns:
        The crop; its borders are UNKNOWN where a colour changes without ending, its kinds where
        nothing is named.
    """
    height, width = color.shape[:2]
    if head is None:
        scale = math.exp(rng.uniform(*np.log(_SCALES)))
        side = min(round(size / scale), height, width)
        y, x = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    else:
        y, x, side = window_at(head, color.shape, size, rng)
    mirrored = rng.random() < 0.5
    window = np.s_[y : y + side, x : x + side]
    shown, drawn = (
        None if layer is None else _cut(layer[window], size, mirrored) for layer in (color, lineart)
    )
    assert shown is not None
    known = np.full((size, size), UNKNOWN, np.uint8)
    if named is not None:
        known = _cut(named[window], size, mirrored, numbers=True)
    labels, borders, kinds = _things(shown, known)
    ink = _inked(shown, rng) if drawn is None else drawn
    page = _laid(ink, shown, labels, kinds, rng)
    return Crop(page, borders, np.ascontiguousarray(kinds[labels][::2, ::2]))


def name_picture(color: UInt8, places: tuple[NamedPlace, ...]) -> UInt8:
    """Which kind is where in a picture: uint8 (H, W), UNKNOWN where nothing is named.

    Args:
        color: uint8 (H, W, 3) sRGB.
        places: what is named; the whole of what has one colour there is that.
    """
    smooth = np.asarray(cv2.bilateralFilter(color, 5, 20, 3), np.uint8)
    return lay_kinds(_without_lines(find_colored(smooth), color), places)


def _cut(layer: UInt8, size: int, mirrored: bool, numbers: bool = False) -> UInt8:
    layer = np.ascontiguousarray(layer[:, ::-1] if mirrored else layer)
    way = cv2.INTER_AREA if len(layer) > size else cv2.INTER_CUBIC
    way = cv2.INTER_NEAREST if numbers else way
    return np.asarray(cv2.resize(layer, (size, size), interpolation=way), np.uint8)


def _things(color: UInt8, named: UInt8) -> tuple[Labels, UInt8, UInt8]:
    """What has one colour or one name, int32 (h, w), its borders, uint8 (h, w), and their kinds."""
    smooth = np.asarray(cv2.bilateralFilter(color, 5, 20, 3), np.uint8)
    steep = color_borders(smooth)
    labels, kinds = whole(_without_lines(find_colored(smooth), color), named)
    ends = to_borders(labels).view(np.uint8)
    doubtful = cv2.dilate((steep > _DOUBTFUL).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    doubtful &= cv2.dilate(ends, np.ones((5, 5), np.uint8)) == 0
    # Lights and strands of hair are in no doubt.
    doubtful &= kinds[labels] != Kind.HAIR
    return labels, np.where(doubtful, np.uint8(UNKNOWN), ends), kinds


def _without_lines(labels: Labels, color: UInt8) -> Labels:
    """The same where wide lines are no things of their own: borders run along their middle."""
    square = np.ones((_LINE, _LINE), np.uint8)
    grey = to_grey(color)
    drawn = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, square) > _DARKER
    # An area is wide where all around a pixel is the same one.
    named = labels.astype(np.float32)
    inside = cv2.erode(named, square) == cv2.dilate(named, square)
    count = int(labels.max()) + 1
    wide = np.bincount(labels[inside], minlength=count) > 0
    size = np.bincount(labels.ravel(), minlength=count)
    lines = (2 * np.bincount(labels[drawn], minlength=count) > size) & ~wide
    return labels if lines.all() else fill_up(np.where(lines[labels], 0, labels).astype(np.int32))


def _inked(color: UInt8, rng: np.random.Generator) -> UInt8:
    """Lines alone, as some pen draws them: uint8 (h, w)."""
    dice = torch.from_numpy(rng.random(PENS, np.float32))[None]
    dice[0, _WHICH] *= _LINES
    dice[0, [_SHADE, _SOLID]] = 0.5
    picture = torch.from_numpy(color).permute(2, 0, 1)[None].float() / 127.5 - 1
    ink: UInt8 = ((draw_ink(picture, dice)[0, 0] + 1) * 127.5).round().byte().numpy()
    return ink


def _laid(
    ink: UInt8, color: UInt8, labels: Labels, kinds: UInt8, rng: np.random.Generator
) -> UInt8:
    roll = rng.random()
    if roll < _PLAIN:
        return ink
    if roll < _PLAIN + _GREY:
        grey = 255 - (255 - to_grey(color).astype(np.float32)) * rng.uniform(0.3, 1.0)
        return np.minimum(ink, grey.astype(np.uint8))
    guessed = rng.choice(_LAID, len(kinds)).astype(np.uint8)
    kinds = np.where(kinds == UNKNOWN, guessed, kinds)
    hand = make_hand(rng, math.exp(rng.uniform(*np.log(TALL))))
    return lay_manga(ink, labels, kinds, rng, hand, words=False).page
