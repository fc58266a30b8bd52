from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F
from torch.utils.data import default_collate

from mangacolor.config import DataConfig, Recipe
from mangacolor.data.augment import WARPS, warp, warp_flow
from mangacolor.data.dataset import TrainingSet
from mangacolor.data.layouts import find_examples
from mangacolor.data.pages import compose_page
from mangacolor.data.places import STEP, cut, region_places, view
from mangacolor.train.losses import _known_matches, match_loss
from mangacolor.train.step import prepare

MIDDLE = torch.full((1, WARPS), 0.5)


def gradient(width: int, height: int) -> Image.Image:
    """A picture whose colours tell where they are: red is x, green is y."""
    array = np.zeros((height, width, 3), np.uint8)
    array[..., 0] = np.linspace(0, 255, width)[None]
    array[..., 1] = np.linspace(0, 255, height)[:, None]
    return Image.fromarray(array)


def told_by_colour(picture: Image.Image, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    array = np.asarray(picture, np.float32)[STEP // 2 :: STEP, STEP // 2 :: STEP]
    return array[..., 0] / 255 * width, array[..., 1] / 255 * height


@pytest.mark.parametrize("flip", [False, True])
def test_places_say_what_the_colours_say(flip: bool) -> None:
    picture = gradient(200, 120)
    seen = view(picture, 7, (20, 10, 180, 110), 80, 64, flip=flip)
    again = cut(seen, (8, 4, 72, 60), 96, 48, flip=True)
    for made, places in (seen, again):
        x, y = told_by_colour(made, 200, 120)
        assert (places[0] == 7).all()
        assert abs(places[1] - x).max() < 6
        assert abs(places[2] - y).max() < 6
    assert seen[1][3, 0, 0] == pytest.approx(2.0)
    assert again[1][3, 0, 0] == pytest.approx(2.0 * 56 / 48, rel=0.01)


def test_a_page_knows_its_panels_places_and_not_its_paper() -> None:
    picture = gradient(300, 300)

    def draw(width: int, height: int) -> tuple[Image.Image, np.ndarray]:
        return view(picture, 3, (0, 0, 300, 300), width, height, flip=False)

    for seed in range(6):
        page, places = compose_page(draw, 128, np.random.default_rng(seed))
        array = np.asarray(page)[STEP // 2 :: STEP, STEP // 2 :: STEP].astype(int)
        white = (array == 255).all(axis=2)
        assert (places[0][white] == -1).all()
        known = places[0] == 3
        assert known.mean() > 0.2
        x = array[..., 0] / 255 * 300
        # Frames are black lines over the panels: all but a few cells agree.
        assert (abs(places[1] - x)[known] < 12).mean() > 0.9


def test_the_middle_warp_is_none_and_share_0_is_none() -> None:
    pictures = torch.rand(2, 3, 64, 64) * 2 - 1
    places = torch.rand(2, 4, 16, 16)
    dice = torch.cat([MIDDLE, torch.rand(1, WARPS)])
    dice[0, 0] = 0.0
    for share, same in ((1.0, [0]), (0.0, [0, 1])):
        flow = warp_flow(dice, share, 64, 64)
        moved, found = warp(pictures, places, flow)
        for i in same:
            assert torch.allclose(moved[i], pictures[i], atol=1e-4)
            assert torch.allclose(found[i], places[i], atol=1e-5)
    flow = warp_flow(dice, 1.0, 64, 64)
    assert (warp(pictures, places, flow)[0][1] - pictures[1]).abs().mean() > 0.05


@pytest.mark.parametrize("roll", range(1, WARPS))
def test_every_number_of_the_warps_dice_is_used(roll: int) -> None:
    dice = MIDDLE.clone()
    dice[0, 0] = 0.0
    moved = dice.clone()
    moved[0, roll] = 0.9
    assert not torch.equal(warp_flow(dice, 1.0, 32, 32), warp_flow(moved, 1.0, 32, 32))


def test_what_comes_from_outside_is_white_and_unknown() -> None:
    dice = MIDDLE.clone()
    dice[0, 0], dice[0, 2] = 0.0, 1.0  # enlarged flow: the picture shrinks
    places = torch.zeros(1, 4, 16, 16)
    moved, found = warp(torch.zeros(1, 3, 64, 64), places, warp_flow(dice, 1.0, 64, 64))
    assert torch.equal(moved[0, :, 0, 0], torch.ones(3))
    assert found[0, 0, 0, 0] == -1
    assert found[0, 0, 8, 8] == 0


def test_where_places_match_colours_match(tmp_path: Path) -> None:
    for i in range(2):
        side = gradient(160, 160).rotate(90 * i)
        side.save(tmp_path / f"tale-{i}.png")
    data = DataConfig(size=64, reference_size=64, recolor_share=0.0, warp_share=1.0)
    recipe = Recipe(data=data)
    samples = TrainingSet(find_examples(tmp_path), data, 8, seed=0)
    batch = prepare(default_collate([samples[i] for i in range(8)]), recipe, torch.device("cpu"))
    fits = _known_matches(batch.places, batch.reference_places)
    assert fits.any(dim=2).float().mean() > 0.2
    page = F.avg_pool2d(batch.color, 8).flatten(2).transpose(1, 2)
    tokens = F.avg_pool2d(batch.references.flatten(0, 1), 8).unflatten(0, (8, -1))
    tokens = tokens.transpose(1, 2).flatten(2).transpose(1, 2)
    apart = (page[:, :, None] - tokens[:, None]).abs().mean(dim=3)
    matched, any_two = apart[fits].mean(), apart.mean()
    assert matched < 0.3 * any_two


def tokens_in_a_row(n: int) -> torch.Tensor:
    """Places (1, 4, 2, 2n) of n tokens of picture 0, each 8 pixels further to the right."""
    places = torch.zeros(1, 4, 2, 2 * n)
    places[:, 1] = torch.arange(n).repeat_interleave(2) * 8.0
    places[:, 3] = 1.0
    return places


def test_the_match_loss_is_least_where_attention_belongs() -> None:
    places = tokens_in_a_row(5)
    right = 20 * torch.eye(5)[None]
    loss = {
        name: match_loss(scores, places, places[:, None]).item()
        for name, scores in {
            "right": right,
            "even": torch.zeros(1, 5, 5),
            "wrong": right.roll(1, dims=2),
        }.items()
    }
    assert loss["right"] < 1e-6
    assert loss["even"] == pytest.approx(math.log(5), abs=1e-5)
    assert loss["wrong"] > 10


def test_places_without_a_known_match_have_no_loss_and_no_gradient() -> None:
    places = tokens_in_a_row(4)
    unknown = places.clone()
    unknown[:, 0] = -1
    other = places.clone()
    other[:, 0] = 1
    for reference in (unknown, other):
        scores = torch.randn(1, 4, 4, requires_grad=True)
        loss = match_loss(scores, places, reference[:, None])
        loss.backward()
        assert loss.item() == 0.0
        assert scores.grad is not None and torch.equal(scores.grad, torch.zeros(1, 4, 4))


def test_the_match_loss_teaches_the_attention() -> None:
    places = tokens_in_a_row(4)
    scores = torch.zeros(1, 4, 4, requires_grad=True)
    match_loss(scores, places, places[:, None]).backward()
    assert scores.grad is not None
    assert (scores.grad[0].diagonal() < 0).all()
    assert (scores.grad[0][~torch.eye(4, dtype=torch.bool)] > 0).all()


def test_all_of_a_region_is_one_place_and_its_edges_are_unknown() -> None:
    labels = np.full((16, 18), 7, np.int32)
    labels[:, 8:] = 300
    labels[0:8, 6:10] = -1  # ink over the edge
    labels[12:, 3] = 300  # another region within a cell
    places = region_places(labels)
    assert places.shape == (4, 4, 5)
    expected = [
        [7, 7, 300, 300, -1],
        [7, 7, 300, 300, -1],
        [7, 7, 300, 300, -1],
        [-1, 7, 300, 300, -1],
    ]
    # The last column's cells are half unknown, beyond the edge: exactly half is enough.
    expected = [[*row[:4], 300] for row in expected]
    assert places[0].tolist() == expected
    assert (places[1:3] == 0).all()


def test_a_match_loss_knows_regions_across_drawings() -> None:
    first = np.zeros((16, 16), np.int32)
    first[:, 8:] = 5
    places = torch.from_numpy(region_places(first))[None]
    mirrored = torch.from_numpy(region_places(first[:, ::-1].copy()))[None, None]
    right = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(2, 2)[None] * 9
    assert match_loss(right, places, mirrored) < match_loss(-right, places, mirrored) / 10
