"""What a model remembers of pages is compared as references are, and counts less."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mangacolor.errors import ModelError
from mangacolor.images.views import FACTS, View
from mangacolor.runtime import remembered as module
from mangacolor.runtime.areas import color_views
from mangacolor.runtime.reference_areas import ReferenceAreas, gathered, joined
from mangacolor.runtime.remembered import (
    read_remembered,
    remembering,
    to_remember,
    write_remembered,
)

RED, BLUE = (200, 30, 30), (30, 30, 200)


def seen(looks: list[list[float]], color: tuple[int, int, int], start: float = 0) -> ReferenceAreas:
    """A picture, as `read_references` tells of it."""
    count = len(looks)
    return ReferenceAreas(
        ((np.arange(count * 4).reshape(count, 4) + start) / 3).astype(np.float32),
        np.full((count, 3), color, np.uint8),
        places=np.full((count, 3), [0, 0.25, 0.5], np.float32),
        sizes=np.linspace(0.5, 0.1, count, dtype=np.float32),
        looks=np.array(looks, np.float32),
        panels=np.arange(count, dtype=np.int32),
    )


def election(references: ReferenceAreas, look: list[float]) -> tuple[int, ...]:
    """The colour of one area by its look; attention cannot tell one from the other."""
    view = View(
        np.zeros((32, 32), np.uint8),
        numbers=np.array([1], np.int32),
        sizes=np.array([100], np.float32),
        facts=np.zeros((1, FACTS), np.float32),
        cells=np.zeros((16, 16), np.int32),
    )
    scores = np.zeros((1, len(references.tokens) + 1), np.float32)
    model: Any = SimpleNamespace(match=lambda *_: (scores, None))
    looked = ([np.zeros((1, 4), np.float32)], [np.array([look], np.float32)])
    ((color, _, _),) = color_views(model, [view], references, looked=looked)
    return tuple(int(x) for x in color[0])


def test_what_is_written_is_read_and_what_is_read_is_what_was_judged(tmp_path: Path) -> None:
    remembered = to_remember([seen([[1, 0], [0, 1]], RED), seen([[0.6, 0.8]], BLUE, 100)])
    write_remembered(tmp_path / "remembered.npz", remembered)
    again = read_remembered(tmp_path / "remembered.npz")
    for field in dataclasses.fields(ReferenceAreas):
        assert np.array_equal(getattr(again, field.name), getattr(remembered, field.name))
    assert again.remembered.tolist() == [0, 0, 1]
    assert (again.places[:, 0] == -1).all()


def test_what_is_given_is_taken_and_what_it_does_not_show_is_remembered() -> None:
    remembered = to_remember([seen([[1, 0]], BLUE)])
    model: Any = SimpleNamespace(remembered=remembered)
    alike: list[list[float]] = [[1, 0], [0, 1]]
    for look, color in zip(alike, (RED, BLUE), strict=True):
        given = gathered([seen([look], RED, 50)])
        assert election(remembering(model, given), [1, 0]) == color


def test_a_model_that_remembers_nothing_changes_nothing() -> None:
    given = gathered([seen([[1, 0]], RED)])
    model: Any = SimpleNamespace(remembered=None)
    assert remembering(model, given) is given


def test_without_references_what_is_remembered_is_all_there_is() -> None:
    model: Any = SimpleNamespace(remembered=to_remember([seen([[1, 0]], BLUE)]))
    assert election(remembering(model, gathered([])), [1, 0]) == BLUE


def test_pages_that_are_remembered_are_pages_of_their_own() -> None:
    remembered = to_remember([seen([[1, 0]], RED), seen([[0, 1]], RED, 10)])
    more = to_remember([seen([[1, 1]], BLUE, 20)], remembered)
    assert more.remembered.tolist() == [0, 1, 2]
    given = gathered([seen([[1, 0]], RED, 30), seen([[0, 1]], BLUE, 40)])
    assert joined([given, more]).pictures.tolist() == [0, 1, 2, 3, 4]
    assert joined([given, more]).remembered.tolist() == [-1, -1, 0, 1, 2]
    assert joined([given, given]).remembered.size == 0


def test_of_too_many_areas_the_largest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REMEMBERED", 2)
    remembered = to_remember([seen([[1, 0], [0, 1]], RED), seen([[1, 1], [1, 2]], BLUE, 9)])
    assert remembered.colors.tolist() == [list(RED), list(BLUE)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY"])
def test_what_is_no_file_of_lessons_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "remembered.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"remembered\.npz"):
        read_remembered(path)


def test_lessons_that_lack_something_or_do_not_fit_are_refused(tmp_path: Path) -> None:
    path, stored = tmp_path / "remembered.npz", module.to_arrays(to_remember([seen([[1, 0]], RED)]))
    broken: dict[str, Any]
    for broken in (
        {name: x for name, x in stored.items() if name != "looks"},
        {**stored, "colors": np.zeros((5, 3), np.uint8)},
    ):
        np.savez(path, allow_pickle=False, **broken)
        with pytest.raises(ModelError, match="remembers"):
            read_remembered(path)
