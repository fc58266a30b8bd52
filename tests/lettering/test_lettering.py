from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.data.places import forget_covered, unknown_places
from mangacolor.data.tones import TONES, lay_tones
from mangacolor.lettering import fonts
from mangacolor.lettering import make as lettering
from mangacolor.lettering.balloons import blow_balloon, draw_shape
from mangacolor.lettering.make import draw_balloon, draw_effect

Draw = Callable[[Image.Image, np.random.Generator], None]


def lettered(draw: Draw, seed: int, ground: str = "seagreen", side: int = 128) -> Image.Image:
    picture = Image.new("RGB", (side, side), ground)
    draw(picture, np.random.default_rng(seed))
    return picture


def signed(picture: Image.Image) -> torch.Tensor:
    return torch.tensor(np.array(picture)).permute(2, 0, 1)[None].float() / 127.5 - 1


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "find_fonts", lambda family: ())


@pytest.mark.parametrize("draw", [draw_balloon, draw_effect])
def test_lettering_depends_on_the_seed_alone(draw: Draw) -> None:
    pictures = [lettered(draw, seed).tobytes() for seed in range(12)]
    assert pictures == [lettered(draw, seed).tobytes() for seed in range(12)]
    assert len(set(pictures)) == 12


@pytest.mark.parametrize("family", ["speech", "loud", "japanese"])
def test_the_extra_brings_fonts_of_every_family(family: fonts.Family) -> None:
    assert fonts.find_fonts(family)


@pytest.mark.usefixtures("without_fonts")
@pytest.mark.parametrize("draw", [draw_balloon, draw_effect])
def test_without_the_fonts_pillows_own_is_used(draw: Draw) -> None:
    assert all((np.asarray(lettered(draw, seed)) < 50).any() for seed in range(6))


def test_a_fonts_package_that_is_not_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FILES", {"speech": (("no_such_package", "a.ttf"),)})
    assert fonts.find_fonts.__wrapped__("speech") == ()


@pytest.mark.parametrize("draw", [draw_balloon, draw_effect])
@pytest.mark.parametrize("size", [(64, 64), (40, 150), (16, 16)])
def test_lettering_fits_pictures_of_any_shape(draw: Draw, size: tuple[int, int]) -> None:
    for seed in range(8):
        picture = Image.new("RGB", size, "gold")
        draw(picture, np.random.default_rng(seed))
        assert picture.size == size


@pytest.mark.parametrize("seed", range(6))
def test_a_balloon_is_white_inside_its_line_and_reaches_all_around(seed: int) -> None:
    picture = Image.new("RGB", (200, 200), "red")
    balloon = blow_balloon(np.random.default_rng(seed))
    middle, half = np.array([100.0, 100.0]), np.array([50.0, 40.0])
    draw_shape(ImageDraw.Draw(picture), balloon, middle, half, 3.0)
    room = half * balloon.room
    x0, y0 = (int(v) for v in middle - room / 2)
    x1, y1 = (int(v) for v in middle + room / 2)
    assert (np.asarray(picture.crop((x0, y0, x1, y1))) == 255).all()
    # From the middle to the red there is a black line, whichever way one goes.
    row = np.asarray(picture)[100].tolist()
    assert row.index([0, 0, 0]) < row.index([255, 255, 255])
    assert row[::-1].index([0, 0, 0]) < row[::-1].index([255, 255, 255])


def test_letters_stay_readable_and_balloons_paper_in_ink_with_tones() -> None:
    generator = torch.Generator().manual_seed(0)
    for seed in range(12):
        bare = signed(Image.new("RGB", (128, 128), "seagreen"))
        color = signed(lettered(draw_balloon, seed))
        pens = torch.rand(1, PENS, generator=generator)
        tones = torch.rand(1, TONES, generator=generator)
        ink = lay_tones(draw_ink(color, pens), color, tones, 1.0)[0, 0]
        white = (color[0] == 1).all(dim=0)
        # Away from letters and from the line: three pixels of white all around.
        inside = -torch.nn.functional.max_pool2d(-white[None].float(), 7, 1, 3)[0] > 0
        letters = (color[0] < -0.9).all(dim=0) & (color != bare)[0].any(dim=0)
        if inside.sum() > 50:
            assert ink[inside].mean() > 0.97, seed
        if letters.sum() > 20:
            assert ink[letters].mean() < 0.4, seed


def test_an_effect_stands_out_from_what_is_under_it() -> None:
    for ground, other in (("black", 255), ("white", 0)):
        for seed in range(8):
            drawn = np.asarray(lettered(draw_effect, seed, ground))
            # Letters and their edge are black and white: one of them is not the ground.
            assert (drawn == other).all(axis=2).any()


def test_where_lettering_covers_a_picture_its_places_are_unknown() -> None:
    bare = Image.new("RGB", (64, 64), "gold")
    drawn = bare.copy()
    drawn.paste("black", (16, 16, 32, 40))
    places = unknown_places(64, 64)
    places[0] = 5
    forget_covered(places, bare, drawn)
    assert (places[0, 4:10, 4:8] == -1).all()
    assert (places[0] == -1).sum() == 6 * 4
