from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from mangacolor.data.layouts import Example
from mangacolor.evaluate.protocol import PROTOCOLS, reference_lists, references


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


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("count", [1, 3, 9])
def test_several_references_begin_with_the_one(protocol: str, count: int) -> None:
    one = references(EXAMPLES, protocol, 3)  # type: ignore[arg-type]
    several = reference_lists(EXAMPLES, protocol, 3, count)  # type: ignore[arg-type]
    assert {index: others[0] for index, others in several.items()} == one
    for index, others in several.items():
        series = [EXAMPLES[other].series == EXAMPLES[index].series for other in others]
        assert len(set(others)) == len(others)
        if protocol == "own":
            assert others == (index,)
        else:
            assert index not in others
            assert series == [protocol == "series"] * len(others)
            others_there = (
                series_size(index) - 1 if protocol == "series" else 6 - series_size(index)
            )
            assert len(others) == min(count, others_there)


def series_size(index: int) -> int:
    return sum(one.series == EXAMPLES[index].series for one in EXAMPLES)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_order_of_files_decides_nothing_of_several(protocol: str) -> None:
    shuffled = EXAMPLES.copy()
    random.Random(1).shuffle(shuffled)

    def named(examples: list[Example]) -> dict[str, list[str]]:
        chosen = reference_lists(examples, protocol, 3, 3)  # type: ignore[arg-type]
        return {
            examples[i].name: [examples[o].name for o in others] for i, others in chosen.items()
        }

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
    for series in (1, 2, 400):
        for protocol in ("series", "other"):
            looks = Looked([example(i, i % series) for i in range(1600)])
            reference_lists(looks, protocol, 0, 3)
            # A look at every other picture for each would be 1600 times as many as pictures.
            assert looks.count <= 12 * len(looks)


class Looked(list[Example]):
    """Counts how often an example is looked at."""

    count = 0  # type: ignore[assignment]

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        self.count += 1
        return super().__getitem__(index)
