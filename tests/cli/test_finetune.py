from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from mangacolor.cli import training
from mangacolor.config import Recipe
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from tests.cli.conftest import Cli
from tests.conftest import TINY_TOML, draw_color_page, draw_picture, tiny_net


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    draw_color_page(0).save(folder / "page 1.png")
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    recipe = Recipe(net=tiny_net(style="code"))
    weights = dict(build_generator(recipe.net, seed=1).state_dict())
    save_checkpoint(path, Checkpoint(recipe, step=10, pictures=20, ema=weights))
    return path


@pytest.fixture
def finetune(cli: Cli, pages: Path, model: Path, tmp_path: Path) -> Cli:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TINY_TOML[TINY_TOML.index("[data]") :])

    def run(*more: object) -> tuple[int, str, str]:
        given = ["--from", model, "--recipe", recipe, "--device", "cpu", "--check-steps", 2]
        return cli("finetune", pages, "--out", tmp_path / "run", *given, *more)

    return run


@pytest.mark.slow
def test_one_page_makes_a_model_that_can_be_exported(
    finetune: Cli, cli: Cli, tmp_path: Path
) -> None:
    code, said, progress = finetune()
    assert code == 0
    assert "Pages: 1 with 4 panels; 3 pictures to train on, 1 panels held back" in said
    assert " 0 new, 0 dropped" in said
    assert "1 held-back panel" in said
    assert "chroma R²" in said
    assert "Step 2: held-back error" in progress
    assert "mangacolor export" in said
    with Image.open(tmp_path / "run" / "before-after.png") as picture:
        assert picture.width == 5 * 256 + 6 * 8
    best = tmp_path / "run" / "best.safetensors"
    facts = load_checkpoint(best).history[0]
    assert facts["finetuned_from"] == "model.safetensors"
    code, _, _ = cli("export", best, tmp_path / "bundle")
    assert code == 0
    code, _, said = cli("finetune", "pages", "--out", tmp_path / "again", "--from", tmp_path)
    assert code == 4
    assert "not an exported model" in said


@pytest.mark.slow
def test_a_model_of_areas_learns_what_is_matched_and_keeps_its_painter(
    cli: Cli, pages: Path, tmp_path: Path
) -> None:
    net = dataclasses.replace(tiny_net(style="areas"), matcher_width=32, matcher_layers=1)
    start = dict(build_generator(net, seed=1).state_dict())
    model = tmp_path / "areas.safetensors"
    save_checkpoint(model, Checkpoint(Recipe(net=net), step=1, pictures=1, ema=start))
    draw_color_page(1).save(pages / "page 2.png")
    given = ["--from", model, "--steps", 2, "--batch-size", 1, "--device", "cpu"]
    code, said, _ = cli("finetune", pages, "--out", tmp_path / "run", *given)
    assert code == 0, said
    (last,) = (tmp_path / "run").glob("step-*.safetensors")
    moved = {
        name.split(".")[0]
        for name, tensor in load_checkpoint(last).net.items()
        if not torch.equal(tensor, start[name])
    }
    # `features.low` is ImageNet's in a run; the model that it started from had random weights.
    assert moved == {"matcher", "features"}
    # What counts is whether areas have the right colour.
    lines = (tmp_path / "run" / "checks.jsonl").read_text().splitlines()
    for figures in map(json.loads, lines):
        assert figures["error"] == pytest.approx(1 - figures["area_accuracy"], abs=1e-4)
    # What was described is of no use to anybody else.
    assert not (tmp_path / "run" / "areas").exists()


def test_another_style_names_its_new_weights(finetune: Cli, tmp_path: Path) -> None:
    code, said, _ = finetune("--style", "levels", "--steps", 1)
    assert code == 0
    assert "new: style_encoder.codes.3.weight" in said
    assert load_checkpoint(tmp_path / "run" / "best.safetensors").recipe.net.style == "levels"


def test_a_run_is_not_started_over_another(finetune: Cli, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "best.safetensors").write_bytes(b"kept")
    code, _, said = finetune()
    assert code == 2
    assert "holds a run already" in said
    assert (tmp_path / "run" / "best.safetensors").read_bytes() == b"kept"


def test_ctrl_c_keeps_the_best_and_exits_130(
    finetune: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mangacolor.train import loop

    step = loop.training_step  # type: ignore[attr-defined]
    count = 0

    def pressed(*arguments: object, **options: object) -> object:
        nonlocal count
        count += 1
        if count == 4:
            raise KeyboardInterrupt
        return step(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "training_step", pressed)
    code, _, said = finetune()
    assert code == 130
    assert "best.safetensors" in said
    assert (tmp_path / "run" / "best.safetensors").exists()


@pytest.mark.parametrize(
    ("picture", "message"),
    [(draw_color_page(0).convert("L"), "has colour"), (draw_picture(0), "Only one panel")],
)
def test_pages_that_teach_nothing_exit_3(
    finetune: Cli, pages: Path, tmp_path: Path, picture: Image.Image, message: str
) -> None:
    picture.save(pages / "page 1.png")
    code, _, said = finetune()
    assert code == 3
    assert message in " ".join(said.split())
    assert not (tmp_path / "run").exists()


def test_a_recipe_for_another_network_is_refused(finetune: Cli, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[net]\nwidth = 8\n")
    code, _, said = finetune("--recipe", tmp_path / "other.toml")
    assert code == 2
    assert "width=8" in said


def test_several_processes_are_refused(finetune: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    code, _, said = finetune()
    assert code == 2
    assert "torchrun" in said


def test_without_torch_it_says_what_to_install(
    finetune: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "TORCH_PARTS", ("torch", "no_such_package"))
    code, _, said = finetune()
    assert code == 5
    assert "no_such_package" in said
