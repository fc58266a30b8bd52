"""What the page in the browser is told of an area."""

from __future__ import annotations

import numpy as np
import pytest

from mangacolor.review.records import candidate_record
from mangacolor.runtime.candidates import Candidate
from mangacolor.runtime.reference_areas import ReferenceAreas


@pytest.mark.parametrize(
    ("number", "lesson", "how"), [(0, -1, "matched"), (-1, -1, "follows"), (-1, 2, "remembered")]
)
def test_what_a_colour_is_from_is_told_apart(number: int, lesson: int, how: str) -> None:
    known = ReferenceAreas(
        np.zeros((1, 4), np.float32),
        np.zeros((1, 3), np.uint8),
        places=np.array([[number, 0.5, 0.25]], np.float32),
        remembered=np.array([lesson], np.int32),
    )
    record = candidate_record(Candidate((10, 20, 30), 0.5, 0), known)
    assert record["how"] == how
    assert record["ref"] == ((0, 0.5, 0.25) if how == "matched" else None)
