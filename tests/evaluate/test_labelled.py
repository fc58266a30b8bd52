"""Invented chapters are scored by their parts, and everything by its areas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor

from mangacolor.comic.chapter import write_chapters
from mangacolor.config import EvalConfig
from mangacolor.data.layouts import find_examples
from mangacolor.errors import InputError
from mangacolor.evaluate.measure import Row
from mangacolor.evaluate.painters import BASELINES
from mangacolor.evaluate.score import score
from mangacolor.evaluate.tables import columns_of
from tests.conftest import draw_picture

CONFIG = EvalConfig(size=400)


def own(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
    """The truth, where every picture is its own reference."""
    (reference,) = references
    return reference


@pytest.fixture(scope="module")
def chapters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comics") / "drawn"
    write_chapters(folder, series=1, pages=2, seed=4, height=400)
    return folder


def fields(row: Row) -> set[str]:
    return {column.field for column in columns_of([vars(row)])}


def test_parts_of_a_chapter_are_known(chapters: Path) -> None:
    examples = find_examples(chapters)
    truth = score("x", own, examples, "own", CONFIG)
    assert truth.area_accuracy == 1
    # Lines and shadows shift what is small.
    assert truth.parts > 0.9
    grey = score("x", BASELINES["lineart"], examples, "own", CONFIG)
    assert grey.parts == 0
    assert grey.area_accuracy < 0.3
    assert "parts" in fields(truth)
    turned = score("x", own, examples[::-1], "own", CONFIG)
    assert (turned.parts, turned.area_accuracy) == (truth.parts, 1)


def test_parts_of_other_pictures_are_not(picture_folder: Path) -> None:
    row = score("x", own, find_examples(picture_folder), "own", EvalConfig(size=80))
    assert math.isnan(row.parts)
    assert "parts" not in fields(row)
    assert "references" not in fields(row)


def test_broken_labels_are_told(chapters: Path, tmp_path: Path) -> None:
    for name, content in (("labels.json", "[]"), ("labels/page-001.png", "no picture")):
        folder = tmp_path / name.replace("/", "-")
        (source,) = chapters.iterdir()
        chapter = folder / "one"
        for part in ("color", "sketch", "labels"):
            (chapter / part).mkdir(parents=True)
            (chapter / part / "page-001.png").write_bytes(
                (source / part / "page-001.png").read_bytes()
            )
        (chapter / "labels.json").write_bytes((source / "labels.json").read_bytes())
        (chapter / name).write_text(content)
        with pytest.raises(InputError, match="sample"):
            score("x", own, find_examples(folder), "own", CONFIG)


@pytest.mark.slow
def test_the_scale_hardly_changes_the_area_accuracy(tmp_path: Path) -> None:
    for i in range(4):
        draw_picture(i, 96).resize((600, 600), Image.Resampling.LANCZOS).save(
            tmp_path / f"a-{i}.png"
        )
    examples = find_examples(tmp_path)

    def other_hues(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
        (reference,) = references
        half = reference.shape[3] // 2
        turned = reference[:, [1, 0, 2], :, half:]
        return torch.cat([reference[..., :half], turned], dim=3)

    rows = [
        score("x", other_hues, examples, "own", EvalConfig(size=size)) for size in (300, 450, 600)
    ]
    shares = [row.area_accuracy for row in rows]
    assert 0.1 < shares[0] < 0.9
    assert shares == pytest.approx([shares[0]] * 3, abs=0.02)
