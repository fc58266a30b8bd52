"""Luma and chroma of sRGB pictures as tensors, by Rec. 601.

Where torch may not be imported, `images/` has the same weights for arrays.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["YCBCR", "bright_ratio", "chroma", "luma"]

# Rows: luma, blue and red difference of Rec. 601, for sRGB of any symmetric range.
YCBCR = torch.tensor(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
)


def luma(color: Tensor) -> Tensor:
    """Rec. 601 luma: (N, 3, h, w) -> (N, 1, h, w), same range."""
    weights = YCBCR[0].to(color)[:, None, None]
    return (color * weights).sum(dim=1, keepdim=True)


def chroma(color: Tensor) -> Tensor:
    """The two colour differences: (N, 3, h, w) -> (N, 2, h, w)."""
    return torch.einsum("dc,nchw->ndhw", YCBCR[1:].to(color), color)


def bright_ratio(grey: Tensor) -> Tensor:
    """Grey by the brightest grey around it: lines stay, flat areas of any grey become paper.

    Args:
        grey: float (N, 1, h, w) in [0, 1].

    Returns:
        The same shape and range.
    """
    around = F.max_pool2d(grey, 5, stride=1, padding=2)
    return ((grey + 0.03) / (around + 0.03)).clamp(0, 1)
