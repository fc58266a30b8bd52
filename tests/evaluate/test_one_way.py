"""What is scored is what is written, and no network is shipped that does nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from mangacolor.bundle import read_bundle
from mangacolor.config import BatchConfig, EvalConfig, ExportConfig
from mangacolor.data.layouts import find_examples
from mangacolor.evaluate.measure import Figures, Scored
from mangacolor.evaluate.painters import painter_of
from mangacolor.evaluate.score import score
from mangacolor.export.onnx import export
from mangacolor.images.geometry import Float32, UInt8, to_uint8
from mangacolor.nets.checkpoint import load_generator, save_checkpoint
from mangacolor.runtime.checkpoint import open_generator
from mangacolor.runtime.engine import Engine
from mangacolor.train.state import checkpoint_of, new_state
from tests.asking import color_chapter
from tests.batch.by_place import COLORS, drawn
from tests.conftest import tiny_recipe

SIZE = 240


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A picture of three circles, in colour and as ink."""
    for kind, picture in (
        ("color", drawn(list(COLORS))),
        ("sketch", drawn(["white"] * 3).convert("L")),
    ):
        (tmp_path / "pairs" / kind).mkdir(parents=True)
        picture.resize((SIZE, 100)).save(tmp_path / "pairs" / kind / "a.png")
    return tmp_path / "pairs"


@pytest.fixture(scope="module")
def painter_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("painter")
    checkpoint = folder / "weights.safetensors"
    state = new_state(tiny_recipe(), torch.device("cpu"))
    save_checkpoint(checkpoint, checkpoint_of(state), slim=True)
    export(checkpoint, folder / "bundle", ExportConfig(page_size=128))
    return folder / "bundle"


def scored(paint: Any, pairs: Path) -> UInt8:
    """The picture that `eval` scores, each picture its own reference."""
    found: list[UInt8] = []

    def keep(sample: Scored, figures: Figures) -> None:
        found.append(to_uint8(sample.result[0].permute(1, 2, 0).numpy()))

    score("x", paint, find_examples(pairs), "own", EvalConfig(size=SIZE), keep=keep)
    return found[0]


def written(pairs: Path, bundle: Path, out: Path, config: BatchConfig) -> UInt8:
    """The same as `batch` writes it."""
    summary = color_chapter(pairs / "sketch", [pairs / "color"], bundle, config, out=out)
    assert summary.colored == 1
    return np.asarray(Image.open(out / "a.png"))


@pytest.mark.parametrize("kind", ["areas", pytest.param("painter", marks=pytest.mark.slow)])
def test_what_eval_scores_is_the_page_that_batch_writes(
    kind: str, request: pytest.FixtureRequest, pairs: Path, tmp_path: Path
) -> None:
    bundle: Path = request.getfixturevalue(f"{kind}_bundle")
    paint = painter_of(Engine.open(read_bundle(bundle), "cpu").model)
    config = BatchConfig(device="cpu", size=SIZE)
    page = written(pairs, bundle, tmp_path / "out", config)
    assert np.array_equal(scored(paint, pairs), page)
    # And of its checkpoint in torch, but for the last bit of its arithmetic.
    generator, _ = load_generator(bundle / "weights.safetensors")
    sizes = ExportConfig(page_size=128)
    other = scored(painter_of(open_generator(generator.eval(), config=sizes)), pairs)
    assert np.abs(other.astype(int) - page).max() <= 2


@pytest.mark.slow
def test_a_painter_that_is_replaced_by_a_constant_changes_pages_where_it_is_used(
    areas_bundle: Path, painter_bundle: Path, pairs: Path, tmp_path: Path
) -> None:
    color, used = Engine.color, []

    def constant(self: Engine, lineart: Float32, *more: Any) -> Float32:
        used.append(lineart)
        return np.full((len(lineart), 3, *lineart.shape[2:]), 0.5, np.float32)

    cases = {"flats": (painter_bundle, True), "no-flats": (areas_bundle, False)}
    for name, (bundle, flats) in cases.items():
        config = BatchConfig(device="cpu", size=SIZE, flats=flats)
        before = written(pairs, bundle, tmp_path / name / "before", config)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Engine, "color", constant)
            after = written(pairs, bundle, tmp_path / name / "after", config)
        assert used and not np.array_equal(before, after)
        used.clear()
    assert Engine.color is color


def test_nothing_is_scored_that_no_reference_decides(pairs: Path) -> None:
    def grey(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
        assert [tuple(picture.shape) for picture in references] == [(1, 3, 100, SIZE)]
        return lineart.expand(-1, 3, -1, -1)

    assert np.ptp(scored(grey, pairs).astype(int), axis=2).max() == 0
