"""Checkpoints: one safetensors file with weights, their average and the optimiser's state."""

from __future__ import annotations

import dataclasses
import errno
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mangacolor.bundle import AREA_WEIGHTS_FILE, REMEMBERED_FILE, SURFACE_WEIGHTS_FILE
from mangacolor.config import Recipe
from mangacolor.errors import ModelError, UsageError
from mangacolor.files import atomic_path
from mangacolor.nets.build import Generator, build_generator
from mangacolor.nets.surfaces import size_of, unfolded
from mangacolor.recipes import check_recipe, to_recipe

__all__ = ["Checkpoint", "load_checkpoint", "load_generator", "save_checkpoint"]

FORMAT = 2
SECTIONS = ("net", "ema", "optimizer", "adversary", "adversary_optimizer", "remembered")
# Weights that may lie in a file of their own, by the file's name.
_APART = {AREA_WEIGHTS_FILE: ("features.", "matcher."), SURFACE_WEIGHTS_FILE: ("surfaces.",)}
# What networks of format 1 were, before they could be anything else.
FORMAT_1_NET = {"looks_up": "colors", "found_by": "colors", "gate": False}
# What a network has not whose record does not know of it.
_LATER_NET = {"guesses": False}


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
        remembered: what it remembers of pages, of `mangacolor.runtime.remembered.to_arrays`; means
            nothing with other weights.
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
    remembered: dict[str, Tensor] = dataclasses.field(default_factory=dict)
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)


def save_checkpoint(
    path: Path, checkpoint: Checkpoint, *, slim: bool = False, apart: Sequence[str] = ()
) -> None:
    """Writes a checkpoint whole or not at all.

    Args:
        path: a `.safetensors` file.
        checkpoint: what to write.
        slim: write only the averaged weights, as float16, for shipping.
        apart: names of files beside it that get some of the weights: `areas.safetensors` those
            that describe and match areas, `surfaces.safetensors` those that find them.

    Raises:
        OSError: it cannot be written, as on a full disk; what was there stays.
    """
    files: dict[str, dict[str, Tensor]] = {path.name: {}, **{name: {} for name in apart}}
    home = {start: name for name in apart for start in _APART[name]}
    for section in SECTIONS:
        if slim and section != "ema":
            continue
        for name, tensor in getattr(checkpoint, section).items():
            kept = tensor.detach().cpu().contiguous()
            file = next((home[start] for start in home if name.startswith(start)), path.name)
            files[file][f"{section}/{name}"] = kept.half() if slim else kept
    record = {
        "format": FORMAT,
        "recipe": dataclasses.asdict(checkpoint.recipe),
        "step": checkpoint.step,
        "pictures": checkpoint.pictures,
        "history": checkpoint.history,
    }
    try:
        for name in apart:
            with atomic_path(path.with_name(name)) as part:
                save_file(files[name], part)
        with atomic_path(path) as part:
            save_file(files[path.name], part, {"mangacolor": json.dumps(record)})
    except SafetensorError as error:
        # A full disk comes as this, with the system's words inside.
        raise OSError(errno.EIO, str(error), str(path)) from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint to the CPU, as float32.

    Raises:
        ModelError: no such file, not a checkpoint of ours, a newer format.
    """
    if not path.is_file():
        raise ModelError(
            f"There is no checkpoint {path}.",
            "Name `default`, an exported model's folder, or a .safetensors file.",
        )
    try:
        with safe_open(path, framework="pt") as file:
            record = read_record((file.metadata() or {}).get("mangacolor", ""))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        for name, starts in _APART.items():
            beside = path.with_name(name)
            if not any(key.startswith(f"ema/{starts[0]}") for key in tensors) and beside.is_file():
                with safe_open(beside, framework="pt") as file:
                    tensors |= {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        if not any(key.startswith("remembered/") for key in tensors):
            tensors |= _remembered_beside(path)
        if record["format"] > FORMAT:
            raise ModelError(
                f"{path} has format {record['format']}; this mangacolor reads up to {FORMAT}.",
                "Update mangacolor.",
            )
        recipe = _recipe_of(record)
        sections = _sections_of(tensors)
        sections["ema"] = unfolded(sections["ema"])
        # Its weights may lie apart, and records of before do not say how large it is.
        if size := size_of(sections["ema"]):
            net = dataclasses.replace(recipe.net, surface_size=size)
            recipe = dataclasses.replace(recipe, net=net)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (SafetensorError, ValueError, BadZipFile, UsageError) as error:
        raise ModelError(
            f"{path} is not a checkpoint of mangacolor: {error}.",
            "Name a .safetensors file that `mangacolor train` wrote.",
        ) from error
    return Checkpoint(
        recipe=recipe,
        step=record["step"],
        pictures=record["pictures"],
        history=record["history"],
        **sections,
    )


def _remembered_beside(path: Path) -> dict[str, Tensor]:
    """What a bundle's weights remember, which lies beside them where torch is not needed."""
    file = path.with_name(REMEMBERED_FILE)
    if not file.is_file():
        return {}
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
        return {f"remembered/{name}": torch.from_numpy(stored[name]) for name in stored.files}


def read_record(text: str) -> dict[str, Any]:
    """What a checkpoint says of itself, with every value of the kind that it must have.

    Raises:
        ValueError: it is not that; the message says what is wrong.
    """
    if not text:
        raise ValueError("it has no record of mangacolor's")
    try:
        record = json.loads(text)
    except RecursionError as error:
        raise ValueError("its record is nested without end") from error
    if not isinstance(record, dict):
        raise ValueError("its record is no table")
    record.setdefault("history", [])
    for name in ("format", "step", "pictures"):
        value = record.get(name)
        if type(value) is not int or not 0 <= value < 2**63:
            raise ValueError(f"its {name} is {str(value)[:80]!r}")
    if not isinstance(record.get("recipe"), dict):
        raise ValueError(f"its recipe is {str(record.get('recipe'))[:80]!r}")
    history = record["history"]
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise ValueError("its history is no list of tables")
    return record


def _recipe_of(record: dict[str, Any]) -> Recipe:
    if record["format"] == 1 and isinstance(record["recipe"].get("net"), dict):
        record["recipe"]["net"].update(FORMAT_1_NET)
    if isinstance(record["recipe"].get("net"), dict):
        record["recipe"]["net"] = {**_LATER_NET, **record["recipe"]["net"]}
    return check_recipe(to_recipe(record["recipe"]))


def _sections_of(tensors: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    sections: dict[str, dict[str, Tensor]] = {section: {} for section in SECTIONS}
    for name, tensor in tensors.items():
        section, _, key = name.partition("/")
        if section not in sections or not key:
            raise ValueError(f"it has a tensor {name[:80]!r} of no section")
        sections[section][key] = tensor.float() if tensor.dtype == torch.half else tensor
    return sections


def load_generator(path: Path) -> tuple[Generator, Checkpoint]:
    """The averaged generator of a checkpoint, ready to be evaluated or exported.

    Raises:
        ModelError: as `load_checkpoint`, or weights that do not fit the recorded architecture.
    """
    checkpoint = load_checkpoint(path)
    generator = build_generator(checkpoint.recipe.net)
    try:
        generator.load_state_dict(checkpoint.ema)
    # Tensors of strange types raise what torch likes.
    except Exception as error:
        words = " ".join(str(error).split())
        raise ModelError(
            f"The weights in {path} do not fit its architecture: {words[:300]}",
            "Name a file that `mangacolor train` wrote and nothing has changed.",
        ) from error
    generator.remembered = checkpoint.remembered
    return generator.eval(), checkpoint
