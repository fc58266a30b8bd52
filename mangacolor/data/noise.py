"""Noise that is a function of its seed and of the place: the same in any batch, on any device."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["noise"]

LOW_32_BITS = 0xFFFFFFFF
# Of the sum of four bytes, which is close enough to a normal distribution for grain.
MEAN, DEVIATION = 4 * 127.5, 2 * 73.9


def noise(seeds: Tensor, height: int, width: int) -> Tensor:
    """White noise with mean 0 and deviation 1, within +-3.5.

    Integers only until the last step: generators of torch differ from device to device, and a hash
    made of sines from one rounding to the next.

    Args:
        seeds: float (N,) in [0, 1), of each picture.
        height, width: of the pictures.

    Returns:
        float (N, 1, h, w).

    Source: Wellons, Prospecting for Hash Functions, 2018 (lowbias32).
    """
    at = torch.arange(height * width, device=seeds.device)
    x = _mix((seeds.double() * 2**24).long())[:, None] + at
    x = _mix(x & LOW_32_BITS)
    total = sum((x >> shift) & 255 for shift in (0, 8, 16, 24))
    assert isinstance(total, Tensor)
    return ((total.to(seeds) - MEAN) / DEVIATION).view(-1, 1, height, width)


def _mix(x: Tensor) -> Tensor:
    """A bijection of 32-bit numbers, held in int64, that leaves no pattern."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & LOW_32_BITS
    x = ((x ^ (x >> 15)) * 0x846CA68B) & LOW_32_BITS
    return x ^ (x >> 16)
