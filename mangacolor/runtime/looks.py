"""Looks: how areas are compared without anything that was learned from comics of ours alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32
from mangacolor.images.views import STRIDES, View, pool, to_picture
from mangacolor.runtime.area_model import AreaModel

__all__ = ["COARSE", "PAGE_DETAIL", "REFERENCE_DETAILS", "favour_of", "look_at"]

# How many times as large as training has them views of pages are, and those of references whose
# areas are found by ink and by a network: small things are told apart, and what is the same is
# found whether it is larger or smaller there. What references cost, they cost once.
PAGE_DETAIL, REFERENCE_DETAILS = 1.25, (1.25, 1.6)

# Strides of the features that say what a thing is, and what part of a cosine they have; finer ones
# say where a line is.
COARSE = {16: 0.7, 32: 0.3}
# Shorter than this, what is left of features is rounding.
_LEAST = 1e-4
# How much less areas of a reference are alike for each time that it shows e times less of a page,
# and what is always shown.
_LESS, _ALWAYS = 0.06, 0.02


def look_at(model: AreaModel, views: Sequence[View]) -> tuple[list[Float32], list[Float32]]:
    """Describes the areas of a picture.

    Args:
        model: the networks.
        views: of one picture.

    Returns:
        features: float32 (K, F) of each view.
        looks: float32 (K, L) of each view, of length 1: their product is a cosine. What all areas
            of a picture have in common is taken off, for it says ink or colour, this pen or that.
            All 0 where there is nothing else, as in a picture of one area.
    """
    features, coarse = [], []
    for view in views:
        maps = model.describe(to_picture(view))
        pooled = pool(view, maps)
        features.append(pooled)
        ends = np.cumsum([found.shape[1] for found in maps])
        parts = np.split(pooled, ends[:-1], axis=1)
        coarse.append([parts[STRIDES.index(stride)] for stride in COARSE])
    if not views:
        return [], []
    scales = [_apart(np.concatenate(parts)) for parts in zip(*coarse, strict=True)]
    parts = [x * np.float32(share**0.5) for x, share in zip(scales, COARSE.values(), strict=True)]
    looks = np.concatenate(parts, axis=1)
    return features, np.split(looks, np.cumsum([len(x) for x in features])[:-1])


def favour_of(
    cosines: Sequence[Float32],
    weights: npt.NDArray[np.floating[Any]],
    owners: npt.NDArray[np.integer[Any]],
) -> Float32:
    """What references lose for showing little of a page: most of a volume is of other scenes.

    Args:
        cosines: float32 (K, T), how much the areas of each view look like the references'.
        weights: (sum of all K,), of the areas.
        owners: int (T,), number of each area's reference, below 0 none; empty if it is not known.

    Returns:
        float32 (T,), 0 for what is of the reference that most of the page looks most like, or of
        none, and less for others.
    """
    count = cosines[0].shape[1]
    if len(owners) != count:
        return np.zeros(count, np.float32)
    owner = np.maximum(owners, -1).astype(np.int64) + 1
    best = np.concatenate([owner[cosine.argmax(axis=1)] for cosine in cosines])
    shown = np.bincount(best, weights, minlength=int(owner.max()) + 1)
    shown[0] = 0
    found = _LESS * np.log(np.minimum(shown / max(shown.max(), 1e-9) + _ALWAYS, 1))
    found[0] = 0
    return found[owner].astype(np.float32)


def _apart(features: Float32) -> Float32:
    """Features less their mean, of length 1: float32 (K, C)."""
    rest = features - features.mean(axis=0)
    length = np.linalg.norm(rest, axis=1, keepdims=True)
    scale = np.linalg.norm(features, axis=1, keepdims=True)
    found: Float32 = np.where(length > _LEAST * scale, rest / np.maximum(length, 1e-12), 0)
    return found
