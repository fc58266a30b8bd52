from __future__ import annotations

import math

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from mangacolor.metrics.chroma import ChromaR2, colourfulness
from mangacolor.metrics.pixel import MS_SSIM_SIDE, SSIM_SIDE, ms_ssim, psnr, ssim

random = torch.Generator().manual_seed(0)
PICTURES = torch.rand(3, 3, 48, 64, generator=random)
OTHERS = torch.rand(3, 3, 48, 64, generator=random)


def r2(result: torch.Tensor, truth: torch.Tensor) -> float:
    metric = ChromaR2()
    metric.add(result, truth)
    return metric.value()


def test_identical_pictures_are_perfect() -> None:
    assert psnr(PICTURES, PICTURES).min() >= 80
    assert ssim(PICTURES, PICTURES).min() == pytest.approx(1)
    assert r2(PICTURES, PICTURES) == 1


def test_psnr_by_hand() -> None:
    # An error of 0.1 everywhere: 10 log10(1 / 0.01) = 20 dB.
    grey = torch.full((1, 3, 32, 32), 0.5)
    assert psnr(grey, grey + 0.1).item() == pytest.approx(20, abs=1e-3)


def test_ssim_of_different_flat_pictures_by_hand() -> None:
    # No structure at all: only the luminance term, (2ab + c1) / (a^2 + b^2 + c1), is left.
    a, b, c1 = 0.2, 0.6, 0.01**2
    flat = torch.ones(1, 3, 32, 32)
    expected = (2 * a * b + c1) / (a * a + b * b + c1)
    assert ssim(a * flat, b * flat).item() == pytest.approx(expected, abs=1e-4)


def test_chroma_r2_is_zero_for_the_pictures_own_mean_colour() -> None:
    mean = PICTURES.mean(dim=(2, 3), keepdim=True).expand_as(PICTURES)
    assert r2(mean, PICTURES) == pytest.approx(0, abs=1e-6)


def test_chroma_r2_does_not_see_luma() -> None:
    dim = PICTURES * 0.5
    assert r2(dim + 0.5, dim) == pytest.approx(1, abs=1e-6)
    assert psnr(dim + 0.5, dim).max() < 10


def test_chroma_r2_by_hand() -> None:
    # Half the picture red, half cyan; the result has them the wrong way round: the error is
    # twice the deviation everywhere, so 1 - 4.
    truth = torch.zeros(1, 3, 2, 2)
    truth[:, 0, :, 0] = 1
    truth[:, 1:, :, 1] = 1
    assert r2(truth.flip(3), truth) == pytest.approx(-3, abs=1e-6)


def test_chroma_r2_is_pooled_whatever_the_batches() -> None:
    parts = ChromaR2()
    for i in range(3):
        parts.add(OTHERS[i : i + 1], PICTURES[i : i + 1])
    assert parts.value() == pytest.approx(r2(OTHERS, PICTURES), abs=1e-9)


def test_chroma_r2_of_truth_without_chroma_is_not_a_number() -> None:
    black = torch.zeros(1, 3, 4, 4)
    assert math.isnan(r2(torch.rand(1, 3, 4, 4), black))


def test_colourfulness_by_hand() -> None:
    grey = torch.full((1, 3, 8, 8), 0.4)
    assert colourfulness(grey).item() == pytest.approx(0, abs=1e-4)
    # Pure red everywhere: rg = 255, yb = 127.5, no spread: 0.3 * sqrt(255^2 + 127.5^2).
    red = torch.zeros(1, 3, 8, 8)
    red[:, 0] = 1
    assert colourfulness(red).item() == pytest.approx(0.3 * math.hypot(255, 127.5), rel=1e-5)


def test_psnr_and_ssim_are_those_of_scikit_image() -> None:
    for made, true in zip(OTHERS, PICTURES, strict=True):
        a, b = (x.permute(1, 2, 0).double().numpy() for x in (made, true))
        assert psnr(made[None], true[None]).item() == pytest.approx(
            peak_signal_noise_ratio(b, a, data_range=1), abs=1e-3
        )
        near = 0.7 * b + 0.3 * a
        expected = structural_similarity(
            b,
            near,
            data_range=1,
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            win_size=11,
            use_sample_covariance=False,
        )
        found = ssim(torch.from_numpy(near).permute(2, 0, 1)[None].float(), true[None])
        assert found.item() == pytest.approx(expected, abs=1e-4)


def test_ms_ssim_of_different_flat_pictures_by_hand() -> None:
    # No structure at any scale: only the luminance term of the coarsest, to its weight, is left.
    a, b, c1 = 0.2, 0.6, 0.01**2
    flat = torch.ones(1, 3, MS_SSIM_SIDE, MS_SSIM_SIDE)
    expected = ((2 * a * b + c1) / (a * a + b * b + c1)) ** 0.1333
    assert ms_ssim(a * flat, b * flat).item() == pytest.approx(expected, abs=1e-3)
    assert ms_ssim(flat, flat).item() == pytest.approx(1)


def test_ssim_of_a_strip_does_not_exist() -> None:
    strip = torch.ones(2, 3, SSIM_SIDE - 1, 400)
    assert ssim(strip, strip).isnan().tolist() == [True, True]


def test_ms_ssim_of_a_small_picture_does_not_exist() -> None:
    small = torch.ones(2, 3, MS_SSIM_SIDE - 1, 400)
    assert ms_ssim(small, small).isnan().tolist() == [True, True]
