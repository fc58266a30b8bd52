from __future__ import annotations

import math

import pytest
import torch

from mangacolor.metrics.tally import Tally

TRUTH = torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_truth_has_no_error() -> None:
    tally = Tally()
    tally.add(TRUTH, TRUTH)
    assert tally.error == 0
    assert tally.psnr >= 80
    assert (tally.ssim, tally.chroma_r2, tally.colourfulness_ratio) == pytest.approx((1, 1, 1))


def test_a_wrong_brightness_counts_once_and_a_wrong_colour_more() -> None:
    light, tinted = Tally(), Tally()
    grey = torch.zeros(1, 3, 16, 16)
    light.add(grey + 0.3, grey)
    # The same distance per channel on average, but of no brightness.
    tinted.add(grey + torch.tensor([0.3, -0.3, 0.3])[:, None, None], grey)
    assert light.error == pytest.approx(0.3, abs=1e-4)
    assert tinted.error > 1.5 * light.error


def test_without_pictures_there_are_no_figures() -> None:
    tally = Tally()
    figures = (tally.error, tally.psnr, tally.ssim, tally.chroma_r2, tally.colourfulness_ratio)
    assert all(math.isnan(figure) for figure in figures)
