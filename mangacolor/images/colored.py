"""Whether a page is in colour already, all of it or in places, or black and white on tinted paper.

Everything is judged piece by piece: reduced as a whole, nothing would be left of a strip.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8, fit_size, resize
from mangacolor.images.laying import LUMA
from mangacolor.images.pieces import find_pieces
from mangacolor.images.strips import cut_evenly

__all__ = ["InColor", "coloring_of", "has_chroma", "has_colors", "is_colored"]

# Longer side at which a piece is judged, and how far it is blurred: the colour fringes that a
# scanner leaves on both sides of a line cancel out.
_SIDE, _BLUR = 160, 2.0
# Distance of a chroma from what the page's tint explains that is colour; noise stays below. A
# place of colour reaches the second somewhere.
_COLOR, _SURE = 9.0, 16.0
# Share of a piece that must be in colour for it to have any, and of a picture.
_SHARE = 0.04
# Least share of a piece that a place of colour takes: a stamp, a title, a library's mark.
_PLACE = 0.003
# Side of the cells that are counted, and what is drawn in: luma spread within a cell.
_CELL, _DRAWN = 8, 10.0
# Share of the drawn cells that are in colour on a page that is in colour, and of a part of a page
# that is not; share of a page's parts, in three rows and columns, that then are not plain; and how
# far colour reaches from side to side, by how far the drawing does.
_ALL, _NONE, _PARTS, _ACROSS = 0.12, 0.06, 0.4, 0.5
# How far colour reaches over the grey and white between: all of a coloured panel is kept.
_REACH = 10
# Distance from grey in any place of a picture that is worth calling a colour.
_GREY = 8.0
# Rec. 601: blue and red difference.
_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_LUMA = np.array(LUMA, np.float32)
# How often what does not fit the tint is left out and the tint sought again.
_ROUNDS = 4
# Distance from the commonest chroma that counts half in the first of them.
_STRONG = 15.0

Mask = npt.NDArray[np.bool_]


class InColor(NamedTuple):
    """What of a picture is in colour.

    Attributes:
        whole: the picture is a page in colour.
        places: uint8 (h, w), reduced: 255 where it has colours of its own, 0 elsewhere; all 0 where
            it has none.
    """

    whole: bool
    places: UInt8


def is_colored(picture: UInt8) -> bool:
    """Whether a picture is in colour, and has not one tint or a little colour in places.

    A black-and-white page on yellowed paper, printed in one colour of ink, or scanned with a cast,
    has one chroma for every brightness, which changes slowly over the page. What differs from that
    is colour.

    Args:
        picture: uint8 (H, W, 3) sRGB.
    """
    return coloring_of(picture).whole


def coloring_of(picture: UInt8) -> InColor:
    """Whether all of a picture, uint8 (H, W, 3) sRGB, is in colour, and which places are.

    A page with a red title, and a spread with one half in colour, are not; the title and the half
    are places.
    """
    upright = picture.shape[0] >= picture.shape[1]
    judged = [_judge(piece) for piece in cut_evenly(picture)]
    axis = 0 if upright else 1
    widest = max(places.shape[1 - axis] for _, _, places in judged)
    places, drawn, painted = (
        np.concatenate([_widened(piece[i], axis, widest) for piece in judged], axis=axis)
        for i in (2, 0, 1)
    )
    share = _share(painted, drawn)
    share_of_all = (places > 0).mean()
    whole = share_of_all > _SHARE and share > _ALL and _is_everywhere(painted, drawn)
    return InColor(bool(whole), np.where(places, 255, 0).astype(np.uint8))


def has_colors(picture: UInt8) -> bool:
    """Whether all or some of a picture has colours, and not one tint over grey.

    Args:
        picture: uint8 (H, W, 3) sRGB.
    """
    coloring = coloring_of(picture)
    return coloring.whole or bool(coloring.places.any())


def has_chroma(picture: UInt8, share: float = _SHARE) -> bool:
    """Whether a picture is anything but grey, in any piece of it if it is a strip.

    Args:
        picture: uint8 (H, W, 3) sRGB.
        share: of a piece that must have colour; 0.04 is worth taking colours from.
    """
    found = (_chroma(piece)[0] for piece in cut_evenly(picture))
    return any(bool((np.linalg.norm(chroma, axis=2) > _GREY).mean() > share) for chroma in found)


def _judge(piece: UInt8) -> tuple[Mask, Mask, Mask]:
    """Pixels that are drawn on, that are painted, and places of colour, (h, w) each."""
    chroma, luma = _chroma(piece)
    off = _distance_from_tint(chroma, luma)
    # What a strong colour elsewhere bends the tint away from is grey all the same.
    common = np.median(chroma.reshape(-1, 2), axis=0)
    apart = np.maximum(*(np.linalg.norm(chroma - grey, axis=2) for grey in (0, common)))
    colored = (off > _COLOR) & (apart > _GREY)
    labels, sizes, _ = find_pieces(colored)
    peaks = np.zeros(len(sizes))
    np.maximum.at(peaks, labels, off)
    # In faint colours all over, no place is sure and all together are.
    broad = colored.mean() > _SHARE
    kept = (sizes > _PLACE * off.size) & ((peaks > _SURE) | broad)
    kept[0] = False
    places = kept[labels]
    drawn = _spread(luma) > _DRAWN
    return drawn | places, places, _closed(places)


def _spread(luma: Float32) -> npt.NDArray[np.float64]:
    """Standard deviation of brightness within a cell around each pixel."""
    values = luma.astype(np.float64)
    mean, square = (
        cv2.blur(part, (_CELL, _CELL), borderType=cv2.BORDER_REPLICATE)
        for part in (values, values**2)
    )
    return np.sqrt(np.maximum(square - mean**2, 0))


def _closed(places: Mask) -> Mask:
    """Places with what lies between them."""
    if not places.any():
        return places
    reach = min(_REACH, *places.shape)
    padded = np.pad(places, reach, mode="edge")
    y, x = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    disc = (x * x + y * y <= reach * reach).astype(np.uint8)
    closed = cv2.morphologyEx(padded.view(np.uint8), cv2.MORPH_CLOSE, disc).view(np.bool_)
    return closed[reach:-reach, reach:-reach] | places


def _widened(mask: Mask, axis: int, width: int) -> Mask:
    """Repeats the last row or column until a piece is as wide as the widest."""
    missing = width - mask.shape[1 - axis]
    return np.pad(mask, [(0, 0), (0, missing)] if axis == 0 else [(0, missing), (0, 0)], "edge")


def _share(painted: Mask, drawn: Mask) -> float:
    """Share of what is drawn that is painted."""
    cells = _cells(painted | drawn)
    return float((_cells(painted) & cells).sum() / max(1, cells.sum()))


def _cells(mask: Mask) -> Mask:
    """Whether each cell has a share of it."""
    h, w = (-(-side // _CELL) * _CELL for side in mask.shape)
    padded = np.zeros((h, w), np.float32)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    means = padded.reshape(h // _CELL, _CELL, w // _CELL, _CELL).mean(axis=(1, 3))
    return np.asarray(means > 0.15)


def _is_everywhere(painted: Mask, drawn: Mask) -> bool:
    """Whether no half of the picture is drawn in black and white, and few of its parts are."""
    h, w = painted.shape
    halves = [np.s_[: h // 2], np.s_[h // 2 :], np.s_[:, : w // 2], np.s_[:, w // 2 :]]
    parts = [
        np.s_[h * i // 3 : h * (i + 1) // 3, w * j // 3 : w * (j + 1) // 3]
        for i in range(3)
        for j in range(3)
    ]
    plain = [_share(painted[half], drawn[half]) < _NONE for half in _drawn_on(halves, drawn, 0.2)]
    colored = [_share(painted[part], drawn[part]) > _NONE for part in _drawn_on(parts, drawn, 0.03)]
    across = all(_reach(painted, axis) > _ACROSS * _reach(drawn, axis) for axis in (0, 1))
    return across and not any(plain) and sum(colored) >= _PARTS * len(colored)


def _reach(mask: Mask, axis: int) -> float:
    """How far apart the outer tenths of a mask's pixels lie."""
    at = np.sort(np.nonzero(mask)[axis])
    return float(at[-1 - len(at) // 10] - at[len(at) // 10] + 1) if len(at) else 0.0


def _drawn_on(parts: list[Any], drawn: Mask, least: float) -> list[Any]:
    """Those parts that have this share of the drawing."""
    enough = least * drawn.sum()
    return [part for part in parts if drawn[part].size and drawn[part].sum() > enough]


def _chroma(picture: UInt8) -> tuple[Float32, Float32]:
    """float32 (h, w, 2) and luma (h, w), of the reduced picture."""
    height, width = picture.shape[:2]
    h, w = fit_size(height, width, _SIDE)
    small = resize(picture, min(h, height), min(w, width)).astype(np.float32)
    side = 2 * round(4 * _BLUR) + 1
    even = cv2.GaussianBlur(small, (side, side), _BLUR, borderType=cv2.BORDER_REPLICATE)
    blurred = np.asarray(even, np.float32)
    return blurred @ _CHROMA.T, blurred @ _LUMA


def _distance_from_tint(chroma: Float32, luma: Float32) -> npt.NDArray[np.float64]:
    """Distance of each pixel's chroma from the tint that fits most pixels, (h, w)."""
    h, w = luma.shape
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    light = luma / 127.5 - 1
    # Paper and ink have each its tint, with anything between; casts come from the side.
    terms = [np.ones_like(light), light, light**2, x, y, x * light, y * light, x * x, y * y, x * y]
    basis = np.stack(terms, axis=2).reshape(-1, len(terms)).astype(np.float64)
    wanted = chroma.reshape(-1, 2).astype(np.float64)
    # A strong colour in one place must not pass for the tint of its own brightness.
    start = np.linalg.norm(wanted - np.median(wanted, axis=0), axis=1)
    trust = 1 / (1 + (start / _STRONG) ** 2)
    for _ in range(_ROUNDS):
        weighted = basis * trust[:, None]
        ridge = 1e-3 * len(basis) * np.eye(len(terms))
        fitted = basis @ np.linalg.solve(weighted.T @ basis + ridge, weighted.T @ wanted)
        off = np.linalg.norm(wanted - fitted, axis=1)
        trust = 1 / (1 + (off / _COLOR) ** 2)
    return off.reshape(h, w)
