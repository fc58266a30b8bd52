from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import default_collate

from mangacolor.color import bright_ratio, chroma, luma
from mangacolor.config import DataConfig
from mangacolor.data.augment import RECOLORS, recolor
from mangacolor.data.dataset import TrainingSet
from mangacolor.data.layouts import find_examples
from mangacolor.data.lineart import PENS, blur, draw_ink
from mangacolor.data.pages import compose_page
from mangacolor.data.places import View, unknown_places
from tests.conftest import draw_picture

CONFIG = DataConfig(size=64, reference_size=64)


def to_signed(picture: Image.Image) -> torch.Tensor:
    array = np.asarray(picture.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(array).permute(2, 0, 1)[None] / 127.5 - 1


def test_a_sample_depends_on_seed_and_number_alone(picture_folder: Path) -> None:
    examples = find_examples(picture_folder)
    first = TrainingSet(examples, CONFIG, 2, seed=1)
    second = TrainingSet(examples, CONFIG, 2, seed=1)
    [first[i] for i in range(5)]  # a used set and a new one agree
    for a, b in zip(first[7], second[7], strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first[7].color, TrainingSet(examples, CONFIG, 2, seed=2)[7].color)


def test_samples_of_a_batch_have_one_number_of_references(picture_folder: Path) -> None:
    data = TrainingSet(find_examples(picture_folder), CONFIG, 4, seed=0)
    counts = [[len(data[4 * batch + i].references) for i in range(4)] for batch in range(30)]
    assert all(len(set(batch)) == 1 for batch in counts)
    assert {batch[0] for batch in counts} == {1, 2, 3}


def test_real_line_art_is_cut_like_its_colours(tmp_path: Path) -> None:
    for i in range(2):
        picture = draw_picture(i)
        picture.save(tmp_path / f"p{i}_color.png")
        picture.convert("L").save(tmp_path / f"p{i}_sketch.png")
    sample = TrainingSet(find_examples(tmp_path), CONFIG, 1, seed=0)[3]
    assert sample.has_lineart
    assert (luma(sample.color[None].float()) - sample.lineart[None].float()).abs().max() < 4


def test_a_series_of_one_picture_can_be_trained_on(tmp_path: Path) -> None:
    draw_picture(0).save(tmp_path / "only.png")
    config = DataConfig(size=64, reference_size=64, series_share=1.0, page_share=0.5)
    data = TrainingSet(find_examples(tmp_path), config, 1, seed=0)
    assert all(data[i].references.shape[1:] == (3, 64, 64) for i in range(8))


@pytest.mark.parametrize("size", [(3, 200), (200, 3), (1, 1)])
def test_thin_and_tiny_pictures_can_be_trained_on(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "thin.png")
    data = TrainingSet(find_examples(tmp_path), CONFIG, 1, seed=0)
    assert all(data[i].color.shape == (3, 64, 64) for i in range(8))


def test_ink_is_dark_on_lines_and_paper_on_flat_colour() -> None:
    picture = Image.new("RGB", (64, 64), "gold")
    picture.paste("black", (30, 0, 33, 64))
    ink = draw_ink(to_signed(picture))[0, 0]
    assert ink[:, 31].max() < -0.3
    assert ink[:, :20].min() > 0.9


def test_pens_differ_from_picture_to_picture_with_the_dice() -> None:
    pictures = to_signed(draw_picture(0)).expand(6, -1, -1, -1)
    dice = torch.rand(6, PENS, generator=torch.Generator().manual_seed(0))
    drawn = draw_ink(pictures, dice)
    assert all((drawn[0] - drawn[i]).abs().mean() > 1e-3 for i in range(1, 6))
    assert drawn.min() >= -1 and drawn.max() <= 1


def test_every_number_of_the_dice_is_used() -> None:
    pictures = to_signed(draw_picture(0))
    pictures[..., :12, :12] = -0.75  # nearly black, and no line
    # Shade has to be on for its strength to show, and each way of inking be chosen in turn.
    bases = [torch.full((1, PENS), 0.1) for _ in range(3)]
    for base, pen in zip(bases, (0.2, 0.6, 0.9), strict=True):
        base[0, 9] = pen
    # Spot blacks may hide what the last way of inking makes of dark places.
    bases[2][0, 16] = 0.5
    for roll in range(PENS):
        changed = [base.index_fill(1, torch.tensor([roll]), 0.8) for base in bases]
        assert any(
            not torch.equal(draw_ink(pictures, base), draw_ink(pictures, other))
            for base, other in zip(bases, changed, strict=True)
        ), roll
    with pytest.raises(StopIteration):
        draw_ink(pictures, torch.zeros(1, PENS - 1))


def test_the_middle_pen_is_the_pencil_and_nothing_else() -> None:
    # Results that are compared over time were measured with it.
    pictures = to_signed(draw_picture(0))
    pencil = blur(bright_ratio((luma(pictures) + 1) / 2) ** 1.9, torch.tensor([0.5]))
    drawn = (1 - (1 - pencil) * 0.775).clamp(0, 1) * 2 - 1
    assert torch.allclose(draw_ink(pictures), drawn, atol=1e-6)


def test_without_dice_a_batch_is_drawn_as_its_pictures_alone() -> None:
    pictures = torch.cat([to_signed(draw_picture(i)) for i in range(3)])
    together = draw_ink(pictures)
    for i in range(3):
        assert torch.allclose(together[i : i + 1], draw_ink(pictures[i : i + 1]), atol=1e-5)


def recolor_dice(n: int) -> torch.Tensor:
    dice = torch.rand(n, RECOLORS, generator=torch.Generator().manual_seed(1))
    dice[:, 0] = 0.0  # on, whatever the share
    return dice


def test_recolouring_keeps_luma_and_grey() -> None:
    pictures = torch.rand(8, 3, 8, 8) * 0.4 - 0.2  # far from the range's end: nothing is clipped
    changed = recolor(pictures, recolor_dice(8), 1.0)
    assert torch.allclose(luma(changed), luma(pictures), atol=1e-5)
    assert ((chroma(changed) - chroma(pictures)).abs().mean(dim=(1, 2, 3)) > 0.005).all()
    for level in (-1.0, 0.3, 1.0):
        grey = torch.full((8, 3, 4, 4), level)
        assert torch.allclose(recolor(grey, recolor_dice(8), 1.0), grey, atol=1e-5)


@pytest.mark.parametrize("roll", range(1, RECOLORS))
def test_every_number_of_the_recolouring_dice_is_used(roll: int) -> None:
    pictures = torch.rand(1, 3, 8, 8) * 0.8 - 0.4
    low, high = (
        torch.full((1, RECOLORS), 0.2).index_fill(1, torch.tensor([roll]), v) for v in (0.2, 0.8)
    )
    assert not torch.equal(recolor(pictures, low, 1.0), recolor(pictures, high, 1.0))


def test_one_hue_of_two_lightnesses_can_become_two_hues() -> None:
    hue = torch.tensor([0.2, -0.1, -0.1])[None, :, None, None]
    picture = torch.cat([hue - 0.4, hue + 0.4], dim=3)
    dice = torch.tensor([[0.0, 0.5, 0.9, 0.1, 0.95, 0.5]])
    dark, light = chroma(recolor(picture, dice, 1.0)).unbind(3)
    straight = chroma(picture).unbind(3)
    assert torch.allclose(straight[0], straight[1], atol=1e-6)
    assert (dark - light).norm() > 0.1


def test_references_are_recoloured_with_their_target() -> None:
    pictures = torch.rand(2, 3, 8, 8) * 0.4 - 0.2
    references = torch.stack([pictures, pictures], dim=1)
    changed = recolor(references, recolor_dice(2), 1.0)
    assert torch.allclose(changed[:, 0], recolor(pictures, recolor_dice(2), 1.0), atol=1e-6)
    assert torch.equal(changed[:, 0], changed[:, 1])


def test_the_share_of_recoloured_pictures_is_as_asked_and_others_are_as_they_were() -> None:
    pictures = (torch.rand(1, 3, 4, 4) * 2 - 1).expand(1000, -1, -1, -1)
    dice = torch.rand(1000, RECOLORS, generator=torch.Generator().manual_seed(0))
    for share, least, most in ((0.0, 0, 0), (0.5, 400, 600), (1.0, 990, 1000)):
        same = (recolor(pictures, dice, share) == pictures).flatten(1).all(dim=1)
        assert least <= 1000 - int(same.sum()) <= most


@pytest.mark.parametrize("seed", range(8))
def test_a_page_has_its_size_and_its_panels_theirs(seed: int) -> None:
    asked = []

    def draw(width: int, height: int) -> View:
        asked.append((width, height))
        return Image.new("RGB", (width, height), "red"), unknown_places(height, width)

    page, places = compose_page(draw, 128, np.random.default_rng(seed))
    assert places.shape == (4, 32, 32)
    assert page.size == (128, 128)
    assert 1 <= len(asked) <= 4
    assert min(min(size) for size in asked) >= 16


def test_invented_samples_are_asked_for_and_match_by_region(picture_folder: Path) -> None:
    pytest.importorskip("skia")
    examples = find_examples(picture_folder)
    config = DataConfig(size=64, reference_size=64, comic_share=1.0)
    samples = TrainingSet(examples, config, 4, seed=3)
    sample, again = samples[5], TrainingSet(examples, config, 4, seed=3)[5]
    for one, other in zip(sample, again, strict=True):
        assert torch.equal(one, other)
    assert sample.color.shape == (3, 64, 64) and sample.lineart.shape == (1, 64, 64)
    drawn = default_collate([samples[i] for i in range(8, 12)])
    # Somebody's part is in the picture and, elsewhere, in the reference.
    shared = [
        set(places[0].unique().tolist()) & set(others[:, 0].unique().tolist()) - {-1.0}
        for places, others in zip(drawn.places, drawn.reference_places, strict=True)
    ]
    assert sum(map(bool, shared)) >= 3
    plain = TrainingSet(examples, DataConfig(size=64, reference_size=64), 4, seed=3)[5]
    assert not torch.equal(plain.color, sample.color)
