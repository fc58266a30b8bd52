from __future__ import annotations

import dataclasses
import json
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError

from mangacolor.config import Recipe, TrainConfig
from mangacolor.data.layouts import find_examples
from mangacolor.errors import DivergedError, InputError, ModelError, SetupError
from mangacolor.nets.checkpoint import load_checkpoint, save_checkpoint
from mangacolor.nets.coloring import Painting
from mangacolor.nets.pyramid import truth_pyramid
from mangacolor.train.loop import train
from mangacolor.train.losses import coloring_losses
from mangacolor.train.record import Progress
from mangacolor.train.samples import sample_batch
from mangacolor.train.state import RunState, new_state, newest_checkpoint, state_from
from mangacolor.train.step import Batch, prepare, rate_share, training_step
from tests.conftest import tiny_net, tiny_recipe

CPU = torch.device("cpu")


def run(state: RunState, folder: Path, out: Path, **options: object) -> Path:
    return train(state, find_examples(folder), out, device=CPU, **options)  # type: ignore[arg-type]


class Stop(KeyboardInterrupt):
    pass


def stop_at(step: int):  # type: ignore[no-untyped-def]
    def report(progress: Progress) -> None:
        if progress.step == step:
            raise Stop

    return report


@pytest.mark.parametrize("stop", [1, 4])
def test_n_steps_equal_k_and_a_resumed_rest(
    picture_folder: Path, tmp_path: Path, stop: int
) -> None:
    recipe = tiny_recipe()
    whole = run(new_state(recipe, CPU), picture_folder, tmp_path / "whole")
    with pytest.raises(Stop):
        run(new_state(recipe, CPU), picture_folder, tmp_path / "parts", tell=stop_at(stop))
    kept = newest_checkpoint(tmp_path / "parts")
    assert kept.step == stop
    rest = run(state_from(kept, recipe, CPU), picture_folder, tmp_path / "parts")
    a, b = load_checkpoint(whole), load_checkpoint(rest)
    assert (a.step, a.pictures) == (b.step, b.pictures) == (6, 12)
    for section in ("net", "ema", "optimizer"):
        for name, tensor in getattr(a, section).items():
            assert torch.equal(tensor, getattr(b, section)[name]), (section, name)


def test_training_changes_the_weights_and_lowers_the_loss(picture_folder: Path) -> None:
    recipe = tiny_recipe(learning_rate=1e-2, steps=100, decay_steps=0)
    state = new_state(recipe, CPU)
    batch = sample_batch(state, find_examples(picture_folder), CPU)
    losses = []
    for _ in range(30):
        losses.append(training_step(state.generator, state.optimizer, batch, recipe.train)["loss"])
    # The first steps run at the recipe's full rate, without warm-up, on one batch.
    assert losses[-1] < 0.8 * losses[0]


def test_slim_weights_go_on_with_a_new_optimiser_that_warms_up(
    picture_folder: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe()
    last = load_checkpoint(run(new_state(recipe, CPU), picture_folder, tmp_path / "a"))
    save_checkpoint(tmp_path / "slim.safetensors", last, slim=True)
    state = state_from(load_checkpoint(tmp_path / "slim.safetensors"), recipe, CPU)
    assert (state.step, state.age) == (6, 0)
    config = TrainConfig(steps=1000, warmup_steps=10, decay_steps=100)
    assert rate_share(config, step=500, age=0) == pytest.approx(0.1)
    assert rate_share(config, step=500, age=10) == 1.0
    assert rate_share(config, step=950, age=450) == pytest.approx(0.5)
    assert rate_share(config, step=1000, age=500) == 0.0


def test_another_network_cannot_be_resumed(picture_folder: Path, tmp_path: Path) -> None:
    last = load_checkpoint(run(new_state(tiny_recipe(), CPU), picture_folder, tmp_path / "a"))
    other = dataclasses.replace(tiny_recipe(), net=tiny_net(width=8))
    with pytest.raises(ModelError, match="width=8"):
        state_from(last, other, CPU)


def test_a_run_leaves_its_recipe_log_samples_and_newest_checkpoints(
    picture_folder: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(checkpoint_minutes=0.0, keep_checkpoints=2, sample_steps=3)
    run(new_state(recipe, CPU), picture_folder, tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == [
        "recipe.json",
        "samples",
        "step-00000005.safetensors",
        "step-00000006.safetensors",
    ]
    grids = sorted(path.name for path in (tmp_path / "run" / "samples").iterdir())
    assert grids == ["step-00000003.png", "step-00000006.png"]
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["train"]["steps"] == 6


def test_time_that_is_up_ends_the_run_with_a_checkpoint(
    picture_folder: Path, tmp_path: Path
) -> None:
    last = run(new_state(tiny_recipe(), CPU), picture_folder, tmp_path / "run", max_minutes=0.0)
    assert load_checkpoint(last).step == 1


def test_divergence_stops_with_the_last_good_checkpoint(
    picture_folder: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(checkpoint_minutes=0.0)
    state = new_state(recipe, CPU)

    def poison(progress: Progress) -> None:
        if progress.step == 3:
            with torch.no_grad():
                next(state.generator.parameters()).fill_(float("nan"))

    with pytest.raises(DivergedError) as caught:
        run(state, picture_folder, tmp_path / "run", tell=poison)
    assert "step-00000003" in caught.value.hint
    kept = newest_checkpoint(tmp_path / "run")
    assert kept.step == 3
    assert all(torch.isfinite(tensor).all() for tensor in kept.net.values())


def test_a_sample_that_is_not_a_number_is_named_and_moves_no_weight(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = new_state(tiny_recipe(), CPU)
    before = {name: tensor.clone() for name, tensor in state.generator.state_dict().items()}

    def spoil(*args: Any) -> Batch:
        batch = prepare(*args)
        return batch._replace(lineart=torch.full_like(batch.lineart, torch.nan))

    monkeypatch.setattr("mangacolor.train.loop.prepare", spoil)
    with pytest.raises(DivergedError, match="what is not a number: lineart") as caught:
        run(state, picture_folder, tmp_path / "run")
    assert "learning rate" not in caught.value.hint
    for name, tensor in state.generator.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_ctrl_c_finishes_the_step_and_saves_it(picture_folder: Path, tmp_path: Path) -> None:
    seen = []

    def press(progress: Progress) -> None:
        seen.append(progress.step)
        if progress.step == 2:
            signal.raise_signal(signal.SIGINT)
            seen.append(0)  # reached: the interrupt waits for the end of the step

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(new_state(tiny_recipe(), CPU), picture_folder, tmp_path / "run", tell=press)
    assert seen == [1, 2, 0]
    assert newest_checkpoint(tmp_path / "run").step == 2
    assert signal.getsignal(signal.SIGINT) == before


def test_a_picture_that_cannot_be_read_is_left_out_and_told(
    picture_folder: Path, tmp_path: Path
) -> None:
    examples = find_examples(picture_folder)
    examples[2].color.write_bytes(examples[2].color.read_bytes()[:500])
    notices: list[str] = []
    state = new_state(tiny_recipe(steps=8), CPU)
    last = train(
        state, examples, tmp_path / "run", device=CPU, tell=lambda p: notices.append(p.notice)
    )
    assert last.name == "step-00000008.safetensors"
    told = [notice for notice in notices if notice]
    assert len(told) == 1
    assert examples[2].color.name in told[0]


def test_pictures_of_which_none_can_be_read_any_more_lose_nothing(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangacolor.data.kept.KeptPairs.get", lambda self, number, make: make())

    def spoil(progress: Progress) -> None:
        for path in picture_folder.iterdir():
            path.write_bytes(b"")

    recipe = tiny_recipe(steps=50)
    with pytest.raises(InputError, match=r"\.png is empty"):
        run(new_state(recipe, CPU), picture_folder, tmp_path / "run", tell=spoil)
    assert newest_checkpoint(tmp_path / "run").step >= 1


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mangacolor.nets import checkpoint

    write = checkpoint.save_file  # type: ignore[attr-defined]
    written: list[object] = []

    def fill_up(tensors: object, path: Path, *rest: object) -> None:
        if written:
            path.write_bytes(b"half")
            # What safetensors makes of a full disk.
            raise SafetensorError("I/O error: No space left on device (os error 28)")
        written.append(path)
        write(tensors, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(checkpoint, "save_file", fill_up)
    recipe = tiny_recipe(checkpoint_minutes=0.0)
    with pytest.raises(SetupError, match="No space left") as caught:
        run(new_state(recipe, CPU), picture_folder, tmp_path / "run")
    assert "step-00000001" in caught.value.hint
    assert newest_checkpoint(tmp_path / "run").step == 1
    assert not [p for p in (tmp_path / "run").rglob("*") if p.is_file() and p.stat().st_size == 4]


def test_half_precision_trains_alike(picture_folder: Path) -> None:
    batch = sample_batch(new_state(tiny_recipe(), CPU), find_examples(picture_folder), CPU)
    losses = {}
    for precision in ("fp32", "bf16"):
        state = new_state(tiny_recipe(learning_rate=1e-3), CPU)
        config = dataclasses.replace(state.recipe.train, precision=precision)
        parts = state.generator, state.optimizer, batch, config
        losses[precision] = [training_step(*parts)["loss"] for _ in range(5)]
    assert losses["bf16"] == pytest.approx(losses["fp32"], rel=0.03)
    assert losses["bf16"] != losses["fp32"]


def test_a_run_of_no_checkpoint_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no checkpoint"):
        newest_checkpoint(tmp_path)


def test_target_and_references_are_recoloured_together_and_ink_is_not(
    picture_folder: Path,
) -> None:
    examples = find_examples(picture_folder)
    batches = []
    for share in (0.0, 1.0):
        recipe = tiny_recipe()
        recipe = dataclasses.replace(
            recipe, data=dataclasses.replace(recipe.data, recolor_share=share)
        )
        batches.append(sample_batch(new_state(recipe, CPU), examples, CPU))
    plain, turned = batches
    assert torch.equal(plain.lineart, turned.lineart)
    assert (plain.color - turned.color).abs().mean() > 0.02
    assert (plain.references - turned.references).abs().mean() > 0.02


def coloring_of(color: torch.Tensor) -> Painting:
    pyramid = truth_pyramid(color)
    return Painting(tuple(pyramid), pyramid[0], None)


def test_the_truth_has_no_loss_and_every_level_counts() -> None:
    color = torch.rand(2, 3, 64, 64) * 2 - 1
    losses = coloring_losses(coloring_of(color), color, TrainConfig())
    assert {name: value.item() for name, value in losses.items()} == {
        "pixel": 0.0,
        "chroma": 0.0,
        "copy": 0.0,
    }
    for level in range(4):
        made = list(truth_pyramid(color))
        made[level] = made[level] + 1.0
        loss = coloring_losses(Painting(tuple(made), None, None), color, TrainConfig())["pixel"]
        assert loss.item() == pytest.approx([1, 2, 3, 10][level] / 16, abs=1e-4)


@pytest.mark.parametrize("name", ["pixel", "chroma", "copy"])
def test_a_loss_of_weight_0_is_off(name: str) -> None:
    color = torch.rand(1, 3, 64, 64)
    config = TrainConfig(**{f"{name}_weight": 0.0})  # type: ignore[arg-type]
    assert name not in coloring_losses(coloring_of(color), color, config)


def test_a_sample_is_prepared_to_signed_floats(picture_folder: Path) -> None:
    batch = sample_batch(new_state(Recipe(net=tiny_net()), CPU), find_examples(picture_folder), CPU)
    for tensor in (batch.lineart, batch.references, batch.color):
        assert tensor.dtype == torch.float32
        assert -1 <= tensor.min() < 0 < tensor.max() <= 1


def test_what_no_loss_moves_has_no_moments_and_needs_none(
    picture_folder: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(pixel_weight=0.0, chroma_weight=0.0, match_weight=0.0)
    whole = load_checkpoint(run(new_state(recipe, CPU), picture_folder, tmp_path / "a"))
    assert "exp_avg.colorizer.output.weight" not in whole.optimizer
    with pytest.raises(Stop):
        run(new_state(recipe, CPU), picture_folder, tmp_path / "b", tell=stop_at(3))
    state = state_from(newest_checkpoint(tmp_path / "b"), recipe, CPU)
    rest = load_checkpoint(run(state, picture_folder, tmp_path / "b"))
    assert all(torch.equal(tensor, rest.net[name]) for name, tensor in whole.net.items())


def test_a_step_that_is_cut_in_two_is_not_kept(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mangacolor.train import loop

    done: list[object] = []

    def cut(*parts: object) -> dict[str, float]:
        done.append(parts)
        figures = training_step(*parts)  # type: ignore[arg-type]
        if len(done) == 3:
            raise KeyboardInterrupt  # a second Ctrl-C, before the step was counted
        return figures

    monkeypatch.setattr(loop, "training_step", cut)
    recipe = tiny_recipe(checkpoint_minutes=0.0)
    with pytest.raises(KeyboardInterrupt):
        run(new_state(recipe, CPU), picture_folder, tmp_path / "run")
    kept = newest_checkpoint(tmp_path / "run")
    assert kept.step == 2
    monkeypatch.undo()
    rest = load_checkpoint(run(state_from(kept, recipe, CPU), picture_folder, tmp_path / "run"))
    whole = load_checkpoint(run(new_state(recipe, CPU), picture_folder, tmp_path / "whole"))
    assert all(torch.equal(tensor, rest.net[name]) for name, tensor in whole.net.items())


def test_a_short_run_learns_at_the_full_rate_for_half_of_its_steps() -> None:
    config = TrainConfig(steps=500, warmup_steps=0, decay_steps=2000)
    rates = [rate_share(config, step, step) for step in (0, 250, 375, 500)]
    assert rates == [1.0, 1.0, 0.5, 0.0]


def test_a_picture_that_a_worker_cannot_read_is_named_without_a_traceback(
    picture_folder: Path, tmp_path: Path
) -> None:
    for path in picture_folder.iterdir():
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"^\S*story\d-\d\.png is empty") as caught:
        run(new_state(tiny_recipe(), CPU), picture_folder, tmp_path / "run", workers=1)
    assert "Traceback" not in caught.value.message
