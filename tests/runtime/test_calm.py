"""Backdrops that references do not tell are laid more calmly; all else as it was elected."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.shades import to_lab
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.calm import calmed
from mangacolor.runtime.colored_areas import GUESSED, ColoredAreas, settled, with_told
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.seen import SeenPage
from tests.runtime.test_votes import view_of

COLORS = np.array([(220, 40, 40), (40, 200, 40), (40, 40, 220), (230, 220, 40)], np.uint8)


def laid(shares: list[float], kind: Kind = Kind.BACKDROP, match: int = 0) -> UInt8:
    known = ReferenceAreas(np.zeros((len(COLORS), 4), np.float32), COLORS)
    votes = np.array([shares], np.float32)
    elected = COLORS[:1], votes[:, 0], np.array([match], np.int32)
    return calmed(np.eye(len(Kind), dtype=np.float32)[[kind]], votes, known, elected)[0]


def chroma(color: UInt8) -> float:
    return float(np.hypot(*to_lab(color)[1:]))


def test_a_backdrop_of_which_votes_disagree_is_nearer_to_all_of_them() -> None:
    found = laid([0.28, 0.24, 0.24, 0.24])
    assert chroma(found) < 0.5 * chroma(COLORS[0])
    apart = [np.linalg.norm(to_lab(COLORS) - to_lab(color), axis=1) for color in (found, COLORS[0])]
    assert apart[0].max() < apart[1].max()
    # The fewer votes the winner has the less is it seen.
    assert chroma(laid([0.4, 0.2, 0.2, 0.2])) > chroma(found)


@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_how_many_voted_for_nothing_does_not_matter(scale: float) -> None:
    shares = np.array([0.3, 0.3, 0.2, 0.2]) * scale
    assert np.abs(laid(list(shares)).astype(int) - laid([0.3, 0.3, 0.2, 0.2])).max() <= 1


@pytest.mark.parametrize(
    ("shares", "kind", "match"),
    [
        ([0.5, 0.2, 0.2, 0.1], Kind.BACKDROP, 0),
        ([0.28, 0.24, 0.24, 0.24], Kind.HAIR, 0),
        ([0.28, 0.24, 0.24, 0.24], Kind.BACKDROP, GUESSED),
    ],
)
def test_what_is_sure_or_a_figure_or_guessed_is_laid_as_it_is(
    shares: list[float], kind: Kind, match: int
) -> None:
    assert (laid(shares, kind, match) == COLORS[0]).all()


def test_a_page_is_laid_calmly_but_what_is_told_is_laid_as_it_is() -> None:
    known = ReferenceAreas(np.zeros((len(COLORS), 4), np.float32), COLORS)
    scores = np.array([[0.2, 0.0, 0.0, 0.0, -9.0]], np.float32)
    model: Any = SimpleNamespace(match=lambda *_: (scores, None))
    view = view_of(Kind.BACKDROP)
    kinds = np.concatenate([np.zeros_like(view.kinds), view.kinds])
    looked = [np.zeros((1, 4), np.float32)], [np.zeros((1, 2), np.float32)]
    seen = SeenPage(np.ones((32, 32), np.int32), [view], kinds, looked)
    colored = color_areas(model, seen, known)
    assert chroma(colored.laid[1]) < 0.6 * chroma(colored.colors[1])
    only = np.ones((2, len(COLORS)), np.bool_)
    only[1, 1] = False
    told = color_areas(model, seen, known, only)
    assert told.laid[1].tolist() == told.colors[1].tolist() == COLORS[0].tolist()


def test_what_is_told_is_laid_and_neighbours_have_what_is_laid() -> None:
    areas = np.repeat(np.array([[1, 2, 3]], np.int32), 4, axis=1)
    colors = np.vstack([[[0, 0, 0]], COLORS[:2], [[0, 0, 0]]]).astype(np.uint8)
    sure, matches = np.array([0, 0.3, 0.9, 0], np.float32), np.array([-1, 0, 1, -1], np.int32)
    colored = ColoredAreas(areas, colors, sure, matches, calm=colors // 2)
    filled, _ = settled(colored)
    assert filled.laid[1:].tolist() == [*(COLORS[:2] // 2).tolist(), (COLORS[1] // 2).tolist()]
    told = with_told(colored, {1: (9, 8, 7)})
    assert told.laid[1].tolist() == told.colors[1].tolist() == [9, 8, 7]
    assert (dataclasses.replace(colored, calm=colors[:0]).laid == colors).all()
