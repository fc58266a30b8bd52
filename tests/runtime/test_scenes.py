"""What is together on a page was together in the references."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.images.views import FACTS, PLACE, View
from mangacolor.runtime.scenes import together

# Of the references: hair and coat in one panel, hair and coat in another.
PANELS = np.array([0, 0, 1, 1], np.int32)
# The page's hair looks like both heads, its coat like the second one's.
COSINE = np.array([[0.6, 0.0, 0.6, 0.0], [0.0, 0.3, 0.0, 0.6]], np.float32)
VOTES = np.array([[0.3, 0.0, 0.3, 0.0], [0.0, 0.4, 0.0, 0.4]], np.float32)


def view(*kinds: Kind) -> View:
    return View(
        np.zeros((32, 32), np.uint8),
        numbers=np.arange(1, len(kinds) + 1, dtype=np.int32),
        sizes=np.full(len(kinds), 100, np.float32),
        facts=np.zeros((len(kinds), FACTS), np.float32),
        cells=np.zeros((16, 16), np.int32),
        kinds=np.eye(len(Kind), dtype=np.float32)[list(kinds)],
    )


def test_hair_is_that_of_whom_the_coat_is() -> None:
    found = together(VOTES, view(Kind.HAIR, Kind.CLOTHES), COSINE, PANELS)
    assert found[0, 2] > 3 * found[0, 0]
    assert np.allclose(found.sum(axis=1), VOTES.sum(axis=1))


def test_who_stands_apart_is_not_taken_along() -> None:
    beside = view(Kind.HAIR, Kind.CLOTHES, Kind.CLOTHES)
    # Two coats, one of each panel: whoever is nearer to the hair says whose it is.
    cosine = np.array([[0.6, 0, 0.6, 0], [0, 0.3, 0, 0.6], [0, 0.6, 0, 0.3]], np.float32)
    votes = np.full((3, 4), 0.1, np.float32)
    facts = beside.facts.copy()
    facts[:, PLACE] = [[-0.8, 0], [-0.7, 0.2], [0.9, 0]]
    apart = dataclasses.replace(beside, facts=facts)
    facts = facts.copy()
    facts[[1, 2]] = facts[[2, 1]]
    other = dataclasses.replace(beside, facts=facts)
    one, two = (together(votes, x, cosine, PANELS)[0] for x in (apart, other))
    assert one[2] > 2 * one[0]
    assert two[0] > 2 * two[2]


def test_what_is_behind_somebody_does_not_say_who_it_is() -> None:
    found = together(VOTES, view(Kind.HAIR, Kind.BACKDROP), COSINE, PANELS)
    assert np.allclose(found[0], VOTES[0])


def test_it_does_not_matter_in_which_order_references_come() -> None:
    here = view(Kind.HAIR, Kind.CLOTHES)
    order = np.array([2, 1, 3, 0])
    found = together(VOTES[:, order], here, COSINE[:, order], PANELS[order])
    assert np.allclose(found, together(VOTES, here, COSINE, PANELS)[:, order])


def test_what_a_person_taught_is_of_no_panel_and_loses_nothing() -> None:
    taught = np.array([0, 0, -1, 1], np.int32)
    found = together(VOTES, view(Kind.HAIR, Kind.CLOTHES), COSINE, taught)
    assert found[0, 2] >= VOTES[0, 2]


def test_an_area_that_is_nowhere_says_as_much_as_one_that_is_elsewhere() -> None:
    # However little alike the coat is, what is far is far.
    near, far = COSINE.copy(), COSINE.copy()
    near[1, 1], far[1, 1] = 0.35, -1.0
    here = view(Kind.HAIR, Kind.CLOTHES)
    one, other = (together(VOTES, here, cosine, PANELS) for cosine in (near, far))
    assert np.allclose(one, other)


@pytest.mark.parametrize("panels", [np.zeros(0, np.int32), np.full(4, -1, np.int32)])
def test_without_panels_votes_stay(panels: np.ndarray) -> None:
    assert together(VOTES, view(Kind.HAIR, Kind.CLOTHES), COSINE, panels) is VOTES
