from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mangacolor.config import FinetuneConfig, Recipe
from mangacolor.data.layouts import Example, find_examples
from mangacolor.errors import DivergedError, ModelError
from mangacolor.nets.build import Generator, build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, load_generator
from mangacolor.runtime.checkpoint import open_generator
from mangacolor.train.finetune import BEST_FILE, Trial, finetune
from mangacolor.train.record import Progress
from mangacolor.train.state import RunState
from mangacolor.train.transfer import started_from
from tests.conftest import tiny_net, tiny_recipe

CPU = torch.device("cpu")


def checkpoint(style: str = "attention") -> Checkpoint:
    recipe = Recipe(net=tiny_net(style=style))
    weights = dict(build_generator(recipe.net, seed=5).state_dict())
    return Checkpoint(recipe, step=900, pictures=9000, ema=weights, history=[{"from_step": 0}])


@pytest.fixture
def examples(picture_folder: Path) -> list[Example]:
    return find_examples(picture_folder)


def judge_of(errors: list[float]):  # type: ignore[no-untyped-def]
    """A judge that knows its figures beforehand."""
    left = iter(errors)
    return lambda generator: {"error": next(left)}


def run(
    examples: list[Example], folder: Path, errors: list[float], **options: object
) -> tuple[RunState, Trial]:
    state, _ = started_from(checkpoint(), tiny_recipe(steps=20), CPU)
    config = FinetuneConfig(check_steps=2, patience=2)
    judge = options.pop("judge", judge_of(errors))
    best = finetune(state, examples, folder, judge, config=config, device=CPU, **options)  # type: ignore[arg-type]
    return state, best


def test_the_same_network_is_taken_over_whole() -> None:
    source = checkpoint()
    state, transfer = started_from(source, tiny_recipe(), CPU)
    assert not transfer.new
    assert not transfer.dropped
    for weights in (state.generator.state_dict(), state.ema.module.state_dict()):
        for name, tensor in source.ema.items():
            assert torch.equal(weights[name], tensor), name
    assert (state.step, state.pictures, state.age) == (0, 0, 0)


@pytest.mark.parametrize("other", ["levels", "attention"])
def test_another_style_takes_over_what_fits_and_names_what_is_new(other: str) -> None:
    source = checkpoint("code")
    recipe = dataclasses.replace(tiny_recipe(), net=tiny_net(style=other))
    state, transfer = started_from(source, recipe, CPU)
    own = state.generator.state_dict()
    assert set(transfer.taken) | set(transfer.new) | set(transfer.widened) == set(own)
    assert set(transfer.taken) | set(transfer.dropped) | set(transfer.widened) == set(source.ema)
    assert transfer.taken["colorizer.encoder.0.conv.weight"] == 4 * 4 * 9
    assert all(torch.equal(own[name], source.ema[name]) for name in transfer.taken)
    assert "style_encoder.codes.3.weight" in transfer.new
    assert ("colorizer.copy.log_scale" in transfer.new) == (other == "attention")
    parts = (transfer.new, transfer.taken, transfer.widened)
    assert sum(sum(part.values()) for part in parts) == sum(t.numel() for t in own.values())


def test_it_stops_when_it_has_not_become_better_and_keeps_the_best(
    examples: list[Example], tmp_path: Path
) -> None:
    looks: list[Trial] = []
    state, best = run(examples, tmp_path, [5.0, 4.0, 3.0, 3.5, 3.0, 1.0], tell_trial=looks.append)
    assert (state.step, best.step) == (8, 4)
    assert [look.step for look in looks] == [0, 2, 4, 6, 8]
    assert [look.best is None for look in looks] == [True, True, True, False, False]
    kept = load_checkpoint(tmp_path / BEST_FILE)
    assert kept.step == 4
    assert kept.history[0] == {"from_step": 0}
    assert kept.history[-1]["to_step"] == 4
    assert kept.history[-1]["held_back"] == {"error": 3.0}
    lines = (tmp_path / "checks.jsonl").read_text().splitlines()
    assert [json.loads(line)["error"] for line in lines] == [5.0, 4.0, 3.0, 3.5, 3.0]


def test_the_best_file_holds_the_weights_that_were_judged(
    examples: list[Example], tmp_path: Path
) -> None:
    judged: list[dict[str, torch.Tensor]] = []

    def judge(generator: Generator) -> dict[str, float]:
        judged.append({name: x.clone() for name, x in generator.state_dict().items()})
        return {"error": [5.0, 1.0, 2.0, 2.0][len(judged) - 1]}

    run(examples, tmp_path, [], judge=judge)
    kept, _ = load_generator(tmp_path / BEST_FILE)
    assert all(torch.equal(x, judged[1][name]) for name, x in kept.state_dict().items())


def test_a_start_that_nothing_is_better_than_is_the_result(
    examples: list[Example], tmp_path: Path
) -> None:
    _, best = run(examples, tmp_path, [1.0, 2.0, 2.0])
    assert best.step == 0
    kept = load_checkpoint(tmp_path / BEST_FILE)
    assert all(torch.equal(x, kept.ema[name]) for name, x in checkpoint().ema.items())


def test_the_last_step_is_looked_at_whatever_ends_the_run(
    examples: list[Example], tmp_path: Path
) -> None:
    state, best = run(examples, tmp_path, [5.0, 4.0], max_minutes=0.0)
    assert (state.step, best.step) == (1, 1)


def test_ctrl_c_keeps_the_best(examples: list[Example], tmp_path: Path) -> None:
    def press(progress: Progress) -> None:
        if progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(examples, tmp_path, [5.0, 4.0], tell=press)
    assert load_checkpoint(tmp_path / BEST_FILE).step == 2


def test_divergence_names_the_best(examples: list[Example], tmp_path: Path) -> None:
    def judge(generator: Generator) -> dict[str, float]:
        with torch.no_grad():
            state_weights.fill_(float("nan"))
        return {"error": 1.0}

    state, _ = started_from(checkpoint(), tiny_recipe(steps=20), CPU)
    state_weights = next(state.generator.parameters())
    with pytest.raises(DivergedError) as caught:
        finetune(state, examples, tmp_path, judge, config=FinetuneConfig(), device=CPU)
    assert str(tmp_path / BEST_FILE) in caught.value.hint
    assert all(torch.isfinite(x).all() for x in load_checkpoint(tmp_path / BEST_FILE).ema.values())


def test_a_model_that_gives_no_numbers_any_more_has_diverged(
    examples: list[Example], tmp_path: Path
) -> None:
    looks: list[int] = []

    def judge(generator: Generator) -> dict[str, float]:
        looks.append(1)
        if len(looks) == 3:
            raise ModelError("The model gives values that are not finite.")
        return {"error": 1.0}

    with pytest.raises(DivergedError, match="by step 4") as caught:
        run(examples, tmp_path, [], judge=judge)
    assert BEST_FILE in caught.value.hint
    assert (tmp_path / BEST_FILE).exists()


def test_what_is_hardly_better_is_no_reason_to_leave_the_start(
    examples: list[Example], tmp_path: Path
) -> None:
    for folder, least, step in (("a", 0.0, 4), ("b", 0.02, 6), ("c", 0.2, 0)):
        state, _ = started_from(checkpoint(), tiny_recipe(steps=6), CPU)
        best = finetune(
            state,
            examples,
            tmp_path / folder,
            judge_of([0.5, 0.51, 0.49, 0.47] if least else [0.5, 0.51, 0.49, 0.495]),
            config=FinetuneConfig(check_steps=2, patience=9, least_gain=least),
            device=CPU,
        )
        assert best.step == step
        assert load_checkpoint(tmp_path / folder / BEST_FILE).step == step


def test_the_best_of_a_run_that_learned_nothing_is_what_it_began_from(
    examples: list[Example], tmp_path: Path
) -> None:
    recipe = dataclasses.replace(
        tiny_recipe(steps=2), net=tiny_net(style="areas", surfaces=True, surface_size="small")
    )
    source = dataclasses.replace(
        checkpoint(), recipe=recipe, ema=dict(build_generator(recipe.net, seed=5).state_dict())
    )
    state, _ = started_from(source, recipe, CPU)

    def judge(generator: Generator) -> dict[str, float]:
        areas = open_generator(generator).networks.areas
        assert areas is not None
        # Looking is no teaching, of the statistics of normalisations either.
        areas.surfaces(np.random.default_rng(0).random((1, 1, 64, 64), np.float32))
        return {"error": 1.0}

    finetune(state, examples, tmp_path, judge, config=FinetuneConfig(), device=CPU)
    kept = load_checkpoint(tmp_path / BEST_FILE).ema
    for name, tensor in source.ema.items():
        assert torch.equal(kept[name], tensor), name
