"""The losses of the colorizer. Each is a mean, so that weights mean the same at every size."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mangacolor.color import chroma
from mangacolor.config import TrainConfig
from mangacolor.nets.coloring import Painting
from mangacolor.nets.pyramid import truth_pyramid

__all__ = ["coloring_losses", "match_loss"]

# Cells of a map of places along a side of one of the attention's places.
CELLS = 2
# How far a match may lie off, in places of the attention.
REACH = 0.75


def coloring_losses(coloring: Painting, color: Tensor, config: TrainConfig) -> dict[str, Tensor]:
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


def match_loss(scores: Tensor, places: Tensor, reference_places: Tensor) -> Tensor:
    """How little of the attention goes where it is known to belong.

    The negative logarithm of the attention that falls on what is known to be the same place of the
    same picture, mean over all places of the page; places without a known match count as 0.

    Args:
        scores: float (N, Q, K), before the softmax; see `Painting`.
        places: float (N, 4, H, W), where the page comes from; see `mangacolor.data.places`.
        reference_places: float (N, R, 4, H', W'), likewise.

    Source: ours; the form is that of a contrastive loss with several positives (Khosla et al.,
    NeurIPS 2020).
    """
    fits = _known_matches(places, reference_places)
    known = fits.any(dim=2)
    right = scores.masked_fill(~fits, -torch.inf).where(known[:, :, None], scores)
    missed = torch.logsumexp(scores, dim=2) - torch.logsumexp(right, dim=2)
    return missed.where(known, 0.0).mean()


@torch.no_grad()
def _known_matches(places: Tensor, reference_places: Tensor) -> Tensor:
    """bool (N, Q, K): whether two places are known to show the same."""
    page = _per_token(places).flatten(2)[..., None]
    reference = _per_token(reference_places.flatten(0, 1)).flatten(2)
    reference = reference.unflatten(0, reference_places.shape[:2]).transpose(1, 2)
    reference = reference.flatten(2)[:, :, None]
    reach = REACH * 8 * torch.maximum(page[:, 3], reference[:, 3])
    fits = (page[:, 0] == reference[:, 0]) & (page[:, 0] >= 0)
    for axis in (1, 2):
        fits &= (page[:, axis] - reference[:, axis]).abs() <= reach
    return fits


def _per_token(places: Tensor) -> Tensor:
    """(N, 4, H, W) -> (N, 4, H/2, W/2); unknown where the cells are of several pictures."""
    number = places[:, :1]
    highest = F.max_pool2d(number, CELLS)
    one = highest == -F.max_pool2d(-number, CELLS)
    return torch.cat([highest.where(one, -1.0), F.avg_pool2d(places[:, 1:], CELLS)], dim=1)


def sum_levels(
    outputs: list[Tensor] | tuple[Tensor, ...], truths: list[Tensor], weights: tuple[float, ...]
) -> Tensor:
    """Weighted sum of the L1 distances level by level."""
    terms = [
        weight * F.l1_loss(output, truth)
        for weight, output, truth in zip(weights, outputs, truths, strict=True)
    ]
    return sum(terms[1:], start=terms[0])
