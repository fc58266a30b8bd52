"""Building blocks shared by the networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = [
    "AdaIN",
    "EncoderBlock",
    "FusionBlock",
    "ResidualBlock",
    "mean_and_deviation",
    "moments",
    "stage_channels",
]

NORM_EPSILON = 1e-5


def stage_channels(width: int, max_channels: int, stages: int = 5) -> list[int]:
    """Channels of each stage: width, 2 width, 4 width ... up to the cap."""
    return [min(width * 2**stage, max_channels) for stage in range(stages)]


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of every channel of every picture.

    Args:
        x: float (N, C, h, w).

    Returns:
        Mean and variance, float (N, C, 1, 1) each.
    """
    if torch.compiler.is_exporting():
        # ONNX Runtime adds up a whole map in one go and loses digits by it; on a blank page, whose
        # maps hardly vary, that is seen: 0.01 of 2 where row by row it is a thousandth of that.
        mean = x.mean(dim=3, keepdim=True).mean(dim=2, keepdim=True)
        squares = (x - mean).square()
        return mean, squares.mean(dim=3, keepdim=True).mean(dim=2, keepdim=True)
    variance, mean = torch.var_mean(x, dim=(2, 3), keepdim=True, correction=0)
    return mean, variance


def mean_and_deviation(x: Tensor) -> Tensor:
    """(N, C, h, w) -> (N, 2C): of every channel of every picture."""
    mean, variance = moments(x)
    return torch.cat([mean, torch.sqrt(variance + 1e-5)], dim=1).flatten(1)


def normalize(x: Tensor) -> Tensor:
    """Instance normalisation in plain mean and variance operations.

    Written out so that the ONNX graph is the same at every size, and so that the colour of a 1x1
    map is zero and not NaN.

    Args:
        x: float (N, C, h, w).
    """
    mean, variance = moments(x)
    return (x - mean) * torch.rsqrt(variance + NORM_EPSILON)


class InstanceNorm(nn.Module):
    """Instance normalisation with a learned affine per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> the same shape."""
        return normalize(x) * self.scale + self.shift


class AdaIN(nn.Module):
    """Adaptive instance normalisation: scale and shift of every channel come from a style code.

    Source: Huang and Belongie, ICCV 2017, with the learned affine of MUNIT (Huang et al., ECCV
    2018). Differs from the existing implementation of Liu et al., where two moments of the whole
    code serve every channel and a permuted code changes nothing.
    """

    def __init__(self, channels: int, code_size: int) -> None:
        super().__init__()
        self.affine = nn.Linear(code_size, 2 * channels)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """(N, C, h, w) and (N, code_size) -> (N, C, h, w)."""
        scale, shift = self.affine(code)[:, :, None, None].chunk(2, dim=1)
        return normalize(x) * (1 + scale) + shift


class ResidualBlock(nn.Module):
    """Halves the picture: two 3x3 convolutions and a 1x1 shortcut, no normalisation.

    Source: Liu et al., CVM 2022, colour style extractor. No normalisation, since the mean and
    spread of a reference's colours are exactly what is to be kept.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, padding_mode="reflect")
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, padding_mode="reflect")
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h/2, w/2)."""
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class EncoderBlock(nn.Module):
    """One stage of the sketch encoder: convolution, instance normalisation, ReLU."""

    def __init__(self, inputs: int, outputs: int, *, halve: bool) -> None:
        super().__init__()
        kernel, stride = (4, 2) if halve else (3, 1)
        # The normalisation would subtract a bias again.
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1, bias=False)
        self.norm = InstanceNorm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) -> (N, outputs, h/2, w/2), or (..., h, w) where it does not halve."""
        return F.relu(self.norm(self.conv(x)))


class FusionBlock(nn.Module):
    """Style-content fusion: conv, AdaIN, ReLU, conv, AdaIN, then skip and upsample.

    Source: Liu et al., CVM 2022, section 3.
    """

    def __init__(self, channels: int, outputs: int, code_size: int) -> None:
        super().__init__()
        # The normalisations would subtract a bias again.
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.first_norm = AdaIN(channels, code_size)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = AdaIN(channels, code_size)
        self.enlarge = nn.ConvTranspose2d(2 * channels, outputs, 4, stride=2, padding=1)

    def forward(self, x: Tensor, skip: Tensor, code: Tensor) -> Tensor:
        """(N, C, h, w), a skip of that shape and (N, code_size) -> (N, outputs, 2h, 2w)."""
        y = F.relu(self.first_norm(self.first(x), code))
        y = self.second_norm(self.second(y), code)
        return F.relu(self.enlarge(torch.cat([y, skip], dim=1)))
