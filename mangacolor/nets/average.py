"""The average of two models' weights, which is often better than either."""

from __future__ import annotations

from pathlib import Path

from mangacolor.errors import UsageError
from mangacolor.nets.checkpoint import Checkpoint, load_checkpoint

__all__ = ["average"]


def average(model: Path, other: Path, share: float) -> Checkpoint:
    """Mixes the averaged weights of two models of which one was trained from the other.

    Source: Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022 (WiSE-FT). What
    further training gained is kept for the most part, and what it forgot comes back.

    Args:
        model: a checkpoint, whose recipe, steps and history the result has.
        other: a checkpoint of the same network, or of one that lacks some of its parts.
        share: of the other's weights, in [0, 1].

    Returns:
        A checkpoint without the optimiser's state: `--from` starts at it, `--resume` cannot.

    Raises:
        ModelError: one of them is no checkpoint.
        UsageError: they are not the same network.
    """
    ours, theirs = load_checkpoint(model), load_checkpoint(other)
    # What training has added to a network stays as it is.
    if not theirs.ema or not _shapes(theirs).items() <= _shapes(ours).items():
        raise UsageError(
            f"{model} and {other} are not the same network, so there is no average of them.",
            "Average a model with the one that its training began from.",
        )
    mixed = {
        name: ours.ema[name].lerp(theirs.ema[name], share)
        if name in theirs.ema and ours.ema[name].is_floating_point()
        else ours.ema[name]
        for name in ours.ema
    }
    noted = {"averaged_share": share, "averaged_step": theirs.step}
    return Checkpoint(
        recipe=ours.recipe,
        step=ours.step,
        pictures=ours.pictures,
        ema=mixed,
        history=[*ours.history, noted],
    )


def _shapes(checkpoint: Checkpoint) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in checkpoint.ema.items()}
