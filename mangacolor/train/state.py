"""The state of a run, and how it is kept in checkpoints."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from mangacolor.config import Recipe, TrainConfig
from mangacolor.errors import ModelError
from mangacolor.nets.build import Generator, build_generator
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from mangacolor.paper.adversary import Adversary, new_adversary
from mangacolor.train.area_steps import set_stage

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
        adversary: the other player; None unless the recipe gives the adversarial loss a weight.
        history: one record per run that led here.
    """

    recipe: Recipe
    generator: Generator
    ema: AveragedModel
    optimizer: torch.optim.Optimizer
    step: int = 0
    pictures: int = 0
    age: int = 0
    adversary: Adversary | None = None
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)


# Factor on the learning rate of what guesses colours: two layers, which nothing else leans on.
_GUESS_RATE = 5.0


def new_state(recipe: Recipe, device: torch.device) -> RunState:
    """A run before its first step, with weights from the recipe's seed."""
    generator = build_generator(recipe.net, recipe.train.seed).to(device)
    if recipe.net.has("features"):
        # Only here: of all commands, training alone needs the package that carries them.
        from mangacolor.nets.features import imagenet_weights

        generator.features.load_state_dict(imagenet_weights())
    set_stage(generator, recipe)
    if device.type == "cuda":
        # Faster there; on CPUs torch's channels-last convolutions are slower and have crashed.
        generator = generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    ema = AveragedModel(generator, multi_avg_fn=_moving_average(recipe.train.ema_decay))
    # Nobody trains it: who looks with it must not move the statistics of its normalisations.
    ema.requires_grad_(requires_grad=False).eval()
    plays = recipe.train.adversarial_weight > 0
    optimizer = torch.optim.AdamW(
        _groups(generator, recipe.train),
        lr=recipe.train.learning_rate,
        # Where another player moves, too, old steps say less (Radford et al., ICLR 2016).
        betas=(0.5 if plays else 0.9, 0.99),
        weight_decay=recipe.train.weight_decay,
        fused=device.type == "cuda",
    )
    adversary = new_adversary(recipe.train, device) if plays else None
    return RunState(recipe, generator, ema, optimizer, adversary=adversary)


def _groups(generator: Generator, config: TrainConfig) -> list[dict[str, Any]]:
    """All parameters in their order, each with the factor on its learning rate."""
    found: list[dict[str, Any]] = []
    for name, parameter in generator.named_parameters():
        factor = 1.0
        if name.startswith("features."):
            factor = config.features_rate
        elif name.startswith("matcher.guess."):
            factor = _GUESS_RATE
        if not found or found[-1]["factor"] != factor:
            found.append({"params": [], "factor": factor})
        found[-1]["params"].append(parameter)
    return found


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
    try:
        _take_over(state, checkpoint)
    except ModelError:
        raise
    # What is missing or of another shape or type raises what torch and dicts like.
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        words = " ".join(str(error).split())[:300]
        raise ModelError(
            f"The checkpoint's tensors do not fit its recipe: {words}",
            "Start a new run with --from, which needs the weights alone.",
        ) from error
    return state


def _take_over(state: RunState, checkpoint: Checkpoint) -> None:
    state.generator.load_state_dict(checkpoint.net or checkpoint.ema)
    state.ema.module.load_state_dict(checkpoint.ema)
    state.ema.n_averaged.fill_(checkpoint.step)
    state.step, state.pictures = checkpoint.step, checkpoint.pictures
    state.history = list(checkpoint.history)
    if checkpoint.optimizer:
        state.age = _restore(state.optimizer, state.generator, checkpoint.optimizer)
    if state.adversary is not None and checkpoint.adversary:
        _restore_adversary(state.adversary, checkpoint)


def _restore_adversary(adversary: Adversary, checkpoint: Checkpoint) -> None:
    judge = adversary.discriminator
    try:
        judge.load_state_dict(checkpoint.adversary)
    except RuntimeError as error:
        raise ModelError(
            "The checkpoint holds a discriminator of another width.",
            "Leave discriminator_width as it is, or start from slim weights.",
        ) from error
    adversary.age = _restore(adversary.optimizer, judge, checkpoint.adversary_optimizer)


def _restore(optimizer: torch.optim.Optimizer, module: nn.Module, saved: dict[str, Tensor]) -> int:
    """Gives an optimiser of a module's parameters its moments back, and returns its age."""
    moments: dict[int, dict[str, Tensor]] = {}
    for index, (name, _) in enumerate(module.named_parameters()):
        # A parameter that no loss of the recipe has moved has no moments.
        if f"exp_avg.{name}" not in saved:
            continue
        moments[index] = {
            "step": saved["age"].float(),
            "exp_avg": saved[f"exp_avg.{name}"],
            "exp_avg_sq": saved[f"exp_avg_sq.{name}"],
        }
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    return int(saved["age"])


def _moments(optimizer: torch.optim.Optimizer, module: nn.Module, age: int) -> dict[str, Tensor]:
    """What `_restore` needs."""
    saved = {"age": torch.tensor(age)}
    for name, parameter in module.named_parameters():
        moments = optimizer.state[parameter]
        for kind in ("exp_avg", "exp_avg_sq"):
            if kind in moments:
                saved[f"{kind}.{name}"] = moments[kind]
    return saved


def checkpoint_of(state: RunState) -> Checkpoint:
    """What of the state is kept."""
    other = state.adversary
    # A player that has not moved yet has no moments, and none are needed.
    moved = other is not None and other.age > 0
    return Checkpoint(
        recipe=state.recipe,
        step=state.step,
        pictures=state.pictures,
        net=dict(state.generator.state_dict()),
        ema=dict(state.ema.module.state_dict()),
        optimizer=_moments(state.optimizer, state.generator, state.age) if state.age else {},
        adversary=dict(other.discriminator.state_dict()) if other and moved else {},
        adversary_optimizer=(
            _moments(other.optimizer, other.discriminator, other.age) if other and moved else {}
        ),
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
