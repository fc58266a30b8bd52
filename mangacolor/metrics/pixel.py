"""Full-reference pixel metrics, by piq."""

from __future__ import annotations

from torch import Tensor

from mangacolor.vision import import_piq

__all__ = ["psnr", "ssim"]


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
        result, truth: float (N, 3, h, w) in [0, 1], at least 11x11.

    Returns:
        float (N,).

    Source: Wang et al., IEEE TIP 2004: 11x11 Gaussian window of deviation 1.5. piq first halves
    pictures whose shorter side is 384 or more, as the authors' own script does.
    """
    value: Tensor = import_piq().ssim(result, truth, data_range=1.0, reduction="none")
    return value
