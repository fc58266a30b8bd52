from __future__ import annotations

import numpy as np
import pytest

from mangacolor.data.kept import KeptPairs, Pictures


def pair(number: int) -> Pictures:
    color = np.full((8, 6, 3), number, np.uint8)
    return color, color // 2 if number % 2 else None


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_kept_is_what_was_made_and_is_made_once(shared: bool) -> None:
    kept, made = KeptPairs(shared=shared), []

    def make(number: int) -> Pictures:
        made.append(number)
        return pair(number)

    for number in (0, 1, 0, 1, 2):
        color, lineart = kept.get(number, lambda number=number: make(number))  # type: ignore[misc]
        assert (color == pair(number)[0]).all()
        assert (lineart is None) == (number % 2 == 0)
        if lineart is not None:
            assert (lineart == number // 2).all()
    assert made == [0, 1, 2]
    kept.close()


def test_bytes_have_a_bound_in_memory_and_in_files() -> None:
    size = 8 * 6 * 3
    kept, made = KeptPairs(in_memory=2 * size, in_files=2 * size), []

    def make(number: int) -> Pictures:
        made.append(number)
        return np.zeros((8, 6, 3), np.uint8), None

    for number in range(6):
        kept.get(number, lambda number=number: make(number))  # type: ignore[misc]
    for number in range(6):
        kept.get(number, lambda number=number: make(number))  # type: ignore[misc]
    # Two are in memory, two in files, and two are made again.
    assert made == [0, 1, 2, 3, 4, 5, 4, 5]
    kept.close()
