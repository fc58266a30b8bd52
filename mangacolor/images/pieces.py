"""Connected pieces, and what grows and shrinks by a square: OpenCV's operations on masks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import UInt8

__all__ = [
    "Bool",
    "Field",
    "Pieces",
    "close_dark",
    "cut_fields",
    "find_pieces",
    "grow",
    "inner_points",
    "mean_within",
    "shrink",
]

Bool = npt.NDArray[np.bool_]


# Standard deviation from which a mean is wide, in pixels.
_WIDE = 2.0


class Pieces(NamedTuple):
    """The connected pieces of a mask; number 0 is what is in none.

    Attributes:
        labels: int32 (h, w), the number of each pixel's piece.
        sizes: int32 (n,), pixels of each.
        boxes: int32 (n, 4), x, y, width and height of each.
    """

    labels: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.int32]
    boxes: npt.NDArray[np.int32]


def find_pieces(mask: Bool, *, diagonal: bool = False) -> Pieces:
    """Numbers the connected pieces of a mask.

    Args:
        mask: bool (h, w), at least 1x1.
        diagonal: pixels that touch at a corner only are connected.
    """
    _, labels, facts, _ = cv2.connectedComponentsWithStats(
        mask.view(np.uint8), connectivity=8 if diagonal else 4
    )
    return Pieces(
        np.asarray(labels, np.int32),
        np.asarray(facts[:, cv2.CC_STAT_AREA], np.int32),
        np.asarray(facts[:, cv2.CC_STAT_LEFT : cv2.CC_STAT_HEIGHT + 1], np.int32),
    )


def grow(mask: Bool, reach: int) -> Bool:
    """Everything that is at most `reach` rows and columns from a mask, bool (h, w)."""
    return cv2.dilate(mask.view(np.uint8), _square(2 * reach + 1)).view(np.bool_)


def shrink(mask: Bool, reach: int, *, edge: bool) -> Bool:
    """What is more than `reach` rows and columns inside a mask, bool (h, w).

    Args:
        mask: bool (h, w).
        reach: in pixels.
        edge: whether beyond the picture's edge it goes on.
    """
    shrunk = cv2.erode(
        mask.view(np.uint8),
        _square(2 * reach + 1),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=(float(edge),),
    )
    return shrunk.view(np.bool_)


def close_dark(picture: UInt8, side: int) -> UInt8:
    """A grey closing: dark marks narrower than a square of that side are gone, uint8 (h, w)."""
    square = _square(side)
    # Back by as much as there, or a square of an even side would move the picture.
    there, back = side // 2, (side - 1) // 2
    grown = cv2.dilate(picture, square, anchor=(there, there))
    return np.asarray(cv2.erode(grown, square, anchor=(back, back)), np.uint8)


def mean_within(page: UInt8, mask: Bool, sigma: float) -> UInt8:
    """The mean of a page's masked pixels around each pixel, uint8 (h, w); 0 where there are none.

    Args:
        page: uint8 (h, w).
        mask: bool (h, w).
        sigma: how far the mean reaches, in pixels: the standard deviation of a Gaussian.
    """
    height, width = page.shape
    flags = mask.view(np.uint8) * np.uint8(255)
    parts = [flags, cv2.bitwise_and(page, flags)]
    # A wide mean is as good at half the size.
    halved = sigma >= _WIDE
    if halved:
        sigma /= 2
        parts = [
            cv2.resize(
                cv2.copyMakeBorder(part, 0, height % 2, 0, width % 2, cv2.BORDER_CONSTANT),
                (-(-width // 2), -(-height // 2)),
                interpolation=cv2.INTER_AREA,
            )
            for part in parts
        ]
    total, shown = (
        cv2.GaussianBlur(part.astype(np.float32), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        for part in parts
    )
    mean = np.asarray(shown * np.float32(255) / np.maximum(total, 0.25), np.float32)
    if halved:
        whole = (2 * mean.shape[1], 2 * mean.shape[0])
        wide = np.asarray(cv2.resize(mean, whole, interpolation=cv2.INTER_LINEAR), np.float32)
        mean = wide[:height, :width]
    return np.asarray(cv2.convertScaleAbs(mean), np.uint8)


class Field(NamedTuple):
    """A part of a page that something lies in.

    Attributes:
        place: rows and columns of the page around it, with a margin.
        there: bool of that shape, true in the field.
    """

    place: tuple[slice, slice]
    there: Bool


def cut_fields(squares: Bool, step: int, shape: tuple[int, ...], margin: int) -> Iterator[Field]:
    """The connected parts of a page that lie in marked squares, so that the rest costs nothing.

    Args:
        squares: bool (rows, columns), a value for each square of the page.
        step: side of a square, in pixels.
        shape: height and width of the page.
        margin: pixels around each part.
    """
    labels, _, boxes = find_pieces(squares, diagonal=True)
    for number, (x, y, w, h) in enumerate(boxes.tolist()):
        if not number:
            continue
        inside = labels[y : y + h, x : x + w] == number
        there = np.repeat(np.repeat(inside, step, axis=0), step, axis=1)
        top, left = min(margin, y * step), min(margin, x * step)
        bottom, right = (
            min(shape[0], (y + h) * step + margin),
            min(shape[1], (x + w) * step + margin),
        )
        rows, columns = slice(y * step - top, bottom), slice(x * step - left, right)
        height, width = bottom - rows.start, right - columns.start
        there = there[: height - top, : width - left]
        below, beyond = height - top - there.shape[0], width - left - there.shape[1]
        yield Field((rows, columns), np.pad(there, ((top, below), (left, beyond))))


def inner_points(labels: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.float32]:
    """The point of each piece that is farthest from its rim.

    Args:
        labels: int32 (h, w), below `count`.
        count: of the labels.

    Returns:
        float32 (count, 2), across and down, as shares of the sides; of a label that is nowhere,
        any.
    """
    h, w = labels.shape
    edge = np.zeros(labels.shape, np.bool_)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    inside = (~np.pad(edge, 1, constant_values=True)).view(np.uint8)
    far = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3)[1:-1, 1:-1]
    # Of short numbers the order is found by counting, without comparing any two.
    flat = labels.astype(np.uint16 if count <= 1 << 16 else np.uint32).ravel()
    order = np.argsort(flat, kind="stable")
    inner, own = far.ravel()[order], flat[order]
    starts = np.flatnonzero(np.diff(own, prepend=own[:1] + 1))
    farthest = np.maximum.reduceat(inner, starts)
    best = np.flatnonzero(inner == np.repeat(farthest, np.diff(starts, append=len(own))))
    found = np.zeros(count, np.int64)
    # Of several writes to one place the last one stays.
    found[own[best]] = order[best]
    y, x = np.divmod(found, w)
    return np.stack([(x + 0.5) / w, (y + 0.5) / h], axis=1).astype(np.float32)


def _square(side: int) -> UInt8:
    return np.ones((side, side), np.uint8)
