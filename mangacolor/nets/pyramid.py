"""Pictures at the sizes of the colorizer's outputs."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

__all__ = ["truth_pyramid"]


def truth_pyramid(color: Tensor, levels: int = 4) -> list[Tensor]:
    """The true picture at 1/8, 1/4, 1/2 and full resolution: (N, 3, h, w) -> (N, 3, h/k, w/k)."""
    return [F.avg_pool2d(color, 2**k) if k else color for k in range(levels - 1, -1, -1)]
