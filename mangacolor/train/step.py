"""One training step."""

from __future__ import annotations

import contextlib
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mangacolor.config import Recipe, TrainConfig
from mangacolor.data.augment import RECOLORS, recolor, warp, warp_flow
from mangacolor.data.dataset import Sample
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.data.scan import SCANS, scan
from mangacolor.data.tones import TONES, lay_tones
from mangacolor.errors import DivergedError
from mangacolor.nets.coloring import Painting
from mangacolor.paper.adversary import Adversary, adversarial_losses, discriminator_step
from mangacolor.paper.perceptual import Perceptual, perceptual_distance
from mangacolor.train.hints import make_hints
from mangacolor.train.losses import coloring_losses, match_loss

__all__ = ["Batch", "generator_step", "prepare", "rate_share", "training_step"]


class Batch(NamedTuple):
    """What the network sees, on the device.

    Attributes:
        lineart: float (N, 1, s, s), -1 ink ... +1 paper.
        references: float (N, R, 3, r, r) in [-1, 1].
        color: float (N, 3, s, s) in [-1, 1], the truth.
        places: float (N, 4, s/4, s/4), where the truth comes from; see `mangacolor.data.places`.
        reference_places: float (N, R, 4, r/4, r/4), likewise.
        hints: float (N, 4, s, s), what a painter of areas is told; None for others.
    """

    lineart: Tensor
    references: Tensor
    color: Tensor
    places: Tensor
    reference_places: Tensor
    hints: Tensor | None = None


def prepare(sample: Sample, recipe: Recipe, device: torch.device) -> Batch:
    """Moves samples to the device, warps references, recolours, and draws the ink that is missing.

    Drawn ink gets screentone; drawn or given, it may look scanned. All of it is done in batches, on
    the device.
    """
    color, references = (_signed(x.to(device)) for x in (sample.color, sample.references))
    dice = sample.dice.to(device)
    pens, tones, scans, colors = dice.split([PENS, TONES, SCANS, RECOLORS], dim=1)
    # Ink and tones come from the colours as they were drawn: they must not tell what these were
    # changed to.
    drawn = lay_tones(draw_ink(color, pens), color, tones, recipe.data.tone_share)
    given = _signed(sample.lineart.to(device))
    has_lineart = sample.has_lineart.to(device)[:, None, None, None]
    n, r = references.shape[:2]
    flow = warp_flow(
        sample.warp_dice.to(device).flatten(0, 1), recipe.data.warp_share, *references.shape[3:]
    )
    places = sample.reference_places.to(device)
    warped, moved = warp(references.flatten(0, 1), places.flatten(0, 1), flow)
    share = recipe.data.recolor_share
    lineart = scan(torch.where(has_lineart, given, drawn), scans, recipe.data.scan_share)
    recolored = recolor(color, colors, share)
    return Batch(
        lineart=lineart,
        references=recolor(warped.unflatten(0, (n, r)), colors, share),
        color=recolored,
        hints=make_hints(lineart, recolored, dice) if recipe.net.family.hint_channels else None,
        places=sample.places.to(device),
        reference_places=moved.unflatten(0, (n, r)),
    )


def _signed(picture: Tensor) -> Tensor:
    return picture.float() / 127.5 - 1


def rate_share(config: TrainConfig, step: int, age: int) -> float:
    """Share of the full learning rate: rises over the optimiser's first steps, falls at the end.

    Args:
        step: steps done in the run.
        age: steps that this optimiser has done; it starts anew with weights from another run.
    """
    warm = min(1.0, (age + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    # A short run learns at the full rate for half of its steps, whatever the recipe says.
    decay = min(config.decay_steps, config.steps / 2)
    left = (config.steps - step) / decay if decay else 1.0
    return warm * min(1.0, max(0.0, left))


def training_step(
    generator: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    config: TrainConfig,
    adversary: Adversary | None = None,
    perceptual: Perceptual | None = None,
) -> dict[str, float]:
    """Colours a batch and moves both players in turn: the discriminator first, if there is one.

    Returns:
        The figures of both.

    Raises:
        DivergedError: a loss or gradient of either is not finite.
    """
    coloring = color_batch(generator, batch, config)
    figures = {}
    if adversary is not None:
        figures = discriminator_step(
            adversary, coloring.pyramid, batch.color, batch.lineart, config
        )
    return {
        **generator_step(generator, optimizer, coloring, batch, config, adversary, perceptual),
        **figures,
    }


def color_batch(generator: nn.Module, batch: Batch, config: TrainConfig) -> Painting:
    """The generator's outputs in the precision that the recipe wants, handed on as fp32."""
    kind = batch.lineart.device.type
    half = config.precision == "bf16"
    with torch.autocast(kind, torch.bfloat16) if half else contextlib.nullcontext():
        coloring: Painting = generator(batch.lineart, batch.references, batch.hints)
    if not half:
        return coloring
    pyramid = tuple(level.float() for level in coloring.pyramid)
    copied, scores = (x if x is None else x.float() for x in (coloring.copied, coloring.scores))
    return Painting(pyramid, copied, scores)


def generator_step(
    generator: nn.Module,
    optimizer: torch.optim.Optimizer,
    coloring: Painting,
    batch: Batch,
    config: TrainConfig,
    adversary: Adversary | None = None,
    perceptual: Perceptual | None = None,
) -> dict[str, float]:
    """Moves the generator (or its wrapper of the same call) once.

    Args:
        generator: whose parameters get gradients.
        optimizer: of them.
        coloring: what it made of the batch, with its graph.
        batch: the truth.
        config: weights of the losses.
        adversary: its discriminator judges, and is not moved.
        perceptual: compares by features, if its weights are at hand.

    Returns:
        The weighted losses, and their sum as `loss`.

    Raises:
        DivergedError: a loss or gradient is not finite; the weights are left as they were.
    """
    losses = coloring_losses(coloring, batch.color, config)
    if config.match_weight and coloring.scores is not None:
        matched = match_loss(coloring.scores, batch.places, batch.reference_places)
        losses["match"] = config.match_weight * matched
    if config.perceptual_weight and perceptual is not None:
        losses["perceptual"] = perceptual_distance(
            perceptual, coloring.pyramid, batch.color, config
        )
    if adversary is not None:
        judge = adversary.discriminator
        losses |= adversarial_losses(judge, coloring.pyramid, batch.color, batch.lineart, config)
    loss = torch.stack(list(losses.values())).sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(generator.parameters(), config.gradient_clip)
    figures = {name: value.item() for name, value in losses.items()}
    if not math.isfinite(norm.item()):
        raise _diverged(figures, norm.item(), batch)
    optimizer.step()
    return {"loss": loss.item(), **figures}


def _diverged(figures: dict[str, float], norm: float, batch: Batch) -> DivergedError:
    """Says what is not finite first: a bad sample is no matter of the learning rate."""
    terms = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    message = f"Training has diverged: {terms}, gradient norm {norm:.4g}."
    fields = batch._asdict().items()
    bad = [name for name, x in fields if x is not None and not torch.isfinite(x).all()]
    if bad:
        return DivergedError(
            f"A training sample holds what is not a number: {', '.join(bad)}. {message}",
            "This is a fault of mangacolor: please report it with the run's recipe.json. "
            "Another seed in the recipe gets around it.",
        )
    return DivergedError(message, "Go on from the last checkpoint with a lower learning rate.")
