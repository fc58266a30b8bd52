"""A chapter on the desk, with a tiny model."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from mangacolor.batch.model import Model
from mangacolor.batch.request import Request
from mangacolor.config import BatchConfig
from mangacolor.review.desk import Desk
from mangacolor.review.serve import open_desk
from tests.batch.by_place import COLORS, drawn

CONFIG = BatchConfig(size=128, device="cpu")
Opener = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    """Two pages, and their cover beside them."""
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("1.png", "2.png"):
        drawn(["white"] * 3).convert("L").save(pages / name)
    drawn(list(COLORS)).save(tmp_path / "cover.png")
    return pages


@pytest.fixture
def opener(areas_bundle: Path, chapter: Path) -> Opener:
    """Opens the chapter and waits until its pages are done, if it is to."""

    @contextlib.contextmanager
    def open_(wait: bool = True, **options: Any) -> Iterator[Desk]:
        cover = chapter.parent / "cover.png"
        model = Model(areas_bundle, "cpu")
        with open_desk(Request(chapter, [cover], CONFIG, **options), model) as desk:
            assert not wait or desk.wait_until_done(120)
            yield desk

    return open_
