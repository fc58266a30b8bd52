"""The state of a run, and how it is kept in checkpoints."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from mangacolor.config import Recipe
from mangacolor.errors import ModelError
from mangacolor.nets.build import Generator, build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

__all__ = [
    "RunState",
    "checkpoint_path",
    "machine",
    "new_state",
    "newest_checkpoint",
    "save_state",
    "state_from",
]

Tensors = tuple[Tensor, ...] | list[Tensor]


@dataclasses.dataclass
class RunState:
    """Everything a run changes as it goes.

    Attributes:
        recipe: of the run.
        generator: being trained.
        ema: its exponential moving average.
        optimizer: of the generator.
        step: steps done.
        pictures: training pictures seen.
        age: steps that this optimiser has done.
        history: one record per run that led here.
    """

    recipe: Recipe
    generator: Generator
    ema: AveragedModel
    optimizer: torch.optim.Optimizer
    step: int = 0
    pictures: int = 0
    age: int = 0
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def new_state(recipe: Recipe, device: torch.device) -> RunState:
    """A run before its first step, with weights from the recipe's seed."""
    generator = build_generator(recipe.net, recipe.train.seed).to(device)
    ema = AveragedModel(generator, multi_avg_fn=_moving_average(recipe.train.ema_decay))
    ema.requires_grad_(requires_grad=False)
    optimizer = torch.optim.AdamW(
        generator.parameters(),
        lr=recipe.train.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=recipe.train.weight_decay,
    )
    return RunState(recipe, generator, ema, optimizer)


def _moving_average(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """An exponential moving average that follows closely at first.

    With a fixed decay of 0.999 the random first weights would still be seen after 3,000 steps.
    """

    def update(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
        warm = min(decay, (1 + int(count)) / (10 + int(count)))
        for average, weight in zip(averaged, current, strict=True):
            average.lerp_(weight, 1 - warm)

    return torch.no_grad()(update)


def state_from(checkpoint: Checkpoint, recipe: Recipe, device: torch.device) -> RunState:
    """A run that goes on from a checkpoint; a slim one gets a new optimiser, which warms up.

    Raises:
        ModelError: the recipe asks for another network.
    """
    if recipe.net != checkpoint.recipe.net:
        raise ModelError(
            f"The checkpoint holds {checkpoint.recipe.net}, the recipe asks for {recipe.net}.",
            "Leave the network as it is, or start a new run.",
        )
    state = new_state(recipe, device)
    state.generator.load_state_dict(checkpoint.net or checkpoint.ema)
    state.ema.module.load_state_dict(checkpoint.ema)
    state.ema.n_averaged.fill_(checkpoint.step)
    state.step, state.pictures = checkpoint.step, checkpoint.pictures
    state.history = list(checkpoint.history)
    if checkpoint.optimizer:
        state.age = int(checkpoint.optimizer["age"])
        _restore_optimizer(state, checkpoint.optimizer)
    return state


def _restore_optimizer(state: RunState, saved: dict[str, Tensor]) -> None:
    named = dict(state.generator.named_parameters())
    moments: dict[int, dict[str, Tensor]] = {}
    for index, name in enumerate(named):
        moments[index] = {
            "step": saved["age"].float(),
            "exp_avg": saved[f"exp_avg.{name}"],
            "exp_avg_sq": saved[f"exp_avg_sq.{name}"],
        }
    groups = state.optimizer.state_dict()["param_groups"]
    state.optimizer.load_state_dict({"state": moments, "param_groups": groups})


def _optimizer_tensors(state: RunState) -> dict[str, Tensor]:
    saved = {"age": torch.tensor(state.age)}
    for name, parameter in state.generator.named_parameters():
        moments = state.optimizer.state[parameter]
        for kind in ("exp_avg", "exp_avg_sq"):
            saved[f"{kind}.{name}"] = moments[kind]
    return saved


def checkpoint_of(state: RunState) -> Checkpoint:
    """What of the state is kept."""
    return Checkpoint(
        recipe=state.recipe,
        step=state.step,
        pictures=state.pictures,
        net=dict(state.generator.state_dict()),
        ema=dict(state.ema.module.state_dict()),
        optimizer=_optimizer_tensors(state),
        history=state.history,
    )


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"step-{step:08d}.safetensors"


def save_state(state: RunState, folder: Path) -> Path:
    """Writes `step-<step>.safetensors` and removes all but the newest few."""
    path = checkpoint_path(folder, state.step)
    save_checkpoint(path, checkpoint_of(state))
    for old in sorted(folder.glob("step-*.safetensors"))[: -state.recipe.train.keep_checkpoints]:
        old.unlink()
    return path


def newest_checkpoint(folder: Path) -> Checkpoint:
    """The newest checkpoint of a run.

    Raises:
        ModelError: the folder holds none.
    """
    paths = sorted(folder.glob("step-*.safetensors"))
    if not paths:
        raise ModelError(f"There is no checkpoint in {folder}.", "Leave --resume out.")
    return load_checkpoint(paths[-1])


def machine(device: torch.device) -> dict[str, str]:
    """Where a run takes place, for its history."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {"device": device.type, "processor": name, "torch": torch.__version__}
