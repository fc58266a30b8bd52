"""Luma and chroma of sRGB pictures: the one place that knows the weights."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["YCBCR", "chroma", "luma"]

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
