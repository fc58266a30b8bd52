"""What benchmarks share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def chapters(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import chapters as module

    monkeypatch.setattr(module, "HEIGHT", 160)
    yield module
    sys.modules.pop("chapters")


def test_drawn_chapters_are_taken_again(chapters, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "drawn"
    (first,) = chapters.draw_chapters(folder, 1, 1, 3)
    drawn = (first / "cover.png").stat()
    assert chapters.draw_chapters(folder, 1, 1, 3) == [first]
    assert (first / "cover.png").stat() == drawn
    for other in ((1, 2, 3), (1, 1, 4), (2, 1, 3)):
        with pytest.raises(ValueError, match="other chapters"):
            chapters.draw_chapters(folder, *other)
    (page,) = chapters.read_pages(first)
    assert page.grey.shape == page.labels.shape == page.truth.shape[:2] == (160, 114)
    names, colors = chapters.read_parts(first)
    assert names.keys() == colors.keys() >= set(page.labels.ravel().tolist())


def test_an_exported_model_is_a_bundle_already(chapters, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert chapters.as_bundle(tmp_path, tmp_path / "x") == tmp_path
