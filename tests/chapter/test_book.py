"""Pages of one file, joined in their order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mangacolor.chapter.book import Book
from mangacolor.chapter.plan import Task
from tests.batch.test_book import WIDTHS, encoded, leftovers, pages_of


@pytest.mark.parametrize("seed", range(3))
def test_pages_that_come_in_any_order_are_joined_in_theirs(tmp_path: Path, seed: int) -> None:
    target = tmp_path / "b.tif"
    book = Book(Task("b.tif", bytes, lambda mark: target), "m", encoded(WIDTHS))
    order = np.random.default_rng(seed).permutation(len(WIDTHS))
    begun: list[bytes | Path] = []

    def add(number: int) -> bool:
        page = book.read(number)
        color = np.stack([page.grey] * 3, axis=2)
        return book.add(number, page, color, begun.append, painted=True)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, map(int, order))) == 1
    assert len(begun) == 1
    assert [page.shape[1] for page in pages_of(target)] == list(WIDTHS)
    assert leftovers(tmp_path) == []
