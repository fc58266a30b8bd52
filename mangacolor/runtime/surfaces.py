"""Surfaces of a page or a reference: what a network says of borders and kinds, made into areas."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.images.areas import AREA_PIXELS, Labels
from mangacolor.images.geometry import Float32, UInt8, fit_area, resize, to_signed
from mangacolor.images.surfaces import JOIN, MULTIPLE, Surfaces, color_borders, find_surfaces
from mangacolor.runtime.area_model import SurfaceModel

__all__ = ["find_kinds", "kinds_of", "look", "see_surfaces"]

# Where no part of the network looks from afar, a page is looked at a second time at this share of
# its size, and what is said then counts so much: what is seen at both is sure, and wide tones and
# large faces are seen better so.
_AGAIN, _SHARE = 0.7, 0.4


def see_surfaces(
    model: SurfaceModel,
    page: UInt8,
    pixels: int = AREA_PIXELS,
    color: UInt8 | None = None,
    join: float = JOIN,
    outline: float = 0.0,
) -> Surfaces | None:
    """Finds what is one thing, through tone, hatching and gaps.

    Args:
        model: the networks.
        page: uint8 (H, W), 0 ink ... 255 paper, as it is printed.
        pixels: at about which it is looked at, at most; a smaller page keeps its size.
        color: uint8 (H, W, 3) sRGB, the same in colour, whose borders count, too.
        join, outline: as `find_surfaces` has them.

    Returns:
        Areas and their kinds; None where the model has no such network.
    """
    h, w = fit_area(page.shape[0], page.shape[1], pixels)
    tone = resize(page, h, w)
    found = look(model, tone)
    if found is None:
        return None
    borders, kinds = found
    strength = (borders * 255 + np.float32(0.5)).astype(np.uint8)
    if color is not None:
        strength = np.maximum(strength, color_borders(resize(color, h, w)))
    return find_surfaces(strength, kinds, join, outline)


def look(model: SurfaceModel, tone: UInt8) -> tuple[Float32, Float32] | None:
    """Looks at a page, at two sizes in one way or the other.

    Args:
        model: the networks.
        tone: uint8 (h, w), 0 ink ... 255 paper.

    Returns:
        float32 (h, w), how surely each pixel is of a border, and float32 (len(Kind), h/2, w/2), how
        probably each place is of a kind; None where the model has no such network.
    """
    full = _look(model, tone)
    if full is None or model.sees_afar:
        return full
    again = _look(model, resize(tone, *(max(1, round(side * _AGAIN)) for side in tone.shape)))
    assert again is not None
    borders, kinds = (_mean(one, other) for one, other in zip(full, again, strict=True))
    return borders, kinds


def _look(model: SurfaceModel, tone: UInt8) -> tuple[Float32, Float32] | None:
    """What the network says of a page at one size."""
    h, w = tone.shape
    # What is mirrored has no border of its own.
    padded = np.pad(tone, ((0, -h % MULTIPLE), (0, -w % MULTIPLE)), mode="symmetric")
    found = model.surfaces(to_signed(padded)[None, None])
    if found is None:
        return None
    return found[0][0, 0, :h, :w], found[1][0, :, : -(-h // 2), : -(-w // 2)]


def _mean(full: Float32, reduced: Float32) -> Float32:
    """Of what was found at both sizes, float32 like `full`."""
    h, w = full.shape[-2:]
    planes = (full.reshape(-1, h, w), reduced.reshape(-1, *reduced.shape[-2:]))
    means = np.empty(planes[0].shape, np.float32)
    for one, small, mean in zip(*planes, means, strict=True):
        cv2.resize(small, (w, h), dst=mean, interpolation=cv2.INTER_LINEAR)
        mean -= one
        mean *= np.float32(_SHARE)
        mean += one
    return means.reshape(full.shape)


def find_kinds(model: SurfaceModel, page: UInt8, areas: Labels) -> Float32 | None:
    """What areas are that were found in another way.

    Args:
        model: the networks.
        page: uint8 (H, W), 0 ink ... 255 paper.
        areas: int32 (h, w), of the page at `AREA_PIXELS`.

    Returns:
        As of `kinds_of`; None where the model does not know.
    """
    found = see_surfaces(model, page)
    return None if found is None else kinds_of(found, areas)


def kinds_of(found: Surfaces, areas: Labels) -> Float32:
    """What areas are that were found in another way.

    Args:
        found: of the same picture, by the network.
        areas: int32 (h, w), as large as those of `found`.

    Returns:
        float32 (areas.max() + 1, len(Kind)), how probably each is of a kind.
    """
    count, here = int(areas.max()) + 1, areas.ravel()
    size = np.maximum(np.bincount(here, minlength=count), 1)
    sums = [np.bincount(here, kind[found.areas].ravel(), minlength=count) for kind in found.kinds.T]
    return (np.stack(sums, axis=1) / size[:, None]).astype(np.float32)
