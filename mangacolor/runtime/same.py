"""The very drawing among the references: where its things lie tells what they are.

A page that is given in colour, whole or in part, mirrored or at another size, is no likeness to be
weighed: once enough areas of a view look the same and lie where one transform of the page puts
them, the others are what lies at their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

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

# Areas whose looks have this cosine may be the same; so much of a view must, to be worth a try.
_HIGH, _WORTH = 0.55, 0.3
# How far from its place an area may lie, as a share of the page's sides.
_NEAR = 0.012
# Areas, and their share of all that look the same, that must lie where they belong.
_COUNT, _SHARE = 8, 0.35
# Sizes of a page's side beside a reference's, and how much more it may be drawn out one way than
# another, and where it is not turned: a panel's sides are shares of another shape than its page's.
_SCALES, _DRAWN_OUT, _CUT_OUT = (0.1, 10.0), 2.0, 8.0
# What is not turned: so much of its sides may lie across.
_STRAIGHT = 0.15
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
    numbers = np.concatenate([view.numbers for view in views])
    count = int(areas.max()) + 1

    def points_of(labels: Labels) -> Floats:
        return inner_points(labels, count)[numbers].astype(np.float64)

    # Half as fine is fine enough to see whether it is the same, which it mostly is not.
    known = _found_again(cosines, views, lambda: points_of(areas[::2, ::2]), references)
    if not known:
        return list(votes)
    points = points_of(areas)
    factor = np.ones((len(numbers), len(references.tokens)), np.float32)
    for theirs, some, transform in known:
        there, sizes = _there(references, theirs), references.sizes[theirs]
        factor[np.ix_(some, theirs)] = _counted(
            transform, areas, numbers[some], points[some], there, sizes
        )
    return _weighed(votes, factor)


def _found_again(
    cosines: Sequence[Float32],
    views: Sequence[View],
    points: Callable[[], Floats],
    references: ReferenceAreas,
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Floats]]:
    """Areas of references, areas of the page among all, and the transform that lays them there.

    Args:
        cosines: float32 (K, T) of each view.
        views: of the page.
        points: makes those in its areas, (sum of K, 2), if there is anything to look for.
        references: with places.
    """
    owners = references.pictures
    numbers = np.unique(owners[owners >= 0])
    likely = [np.flatnonzero(owners == x) for x in numbers if _worth(cosines, views, owners == x)]
    if not likely:
        return []
    cosine, here = np.concatenate(cosines), points()
    weight = np.sqrt(np.concatenate([view.sizes for view in views])).astype(np.float64)
    return [
        (theirs, *found)
        for theirs in likely
        for found in _transforms(cosine[:, theirs], weight, here, _there(references, theirs), views)
    ]


def _there(references: ReferenceAreas, areas: npt.NDArray[np.intp]) -> Floats:
    """Points in some of the references' areas, (T, 2), as shares of their picture's sides."""
    return references.places[areas, 1:].astype(np.float64)


def _worth(
    cosines: Sequence[Float32], views: Sequence[View], theirs: npt.NDArray[np.bool_]
) -> bool:
    """Whether enough of any view looks like what a reference shows: all of it may be one panel."""
    for cosine, view in zip(cosines, views, strict=True):
        alike = cosine[:, theirs].max(axis=1) > _HIGH
        weight = np.sqrt(view.sizes)
        if alike.sum() >= _COUNT and weight[alike].sum() >= _WORTH * weight.sum():
            return True
    return False


def _transforms(
    cosine: Float32, weight: Floats, points: Floats, there: Floats, views: Sequence[View]
) -> Iterator[tuple[npt.NDArray[np.intp], Floats]]:
    """Areas among all, and where on the page a reference's lie: of all the page, or of views."""
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
    """Where a page has what a reference has, (2, 3); None if it is another drawing.

    Args:
        cosine: (K, T) of the page's areas and the reference's.
        weight: (K,).
        points: (K, 2) in the page's areas, as shares of its sides.
        there: (T, 2), the same of the reference's.
    """
    alike = cosine.max(axis=1) > _HIGH
    if alike.sum() < _COUNT:
        return None
    here, source = points[alike], there[cosine[alike].argmax(axis=1)]
    # Its numbers are drawn from a seed that is always the same.
    found, inside = cv2.estimateAffine2D(
        source, here, method=cv2.RANSAC, ransacReprojThreshold=_NEAR, maxIters=_TRIES
    )
    if found is None:
        return None
    belong = np.asarray(inside)[:, 0] > 0
    enough = weight[alike][belong].sum() >= _SHARE * weight[alike].sum()
    # That many different ones: where a reference is of one point, all lie at it.
    apart = min(len(np.unique(x[belong], axis=0)) for x in (here, source)) >= _COUNT
    return np.asarray(found, np.float64) if enough and apart and _likely(found[:, :2]) else None


def _likely(linear: Floats) -> bool:
    """Whether somebody would cut, turn and draw out a picture so, (2, 2)."""
    large, small = np.linalg.svd(linear, compute_uv=False)
    (xx, xy), (yx, yy) = np.abs(linear)
    straight = xy <= _STRAIGHT * xx and yx <= _STRAIGHT * yy
    shape = large <= (_CUT_OUT if straight else _DRAWN_OUT) * small
    return bool(shape and _SCALES[0] <= small and large <= _SCALES[1])


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
        transform: (2, 3), from the reference to the page, of shares of their sides.
        areas: int32 (h, w), of the page.
        numbers, points: (K,) and (K, 2), of its areas that are there.
        there: (T, 2), points in the reference's areas.
        sizes: (T,), of these, as shares of their view.
    """
    placed = there @ transform[:, :2].T + transform[:, 2]
    square = ((points[:, None] - placed) ** 2).sum(axis=2)
    found = 1 + _PLACE * np.exp(-square / (2 * _NEAR**2))
    # What was cut in another way: a part of the reference's lies within an area of the page.
    x, y = placed.T
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
