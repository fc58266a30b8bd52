from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mangacolor.cli import training
from mangacolor.nets.checkpoint import load_checkpoint
from mangacolor.train.state import RunState, save_state
from tests.cli.conftest import Cli
from tests.conftest import TINY_TOML, draw_picture


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY_TOML)
    return path


@pytest.mark.slow
def test_train_resume_export_and_eval_work_together(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    out, model = tmp_path / "run", tmp_path / "model"
    train = ["train", picture_folder, "--out", out, "--device", "cpu"]
    code, said, _ = cli(*train, "--recipe", recipe, "--steps", 2)
    assert code == 0
    assert "Done at step 2" in said
    code, said, _ = cli(*train, "--resume", "--steps", 4)
    assert code == 0
    assert "from step 2 to 4" in said
    last = out / "step-00000004.safetensors"
    code, said, _ = cli("export", last, model)
    assert code == 0
    assert said.count("differs from torch by at most") >= 3
    table = tmp_path / "table.json"
    code, said, _ = cli("eval", model, picture_folder, "--size", 64, "--json", table)
    assert code == 0
    rows = json.loads(table.read_text())["rows"]
    assert {(row["model"], row["protocol"]) for row in rows} == {
        (name, protocol)
        for name in ("lineart", "tinted", "model")
        for protocol in ("own", "series", "other")
    }


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    code, said, _ = cli(
        "train", picture_folder, "--out", tmp_path / "run", "--recipe", recipe, "--dry-run"
    )
    assert code == 0
    assert "6 pictures of 3 series" in said
    assert '"batch_size": 2' in said
    assert not (tmp_path / "run").exists()


def test_a_run_with_a_board_logs_its_steps(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    train = ["train", picture_folder, "--out", tmp_path / "run", "--recipe", recipe]
    assert cli(*train, "--steps", 2, "--tensorboard")[0] == 0
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert [point.step for point in events.Scalars("losses/loss")] == [2]
    assert events.Scalars("run/learning_rate")[0].value > 0


def test_a_board_without_its_package_says_what_to_install(
    cli: Cli,
    picture_folder: Path,
    recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    train = ["train", picture_folder, "--out", tmp_path / "run", "--recipe", recipe]
    code, _, said = cli(*train, "--steps", 2, "--tensorboard")
    assert code == 5
    assert "tensorboard]" in said
    assert not (tmp_path / "run").exists()


def test_a_preview_is_one_sheet_of_the_same_samples_and_no_network(
    cli: Cli,
    picture_folder: Path,
    recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mangacolor.train.state.new_state", lambda *_: pytest.fail("a network"))
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    asked = ["train", picture_folder, "--recipe", recipe, "--device", "cpu", "--preview"]
    code, said, _ = cli(*asked, "first")
    assert code == 0
    sheet = tmp_path / "first" / "preview.png"
    assert set(tmp_path.rglob("*")) - before == {sheet.parent, sheet}
    assert "preview.png" in said
    with Image.open(sheet) as image:
        # Three samples a row: references, line art and truth of 64 px each, eight rows.
        assert image.width >= 3 * 3 * 64 and image.height >= 8 * 64
    assert cli(*asked, "second")[0] == 0
    assert (tmp_path / "second" / "preview.png").read_bytes() == sheet.read_bytes()


def test_a_preview_is_not_written_into_a_file(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    code, _, said = cli("train", picture_folder, "--recipe", recipe, "--preview", recipe)
    assert code == 2
    assert "is a file" in " ".join(said.split())
    assert recipe.read_text() == TINY_TOML


def test_a_run_is_not_started_over_another(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    train = ["train", picture_folder, "--out", tmp_path / "run", "--recipe", recipe, "--steps", 1]
    assert cli(*train)[0] == 0
    before = sorted((tmp_path / "run").iterdir())
    code, _, said = cli(*train)
    assert code == 2
    assert "--resume" in said
    assert sorted((tmp_path / "run").iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "none"], 3, "no folder none"),
        (["train", "."], 3, "no pictures"),
        (["train", ".", "--layout", "heap"], 2, "heap"),
        (["train", "pictures", "--device", "cuda"], 5, "CUDA"),
        (["train", "pictures", "--recipe", "none.toml"], 2, "none.toml"),
        (["train", "pictures", "--resume", "--from", "x"], 2, "exclude"),
        (["train", "pictures", "--resume"], 4, "no checkpoint"),
        (["train", "pictures", "--from", "broken"], 4, "broken"),
        (["export", "none", "out"], 4, "no checkpoint none"),
        (["export", "broken", "out"], 4, "broken is not a checkpoint"),
        (["eval", "broken", "pictures"], 4, "broken is not a checkpoint"),
        (["eval", "none", "pictures"], 4, "none"),
        (["eval", ".", "pictures"], 4, "not an exported model"),
    ],
)
def test_what_cannot_be_right_is_said_once_with_its_code(
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    import torch

    if torch.cuda.is_available() and "cuda" in arguments:
        pytest.skip("this machine has what the test says is missing")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken").write_text("no weights")
    if "pictures" in arguments:
        (tmp_path / "pictures").mkdir()
        draw_picture(0).save(tmp_path / "pictures" / "a.png")
    before = sorted(tmp_path.rglob("*"))
    got, _, said = cli(*arguments)
    assert got == code
    assert message in " ".join(said.split())
    assert "Traceback" not in said
    assert sorted(tmp_path.rglob("*")) == before


def test_without_torch_it_says_what_to_install(
    cli: Cli, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "TORCH_PARTS", ("torch", "no_such_package"))
    code, _, said = cli("train", picture_folder)
    assert code == 5
    assert "no_such_package" in said
    assert ".[train]" in said


def test_weights_of_another_network_start_a_run_and_what_is_new_is_said(
    cli: Cli, picture_folder: Path, tmp_path: Path
) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(TINY_TOML.replace("[net]", '[net]\nfound_by = "colors"\ngate = false'))
    new.write_text(TINY_TOML)
    train = ["train", picture_folder, "--device", "cpu"]
    code, _, _ = cli(*train, "--out", tmp_path / "a", "--recipe", old, "--steps", 1)
    assert code == 0
    start = next((tmp_path / "a").glob("*.safetensors"))
    again = ["--out", tmp_path / "b", "--recipe", new, "--from", start, "--steps", 1]
    code, said, _ = cli(*train, *again)
    assert code == 0
    assert "new: colorizer.copy.doubt.weight" in said
    assert "reads more: colorizer.output.weight" in said


@pytest.mark.parametrize("place", ["afile", "afile/run"])
@pytest.mark.parametrize("extra", [[], ["--tensorboard"]])
def test_an_out_that_cannot_be_is_told(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path, place: str, extra: list[str]
) -> None:
    (tmp_path / "afile").write_text("")
    train = ["train", picture_folder, "--recipe", recipe, "--device", "cpu"]
    code, _, said = cli(*train, "--out", tmp_path / place, *extra)
    assert code == 2
    assert "afile" in said
    assert (tmp_path / "afile").read_text() == ""


def test_from_starts_a_new_run(
    cli: Cli, picture_folder: Path, recipe: Path, tmp_path: Path
) -> None:
    train = ["train", picture_folder, "--device", "cpu", "--steps", 2]
    assert cli(*train, "--recipe", recipe, "--out", tmp_path / "a")[0] == 0
    start = next((tmp_path / "a").glob("*.safetensors"))
    code, said, _ = cli(*train, "--out", tmp_path / "b", "--from", start)
    assert code == 0
    assert "from step 0 to 2" in said
    assert "0 new, 0 dropped" in said


def test_a_size_that_the_network_cannot_halve_is_refused(
    cli: Cli, picture_folder: Path, tmp_path: Path
) -> None:
    code, _, said = cli("train", picture_folder, "--size", 100, "--out", tmp_path / "a")
    assert code == 2
    assert "data.size is 100" in said
    assert "steps of 32" in said


def test_every_key_of_a_recipe_can_be_set(cli: Cli, recipe: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for seed in range(2):
        draw_picture(seed).save(data / f"{seed}.png")
    common = ("train", data, "--out", tmp_path / "run", "--recipe", recipe, "--dry-run")
    small = ("--set", "net.width=8", "--set", "net.max_channels=16", "--size", 64)
    code, out, _ = cli(*common, *small, "--batch-size", 1, "--set", "train.weight_decay=0.25")
    assert code == 0
    assert '"weight_decay": 0.25' in out
    assert '"width": 8' in out
    code, _, err = cli(*common, "--set", "train.weight_decay=-1")
    assert code == 2
    assert "train.weight_decay is -1" in err
    assert not (tmp_path / "run").exists()


TWO_STAGES = (
    TINY_TOML.replace("steps = 4", "steps = 2")
    + """
[[stages]]
name = "one"
[[stages]]
name = "two"
[stages.train]
steps = 3
"""
)


def test_stages_are_trained_one_after_the_other_and_go_on(
    cli: Cli, picture_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "two.toml").write_text(TWO_STAGES)
    out = tmp_path / "run"
    train = ["train", picture_folder, "--out", out, "--device", "cpu"]
    code, said, _ = cli(*train, "--recipe", tmp_path / "two.toml", "--max-minutes", 0)
    assert code == 0
    assert "Stage 1 of 2: one" in said
    assert "The time was up in stage one at step 1" in said
    code, _, told = cli(*train, "--recipe", tmp_path / "two.toml")
    assert code == 2
    assert "--resume" in told
    # What the stages are is known.
    code, said, _ = cli(*train, "--resume")
    assert code == 0
    assert "from step 1 to 2" in said
    assert "Stage 2 of 2: two" in said
    # The second begins with all that the first learned.
    assert "0 new, 0 dropped" in said
    last = out / "two" / "step-00000003.safetensors"
    assert f"Done at step 3: {last}" in said.replace("\n", "")
    first = json.loads((out / "one" / "recipe.json").read_text())
    assert (first["train"]["steps"], load_checkpoint(last).recipe.train.steps) == (2, 3)
    code, _, told = cli(*train, "--resume")
    assert code == 2
    assert "has done its 3 steps" in told
    assert cli(*train, "--resume", "--set", "train.steps=4")[0] == 0
    assert (out / "two" / "step-00000004.safetensors").exists()


def test_stages_that_were_interrupted_before_their_first_step_begin_as_they_were_told_to(
    cli: Cli,
    picture_folder: Path,
    recipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "two.toml").write_text(TWO_STAGES)
    train = ["train", picture_folder, "--device", "cpu"]
    assert cli(*train, "--recipe", recipe, "--out", tmp_path / "a", "--steps", 1)[0] == 0
    start = next((tmp_path / "a").glob("*.safetensors"))
    staged = [*train, "--out", tmp_path / "b", "--recipe", tmp_path / "two.toml"]

    def interrupt(*_: object, **__: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mangacolor.train.loop.train", interrupt)
        code, _, told = cli(*staged, "--from", start)
    assert code == 130
    assert "--resume" in told
    code, said, _ = cli(*train, "--out", tmp_path / "b", "--resume", "--max-minutes", 0)
    assert code == 0
    assert said.count("0 new, 0 dropped") == 1
    start.unlink()
    assert cli(*train, "--out", tmp_path / "b", "--resume", "--max-minutes", 0)[0] == 0


def test_without_a_recipe_it_is_the_kind_of_model_that_ships(
    cli: Cli, picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = []

    def note(state: RunState, examples: object, folder: Path, **_: object) -> Path:
        trained.append((folder.name, state.recipe.net.style, state.recipe.train.stage))
        state.step = state.recipe.train.steps
        return save_state(state, folder)

    monkeypatch.setattr("mangacolor.train.loop.train", note)
    small = ["--set", "net.width=4", "--set", "net.max_channels=16"]
    assert cli("train", picture_folder, "--out", tmp_path / "run", *small)[0] == 0
    stages = ("surfaces", "matcher", "features", "painter")
    assert trained == [(x, "areas", x) for x in stages]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["areas", "paper", "paper-levels"])
def test_every_recipe_leads_to_a_model_that_colours(
    cli: Cli, picture_folder: Path, tmp_path: Path, name: str
) -> None:
    out, model, pages = tmp_path / "run", tmp_path / "model", tmp_path / "pages"
    tiny = {"net.width": 4, "net.max_channels": 16, "net.code_size": 8, "data.reference_size": 64}
    tiny |= {
        "data.surface_pages": 1,
        "data.area_series": 0,
        "data.area_pictures": 2,
        "train.discriminator_width": 4,
    }
    wishes = [x for key, value in tiny.items() for x in ("--set", f"{key}={value}")]
    train = ["train", picture_folder, "--out", out, "--device", "cpu", "--recipe", name]
    code, _, told = cli(*train, "--steps", 2, "--size", 64, "--batch-size", 2, *wishes)
    assert code == 0, told
    if name == "areas":
        last = out / "painter" / "step-00000002.safetensors"
    else:
        last = out / "step-00000002.safetensors"
        # Both players moved.
        kept = load_checkpoint(last)
        assert kept.adversary and kept.adversary_optimizer
        assert "No perceptual loss" in told
    assert cli("export", last, model)[0] == 0
    table = tmp_path / "table.json"
    for scored in (last, model):
        code, _, told = cli("eval", scored, picture_folder, "--size", 64, "--json", table)
        assert code == 0, told
        rows = json.loads(table.read_text())["rows"]
        assert {row["protocol"] for row in rows} == {"own", "series", "other"}
    pages.mkdir()
    draw_picture(5, side=128).convert("L").save(pages / "1.png")
    cover = next(picture_folder.glob("*.png"))
    batch = ["batch", pages, "--ref", cover, "--model", model, "--out", tmp_path / "colored"]
    code, _, told = cli(*batch, "--device", "cpu", "--size", 64)
    assert code == 0, told
    with Image.open(tmp_path / "colored" / "1.png") as page:
        assert (page.mode, page.size) == ("RGB", (128, 128))
