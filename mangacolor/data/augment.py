"""Changes of colour that a target and its references share, and of shape that they do not."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from mangacolor.color import YCBCR
from mangacolor.data.places import STEP

__all__ = ["RECOLORS", "WARPS", "recolor", "warp", "warp_flow"]

# Numbers that decide on one picture's colours.
RECOLORS = 6
# Side of the grid of displacements of a warp.
CONTROLS = 4
# Numbers that decide on one reference's warp.
WARPS = 5 + 2 * CONTROLS**2


def recolor(pictures: Tensor, dice: Tensor, share: float) -> Tensor:
    """Gives pictures other colours and the same luma, so that the reference and not memory decides.

    Chroma is turned (hue), mirrored at an axis for half of the pictures (channels change places)
    and, for half, turned further the lighter a place is, so that colours of one hue get several.
    Paper stays white and ink black.

    Args:
        pictures: float (N, ..., 3, h, w), sRGB in [-1, 1]; all of one N are changed alike.
        dice: float (N, RECOLORS) in [0, 1).
        share: of the pictures that are changed; others stay as they are, bit for bit.

    Returns:
        The same shape; colours that leave the range are clipped.
    """
    on, turn, mirror, twisted, twist, gain = dice.to(pictures).unbind(1)
    shape = (-1, *[1] * (pictures.dim() - 2))
    weights = YCBCR.to(pictures)
    y, b, r = torch.einsum("dc,n...chw->dn...hw", weights, pictures).unbind(0)
    b = b * torch.where(mirror < 0.5, -1.0, 1.0).reshape(shape)
    angle = ((turn * 2 - 1) * math.pi).reshape(shape)
    slope = torch.where(twisted < 0.5, (twist * 2 - 1) * 0.5 * math.pi, 0.0).reshape(shape)
    angle = angle + slope * y
    size = (0.7 + 0.6 * gain).reshape(shape)
    cos, sin = size * torch.cos(angle), size * torch.sin(angle)
    turned = torch.stack([y, cos * b - sin * r, sin * b + cos * r])
    back = torch.linalg.inv(YCBCR).to(pictures)
    changed = torch.einsum("dc,cn...hw->n...dhw", back, turned).clamp(-1, 1)
    chosen = (on < share).reshape(-1, *[1] * (pictures.dim() - 1))
    return torch.where(chosen, changed, pictures)


def warp_flow(dice: Tensor, share: float, height: int, width: int) -> Tensor:
    """Where each pixel of a warped picture is taken from: turned, scaled, sheared and bent.

    Args:
        dice: float (N, WARPS) in [0, 1).
        share: of the pictures that are warped; others stay where they are.
        height, width: of the pictures.

    Returns:
        float (N, h, w, 2), x and y in [-1, 1] as `grid_sample` takes them.
    """
    spread = dice * 2 - 1
    on = (dice[:, 0] < share).to(dice)
    angle = spread[:, 1] * on * math.radians(20)
    scale = torch.exp(spread[:, 2] * on * 0.25)
    shear = spread[:, 3] * on * 0.15
    stretch = torch.exp(spread[:, 4] * on * 0.12)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    rows = [
        torch.stack([cos * stretch, shear - sin, torch.zeros_like(on)], dim=1),
        torch.stack([sin, cos / stretch, torch.zeros_like(on)], dim=1),
    ]
    size = [len(dice), 1, height, width]
    flow = F.affine_grid(torch.stack(rows, dim=1), size, align_corners=False)
    bend = spread[:, 5:].unflatten(1, (2, CONTROLS, CONTROLS)) * (0.12 * on)[:, None, None, None]
    # A smooth field through a few displacements, as thin plates give it, in one batched call.
    bent = F.interpolate(bend, size=(height, width), mode="bicubic", align_corners=True)
    return flow + bent.permute(0, 2, 3, 1)


def warp(pictures: Tensor, places: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Warps pictures and their maps of places.

    Args:
        pictures: float (N, 3, h, w) in [-1, 1].
        places: float (N, 4, h / STEP, w / STEP), see `mangacolor.data.places`.
        flow: of `warp_flow`, (N, h, w, 2).

    Returns:
        Both in their shapes. What comes from outside is white, and unknown.
    """
    moved = F.grid_sample(pictures - 1, flow, align_corners=False) + 1
    centres = F.avg_pool2d(flow.permute(0, 3, 1, 2), STEP).permute(0, 2, 3, 1)
    # Nearest: numbers of pictures cannot be mixed. Moved by 1, so that outside is -1.
    shifted = torch.cat([places[:, :1] + 1, places[:, 1:]], dim=1)
    found = F.grid_sample(shifted, centres, mode="nearest", align_corners=False)
    return moved, torch.cat([found[:, :1] - 1, found[:, 1:]], dim=1)
