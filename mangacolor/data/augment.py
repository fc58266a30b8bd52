"""Changes that a target and its references undergo together."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from mangacolor.color import YCBCR

__all__ = ["HUES", "hue_angles", "rotate_hue"]

# Numbers that decide on one picture's hue.
HUES = 2


def rotate_hue(pictures: Tensor, angle: Tensor) -> Tensor:
    """Turns every colour of a picture around the grey axis, keeping luma.

    Args:
        pictures: float (N, ..., 3, h, w), sRGB in [-1, 1].
        angle: float (N,), radians; 0 leaves the picture as it is.

    Returns:
        The same shape; colours that leave the range are clipped.
    """
    cos, sin = torch.cos(angle), torch.sin(angle)
    turn = torch.zeros(len(angle), 3, 3)
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = cos
    turn[:, 1, 2], turn[:, 2, 1] = -sin, sin
    matrix = (torch.linalg.inv(YCBCR) @ turn @ YCBCR).to(pictures)
    turned = torch.einsum("ndc,n...chw->n...dhw", matrix, pictures)
    unchanged = (angle == 0).to(pictures.device).reshape(-1, *[1] * (pictures.dim() - 1))
    return torch.where(unchanged, pictures, turned.clamp(-1, 1))


def hue_angles(dice: Tensor, share: float) -> Tensor:
    """Hue angles (N,) from dice (N, 2) in [0, 1): any for a share of the pictures, 0 for others."""
    angle = (dice[:, 0] * 2 - 1) * math.pi
    return torch.where(dice[:, 1] < share, angle, torch.zeros_like(angle))
