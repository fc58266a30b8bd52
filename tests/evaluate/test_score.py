"""The laws of scoring."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from mangacolor.bundle import read_bundle
from mangacolor.config import EvalConfig, ExportConfig, Recipe
from mangacolor.data.layouts import find_examples
from mangacolor.errors import ModelError
from mangacolor.evaluate.measure import Row
from mangacolor.evaluate.painters import BASELINES, painter_of
from mangacolor.evaluate.protocol import PROTOCOLS, Protocol
from mangacolor.evaluate.score import score
from mangacolor.export.onnx import export
from mangacolor.metrics.learned import Learned
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_generator, save_checkpoint
from mangacolor.runtime.checkpoint import open_generator
from mangacolor.runtime.engine import Engine
from tests.conftest import draw_picture, tiny_net

CONFIG = EvalConfig(size=80)


class Corners(nn.Module):
    """Stands in for Inception: the mean colour of each quarter."""

    def forward(self, picture: Tensor) -> list[Tensor]:
        return [nn.functional.adaptive_avg_pool2d(picture, 2).reshape(len(picture), -1, 1, 1)]


class Difference(nn.Module):
    """Stands in for LPIPS."""

    def forward(self, result: Tensor, truth: Tensor) -> Tensor:
        return (result - truth).abs().mean()


LEARNED = Learned(Corners(), Difference())


def figures(row: Row, *without: str) -> dict[str, float]:
    left = {"model", "protocol", "references", "n", "size", "n_ms_ssim", *without}
    return {k: v for k, v in dataclasses.asdict(row).items() if k not in left}


def test_identical_pictures_are_perfect(picture_folder: Path) -> None:
    examples = find_examples(picture_folder)
    config = EvalConfig(size=200)
    row = score("x", lambda ink, references: references[0], examples, "own", config, LEARNED)
    found = figures(row)
    assert found.pop("psnr") >= 80
    # piq's root of the covariances is an iteration.
    assert found.pop("fid") == pytest.approx(0, abs=0.01)
    assert math.isnan(found.pop("parts"))
    perfect = {
        "area_accuracy": 1,
        "ssim": 1,
        "ms_ssim": 1,
        "chroma_r2": 1,
        "colourfulness_ratio": 1,
    }
    assert found == pytest.approx(dict.fromkeys(found, 0) | perfect, abs=1e-4)
    assert row.n == row.n_ms_ssim == 6


def test_a_model_that_ignores_its_reference_scores_alike(picture_folder: Path) -> None:
    examples = find_examples(picture_folder)
    paint = BASELINES["lineart"]
    rows = [score("x", paint, examples, p, CONFIG, LEARNED) for p in PROTOCOLS]
    # The palette's distance is the reference's, whatever the model does.
    first, *others = (figures(row, "palette_distance") for row in rows)
    for other in others:
        assert other == pytest.approx(first, nan_ok=True)
    assert first["psnr"] < 30


def test_a_model_that_uses_its_reference_does_not(picture_folder: Path) -> None:
    examples = find_examples(picture_folder)
    own, series, other = (
        score("x", BASELINES["tinted"], examples, p, CONFIG, LEARNED) for p in PROTOCOLS
    )
    assert own.psnr != series.psnr != other.psnr


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_order_changes_nothing(picture_folder: Path, protocol: Protocol) -> None:
    draw_picture(7).resize((60, 90)).save(picture_folder / "story0-7.png")
    draw_picture(8).resize((60, 90)).save(picture_folder / "story0-8.png")
    examples = find_examples(picture_folder)
    paint = painter_of(open_generator(build_generator(tiny_net(), seed=0).eval()))
    expected = score("x", paint, examples, protocol, CONFIG, LEARNED)
    assert expected.n == 8
    shuffled = examples.copy()
    random.Random(2).shuffle(shuffled)
    row = score("x", paint, shuffled, protocol, EvalConfig(size=80), LEARNED)
    assert row.n == 8
    assert figures(row) == pytest.approx(figures(expected), rel=1e-4, abs=1e-5, nan_ok=True)


def test_a_reference_of_another_series_is_scored_against_the_own_truth(tmp_path: Path) -> None:
    for i in range(2):
        draw_picture(i).save(tmp_path / f"{'ab'[i]}.png")
    row = score(
        "x", lambda ink, references: references[0], find_examples(tmp_path), "other", CONFIG
    )
    assert row.psnr < 20
    assert row.palette_distance == pytest.approx(0, abs=1e-4)


def test_a_network_is_scored_at_odd_sizes(tmp_path: Path) -> None:
    draw_picture(0).resize((90, 61)).save(tmp_path / "a.png")
    paint = painter_of(open_generator(build_generator(tiny_net(), seed=0).eval()))
    row = score("x", paint, find_examples(tmp_path), "own", CONFIG)
    assert math.isfinite(row.psnr)


def test_pictures_too_small_for_ms_ssim_are_counted(tmp_path: Path) -> None:
    draw_picture(0).save(tmp_path / "a-1.png")
    draw_picture(1).resize((200, 100)).save(tmp_path / "a-2.png")
    paint = BASELINES["lineart"]
    row = score("x", paint, find_examples(tmp_path), "own", EvalConfig(size=200))
    assert (row.n, row.n_ms_ssim) == (2, 1)
    assert math.isfinite(row.ms_ssim)
    assert math.isnan(row.fid)


@pytest.mark.slow
def test_a_bundle_scores_as_its_checkpoint(picture_folder: Path, tmp_path: Path) -> None:
    recipe = Recipe(net=tiny_net())
    checkpoint, bundle = tmp_path / "model.safetensors", tmp_path / "bundle"
    weights = dict(build_generator(recipe.net, seed=3).state_dict())
    save_checkpoint(checkpoint, Checkpoint(recipe, 5, 10, ema=weights))
    export(checkpoint, bundle, ExportConfig())
    examples = find_examples(picture_folder)
    network, _ = load_generator(checkpoint)
    rows = [
        score("x", paint, examples, "series", EvalConfig(size=75))
        for paint in (
            painter_of(open_generator(network)),
            painter_of(Engine.open(read_bundle(bundle), "cpu").model),
        )
    ]
    assert figures(rows[0]) == pytest.approx(figures(rows[1]), rel=1e-3, abs=1e-3, nan_ok=True)


def test_a_result_that_is_not_finite_is_refused(picture_folder: Path) -> None:
    def broken(ink: Tensor, references: Sequence[Tensor]) -> Tensor:
        return ink.expand(-1, 3, -1, -1) * torch.nan

    with pytest.raises(ModelError, match="not finite"):
        score("x", broken, find_examples(picture_folder), "own", CONFIG)
