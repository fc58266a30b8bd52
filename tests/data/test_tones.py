from __future__ import annotations

import numpy as np
import pytest
import torch

from mangacolor.data.tones import LEVELS, TONES, lay_tones
from tests.conftest import draw_picture

# What the numbers of the dice decide, by place.
ON, GAMMA, LIGHTEST, STRENGTH, COUNT, SMOOTH, SOLID = range(7)
KEEP, DIFFERS, SCREENS = 7, 7 + LEVELS, 8 + LEVELS


def throw(n: int, seed: int = 0, **fixed: float) -> torch.Tensor:
    dice = torch.rand(n, TONES, generator=torch.Generator().manual_seed(seed))
    for name, value in fixed.items():
        dice[:, globals()[name]] = value
    return dice


def pictures(n: int, side: int) -> torch.Tensor:
    drawn = np.stack([np.asarray(draw_picture(i, side)) for i in range(n)])
    return torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_white_stays_white_and_only_as_many_are_toned_as_asked() -> None:
    paper = torch.ones(6, 1, 32, 32)
    assert torch.equal(lay_tones(paper, torch.ones(6, 3, 32, 32), throw(6), 1.0), paper)
    grey = torch.full((200, 3, 16, 16), -0.6)
    toned = lay_tones(torch.ones(200, 1, 16, 16), grey, throw(200), 0.3)
    assert 0.15 < (toned < 1).flatten(1).any(1).float().mean() < 0.4


def test_no_place_becomes_lighter_and_the_range_stays() -> None:
    lineart = torch.rand(8, 1, 48, 48, generator=torch.Generator().manual_seed(1)) * 2 - 1
    color = pictures(8, 48)
    toned = lay_tones(lineart, color, throw(8), 1.0)
    assert (toned <= lineart + 1e-6).all()
    assert toned.min() >= -1


@pytest.mark.parametrize("seed", range(4))
def test_tone_covers_as_much_as_the_place_is_dark_in_every_pattern_and_pitch(seed: int) -> None:
    greys = torch.linspace(0.35, 0.95, 24)
    color = (greys[:, None, None, None] * 2 - 1).expand(-1, 3, 64, 64)
    # Smooth tones of full strength, gamma 1: what is left is pattern, pitch, angle and place.
    dice = throw(24, seed, LIGHTEST=0.0, STRENGTH=1.0, GAMMA=1 / 3, SMOOTH=0.0, SOLID=0.99)
    mean = (lay_tones(torch.ones(24, 1, 64, 64), color, dice, 1.0).mean((1, 2, 3)) + 1) / 2
    wanted = torch.where(1 - greys < 0.15, torch.ones(24), 1 - 0.9 * (1 - greys))
    assert (mean - wanted).abs().max() < 0.04


def test_darker_places_get_darker_tone_in_levels() -> None:
    steps = torch.linspace(0.98, 0.3, 40).repeat_interleave(6)
    color = (steps * 2 - 1).expand(1, 3, 64, -1)
    dice = throw(1, 3, LIGHTEST=0.0, COUNT=0.99, SMOOTH=0.9, SOLID=0.99)
    dice[:, KEEP:DIFFERS] = 0.0
    toned = lay_tones(torch.ones(1, 1, 64, 240), color, dice, 1.0)
    means = toned[0, 0].mean(0).unfold(0, 24, 24).mean(1)
    assert means[0] == 1
    assert (means.diff() < 0.08).all()
    assert means[-1] < 0.5


def test_levels_that_are_left_out_stay_paper() -> None:
    dice = throw(8, SMOOTH=0.9, SOLID=0.99)
    dice[:, KEEP:DIFFERS] = 0.99
    paper = torch.ones(8, 1, 32, 32)
    assert torch.equal(lay_tones(paper, torch.full((8, 3, 32, 32), -0.4), dice, 1.0), paper)


def test_thin_ink_does_not_darken_the_tone_around_it() -> None:
    color = torch.full((1, 3, 64, 64), 0.4)
    dice = throw(1, LIGHTEST=0.0, SMOOTH=0.0)
    inked = color.clone()
    inked[..., 30:33] = -1
    paper = torch.ones(1, 1, 64, 64)
    toned = lay_tones(paper, color, dice, 1.0)
    assert torch.allclose(lay_tones(paper, inked, dice, 1.0), toned, atol=1e-5)
    assert toned.min() < 0.9


def test_the_same_dice_give_the_same_tones_in_any_batch_and_batch_order() -> None:
    color = pictures(5, 64)
    lineart, dice = torch.ones(5, 1, 64, 64), throw(5)
    together = lay_tones(lineart, color, dice, 0.7)
    order = [3, 0, 4, 1, 2]
    shuffled = lay_tones(lineart, color[order], dice[order], 0.7)
    assert torch.allclose(shuffled, together[order], atol=1e-4)
    for i in range(5):
        alone = lay_tones(lineart[:1], color[i : i + 1], dice[i : i + 1], 0.7)
        assert torch.allclose(alone, together[i : i + 1], atol=1e-4)


def test_every_number_of_the_dice_is_used() -> None:
    color = torch.linspace(1, -1, 64).expand(1, 3, 64, 64)
    lineart = torch.ones(1, 1, 64, 64)
    bases = [throw(1, seed, ON=0.1, SMOOTH=0.9, COUNT=0.99) for seed in range(6)]
    for roll in range(TONES):
        changed = [base.index_fill(1, torch.tensor([roll]), 0.8) for base in bases]
        changed += [base.index_fill(1, torch.tensor([roll]), 0.1) for base in bases]
        assert any(
            not torch.equal(lay_tones(lineart, color, a, 0.5), lay_tones(lineart, color, b, 0.5))
            for a, b in zip(bases * 2, changed, strict=True)
        ), roll
