from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from skimage.color import rgb2lab

from mangacolor.metrics.lab import ciede2000, palette_distance

PICTURE = torch.rand(3, 20, 30, generator=torch.Generator().manual_seed(0))


def flat(*color: float) -> torch.Tensor:
    return torch.tensor(color, dtype=torch.float32)[:, None, None].expand(3, 8, 9)


def test_the_same_picture_has_no_distance() -> None:
    assert ciede2000(PICTURE, PICTURE) == 0
    assert palette_distance(PICTURE, PICTURE) == 0


def test_black_is_a_hundred_from_white() -> None:
    assert ciede2000(flat(0, 0, 0), flat(1, 1, 1)) == pytest.approx(100, abs=0.01)


def test_ciede2000_of_greys_by_hand() -> None:
    # Without chroma only dL / S_L is left; L* of a grey is 116 Y^(1/3) - 16.
    def lightness(v: float) -> float:
        return 116 * (((v + 0.055) / 1.055) ** 2.4) ** (1 / 3) - 16

    low, high = lightness(0.4), lightness(0.7)
    off = (low + high) / 2 - 50
    weight = 1 + 0.015 * off**2 / math.sqrt(20 + off**2)
    found = ciede2000(flat(0.4, 0.4, 0.4), flat(0.7, 0.7, 0.7))
    assert found == pytest.approx((high - low) / weight, abs=0.01)


def test_ciede2000_is_the_mean_over_pixels() -> None:
    half = torch.cat([flat(1, 1, 1), flat(0, 0, 0)], dim=2)
    assert ciede2000(half, torch.ones_like(half)) == pytest.approx(50, abs=0.01)


def test_palette_distance_of_flat_colours_by_hand() -> None:
    one, other = flat(0.8, 0.3, 0.2), flat(0.2, 0.5, 0.7)
    a, b = (rgb2lab(x.permute(1, 2, 0).numpy())[0, 0, 1:] for x in (one, other))
    angles = np.pi * np.arange(8) / 8
    expected = np.abs((a - b) @ np.stack([np.cos(angles), np.sin(angles)])).mean()
    assert palette_distance(one, other) == pytest.approx(expected, rel=1e-5)


def test_palette_distance_does_not_see_places_size_or_lightness() -> None:
    order = torch.randperm(20 * 30, generator=torch.Generator().manual_seed(1))
    shuffled = PICTURE.flatten(1)[:, order].reshape(3, 30, 20)
    assert palette_distance(shuffled, PICTURE) == pytest.approx(0, abs=1e-5)
    assert palette_distance(torch.cat([PICTURE, PICTURE], dim=1), PICTURE) == pytest.approx(
        0, abs=1e-5
    )
    assert palette_distance(flat(0.2, 0.2, 0.2), flat(0.9, 0.9, 0.9)) == pytest.approx(0, abs=0.05)
    assert palette_distance(PICTURE, PICTURE.mean(dim=(1, 2), keepdim=True).expand(3, 5, 5)) > 5
