from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from mangacolor.config import FinetuneConfig
from mangacolor.data.layouts import find_examples
from mangacolor.data.split import split_series
from mangacolor.errors import ModelError
from mangacolor.evaluate.held import HeldBack, write_comparison
from mangacolor.nets.build import build_generator
from tests.conftest import draw_color_page, tiny_net

CONFIG = FinetuneConfig(panel_size=64, reference_size=96, held_share=0.5)


@pytest.fixture
def held(tmp_path: Path) -> HeldBack:
    draw_color_page(0).save(tmp_path / "page 1.png")
    return HeldBack(split_series(find_examples(tmp_path), 0.5), CONFIG, torch.device("cpu"))


def test_every_panel_is_coloured_alike_each_time(held: HeldBack) -> None:
    generator = build_generator(tiny_net(), seed=0)
    first, second = held.paint(generator), held.paint(generator)
    assert len(first) == len(held.panels) == 2
    for panel, a, b in zip(held.panels, first, second, strict=True):
        assert torch.equal(a, b)
        assert a.shape == panel.truth.shape
        assert max(panel.truth.shape) == 64
        assert panel.lineart.shape == (1, 1, *panel.truth.shape[2:])
        assert max(panel.reference.shape) == 96


def test_the_truth_is_perfect_and_another_picture_is_not(held: HeldBack) -> None:
    truths = [panel.truth for panel in held.panels]
    assert held.tally(truths).error == 0
    assert held.tally([-truth for truth in truths]).error > 0.5


def test_a_broken_model_is_named(held: HeldBack) -> None:
    generator = build_generator(tiny_net(), seed=0)
    with torch.no_grad():
        next(generator.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="not finite"):
        held.paint(generator)


def test_the_comparison_has_a_row_per_panel(held: HeldBack, tmp_path: Path) -> None:
    red = [
        torch.ones_like(panel.truth) * torch.tensor([1.0, -1, -1])[:, None, None]
        for panel in held.panels
    ]
    path = tmp_path / "out" / "sheet.png"
    write_comparison(path, held.panels, red, [-x for x in red])
    with Image.open(path) as sheet:
        colors = {color for _, color in sheet.getcolors(2**24) or []}
    assert (255, 0, 0) in colors
    assert (0, 255, 255) in colors
    write_comparison(path, held.panels[:1], red[:1], red[:1])
    with Image.open(path) as smaller:
        assert smaller.width == sheet.width
        assert smaller.height < sheet.height
