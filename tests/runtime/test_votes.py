"""Votes: what kinds, looks and guesses say of what an area is."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.images.shades import shades
from mangacolor.images.views import FACTS, View
from mangacolor.runtime import votes
from mangacolor.runtime.areas import color_views
from mangacolor.runtime.colored_areas import GUESSED
from mangacolor.runtime.reference_areas import ReferenceAreas, joined
from mangacolor.runtime.votes import Compared, Votes, count_votes, restricted

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


def several(looks: list[list[float]], owners: list[int]) -> ReferenceAreas:
    """Areas of several references, of kinds that are not known."""
    count = len(looks)
    return ReferenceAreas(
        np.zeros((count, 4), np.float32),
        np.zeros((count, 3), np.uint8),
        places=np.array([[owner, 0.5, 0.5] for owner in owners], np.float32),
        sizes=np.ones(count, np.float32),
        looks=np.array(looks, np.float32),
    )


def votes_of(scores: list[float], look: list[float], known: ReferenceAreas) -> np.ndarray:
    """The shares of an area that attention scores so and that looks so."""
    attention: Any = SimpleNamespace(match=lambda *_: (np.array([scores], np.float32), None))
    looked = ([np.zeros((1, 4), np.float32)], [np.array([look], np.float32)])
    (votes,) = count_votes(attention, [view_of(Kind.SKIN)], looked, known)
    return votes.shares[0]


def test_attention_and_looks_have_half_of_the_votes_each() -> None:
    known = several([[1, 0], [0, 1]], [0, 0])
    second = [-30.0, 30.0, -30.0]
    assert votes_of(second, [1, 0], known) == pytest.approx([0.5, 0.5], abs=1e-4)
    assert votes_of(second, [0, 1], known) == pytest.approx([0, 1], abs=1e-4)
    # What looks like all of its page has no look to go by.
    assert votes_of(second, [0, 0], known) == pytest.approx([0, 1], abs=1e-4)


def test_attention_is_surer_than_it_says() -> None:
    known = several([[]] * 2, [0, 0])
    first, second = votes_of([1, 0, -30], [], known)
    assert first / second > np.e * 1.1


def test_votes_for_nothing_are_nobodys() -> None:
    known = several([[]] * 2, [0, 0])
    assert votes_of([0, 0, 0], [], known) == pytest.approx([1 / 3, 1 / 3])
    assert votes_of([-30, -30, 30], [], known) == pytest.approx([0, 0], abs=1e-4)


def test_areas_are_compared_each_for_itself() -> None:
    # As much as one is surer than the other, its scores are not those of the other.
    scores = np.array([[1000, 0, 0], [-1000, -1000, -1000]], np.float32)
    described = np.arange(8, dtype=np.float32).reshape(2, 4)

    def match(features: np.ndarray, facts: np.ndarray, tokens: np.ndarray) -> Any:
        assert features is described
        return scores, None

    attention: Any = SimpleNamespace(match=match)
    known = several([[]] * 2, [0, 0])
    looked = ([described], [np.zeros((2, 0), np.float32)])
    (votes,) = count_votes(attention, [view_of(Kind.SKIN)], looked, known)
    assert votes.shares == pytest.approx(np.array([[1, 0], [1 / 3, 1 / 3]]), abs=1e-6)


def test_of_too_many_areas_attention_sees_the_most_alike_and_what_a_person_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(votes, "MOST_REFERENCE_AREAS", 2)
    asked: list[np.ndarray] = []

    def match(features: np.ndarray, facts: np.ndarray, tokens: np.ndarray) -> Any:
        asked.append(tokens)
        return np.zeros((1, len(tokens) + 1), np.float32), None

    attention: Any = SimpleNamespace(match=match)
    # The first is the largest, and the last was told.
    known = several([[0, 1], [0.6, 0.8], [1, 0], [0, 1]], [0, 0, 0, -1])
    known = dataclasses.replace(
        known,
        tokens=np.arange(4, dtype=np.float32)[:, None],
        sizes=np.array([0.9, 0.1, 0.1, 0.1], np.float32),
    )
    looked = ([np.zeros((1, 4), np.float32)], [np.array([[1, 0]], np.float32)])
    (found,) = count_votes(attention, [view_of(Kind.SKIN)], looked, known)
    assert asked[0].ravel().tolist() == [2, 3]
    # Half of the votes, which attention has, in as many parts; what it does not see has looks left.
    assert found.shares[0] == pytest.approx([0, 0, 2 / 3, 1 / 6], abs=1e-3)


def test_without_looks_kinds_count_all_the_same() -> None:
    known = dataclasses.replace(
        references([Kind.HAIR, Kind.SKIN], [[0, 0]] * 2), looks=np.zeros((2, 0), np.float32)
    )
    shares = votes_of([0, 0, 0], [], known)
    assert shares[1] > 2 * shares[0]


def test_attention_too_favours_the_reference_that_shows_the_page() -> None:
    known = several([[1, 0], [0, 1]], [0, 1])
    # The area that looks like the first is the page; of it attention knows nothing.
    shares = votes_of([0, 0, -30], [1, 0], known)
    assert shares[1] < 0.25 * shares[0]
    alone = votes_of([0, 0, -30], [1, 0], several([[1, 0], [0, 1]], [0, 0]))
    assert shares[1] < 0.7 * alone[1]


def test_what_is_less_believed_gives_its_votes_to_what_is_more_and_not_to_nobody() -> None:
    known = several([[0, 0], [0, 0]], [0, 0])
    behind = dataclasses.replace(known, remembered=np.array([-1, 0], np.int32))
    # Of both attention says as much; by looks there is nothing to go by.
    before, after = (votes_of([10, 10, -30], [0, 0], one) for one in (known, behind))
    assert before == pytest.approx([0.5, 0.5], abs=1e-3)
    assert after.sum() == pytest.approx(1, abs=1e-3)
    assert after[0] > 3 * after[1]


def test_what_a_person_told_of_one_thing_is_not_believed_of_another() -> None:
    known = several([[1, 0], [0.6, 0.8]], [-1, 0])
    told = dataclasses.replace(known, limits=np.array([0.9, -np.inf], np.float32))
    # Alike as the very same is, it is that; less than something else is alike, it is not.
    for look, least in (([1.0, 0.0], 0.9), ([0.8, 0.6], 0.0)):
        free, held = (votes_of([0, 0, -30], look, one) for one in (known, told))
        assert held[0] >= least * free[0]
    assert held[0] < 0.1 * free[0] and held[1] > free[1]
    # Nobody else's limit is anybody's.
    assert joined([known, told]).limits.tolist() == [-np.inf, -np.inf, np.float32(0.9), -np.inf]
    assert not joined([known, known]).limits.size


def test_of_two_that_are_as_much_alike_the_one_whose_reference_shows_the_page_wins() -> None:
    known = several([[1, 0], [0, 1]], [0, 1])
    small = dataclasses.replace(view_of(Kind.SKIN), sizes=np.ones(1, np.float32))
    for shown in (0, 1):
        page = [np.eye(2, dtype=np.float32)[[shown]], np.full((1, 2), 0.7, np.float32)]
        views = [view_of(Kind.SKIN), small]
        looked = ([np.zeros((1, 4), np.float32)] * 2, page)
        votes = count_votes(model(), views, looked, known)
        assert votes[1].shares[0].argmax() == shown


def test_what_an_area_may_be_has_all_its_votes_and_what_is_told_is_not_guessed() -> None:
    shares = np.array([[0.1, 0.3, 0.2], [0.5, 0.2, 0.1], [0, 0, 0.4]], np.float32)
    allowed = np.array([[True, False, True], [True, True, True], [True, True, False]])
    guesses = np.ones((3, 2), np.float32)
    found = restricted(Votes(shares, guesses), allowed)
    assert found.shares == pytest.approx(
        np.array([[1 / 3, 0, 2 / 3], [0.5, 0.2, 0.1], [0, 0, 0]]), abs=1e-6
    )
    assert found.shares.dtype == np.float32
    assert found.guesses is not None
    assert found.guesses.tolist() == [[0, 0], [1, 1], [0, 0]]
    assert restricted(Votes(shares, None), allowed).guesses is None


def test_what_came_of_the_last_three_references_is_known() -> None:
    compared, asked = Compared(), list[int]()
    known = [several([[1, 0]], [0]) for _ in range(4)]

    def ask(number: int) -> None:
        def find() -> int:
            asked.append(number)
            return number

        assert compared.get_or("votes", known[number], find) == number

    for number in (0, 1, 2, 0, 1, 2):
        ask(number)
    assert asked == [0, 1, 2]
    # Another thing is found for itself, and takes no place of these.
    assert compared.get_or("looks", known[0], lambda: "other") == "other"
    for number in (0, 1, 2, 3, 1, 2, 3):
        ask(number)
    assert asked == [0, 1, 2, 3]
    assert compared.get_or("looks", known[0], lambda: None) == "other"
    ask(0)
    assert asked == [0, 1, 2, 3, 0]


def test_what_areas_were_allowed_to_be_is_part_of_the_question() -> None:
    compared, known = Compared(), several([[1, 0]], [0])
    questions = [None, np.array([[True, False]]), np.array([[False, True]])]

    def answer(number: int) -> int:
        allowed = questions[number]
        copied = None if allowed is None else allowed.copy()
        found = compared.get_or("votes", known, lambda: number, copied)
        assert isinstance(found, int)
        return found

    assert [answer(number) for number in (0, 1, 2, 0, 1, 2)] == [0, 1, 2, 0, 1, 2]
    for number, allowed in enumerate(questions):
        assert compared.get_or("votes", known, lambda: "found again", allowed) == number
