"""Votes: what kinds, looks and guesses say of what an area is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from mangacolor.images.kinds import Kind
from mangacolor.images.shades import shades
from mangacolor.images.views import FACTS, View
from mangacolor.runtime.areas import GUESSED, color_views
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.votes import count_votes

RED, BLUE = (200, 30, 30), (30, 30, 200)


def surely(kind: Kind) -> np.ndarray:
    return np.eye(len(Kind), dtype=np.float32)[[kind]]


def view_of(kind: Kind) -> View:
    """A view of one area."""
    return View(
        np.zeros((32, 32), np.uint8),
        numbers=np.array([1], np.int32),
        sizes=np.array([100], np.float32),
        facts=np.zeros((1, FACTS), np.float32),
        cells=np.zeros((16, 16), np.int32),
        kinds=surely(kind),
    )


def references(kinds: list[Kind], looks: list[list[float]]) -> ReferenceAreas:
    """A red one and a blue one."""
    return ReferenceAreas(
        np.zeros((2, 4), np.float32),
        np.array([RED, BLUE], np.uint8),
        places=np.zeros((2, 3), np.float32),
        sizes=np.ones(2, np.float32),
        looks=np.array(looks, np.float32),
        kinds=np.concatenate([surely(kind) for kind in kinds]),
    )


def model(guesses: np.ndarray | None = None) -> Any:
    """Attention that cannot tell one from the other."""
    scores = np.zeros((1, 3), np.float32)
    return SimpleNamespace(match=lambda *_: (scores, guesses))


LOOKED = ([np.zeros((1, 4), np.float32)], [np.array([[1.0, 0.0]], np.float32)])


def test_what_looks_the_very_same_is_that_whatever_it_is_taken_for() -> None:
    for cosine, best in ((1.0, 0), (0.5, 1)):
        looks = [[cosine, (1 - cosine**2) ** 0.5], [cosine - 0.1, 0.0]]
        known = references([Kind.HAIR, Kind.SKIN], looks)
        (votes,) = count_votes(model(), [view_of(Kind.SKIN)], LOOKED, known)
        assert votes.shares[0].argmax() == best


def test_a_guess_is_taken_for_a_backdrop_and_not_for_clothes() -> None:
    guesses = np.zeros((1, len(shades())), np.float32)
    guesses[0, 5] = 20
    for kind, guessed in ((Kind.BACKDROP, True), (Kind.CLOTHES, False)):
        known = references([kind, kind], [[0.5, 0.5], [0.4, 0.5]])
        ((_, _, match),) = color_views(model(guesses), [view_of(kind)], known, looked=LOOKED)
        assert (match[0] == GUESSED) == guessed
