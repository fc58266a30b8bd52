"""What else an area may be, as a person is shown it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.images.shades import SHADES
from mangacolor.runtime import candidates as asked
from mangacolor.runtime.areas import GUESSED
from mangacolor.runtime.candidates import find_candidates
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
    guesses = np.zeros(len(SHADES), np.float32)
    guesses[0] = 30.0
    monkeypatch.setattr(
        asked, "votes_for", lambda *_: Votes(np.ones(1, np.float32), guesses.copy())
    )
    sure = {}
    for kind in (Kind.SKIN, Kind.CLOTHES):
        found = find_candidates(None, seen(kind), references(), 1, 3)  # type: ignore[arg-type]
        assert found[-1].match == GUESSED
        sure[kind] = found[-1].sure
    assert sure[Kind.SKIN] > 0.9
    assert sure[Kind.CLOTHES] < 0.1
