"""A model remembers its pages where pages that it was not shown come out better for it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch

from mangacolor.bundle import BUNDLE_FILE, REMEMBERED_FILE, WEIGHTS_FILE, read_bundle
from mangacolor.config import ExportConfig, Recipe
from mangacolor.data.layouts import Example, find_examples
from mangacolor.export.onnx import export
from mangacolor.files import sha256_of
from mangacolor.nets.build import Generator, build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, load_generator, save_checkpoint
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.remembered import from_arrays, write_remembered
from mangacolor.train.remember import RememberTrial, remember
from tests.conftest import draw_color_page, tiny_net


@pytest.fixture
def model(tmp_path: Path) -> Path:
    net = dataclasses.replace(tiny_net(style="areas"), matcher_width=32, matcher_layers=1)
    weights = dict(build_generator(net, seed=1).state_dict())
    path = tmp_path / "best.safetensors"
    save_checkpoint(path, Checkpoint(Recipe(net=net), step=3, pictures=3, ema=weights))
    return path


@pytest.fixture
def pages(tmp_path: Path) -> list[Example]:
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(3):
        draw_color_page(number).save(folder / f"{number}.png")
    return find_examples(folder)


def taught(model: Path, pages: list[Example], gain: float) -> RememberTrial:
    """With a judge to whom what is remembered is worth so much."""

    def judge(generator: Generator) -> dict[str, float]:
        return {"error": 0.5 - gain * bool(generator.remembered)}

    cpu = torch.device("cpu")
    return remember(model, pages[:2], pages[2:], judge, device=cpu, least_gain=0.01)


def test_pages_that_help_are_remembered_and_those_that_were_held_back_only_at_the_end(
    model: Path, pages: list[Example]
) -> None:
    before = load_checkpoint(model)
    found = taught(model, pages, gain=0.02)
    after = load_checkpoint(model)
    assert found.pages == 3
    assert set(found.generator.remembered["remembered"].tolist()) == {0, 1}
    assert set(after.remembered["remembered"].tolist()) == {0, 1, 2}
    assert all(torch.equal(after.ema[name], x) for name, x in before.ema.items())
    assert load_generator(model)[0].remembered.keys() == after.remembered.keys()


@pytest.mark.parametrize("gain", [0.0, 0.005, -0.1])
def test_pages_that_help_little_or_nothing_are_not(
    model: Path, pages: list[Example], gain: float
) -> None:
    found = taught(model, pages, gain)
    assert found.pages == 0
    assert not found.generator.remembered
    assert not load_checkpoint(model).remembered


def test_what_was_judged_already_is_not_judged_again(model: Path, pages: list[Example]) -> None:
    asked = []

    def judge(generator: Generator) -> dict[str, float]:
        asked.append(bool(generator.remembered))
        return {"error": 0.4}

    cpu = torch.device("cpu")
    start = {"error": 0.5}
    found = remember(model, pages[:1], pages[1:], judge, device=cpu, least_gain=0.01, judged=start)
    assert asked == [True]
    assert found.without is start
    assert found.pages == 3


@pytest.mark.slow
def test_an_export_keeps_what_is_remembered(
    model: Path, pages: list[Example], tmp_path: Path
) -> None:
    taught(model, pages, gain=0.02)
    bundle, _ = export(model, tmp_path / "bundle", ExportConfig(page_size=128))
    assert REMEMBERED_FILE in bundle.files
    areas = Engine.open(read_bundle(bundle.folder), "cpu").areas
    assert areas is not None and areas.remembered is not None
    stored = load_checkpoint(model).remembered
    assert (areas.remembered.looks == stored["looks"].numpy()).all()
    assert areas.remembered.colors.tolist() == stored["colors"].tolist()


def test_what_is_remembered_is_in_a_bundle_and_is_taken_from_there(
    model: Path, pages: list[Example], areas_bundle: Path, tmp_path: Path
) -> None:
    taught(model, pages, gain=0.02)
    stored = load_checkpoint(model).remembered
    folder = tmp_path / "bundle"
    shutil.copytree(areas_bundle, folder)
    remembered = from_arrays({name: x.numpy() for name, x in stored.items()})
    write_remembered(folder / REMEMBERED_FILE, remembered)
    record = json.loads((folder / BUNDLE_FILE).read_text())
    record["files"][REMEMBERED_FILE] = sha256_of(folder / REMEMBERED_FILE)
    (folder / BUNDLE_FILE).write_text(json.dumps(record))
    engine = Engine.open(read_bundle(folder), "cpu")
    assert engine.areas is not None
    opened = engine.areas.remembered
    assert opened is not None
    assert (opened.looks == remembered.looks).all()
    references = engine.model.see_all([]).areas
    assert references is not None
    assert len(references.tokens) == len(remembered.tokens)
    # A model that is taught further begins with it.
    again = load_checkpoint(folder / WEIGHTS_FILE).remembered
    assert all(torch.equal(again[name], x) for name, x in stored.items())
