"""The very drawing among the references: where its things lie tells what they are.

A page that is given in colour, whole or in part, mirrored or at another size, is no likeness to be
weighed: once enough areas of a view look the same and lie where one transform of the page puts
them, the others are what lies at their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels
from mangacolor.images.geometry import Float32
from mangacolor.images.pieces import inner_points
from mangacolor.images.views import View
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.votes import Votes

__all__ = ["with_same"]

# Areas whose looks have this cosine may be the same; so much of a page must, to be worth a try.
_HIGH, _WORTH = 0.75, 0.2
# How far from its place an area may lie, as a share of the sides.
_NEAR = 0.012
# Areas, and their share of all that look the same, that must lie where they belong.
_COUNT, _SHARE = 8, 0.4
# Sizes of a reference beside the page, and how much more it may be drawn out one way than another.
_SCALES, _DRAWN_OUT = (0.1, 10.0), 2.0
# Votes for what lies at an area's place count so many times as much, and for what lies within it.
_PLACE, _WITHIN = 20.0, 100.0
_TRIES = 500

Floats = npt.NDArray[np.float64]


def with_same(
    areas: Labels,
    views: Sequence[View],
    cosines: Sequence[Float32],
    votes: Sequence[Votes],
    references: ReferenceAreas,
) -> list[Votes]:
    """Votes that know where things lie in references that are the same drawing.

    Args:
        areas: int32 (h, w), of the page.
        views: of it.
        cosines: float32 (K, T) of each view, of `cosines_of`.
        votes: of each view.
        references: that they are for.

    Returns:
        Votes as strong as before, and no guesses where an area was found again; the same ones where
        nothing is.

    Source: Fischler and Bolles, Random Sample Consensus, CACM 1981.
    """
    if not len(cosines) or len(references.places) != len(references.tokens):
        return list(votes)
    cosine = np.concatenate(cosines)
    weight = np.sqrt(np.concatenate([view.sizes for view in views])).astype(np.float64)
    best = cosine.max(axis=1)
    if weight[best > _HIGH].sum() < _WORTH * weight.sum():
        return list(votes)
    numbers = np.concatenate([view.numbers for view in views])
    points = inner_points(areas, int(areas.max()) + 1)[numbers].astype(np.float64)
    owners = references.pictures
    factor = np.ones(cosine.shape, np.float32)
    for owner in np.unique(owners[owners >= 0]):
        theirs = np.flatnonzero(owners == owner)
        there = references.places[theirs, 1:].astype(np.float64)
        for some, transform in _transforms(cosine[:, theirs], weight, points, there, views):
            factor[np.ix_(some, theirs)] = _counted(
                transform, areas, numbers[some], points[some], there, references.sizes[theirs]
            )
    return _weighed(votes, factor)


def _transforms(
    cosine: Float32, weight: Floats, points: Floats, there: Floats, views: Sequence[View]
) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """Places of areas among all, and where a reference has them: of all the page, or of views."""
    every = np.arange(len(points))
    whole = _transform(cosine, weight, points, there)
    if whole is not None:
        yield every, whole
        return
    for some in np.split(every, np.cumsum([len(view.numbers) for view in views])[:-1]):
        found = _transform(cosine[some], weight[some], points[some], there)
        if found is not None:
            yield some, found


def _transform(cosine: Float32, weight: Floats, points: Floats, there: Floats) -> Floats | None:
    """Where a reference has what a page has, (2, 3); None if it is another drawing.

    Args:
        cosine: (K, T) of the page's areas and the reference's.
        weight: (K,).
        points: (K, 2) in the page's areas, as shares of its sides.
        there: (T, 2), the same of the reference's.
    """
    alike = cosine.max(axis=1) > _HIGH
    if alike.sum() < _COUNT:
        return None
    here, target = points[alike], there[cosine[alike].argmax(axis=1)]
    # Its numbers are drawn from a seed that is always the same.
    found, inside = cv2.estimateAffine2D(
        here, target, method=cv2.RANSAC, ransacReprojThreshold=_NEAR, maxIters=_TRIES
    )
    if found is None:
        return None
    belong = np.asarray(inside)[:, 0] > 0
    share = weight[alike][belong].sum() / weight[alike].sum()
    scales = np.linalg.svd(found[:, :2], compute_uv=False)
    right = share >= _SHARE and len(np.unique(here[belong], axis=0)) >= _COUNT
    shape = scales[0] <= _DRAWN_OUT * scales[1]
    size = _SCALES[0] <= scales[1] and scales[0] <= _SCALES[1]
    return np.asarray(found, np.float64) if right and shape and size else None


def _counted(
    transform: Floats,
    areas: Labels,
    numbers: npt.NDArray[np.int32],
    points: Floats,
    there: Floats,
    sizes: Float32,
) -> Float32:
    """How many times each vote counts, by where things lie: float32 (K, T).

    Args:
        transform: (2, 3), from the page to the reference, of shares of their sides.
        areas: int32 (h, w), of the page.
        numbers, points: (K,) and (K, 2), of its areas that are there.
        there: (T, 2), points in the reference's areas.
        sizes: (T,), of these, as shares of their view.
    """
    placed = points @ transform[:, :2].T + transform[:, 2]
    square = ((placed[:, None] - there) ** 2).sum(axis=2)
    found = 1 + _PLACE * np.exp(-square / (2 * _NEAR**2))
    # What was cut in another way: a part of the reference's lies within an area of the page.
    back = cv2.invertAffineTransform(transform)
    x, y = (there @ back[:, :2].T + back[:, 2]).T
    shown = (x >= 0) & (x < 1) & (y >= 0) & (y < 1)
    h, w = areas.shape
    at = np.zeros(len(there), np.int64)
    at[shown] = areas[(y[shown] * h).astype(np.int64), (x[shown] * w).astype(np.int64)]
    within = shown & (at == numbers[:, None])
    return (found + _WITHIN * within * np.sqrt(sizes)).astype(np.float32)


def _weighed(votes: Sequence[Votes], factor: Float32) -> list[Votes]:
    """Votes of all views, one after the other, each counted so many times, (sum of K, T)."""
    found, start = [], 0
    for view in votes:
        here = factor[start : start + len(view.shares)]
        start += len(here)
        total = view.shares.sum(axis=1, keepdims=True)
        shares = view.shares * here
        shares *= total / np.maximum(shares.sum(axis=1, keepdims=True), np.float32(1e-9))
        # What is shown need not be guessed.
        again = here.max(axis=1, keepdims=True) > 1 + _PLACE / 2
        guesses = view.guesses
        found.append(
            Votes(shares, None if guesses is None else np.where(again, np.float32(0), guesses))
        )
    return found
