"""Starting a run with the weights of another network."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

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
        widened: likewise, of layers that read more channels than before; the weights of the new
            channels are 0, so that the layer does what it did.
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
    transfer = _take_over(state.generator, checkpoint.ema)
    state.ema.module.load_state_dict(state.generator.state_dict())
    state.history = list(checkpoint.history)
    return state, transfer


def _take_over(generator: Generator, source: dict[str, Tensor]) -> Transfer:
    own = generator.state_dict()
    fitting = {
        name: tensor
        for name, tensor in source.items()
        if name in own and own[name].shape == tensor.shape
    }
    widened = {
        name: _widened(tensor, own[name].shape)
        for name, tensor in source.items()
        if name in own and _reads_more(own[name].shape, tensor.shape)
    }
    generator.load_state_dict({**own, **fitting, **widened})
    known = fitting.keys() | widened.keys()
    return Transfer(
        taken={name: tensor.numel() for name, tensor in fitting.items()},
        new={name: tensor.numel() for name, tensor in own.items() if name not in known},
        dropped={name: tensor.numel() for name, tensor in source.items() if name not in known},
        widened={name: tensor.numel() for name, tensor in widened.items()},
    )


def _reads_more(shape: torch.Size, before: torch.Size) -> bool:
    """Whether a convolution's weights differ in nothing but more input channels, put at the end."""
    if len(shape) != 4 or len(before) != 4:
        return False
    return shape[1] > before[1] and (shape[0], *shape[2:]) == (before[0], *before[2:])


def _widened(weights: Tensor, shape: torch.Size) -> Tensor:
    wide = weights.new_zeros(shape)
    wide[:, : weights.shape[1]] = weights
    return wide
