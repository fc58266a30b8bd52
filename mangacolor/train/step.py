"""One training step."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mangacolor.config import Recipe, TrainConfig
from mangacolor.data.augment import RECOLORS, recolor, warp, warp_flow
from mangacolor.data.dataset import Sample
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.errors import DivergedError
from mangacolor.train.losses import coloring_losses

__all__ = ["Batch", "generator_step", "learning_rate", "prepare"]


class Batch(NamedTuple):
    """What the network sees: signed floats on the device.

    Attributes:
        lineart: (N, 1, s, s), -1 ink ... +1 paper.
        references: (N, R, 3, r, r).
        color: (N, 3, s, s), the truth.
    """

    lineart: Tensor
    references: Tensor
    color: Tensor


def prepare(sample: Sample, recipe: Recipe, device: torch.device) -> Batch:
    """Moves samples to the device, recolours them, and draws the ink that is missing."""
    color, references = (_signed(x.to(device)) for x in (sample.color, sample.references))
    pens, hues = sample.dice.split([PENS, HUES], dim=1)
    angles = hue_angles(hues, recipe.data.recolor_share)
    # Ink comes from the colours as they were drawn: ink must not tell the hue that was turned to.
    drawn = draw_ink(color, pens)
    given = _signed(sample.lineart.to(device))
    has_lineart = sample.has_lineart.to(device)[:, None, None, None]
    return Batch(
        lineart=torch.where(has_lineart, given, drawn),
        references=rotate_hue(references, angles),
        color=rotate_hue(color, angles),
    )


def _signed(picture: Tensor) -> Tensor:
    return picture.float() / 127.5 - 1


def learning_rate(config: TrainConfig, step: int, age: int) -> float:
    """The rate of a step: rises over the optimiser's first steps, falls to zero at the run's end.

    Args:
        step: steps done in the run.
        age: steps that this optimiser has done; it starts anew with weights from another run.
    """
    warm = min(1.0, (age + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    left = (config.steps - step) / config.decay_steps if config.decay_steps else 1.0
    return config.learning_rate * warm * min(1.0, max(0.0, left))


def generator_step(
    generator: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, config: TrainConfig
) -> dict[str, float]:
    """Moves the generator (or its wrapper of the same call) once.

    Returns:
        The weighted losses, and their sum as `loss`.

    Raises:
        DivergedError: a loss or gradient is not finite; the weights are left as they were.
    """
    coloring = generator(batch.lineart, batch.references)
    losses = coloring_losses(coloring, batch.color, config)
    loss = torch.stack(list(losses.values())).sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(generator.parameters(), config.gradient_clip)
    if not math.isfinite(norm.item()):
        raise DivergedError(
            f"Training has diverged: loss {loss.item():.4g}, gradient norm {norm.item():.4g}.",
            "Go on from the last checkpoint with a lower learning rate.",
        )
    optimizer.step()
    figures = {name: value.item() for name, value in losses.items()}
    return {"loss": loss.item(), **figures}
