"""Starting a run with the weights of another network."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from mangacolor.bundle import HINT_CHANNELS
from mangacolor.config import Recipe
from mangacolor.nets.build import Generator
from mangacolor.nets.checkpoint import Checkpoint
from mangacolor.train.state import RunState, new_state

__all__ = ["Transfer", "started_from"]


@dataclasses.dataclass(frozen=True)
class Transfer:
    """Which weights a network took over from another.

    Attributes:
        taken, new, dropped: number of weights by the name of their tensor; `new` keep their first,
            random values, `dropped` had no place of that name and shape.
        widened: likewise, of layers that read copied colours, their certainty or hints now and did
            not before; the weights of the new channels are 0, so that the layer does what it did.
            Where they no longer read copied colours, the weights of these channels are gone.
    """

    taken: dict[str, int]
    new: dict[str, int]
    dropped: dict[str, int]
    widened: dict[str, int]


def started_from(
    checkpoint: Checkpoint, recipe: Recipe, device: torch.device
) -> tuple[RunState, Transfer]:
    """A new run of the recipe's network with every averaged weight that fits by name and shape.

    Its steps count from 0, and so does its average: it follows closely at first.
    """
    state = new_state(recipe, device)
    alike = recipe.net.width == checkpoint.recipe.net.width
    transfer = _take_over(state.generator, checkpoint.ema, widens=alike)
    state.ema.module.load_state_dict(state.generator.state_dict())
    state.history = list(checkpoint.history)
    return state, transfer


def _take_over(generator: Generator, source: dict[str, Tensor], *, widens: bool) -> Transfer:
    own = generator.state_dict()
    fitting = {
        name: tensor
        for name, tensor in source.items()
        if name in own and own[name].shape == tensor.shape
    }
    widened = {
        name: _widened(tensor, own[name].shape)
        for name, tensor in source.items()
        if widens and name in own and _reads_copy_too(name, own[name].shape, tensor.shape)
    }
    generator.load_state_dict({**own, **fitting, **widened})
    known = fitting.keys() | widened.keys()
    return Transfer(
        taken={name: tensor.numel() for name, tensor in fitting.items()},
        new={name: tensor.numel() for name, tensor in own.items() if name not in known},
        dropped={name: tensor.numel() for name, tensor in source.items() if name not in known},
        widened={name: tensor.numel() for name, tensor in widened.items()},
    )


# What the copy adds at the end of these layers' inputs: its certainty, its colours, or both.
COPY_CHANNELS = (1, 3, 4)
READERS = ("colorizer.output.weight", "colorizer.inject.")
# What hints add at the end of this layer's, without and with a stem of 2.
HINT_INPUTS = (HINT_CHANNELS, 4 * HINT_CHANNELS)
HINT_READER = "colorizer.encoder.0.conv.weight"


def _reads_copy_too(name: str, shape: torch.Size, before: torch.Size) -> bool:
    """Whether a layer is what it was but for copied channels or hints, last in its input."""
    if len(shape) != 4 or len(before) != 4 or (shape[0], *shape[2:]) != (before[0], *before[2:]):
        return False
    added = shape[1] - before[1]
    if name == HINT_READER:
        return added in HINT_INPUTS
    return name.startswith(READERS) and abs(added) in COPY_CHANNELS


def _widened(weights: Tensor, shape: torch.Size) -> Tensor:
    wide = weights.new_zeros(shape)
    both = min(weights.shape[1], shape[1])
    wide[:, :both] = weights[:, :both]
    return wide
