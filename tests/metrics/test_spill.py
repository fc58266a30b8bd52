from __future__ import annotations

import math

import pytest
import torch

from mangacolor.metrics.spill import spill

SIDE = 64
RED, BLUE = torch.tensor([1.0, 0.2, 0.2]), torch.tensor([0.2, 0.2, 1.0])


def halves(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    picture = left[:, None, None].expand(3, SIDE, SIDE).clone()
    picture[:, :, SIDE // 2 :] = right[:, None, None]
    return picture[None]


TRUTH = halves(RED, BLUE)
LINEART = torch.ones(1, 1, SIDE, SIDE)
LINEART[..., SIDE // 2] = 0


@pytest.mark.parametrize("turn", [False, True])
def test_by_hand(turn: bool) -> None:
    def of(result: torch.Tensor) -> float:
        pictures = [x.mT if turn else x for x in (result, TRUTH, LINEART)]
        return spill(*pictures)

    assert of(TRUTH) == 0
    assert of(halves(RED, RED)) == 1
    assert of(torch.ones_like(TRUTH)) == 1
    # A third of the way of each colour to the other leaves a third of the contrast.
    third = halves(RED + (BLUE - RED) / 3, BLUE + (RED - BLUE) / 3)
    assert of(third) == pytest.approx(2 / 3, abs=1e-5)


def test_which_colours_does_not_matter() -> None:
    assert spill(halves(BLUE, RED), TRUTH, LINEART) == pytest.approx(0, abs=1e-6)
    assert spill(TRUTH.flip(1), TRUTH, LINEART) < 0.3


def test_blurred_colour_spills() -> None:
    around = torch.nn.functional.avg_pool2d(TRUTH, 15, stride=1, padding=7, count_include_pad=False)
    assert 0.3 < spill(around, TRUTH, LINEART) < 1


def test_without_two_colours_beside_a_line_there_is_no_figure() -> None:
    assert math.isnan(spill(TRUTH, halves(RED, RED), LINEART))
    assert math.isnan(spill(TRUTH, TRUTH, torch.ones_like(LINEART)))
