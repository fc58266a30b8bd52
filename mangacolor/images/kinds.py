"""What a place of a page is: the kinds that networks tell apart, and their numbers."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32

__all__ = [
    "GROUPED",
    "UNKNOWN",
    "Kind",
    "alike",
    "are_figures",
    "are_words",
    "are_worn",
    "is_paper",
    "paper_of",
    "word_for",
]

# For places of which nobody knows; losses and figures leave them out.
UNKNOWN = 255


class Kind(IntEnum):
    """Kinds of places; the numbers are stored in models and must not change."""

    GUTTER = 0
    BALLOON = 1
    LETTERING = 2
    EFFECT = 3
    BACKDROP = 4
    SKIN = 5
    HAIR = 6
    EYE = 7
    MOUTH = 8
    CLOTHES = 9
    THING = 10
    CREATURE = 11


_GROUPS = (
    (Kind.GUTTER,),
    (Kind.BALLOON, Kind.LETTERING),
    (Kind.EFFECT,),
    (Kind.BACKDROP,),
    (Kind.SKIN,),
    (Kind.HAIR,),
    (Kind.EYE,),
    (Kind.MOUTH,),
    (Kind.CLOTHES, Kind.THING, Kind.CREATURE),
)
# Which group a kind is of: (len(Kind), groups). What clothes are and what things, one drawing does
# not always say.
GROUPED = np.array([[kind in group for group in _GROUPS] for kind in Kind], np.float32)
# What people call them; of the rest a colour says as much.
_WORDS = {
    Kind.SKIN: "skin",
    Kind.HAIR: "hair",
    Kind.EYE: "eyes",
    Kind.MOUTH: "mouth",
    Kind.CLOTHES: "clothes",
    Kind.CREATURE: "creature",
}
# Share that makes it sure enough to say so.
_SAID = 0.5
# What areas of wholly different groups are still alike: the network may be wrong.
_LEAST_ALIKE = 0.1
_ENOUGH = 0.5
# Powers of the shares of a page's areas and of those of references.
_SURER = (3.0, 2.0)
_WORN = [Kind.HAIR, Kind.CLOTHES]
_FIGURES = [Kind.SKIN, Kind.HAIR, Kind.EYE, Kind.MOUTH, Kind.CLOTHES, Kind.THING, Kind.CREATURE]
# Share of an area that must be gutter or words for it to stay paper.
_PAPER = 0.5


def alike(some: Float32, others: Float32) -> Float32:
    """How much areas are of the same kinds, in (0, 1]: float32 (n, m); 1 where they are not known.

    Args:
        some: float32 (n, len(Kind)), how probably each of a page is of a kind, or empty.
        others: float32 (m, len(Kind)), likewise, of references.
    """
    if not some.size or not others.size:
        return np.ones((1, 1), np.float32)
    shares = (_surer(x @ GROUPED, power) for x, power in zip((some, others), _SURER, strict=True))
    # Of both the square roots, so that what is sure is wholly like itself.
    roots = [np.sqrt(x) for x in shares]
    same: Float32 = roots[0] @ roots[1].T
    found = np.float32(_LEAST_ALIKE) + np.float32(1 - _LEAST_ALIKE) * same
    # What is most alike of all counts whole, unless none is really alike.
    return found / np.maximum(found.max(axis=1, keepdims=True), np.float32(_ENOUGH))


def _surer(shares: Float32, power: float) -> Float32:
    """Shares of which the largest is larger: an area is one thing, its places are in doubt."""
    raised = shares ** np.float32(power)
    found: Float32 = raised / np.maximum(raised.sum(axis=1, keepdims=True), np.float32(1e-9))
    return found


def is_paper(kinds: Float32) -> npt.NDArray[np.bool_]:
    """Which areas are gutters, balloons and lettering, and stay white: bool (n,).

    Args:
        kinds: float32 (n, len(Kind)), how probably each is of a kind.
    """
    found: npt.NDArray[np.bool_] = paper_of(kinds) >= _PAPER
    return found


def are_words(kinds: Float32) -> npt.NDArray[np.bool_]:
    """Which areas are rather balloons and lettering than gutters: bool (n,)."""
    words: npt.NDArray[np.bool_] = (
        kinds[:, [Kind.BALLOON, Kind.LETTERING]].sum(axis=1) > kinds[:, Kind.GUTTER]
    )
    return words


def are_figures(kinds: Float32) -> Float32:
    """How probably each is of a figure or a thing, not of what is behind them: float32 (n,).

    Args:
        kinds: float32 (n, len(Kind)), how probably each is of a kind.
    """
    found: Float32 = kinds[:, _FIGURES].sum(axis=1)
    return found


def are_worn(kinds: Float32) -> Float32:
    """How probably each is hair or clothes, whose colours nobody can guess, as those of skin and
    eyes can be: float32 (n,), or one 0.

    Args:
        kinds: float32 (n, len(Kind)), how probably each is of a kind, or empty.
    """
    found: Float32 = kinds[:, _WORN].sum(axis=1) if kinds.size else np.zeros(1, np.float32)
    return found


def paper_of(kinds: Float32) -> Float32:
    """How probably each area is a gutter, a balloon or lettering: float32 (n,).

    Args:
        kinds: float32 (n, len(Kind)), how probably each is of a kind.
    """
    shares: Float32 = kinds[:, [Kind.GUTTER, Kind.BALLOON, Kind.LETTERING]].sum(axis=1)
    return shares


def word_for(kinds: npt.NDArray[np.floating[Any]]) -> str:
    """What an area is in a word, as `hair`: empty where it is not sure, and of what is no figure.

    Args:
        kinds: (len(Kind),), how probably it is of each kind, or empty.
    """
    if not kinds.size:
        return ""
    shares: dict[str, float] = {}
    for kind in Kind:
        word = _WORDS.get(kind, "")
        shares[word] = shares.get(word, 0.0) + float(kinds[kind])
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _SAID else ""
