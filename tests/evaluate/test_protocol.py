from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
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


def test_other_references_are_those_that_were_always_chosen_and_cost_little(tmp_path: Path) -> None:
    def example(number: int, series: int) -> Example:
        name = f"{number:05d}"
        return Example(name, tmp_path / name, None, str(series))

    examples = [example(i, i * i % 7) for i in range(200)]
    rng = np.random.default_rng(3)
    expected = {}
    for index, one in enumerate(examples):
        others = [i for i, other in enumerate(examples) if other.series != one.series]
        expected[index] = int(rng.choice(others))
    assert references(examples, "other", 3) == expected
    for series in (2, 4000):
        many = [example(i, i % series) for i in range(16000)]
        start = time.monotonic()
        references(many, "other", 0)
        assert time.monotonic() - start < 3
