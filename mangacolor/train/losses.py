"""The losses of the colorizer. Each is a mean, so that weights mean the same at every size."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from mangacolor.color import chroma
from mangacolor.config import TrainConfig
from mangacolor.nets.colorizer import Coloring

__all__ = ["coloring_losses", "truth_pyramid"]


def truth_pyramid(color: Tensor, levels: int = 4) -> list[Tensor]:
    """The true picture at 1/8, 1/4, 1/2 and full resolution: (N, 3, h, w) -> (N, 3, h/k, w/k)."""
    return [F.avg_pool2d(color, 2**k) if k else color for k in range(levels - 1, -1, -1)]


def coloring_losses(coloring: Coloring, color: Tensor, config: TrainConfig) -> dict[str, Tensor]:
    """Weighted losses of a batch, by name; those of weight 0 are left out.

    Args:
        coloring: of the batch.
        color: float (N, 3, h, w) in [-1, 1], the truth.
        config: weights.

    Returns:
        `pixel`: L1 over the four levels. Source: Liu et al., CVM 2022, weights 1:2:3:10; the
        existing implementation squares the error instead.
        `chroma`: the same on colour differences, because pixel losses are almost all luma.
        `copy`: L1 between the chroma looked up in the references and the truth's, at 1/8. Ours.
    """
    truths = truth_pyramid(color, len(coloring.pyramid))
    total = sum(config.level_weights)
    losses = {}
    if config.pixel_weight:
        losses["pixel"] = (config.pixel_weight / total) * sum_levels(
            coloring.pyramid, truths, config.level_weights
        )
    if config.chroma_weight:
        losses["chroma"] = (config.chroma_weight / total) * sum_levels(
            [chroma(level) for level in coloring.pyramid],
            [chroma(truth) for truth in truths],
            config.level_weights,
        )
    if config.copy_weight and coloring.copied is not None:
        losses["copy"] = config.copy_weight * F.l1_loss(chroma(coloring.copied), chroma(truths[0]))
    return losses


def sum_levels(
    outputs: list[Tensor] | tuple[Tensor, ...], truths: list[Tensor], weights: tuple[float, ...]
) -> Tensor:
    """Weighted sum of the L1 distances level by level."""
    terms = [
        weight * F.l1_loss(output, truth)
        for weight, output, truth in zip(weights, outputs, truths, strict=True)
    ]
    return sum(terms[1:], start=terms[0])
