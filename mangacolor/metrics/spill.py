"""Whether colour stops at the ink."""

from __future__ import annotations

import torch
from torch import Tensor

from mangacolor.color import chroma

__all__ = ["spill"]

# What counts as ink and as paper in line art of [0, 1].
INK, PAPER = 0.4, 0.7
# Chroma on the two sides of a line that counts as two colours: a tenth of what CbCr spans.
CONTRAST = 0.1


def spill(result: Tensor, truth: Tensor, lineart: Tensor) -> float:
    """Share of the truth's contrast of colour across ink lines that the result does not have.

    Pairs of places right and left of, or above and below, an ink pixel are compared, both on
    paper, where the truth has two colours. A pair's share is 1 - |result's difference of chroma| /
    |truth's|, at least 0; the figure is the mean over pairs. Which colours stand on the two sides
    does not matter, so it holds for any reference.

    Args:
        result, truth: float (1, 3, h, w), sRGB in [0, 1].
        lineart: float (1, 1, h, w) in [0, 1].

    Returns:
        0 where every line parts two colours as clearly as in the truth, 1 where colour runs
        across all of them (also of a picture without colour); lower is better. NaN where the truth
        has no two colours beside a line.

    Source: ours.
    """
    reach = max(2, round(max(truth.shape[2:]) / 64))
    lost, pairs = 0.0, 0
    made, true = chroma(result), chroma(truth)
    for dim in (2, 3):
        length = truth.shape[dim] - 2 * reach
        if length <= 0:
            continue
        first, middle, second = (
            [x.narrow(dim, start, length) for x in (made, true, lineart)]
            for start in (0, reach, 2 * reach)
        )
        wanted = (first[1] - second[1]).norm(dim=1, keepdim=True)
        found = (first[0] - second[0]).norm(dim=1, keepdim=True)
        chosen = (wanted > CONTRAST) & (middle[2] < INK)
        chosen &= torch.minimum(first[2], second[2]) > PAPER
        lost += float((1 - found[chosen] / wanted[chosen]).clamp(min=0).double().sum())
        pairs += int(chosen.sum())
    return lost / pairs if pairs else float("nan")
