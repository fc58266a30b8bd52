"""Votes of a page's areas: how probably each is each of the references'."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import alike
from mangacolor.images.views import View
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.looks import favour_of
from mangacolor.runtime.reference_areas import MOST_REFERENCE_AREAS, ReferenceAreas
from mangacolor.runtime.scenes import together

__all__ = ["SHARPNESS", "Compared", "Votes", "cosines_of", "count_votes", "restricted"]

# Share of the votes that areas have by their looks, where attention has the others, and how much
# alike areas must be to be taken for one.
_BY_LOOKS, SHARPNESS = 0.5, 0.05
# The same of the favour of references for votes by attention: what is less believed gives way to
# what is more, and not to nobody.
_BLUNTNESS = np.float32(0.12)
# Attention is surer than it learned to be: its many faint votes for a colour are added up, too.
_BELIEVED = np.float32(1.3)
# From this cosine of looks on kinds count less, and from that on not at all.
_THE_SAME = (np.float32(0.6), np.float32(0.8))
# What is remembered is less alike than what is given: references show this work and its scene.
_REMEMBERED = np.float32(0.25)
# How much more alike than its limit what a person told must be for most of its votes.
_DOUBT = np.float32(0.03)
# References that a page was compared with of which votes are kept.
_COMPARED = 3


class Votes(NamedTuple):
    """Votes of a view's areas.

    Attributes:
        shares: float32 (K, T), how probably each is each of the references' areas.
        guesses: float32 (K, len(shades())), of colours that no reference shows, if there are any.
    """

    shares: Float32
    guesses: Float32 | None


class Compared:
    """What came of comparing a page's areas with the last few references, kept for the next time.

    Threads may ask side by side; what both of them miss is found twice.
    """

    def __init__(self) -> None:
        self._found: list[tuple[str, ReferenceAreas, npt.NDArray[np.bool_] | None, Any]] = []

    def get_or(
        self,
        what: str,
        references: ReferenceAreas,
        find: Callable[[], Any],
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> Any:
        """What is known of these very references, or is found now.

        Args:
            what: a word for it.
            references: compared with.
            find: called if it is not known.
            allowed: what areas were allowed to be, if that decides on it.
        """
        for entry in self._found:
            name, known, restriction, found = entry
            if name == what and known is references and _same(restriction, allowed):
                return found
        found = find()
        others = [entry for entry in self._found if entry[0] != what]
        mine = [entry for entry in self._found if entry[0] == what][: _COMPARED - 1]
        self._found = [(what, references, allowed, found), *mine, *others]
        return found


def _same(one: npt.NDArray[np.bool_] | None, other: npt.NDArray[np.bool_] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


class _Likeness(NamedTuple):
    """How much areas of a view look like the references'.

    Attributes:
        cosine: float32 (K, T).
        favour: float32 (T,), of `favour_of`.
        told: float32 (K, T), logarithms of how surely areas are what a person told and nothing
            else, 0 for what nobody told; None where nobody told anything.
        known: bool (K, 1), whether an area has a look to go by: not what looks like all its page.
    """

    cosine: Float32
    favour: Float32
    told: Float32 | None
    known: npt.NDArray[np.bool_]


def count_votes(
    model: AreaModel,
    views: Sequence[View],
    looked: tuple[Sequence[Float32], Sequence[Float32]],
    references: ReferenceAreas,
    cosines: Sequence[Float32] | None = None,
) -> list[Votes]:
    """The votes of the areas of all views of a page.

    Args:
        model: the networks.
        views: of one page.
        looked: what `look_at` found for them.
        references: what their areas may be.
        cosines: of `cosines_of`, if they are known.
    """
    features, looks = looked
    cosines = cosines_of(looks, references) if cosines is None else cosines
    likeness = _likenesses(views, looks, cosines, references)
    return [
        _match(model, view, described, near, references)
        for view, described, near in zip(views, features, likeness, strict=True)
    ]


def cosines_of(looks: Sequence[Float32], references: ReferenceAreas) -> list[Float32]:
    """How much areas look like those of the references: float32 (K, T) of each view; nothing if
    these have no looks.

    Args:
        looks: float32 (K, L) of each view, of `look_at`.
        references: with looks (T, L).
    """
    return [own @ references.looks.T for own in looks] if references.looks.size else []


def _likenesses(
    views: Sequence[View],
    looks: Sequence[Float32],
    cosines: Sequence[Float32],
    references: ReferenceAreas,
) -> list[_Likeness | None]:
    """How much each area of each view looks like those of the references, if they have looks."""
    if not cosines:
        return [None] * len(views)
    sizes = np.sqrt(np.concatenate([view.sizes for view in views]))
    favour = favour_of(cosines, sizes, references.pictures)
    behind = references.remembered >= 0
    # Where nothing is given, nothing stands before it.
    if behind.any() and not behind.all():
        favour = favour - _REMEMBERED * behind.astype(np.float32)
    return [
        _Likeness(
            cosine,
            favour,
            _doubted(cosine, references.limits),
            np.linalg.norm(own, axis=1, keepdims=True) > 0,
        )
        for own, cosine in zip(looks, cosines, strict=True)
    ]


def _doubted(cosine: Float32, limits: Float32) -> Float32 | None:
    """`_Likeness.told`.

    Pages of ink look more like each other than like references in colour: without a limit what a
    person told of one thing would be believed of all things.
    """
    told = np.flatnonzero(np.isfinite(limits))
    if not len(told):
        return None
    found = np.zeros_like(cosine)
    found[:, told] = -np.logaddexp(0, (limits[told] - cosine[:, told]) / _DOUBT)
    return found


def restricted(votes: Votes, allowed: npt.NDArray[np.bool_]) -> Votes:
    """Votes for what areas may be, which are all of theirs; what is told is not guessed.

    Args:
        votes: of a view.
        allowed: bool (K, T).
    """
    told = ~allowed.all(axis=1, keepdims=True)
    kept = np.where(allowed, votes.shares, np.float32(0))
    kept /= np.maximum(kept.sum(axis=1, keepdims=True), np.float32(1e-9))
    shares = np.where(told, kept, votes.shares).astype(np.float32)
    guesses = votes.guesses
    return Votes(shares, None if guesses is None else np.where(told, np.float32(0), guesses))


def _match(
    model: AreaModel,
    view: View,
    features: Float32,
    likeness: _Likeness | None,
    references: ReferenceAreas,
) -> Votes:
    """The votes of a view's areas."""
    shares, guesses = _votes(model, view, features, likeness, references)
    kinds = alike(view.kinds, references.kinds)
    if likeness is not None and kinds.shape == shares.shape:
        # What looks the very same is that, whatever the network takes it for.
        low, high = _THE_SAME
        kinds = kinds ** (1 - np.clip((likeness.cosine - low) / (high - low), 0, 1))
    shares = shares * kinds
    if likeness is not None:
        shares = together(shares, view, likeness.cosine, references.panels)
    return Votes(shares, guesses)


def _votes(
    model: AreaModel,
    view: View,
    features: Float32,
    likeness: _Likeness | None,
    references: ReferenceAreas,
) -> tuple[Float32, Float32 | None]:
    """The same by attention and by looks, whatever kinds say."""
    seen = _attended(references, likeness)
    scores, guesses = model.match(features, view.facts, references.tokens[seen])
    scores = scores * _BELIEVED
    if likeness is not None:
        scores[:, :-1] += likeness.favour[seen] / _BLUNTNESS
        if likeness.told is not None:
            scores[:, :-1] += likeness.told[:, seen]
    learned = _softmax(scores)[:, :-1]
    if likeness is None:
        return learned, guesses
    alike = (likeness.cosine + likeness.favour) / np.float32(SHARPNESS)
    votes = _softmax(alike if likeness.told is None else alike + likeness.told)
    share = np.where(likeness.known, np.float32(_BY_LOOKS), np.float32(0))
    votes *= share
    votes[:, seen] += (1 - share) * learned
    return votes, guesses


def _attended(references: ReferenceAreas, likeness: _Likeness | None) -> npt.NDArray[np.intp]:
    """The references' areas that attention sees, int: of too many those that look most alike."""
    if likeness is None or len(references.tokens) <= MOST_REFERENCE_AREAS:
        return references.attended
    nearest = likeness.cosine.max(axis=0) + likeness.favour
    # What a person told is not to be overlooked.
    nearest[references.pictures < 0] = np.inf
    return np.sort(np.argsort(-nearest, kind="stable")[:MOST_REFERENCE_AREAS])


def _softmax(scores: Float32) -> Float32:
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights
