"""Checkpoints: one safetensors file with weights, their average and the optimiser's state."""

from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mangacolor.config import Recipe, from_dict
from mangacolor.errors import ModelError, UsageError
from mangacolor.files import atomic_path
from mangacolor.nets.build import Generator, build_generator

__all__ = ["Checkpoint", "load_checkpoint", "load_generator", "save_checkpoint"]

FORMAT = 2
SECTIONS = ("net", "ema", "optimizer", "adversary", "adversary_optimizer")
# What networks of format 1 were, before they could be anything else.
FORMAT_1_NET = {"looks_up": "colors", "found_by": "colors", "gate": False}


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A moment of a training run.

    Attributes:
        recipe: what the run does.
        step: steps done.
        pictures: training pictures seen.
        net: weights being trained; empty in a slim file, which holds the average only.
        ema: their exponential moving average, which is evaluated and exported.
        optimizer: `<state>.<parameter>` to tensor; empty in a slim file.
        adversary: the discriminator's weights; empty where there is none, and in a slim file.
        adversary_optimizer: as `optimizer`.
        history: how the weights came about, for the model card; plain JSON values.
    """

    recipe: Recipe
    step: int
    pictures: int
    ema: dict[str, Tensor]
    net: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    optimizer: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    adversary: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    adversary_optimizer: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def is_slim(self) -> bool:
        """Whether it holds the averaged weights only, in half precision."""
        return not self.net


def save_checkpoint(path: Path, checkpoint: Checkpoint, *, slim: bool = False) -> None:
    """Writes a checkpoint whole or not at all.

    Args:
        path: a `.safetensors` file.
        checkpoint: what to write.
        slim: write only the averaged weights, as float16, for shipping.

    Raises:
        OSError: it cannot be written, as on a full disk; what was there stays.
    """
    tensors = {}
    for section in SECTIONS:
        if slim and section != "ema":
            continue
        for name, tensor in getattr(checkpoint, section).items():
            kept = tensor.detach().cpu().contiguous()
            tensors[f"{section}/{name}"] = kept.half() if slim else kept
    record = {
        "format": FORMAT,
        "recipe": dataclasses.asdict(checkpoint.recipe),
        "step": checkpoint.step,
        "pictures": checkpoint.pictures,
        "history": checkpoint.history,
    }
    try:
        with atomic_path(path) as part:
            save_file(tensors, part, {"mangacolor": json.dumps(record)})
    except SafetensorError as error:
        # A full disk comes as this, with the system's words inside.
        raise OSError(errno.EIO, str(error), str(path)) from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint to the CPU, as float32.

    Raises:
        ModelError: no such file, not a checkpoint of ours, a newer format.
    """
    if not path.is_file():
        raise ModelError(f"There is no checkpoint {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            record = json.loads((file.metadata() or {})["mangacolor"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if record["format"] > FORMAT:
            raise ModelError(
                f"{path} has format {record['format']}; this mangacolor reads up to {FORMAT}.",
                "Update mangacolor.",
            )
        if record["format"] == 1:
            record["recipe"]["net"].update(FORMAT_1_NET)
        recipe = from_dict(Recipe, record["recipe"])
    except (SafetensorError, KeyError, ValueError, UsageError) as error:
        raise ModelError(
            f"{path} is not a checkpoint of mangacolor: {error}.",
            "Name a .safetensors file that `mangacolor train` wrote.",
        ) from error
    sections: dict[str, dict[str, Tensor]] = {section: {} for section in SECTIONS}
    for name, tensor in tensors.items():
        section, _, key = name.partition("/")
        sections[section][key] = tensor.float() if tensor.dtype == torch.half else tensor
    return Checkpoint(
        recipe=recipe,
        step=int(record["step"]),
        pictures=int(record["pictures"]),
        history=record.get("history", []),
        **sections,
    )


def load_generator(path: Path) -> tuple[Generator, Checkpoint]:
    """The averaged generator of a checkpoint, ready to be evaluated or exported.

    Raises:
        ModelError: as `load_checkpoint`, or weights that do not fit the recorded architecture.
    """
    checkpoint = load_checkpoint(path)
    generator = build_generator(checkpoint.recipe.net)
    try:
        generator.load_state_dict(checkpoint.ema)
    except RuntimeError as error:
        raise ModelError(f"The weights in {path} do not fit its architecture: {error}") from error
    return generator.eval(), checkpoint
