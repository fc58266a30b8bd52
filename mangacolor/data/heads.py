"""Where heads are in pictures whose parts are named: hair, and the skin that it lies on."""

from __future__ import annotations

import math

import cv2
import numpy as np

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.panels import Box

__all__ = ["find_heads", "window_at"]

# Smaller than this, pixels across and in all, is no hair, and no skin.
_LEAST_SIDE, _LEAST_HAIR, _LEAST_SKIN = 16, 150, 40
# Gaps of hair that are closed, and how far skin may lie from it, pixels.
_STRANDS, _NEAR = 5, 5
# How large a head is shown, of the side of a square, and how far from its middle; of how few pixels
# a square may be made, times as many.
_SHOWN, _AWAY, _MOST = (0.35, 1.3), 0.35, 7.0


def find_heads(named: UInt8) -> list[Box]:
    """Finds hair that touches skin, with as much of that skin as a face may be.

    Args:
        named: uint8 (H, W), what is where, as `name_picture` gives it.
    """
    hair = (named == Kind.HAIR).view(np.uint8)
    hair = np.asarray(cv2.morphologyEx(hair, cv2.MORPH_CLOSE, np.ones((_STRANDS,) * 2, np.uint8)))
    skin = (named == Kind.SKIN).view(np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(hair)
    _, faces, skins, _ = cv2.connectedComponentsWithStats(skin)
    heads = []
    for number, (x, y, w, h, size) in enumerate(boxes):
        if not number or size < _LEAST_HAIR or max(w, h) < _LEAST_SIDE:
            continue
        around = np.ones((2 * _NEAR + 1,) * 2, np.uint8)
        near = np.asarray(cv2.dilate((labels == number).view(np.uint8), around)) > 0
        touched = [n for n in np.unique(faces[near]) if n and skins[n][4] >= _LEAST_SKIN]
        if not touched:
            continue
        # Skin of a whole body reaches far; a face hardly further than its hair is large.
        reach = 3 * max(w, h) // 4
        left, top = (skins[touched][:, i].min() for i in (0, 1))
        right, bottom = ((skins[touched][:, i] + skins[touched][:, i + 2]).max() for i in (0, 1))
        heads.append(
            (
                int(max(min(x, left), x - reach, 0)),
                int(max(min(y, top), y - reach, 0)),
                int(min(max(x + w, right), x + w + reach, named.shape[1])),
                int(min(max(y + h, bottom), y + h + reach, named.shape[0])),
            )
        )
    return heads


def window_at(
    head: Box, shape: tuple[int, ...], size: int, rng: np.random.Generator
) -> tuple[int, int, int]:
    """A square in which a head is as large as in a large panel: its top, its left, its side.

    Args:
        head: of `find_heads`.
        shape: of the picture, (H, W, ...).
        size: that the square will have.
        rng: source of all randomness.
    """
    x0, y0, x1, y1 = head
    long = max(x1 - x0, y1 - y0)
    side = round(max(long / math.exp(rng.uniform(*np.log(_SHOWN))), size / _MOST))
    side = min(side, *shape[:2])
    reach = _AWAY * max(side, long)
    middles = ((y0 + y1) / 2, (x0 + x1) / 2)
    top, left = (
        int(np.clip(round(middle + rng.uniform(-reach, reach) - side / 2), 0, length - side))
        for middle, length in zip(middles, shape[:2], strict=True)
    )
    return top, left, side
