from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image

from mangacolor.data.noise import noise
from mangacolor.data.scan import SCANS, _jpeg, _lighting, scan
from tests.conftest import draw_page


def pages(n: int) -> torch.Tensor:
    drawn = np.stack([draw_page(i, 64, 72) for i in range(n)])
    return torch.from_numpy(drawn)[:, None].float() / 127.5 - 1


def throw(n: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(n, SCANS, generator=torch.Generator().manual_seed(seed))


def test_as_many_are_scanned_as_asked_and_the_others_stay_bit_for_bit() -> None:
    page, dice = pages(20), throw(20)
    assert torch.equal(scan(page, dice, 0.0), page)
    scanned = scan(page, dice, 0.5)
    on = dice[:, 0] < 0.5
    assert torch.equal(scanned[~on], page[~on])
    assert ((scanned - page)[on].abs().mean((1, 2, 3)) > 0.005).all()


def test_a_scan_keeps_the_range_and_ink_stays_darker_than_paper() -> None:
    page = pages(30)
    scanned = scan(page, throw(30), 1.0)
    assert scanned.min() >= -1 and scanned.max() <= 1
    paper = torch.stack([s[p == 1].median() for s, p in zip(scanned, page, strict=True)])
    ink = torch.stack([s[p == -1].median() for s, p in zip(scanned, page, strict=True)])
    assert (paper > 0.4).all() and (ink < -0.1).all()
    # Neither is all white or all black: that is what makes a scan.
    assert paper.min() < 0.8 and ink.max() > -0.8


def test_the_same_dice_give_the_same_scan_in_any_batch_and_batch_order() -> None:
    page, dice = pages(5), throw(5)
    together = scan(page, dice, 1.0)
    order = [2, 4, 0, 1, 3]
    shuffled = scan(page[order], dice[order], 1.0)
    # A coefficient on the edge between two steps of JPEG may fall to either: hence the mean.
    assert (shuffled - together[order]).abs().mean() < 1e-4
    for i in range(5):
        alone = scan(page[i : i + 1], dice[i : i + 1], 1.0)
        assert (alone - together[i : i + 1]).abs().mean() < 1e-4


def test_every_number_of_the_dice_is_used() -> None:
    page, bases = pages(1), [throw(1, seed) * 0.4 for seed in range(3)]
    for roll in range(SCANS):
        changed = [base.index_fill(1, torch.tensor([roll]), 0.9) for base in bases]
        assert any(
            not torch.equal(scan(page, a, 0.5), scan(page, b, 0.5))
            for a, b in zip(bases, changed, strict=True)
        ), roll


def test_our_jpeg_is_like_a_real_one() -> None:
    page = draw_page(0, 64, 72)
    for quality in (30, 75, 95):
        file = io.BytesIO()
        Image.fromarray(page).save(file, "JPEG", quality=quality)
        real = np.asarray(Image.open(file)).astype(np.float32)
        grey = torch.tensor(page)[None, None].float() / 255
        ours = _jpeg(grey, torch.full((1, 1, 1, 1), float(quality)))[0, 0].numpy() * 255
        assert np.abs(ours - real).mean() < 0.6
        assert np.abs(ours - page).mean() > 0.1


def test_sides_need_not_be_multiples_of_a_block() -> None:
    assert scan(pages(4)[:, :, :61, :35], throw(4), 1.0).shape == (4, 1, 61, 35)


def test_noise_is_normal_and_other_seeds_give_other_noise() -> None:
    field = noise(torch.tensor([0.0, 0.25, 0.2500001, 0.9999]), 128, 96)
    assert field.shape == (4, 1, 128, 96)
    assert field.mean((1, 2, 3)).abs().max() < 0.03
    assert (field.std((1, 2, 3)) - 1).abs().max() < 0.03
    flat = torch.corrcoef(field.flatten(1)) - torch.eye(4)
    assert flat.abs().max() < 0.05
    beside = (field[..., 1:] * field[..., :-1]).mean((1, 2, 3))
    below = (field[:, :, 1:] * field[:, :, :-1]).mean((1, 2, 3))
    assert torch.cat([beside, below]).abs().max() < 0.05


def test_light_falls_off_from_every_side_and_is_finite_in_every_corner() -> None:
    angle = torch.linspace(0, 2 * torch.pi, 20001)[:, None, None, None]
    light = _lighting(torch.tensor(0.12), angle, torch.tensor(0.3), 8, 8)
    assert torch.isfinite(light).all()
    assert light.min() >= 0.87 and light.max() <= 1.01
