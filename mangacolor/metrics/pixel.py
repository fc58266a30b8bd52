"""Full-reference pixel metrics, by piq."""

from __future__ import annotations

import torch
from torch import Tensor

from mangacolor.vision import import_piq

__all__ = ["MS_SSIM_SIDE", "SSIM_SIDE", "ms_ssim", "psnr", "ssim"]

# The window's side.
SSIM_SIDE = 11
# The shorter side at which the coarsest of the five scales still holds one window.
MS_SSIM_SIDE = 161


def psnr(result: Tensor, truth: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of each picture, in dB; higher is better.

    Args:
        result, truth: float (N, 3, h, w) in [0, 1].

    Returns:
        float (N,); 80 for identical pictures (piq's floor of 1e-8 on the squared error).
    """
    value: Tensor = import_piq().psnr(result, truth, data_range=1.0, reduction="none")
    return value


def ssim(result: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity of each picture, up to 1 for identical ones; higher is better.

    Args:
        result, truth: float (N, 3, h, w) in [0, 1].

    Returns:
        float (N,); NaN where the shorter side is below `SSIM_SIDE`.

    Source: Wang et al., IEEE TIP 2004: 11x11 Gaussian window of deviation 1.5. piq first halves
    pictures whose shorter side is 384 or more, as the authors' own script does.
    """
    if min(truth.shape[2:]) < SSIM_SIDE:
        return torch.full((len(truth),), torch.nan)
    value: Tensor = import_piq().ssim(result, truth, data_range=1.0, reduction="none")
    return value


def ms_ssim(result: Tensor, truth: Tensor) -> Tensor:
    """Multi-scale structural similarity of each picture, up to 1; higher is better.

    Args:
        result, truth: float (N, 3, h, w) in [0, 1].

    Returns:
        float (N,); NaN where the shorter side is below `MS_SSIM_SIDE`.

    Source: Wang, Simoncelli and Bovik, Asilomar 2003, with their five weights.
    """
    if min(truth.shape[2:]) < MS_SSIM_SIDE:
        return torch.full((len(truth),), torch.nan)
    value: Tensor = import_piq().multi_scale_ssim(result, truth, data_range=1.0, reduction="none")
    return value
