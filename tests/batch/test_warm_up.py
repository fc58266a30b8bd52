from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.config import Runtime
from mangacolor.errors import ModelError
from mangacolor.runtime.engine import Engine
from tests.asking import color_chapter
from tests.conftest import draw_color_page, draw_page


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    folder = tmp_path / "chapter"
    folder.mkdir()
    for i in range(3):
        Image.fromarray(draw_page(i)).save(folder / f"{i}.png")
    draw_color_page(5).save(tmp_path / "cover.png")
    return folder


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """What engines were given to colour."""
    pages: list[np.ndarray] = []
    color = Engine.color

    def spy(self: Engine, lineart: np.ndarray, style: Any, *told: Any) -> np.ndarray:
        pages.append(lineart)
        return color(self, lineart, style, *told)

    monkeypatch.setattr(Engine, "color", spy)
    return pages


def pretend(monkeypatch: pytest.MonkeyPatch, device: Runtime) -> None:
    """Engines say that they run on a device; in truth they run on the CPU."""
    really = Engine.open

    def open_(bundle: Any, asked: Runtime, memory: float | None) -> Engine:
        return dataclasses.replace(really(bundle, "cpu", memory), device=device)

    monkeypatch.setattr(Engine, "open", open_)


def color(chapter: Path, model: Path) -> list[bytes]:
    out = chapter.parent / "out"
    summary = color_chapter(chapter, [chapter.parent / "cover.png"], model, out=out, overwrite=True)
    assert (summary.colored, summary.failed) == (3, {})
    return [path.read_bytes() for path in sorted(out.glob("*.png"))]


def test_an_accelerator_is_warm_before_the_first_page(
    chapter: Path, fake_bundle: Path, seen: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = color(chapter, fake_bundle)
    assert not any((page == 1).all() for page in seen)
    seen.clear()
    pretend(monkeypatch, "coreml")
    assert color(chapter, fake_bundle) == cold
    blank, *pages = seen
    assert (blank == 1).all()
    assert blank.shape == pages[0].shape
    assert len(pages) == 3


def test_a_cover_in_colour_is_nothing_to_warm_up_with(
    chapter: Path, fake_bundle: Path, seen: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    # It comes first, and is wider than the pages are.
    draw_color_page(6).resize((150, 100)).save(chapter / "00.png")
    pretend(monkeypatch, "coreml")
    out = chapter.parent / "out"
    summary = color_chapter(chapter, [chapter.parent / "cover.png"], fake_bundle, out=out)
    assert (summary.colored, summary.copied) == (3, 1)
    blank, *pages = seen
    assert (blank == 1).all()
    assert {page.shape for page in pages} == {blank.shape}


def test_a_warm_up_that_fails_costs_no_page(
    chapter: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, "coreml")
    really = Engine.color

    def fail_on_blank(self: Engine, lineart: np.ndarray, style: Any, *told: Any) -> np.ndarray:
        if (lineart == 1).all():
            raise ModelError("The colour graph failed: blank.")
        return really(self, lineart, style, *told)

    monkeypatch.setattr(Engine, "color", fail_on_blank)
    assert len(color(chapter, fake_bundle)) == 3
