from __future__ import annotations

import random
from pathlib import Path

import pytest

from mangacolor.data.layouts import Example
from mangacolor.evaluate.protocol import PROTOCOLS, references


def example(name: str) -> Example:
    return Example(name, Path(name), None, name.split("-")[0])


EXAMPLES = [example(name) for name in ("a-1", "a-2", "a-3", "b-1", "b-2", "lone-1")]


def test_own_is_the_picture_itself() -> None:
    assert references(EXAMPLES, "own", 0) == {i: i for i in range(6)}


@pytest.mark.parametrize("seed", range(5))
def test_series_is_another_picture_of_the_series(seed: int) -> None:
    chosen = references(EXAMPLES, "series", seed)
    assert set(chosen) == {0, 1, 2, 3, 4}  # the one that is alone is left out
    for index, other in chosen.items():
        assert index != other
        assert EXAMPLES[index].series == EXAMPLES[other].series


@pytest.mark.parametrize("seed", range(5))
def test_other_is_of_another_series(seed: int) -> None:
    chosen = references(EXAMPLES, "other", seed)
    assert set(chosen) == set(range(6))
    assert all(EXAMPLES[i].series != EXAMPLES[o].series for i, o in chosen.items())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_order_of_files_decides_nothing(protocol: str) -> None:
    shuffled = EXAMPLES.copy()
    random.Random(1).shuffle(shuffled)

    def named(examples: list[Example]) -> dict[str, str]:
        chosen = references(examples, protocol, 3)  # type: ignore[arg-type]
        return {examples[i].name: examples[o].name for i, o in chosen.items()}

    assert named(shuffled) == named(EXAMPLES)
