from __future__ import annotations

import dataclasses
import json
import math
import random
from pathlib import Path

import pytest
import torch

from mangacolor.config import EvalConfig
from mangacolor.data.layouts import Example, find_examples
from mangacolor.errors import ModelError
from mangacolor.evaluate.protocol import BASELINES, PROTOCOLS, painter_of, references, score
from mangacolor.evaluate.report import to_json, to_markdown
from mangacolor.nets.build import build_generator
from tests.conftest import draw_picture, tiny_net

CONFIG = EvalConfig(size=80)


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


def test_a_model_that_ignores_its_reference_scores_alike(picture_folder: Path) -> None:
    examples = find_examples(picture_folder)
    rows = [score("x", BASELINES["lineart"], examples, p, CONFIG) for p in PROTOCOLS]
    figures = [(row.psnr, row.ssim, row.chroma_r2) for row in rows]
    assert figures[1] == pytest.approx(figures[0])
    assert figures[2] == pytest.approx(figures[0])


def test_a_model_that_gives_the_truth_back_is_perfect(tmp_path: Path) -> None:
    draw_picture(3).save(tmp_path / "a.png")
    row = score("x", lambda ink, reference: reference, find_examples(tmp_path), "own", CONFIG)
    assert row.psnr >= 80
    assert (row.ssim, row.chroma_r2, row.colourfulness_ratio) == pytest.approx((1, 1, 1))


def test_a_reference_of_another_series_is_scored_against_the_own_truth(tmp_path: Path) -> None:
    for i in range(2):
        draw_picture(i).save(tmp_path / f"{'ab'[i]}.png")
    row = score("x", lambda ink, reference: reference, find_examples(tmp_path), "other", CONFIG)
    assert row.psnr < 20


def test_a_network_is_scored_at_odd_sizes(tmp_path: Path) -> None:
    draw_picture(0).resize((90, 61)).save(tmp_path / "a.png")
    paint = painter_of(build_generator(tiny_net(), seed=0).eval())
    row = score("x", paint, find_examples(tmp_path), "own", CONFIG)
    assert math.isfinite(row.psnr)


def test_a_result_that_is_not_finite_is_refused(picture_folder: Path) -> None:
    def broken(ink: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
        return ink.expand(-1, 3, -1, -1) * float("nan")

    with pytest.raises(ModelError, match="not finite"):
        score("x", broken, find_examples(picture_folder), "own", CONFIG)


def test_reports_hold_every_row(picture_folder: Path) -> None:
    row = score("tinted", BASELINES["tinted"], find_examples(picture_folder), "own", CONFIG)
    empty = dataclasses.replace(row, n=0, psnr=float("nan"))
    record = json.loads(to_json([row, empty], model="tinted"))
    assert record["rows"][0]["psnr"] == row.psnr
    assert record["rows"][1]["psnr"] is None
    table = to_markdown([row, empty])
    assert table.count("| tinted | own |") == 2
    assert "| - |" in table
    assert "nan" not in table
