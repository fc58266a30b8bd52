"""Several references for a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mangacolor.bundle import read_bundle
from mangacolor.config import EvalConfig, ExportConfig, Recipe
from mangacolor.data.layouts import find_examples
from mangacolor.evaluate.gallery import Gallery
from mangacolor.evaluate.painters import BASELINES, painter_of
from mangacolor.evaluate.score import score
from mangacolor.export.onnx import export
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import Checkpoint, save_checkpoint
from mangacolor.runtime.checkpoint import open_generator
from mangacolor.runtime.engine import Engine
from tests.conftest import draw_picture, tiny_net

CONFIG = EvalConfig(size=80, references=3)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Four pictures of one series and two of another, in two shapes."""
    folder = tmp_path / "story"
    folder.mkdir()
    for i in range(6):
        shape = (96, 96) if i % 2 else (60, 96)
        draw_picture(i).resize(shape).save(folder / f"{'a' if i < 4 else 'b'}-{i}.png")
    return folder


def test_painters_get_what_there_is(story: Path) -> None:
    counts = []

    def paint(lineart: Tensor, references: Sequence[Tensor]) -> Tensor:
        counts.append(len(references))
        assert all(len(picture) == len(lineart) for picture in references)
        return references[-1].mean(dim=(2, 3), keepdim=True).expand(-1, -1, *lineart.shape[2:])

    examples = find_examples(story)
    row = score("x", paint, examples, "series", CONFIG)
    assert (row.references, row.n) == (3, 6)
    # Four pictures have three others, two have one.
    assert sorted(counts) == [1, 1, 3, 3, 3, 3]
    counts.clear()
    score("x", paint, examples, "other", CONFIG)
    assert sorted(counts) == [2, 2, 2, 2, 3, 3]
    counts.clear()
    score("x", paint, examples, "own", CONFIG)
    assert counts == [1] * 6


def test_the_tint_is_of_all_references() -> None:
    white = torch.ones(1, 1, 4, 4)
    red, blue = torch.tensor([1.0, -1, -1]), torch.tensor([-1.0, -1, 1])
    pictures = [x[None, :, None, None].expand(1, 3, 8, side) for x, side in ((red, 6), (blue, 2))]
    made = BASELINES["tinted"](white, pictures)
    assert made[0, :, 0, 0].tolist() == pytest.approx([0.5, -1, -0.5])


@pytest.mark.slow
def test_a_bundle_scores_as_its_network(story: Path, tmp_path: Path) -> None:
    recipe = Recipe(net=tiny_net())
    checkpoint, bundle = tmp_path / "model.safetensors", tmp_path / "bundle"
    network = build_generator(recipe.net, seed=3).eval()
    weights = dict(network.state_dict())
    save_checkpoint(checkpoint, Checkpoint(recipe, 5, 10, ema=weights))
    export(checkpoint, bundle, ExportConfig())
    engine = Engine.open(read_bundle(bundle), "cpu")
    examples = find_examples(story)
    rows = [
        score("x", paint, examples, "series", CONFIG)
        for paint in (painter_of(open_generator(network)), painter_of(engine.model))
    ]
    assert rows[0].psnr == pytest.approx(rows[1].psnr, rel=1e-3)
    one = score("x", painter_of(open_generator(network)), examples, "series", EvalConfig(size=80))
    assert one.psnr != rows[0].psnr


def test_the_gallery_shows_all_references(story: Path, tmp_path: Path) -> None:
    gallery = Gallery()
    row = score(
        "tinted",
        BASELINES["tinted"],
        find_examples(story),
        "series",
        CONFIG,
        keep=lambda sample, figures: gallery.add("series", sample, figures),
    )
    text = gallery.write(tmp_path / "out", "title", [row], []).read_text()
    assert '"reference 3"' in text
    assert '"heading": "references"' in text
