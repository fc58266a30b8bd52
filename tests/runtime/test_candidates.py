"""What else an area may be, as a person is shown it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.images.shades import guess, shades
from mangacolor.runtime import candidates as asked
from mangacolor.runtime.candidates import find_candidates
from mangacolor.runtime.colored_areas import GUESSED
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.votes import Votes


def seen(kind: Kind) -> Any:
    """A page of one area."""
    return SimpleNamespace(kinds=np.eye(len(Kind), dtype=np.float32)[[kind, kind]])


def references() -> ReferenceAreas:
    return ReferenceAreas(
        np.zeros((1, 4), np.float32),
        np.array([(200, 30, 30)], np.uint8),
        places=np.zeros((1, 3), np.float32),
        sizes=np.ones(1, np.float32),
    )


def test_a_guess_is_shown_no_surer_than_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    # One colour is guessed beyond doubt; of clothes a guess knows nothing.
    guesses = np.zeros(len(shades()), np.float32)
    guesses[0] = 30.0
    monkeypatch.setattr(
        asked, "votes_for", lambda *_: Votes(np.ones(1, np.float32), guesses.copy())
    )
    sure = {}
    for kind in (Kind.SKIN, Kind.CLOTHES):
        found = find_candidates(None, seen(kind), references(), 1, 3)  # type: ignore[arg-type]
        assert found[-1].match == GUESSED
        assert found[-1].color == tuple(guess(guesses[None])[0][0])
        sure[kind] = found[-1].sure
    assert sure[Kind.SKIN] > 0.9
    assert sure[Kind.CLOTHES] < 0.1


def test_colours_that_are_nearly_one_stand_together_and_the_surest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    colors = [(200, 30, 30), (30, 30, 200), (204, 30, 30), (30, 200, 30)]
    known = ReferenceAreas(np.zeros((4, 4), np.float32), np.array(colors, np.uint8))
    # Green has so few votes that it is nobody's.
    votes = Votes(np.array([0.2, 0.4, 0.25, 0.001], np.float32), None)
    model: Any = object()
    page, allowed = seen(Kind.SKIN), np.ones((2, 4), np.bool_)

    def votes_for(*about: object) -> Votes:
        assert all(one is other for one, other in zip(about[:3], (model, page, known), strict=True))
        assert about[3] == 1
        assert about[4] is allowed
        return votes

    monkeypatch.setattr(asked, "votes_for", votes_for)
    for count in (1, 3):
        found = find_candidates(model, page, known, 1, count, allowed)
        assert [(x.color, x.match) for x in found] == [((202, 30, 30), 2), ((30, 30, 200), 1)][
            :count
        ]
        assert [x.sure for x in found] == pytest.approx([0.45, 0.4][:count])


def test_an_area_that_nothing_is_known_of_is_offered_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "votes_for", lambda *_: None)
    assert find_candidates(None, seen(Kind.SKIN), references(), 1, 3) == []  # type: ignore[arg-type]
