"""The stage that teaches what is one thing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from mangacolor.comic.wardrobe import find_figures
from mangacolor.config import DataConfig, Recipe, TrainConfig
from mangacolor.data import surface_pages
from mangacolor.data.heads import find_heads, window_at
from mangacolor.data.layouts import find_examples
from mangacolor.data.picture_kinds import NamedPlace, named_by, whole
from mangacolor.data.surface_pages import cut_crop, draw_surface_page, read_page, write_page
from mangacolor.data.surface_pictures import cut_picture_crop, name_picture
from mangacolor.errors import DivergedError, InputError, UsageError
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.images.panels import Box
from mangacolor.manga.hand import Hand, make_hand
from mangacolor.nets.surfaces import SurfaceNet
from mangacolor.recipes import check_recipe, read_recipe
from mangacolor.train import surface_steps
from mangacolor.train.loop import train
from mangacolor.train.state import new_state, newest_checkpoint, state_from
from mangacolor.train.surface_steps import SurfaceCrops, surface_step
from tests.comic.models import write_model
from tests.conftest import tiny_net


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kept pages."""
    folder = tmp_path_factory.mktemp("pages")
    for _ in SurfaceCrops(folder, 2, 64, 0).fill():
        pass
    return folder


def test_a_page_has_gutters_words_and_figures() -> None:
    page = draw_surface_page(3)
    found = np.unique(page.kinds)
    assert {Kind.GUTTER, Kind.BALLOON, Kind.LETTERING, Kind.SKIN, Kind.HAIR} <= set(found)
    # Letters are dark, and a balloon is white around them.
    assert (
        page.ink[page.kinds == Kind.LETTERING].mean() < page.ink[page.kinds == Kind.BALLOON].mean()
    )


def test_kept_pages_are_read_as_they_were(tmp_path: Path) -> None:
    page = draw_surface_page(2)
    write_page(page, tmp_path / "a.npz")
    for one, other in zip(page, read_page(tmp_path / "a.npz"), strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))


def test_the_same_number_gives_the_same_crop(pages: Path) -> None:
    one, other = SurfaceCrops(pages, 2, 64, 0), SurfaceCrops(pages, 2, 64, 0)
    for ours, theirs in zip(one[5], other[5], strict=True):
        assert torch.equal(ours, theirs)
    assert not torch.equal(one[5][0], one[6][0])
    assert not torch.equal(one[5][0], SurfaceCrops(pages, 2, 64, 1)[5][0])


def test_crops_fit_together_at_every_scale() -> None:
    page = draw_surface_page(4)
    for seed in range(12):
        crop = cut_crop(page, 64, np.random.default_rng(seed))
        assert crop.page.shape == crop.borders.shape == (64, 64)
        assert crop.kinds.shape == (32, 32)
        assert crop.page.dtype == crop.kinds.dtype == np.uint8
        assert ((crop.kinds < len(Kind)) | (crop.kinds == UNKNOWN)).all()


def test_models_are_bodies_on_a_share_of_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surface_pages, "_HEIGHTS", (150, 180))
    write_model(tmp_path / "quaternius" / "people" / "Smooth_Box.glb")
    figures = find_figures(tmp_path)
    drawn = [(draw_surface_page(n), draw_surface_page(n, figures)) for n in range(6)]
    differ = [not np.array_equal(plain.ink, other.ink) for plain, other in drawn]
    assert 0 < sum(differ) < 6
    plain, modelled = SurfaceCrops(tmp_path, 1, 64, 0), SurfaceCrops(tmp_path, 1, 64, 0, figures)
    assert [*plain.fill(), *modelled.fill()] == [(1, 1)] * 2
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_captions_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def talkative(rng: np.random.Generator, height: float) -> Hand:
        return dataclasses.replace(make_hand(rng, height), captions=300.0, letters=12.0)

    monkeypatch.setattr(surface_pages, "_HEIGHTS", (400, 450))
    monkeypatch.setattr(surface_pages, "make_hand", talkative)
    page = draw_surface_page(4)
    # A page of nothing but background: what is lettering was set anew.
    bare = page._replace(
        kinds=np.full_like(page.kinds, Kind.BACKDROP),
        table=np.full_like(page.table, Kind.BACKDROP),
    )
    crops = [cut_crop(bare, 192, np.random.default_rng(seed)) for seed in range(9)]
    assert any((crop.kinds == Kind.LETTERING).any() for crop in crops)


def flag(height: int = 300, width: int = 420) -> np.ndarray:
    """Two colours side by side, and a line between them."""
    color = np.full((height, width, 3), (200, 60, 60), np.uint8)
    color[:, width // 2 :] = (60, 90, 200)
    color[:, width // 2 - 2 : width // 2 + 2] = 0
    return color


def test_pictures_are_cut_where_their_colours_end() -> None:
    seen = set()
    for seed in range(8):
        crop = cut_picture_crop(flag(), 64, np.random.default_rng(seed))
        assert crop.page.shape == crop.borders.shape == (64, 64)
        assert (crop.kinds == UNKNOWN).all() and crop.kinds.shape == (32, 32)
        columns = np.flatnonzero((crop.borders == 1).mean(axis=0) > 0.9)
        # Where the line is in the window: one border, both of its pixels.
        assert len(columns) in (0, 2)
        seen.add(len(columns))
        other = cut_picture_crop(flag(), 64, np.random.default_rng(seed))
        assert np.array_equal(crop.page, other.page)
    assert 2 in seen


def test_what_fades_has_no_border_and_no_doubt_is_taught() -> None:
    color = flag()
    fade = np.linspace(0, 1, 30)[:, None]
    color[100:130] = (color[100:130] * (1 - fade[..., None])).astype(np.uint8)
    crop = cut_picture_crop(color, 256, np.random.default_rng(1))
    assert set(np.unique(crop.borders)) <= {0, 1, UNKNOWN}
    assert (crop.borders == UNKNOWN).any()


def test_a_share_of_the_crops_are_of_pictures(pages: Path, tmp_path: Path) -> None:
    Image.fromarray(flag()).save(tmp_path / "a.png")
    examples = find_examples(tmp_path)
    crops = SurfaceCrops(pages, 2, 64, 0, (), examples, 0.5)
    shown = [bool((crops[n][2] == UNKNOWN).all()) for n in range(40)]
    assert 10 < sum(shown) < 30
    every = SurfaceCrops(pages, 2, 64, 0, (), examples, 0.0)
    assert torch.equal(every[7][0], SurfaceCrops(pages, 2, 64, 0)[7][0])


def test_what_is_unknown_teaches_nothing() -> None:
    torch.manual_seed(0)
    net = SurfaceNet((4, 8, 8)).train()
    optimizer = torch.optim.SGD(net.parameters(), 0.5)
    before = [x.clone() for x in net.parameters()]
    batch = (
        torch.rand(2, 1, 32, 32),
        torch.full((2, 1, 32, 32), float(UNKNOWN)),
        torch.full((2, 16, 16), UNKNOWN),
    )
    figures = surface_step(net, optimizer, batch, TrainConfig())
    assert figures["loss"] == figures["right"] == 0.0
    assert all(torch.equal(x, y) for x, y in zip(before, net.parameters(), strict=True))


def test_borders_and_kinds_are_learned() -> None:
    torch.manual_seed(0)
    net = SurfaceNet((4, 8, 8)).train()
    optimizer = torch.optim.AdamW(net.parameters(), 0.02)
    page = torch.ones(2, 1, 32, 32)
    page[:, :, :, 15:17] = -1
    page[:, :, :, :15] = 0
    kinds = torch.full((2, 16, 16), int(Kind.SKIN))
    kinds[:, :, :8] = int(Kind.HAIR)
    batch = page, (page == -1).float(), kinds
    figures = [surface_step(net, optimizer, batch, TrainConfig()) for _ in range(40)]
    assert figures[-1]["loss"] < 0.5 * figures[0]["loss"]
    assert figures[-1]["right"] > 0.8


def test_a_loss_that_is_not_finite_ends_the_run() -> None:
    net = SurfaceNet((4, 4)).train()
    optimizer = torch.optim.AdamW(net.parameters(), 0.1)
    page = torch.full((1, 1, 32, 32), torch.nan)
    with pytest.raises(DivergedError):
        surface_step(net, optimizer, (page, page, torch.zeros(1, 16, 16).long()), TrainConfig())


def test_a_run_goes_on_as_if_it_had_never_stopped(
    tmp_path: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surface_steps, "_AT_HAND", 2)
    recipe = Recipe(
        net=tiny_net(style="areas", surfaces=True, surface_size="small"),
        data=DataConfig(size=128, surface_pages=2),
        train=TrainConfig(stage="surfaces", steps=4, batch_size=2, warmup_steps=1, decay_steps=0),
    )
    device = torch.device("cpu")

    def ended(*stops: int) -> dict[str, torch.Tensor]:
        folder = tmp_path / str(len(stops))
        state = new_state(recipe, device)
        for stop in stops:
            config = dataclasses.replace(recipe.train, steps=stop)
            state.recipe = dataclasses.replace(recipe, train=config)
            train(state, [], folder, device=device, cache=pages)
            state = state_from(newest_checkpoint(folder), recipe, device)
        return newest_checkpoint(folder).net

    whole, parted = ended(4), ended(2, 4)
    moved = [name for name in whole if name.startswith("surfaces.")]
    assert moved
    for name, value in whole.items():
        assert torch.equal(value, parted[name]), name


def test_the_recipe_of_the_stage_can_be_run() -> None:
    check_recipe(read_recipe("areas-surfaces"))
    blind = Recipe(net=tiny_net(style="areas"), train=TrainConfig(stage="surfaces"))
    with pytest.raises(UsageError, match="surfaces"):
        check_recipe(blind)


def figure() -> np.ndarray:
    """A face of two shades under hair of two, beside a wall."""
    color = np.full((200, 200, 3), (120, 170, 120), np.uint8)
    color[60:160, 40:120], color[110:160, 40:120] = (230, 180, 140), (180, 130, 90)
    color[20:60, 40:120], color[20:60, 80:120] = (90, 60, 30), (60, 30, 10)
    return color


PLACES = (
    NamedPlace(60, 80, Kind.SKIN),
    NamedPlace(60, 140, Kind.SKIN),
    NamedPlace(60, 40, Kind.HAIR),
    NamedPlace(100, 40, Kind.HAIR),
    NamedPlace(500, 500, Kind.THING),
)


def test_what_is_named_in_a_picture_teaches_kinds() -> None:
    color = figure()
    named = name_picture(color, PLACES)
    assert set(np.unique(named)) == {Kind.SKIN, Kind.HAIR, UNKNOWN}
    seen = {int(kind) for seed in range(6) for kind in np.unique(_cut_named(color, named, seed))}
    assert seen == {Kind.SKIN, Kind.HAIR, UNKNOWN}
    assert np.array_equal(_cut_named(color, None, 1), np.full((48, 48), UNKNOWN))


def _cut_named(
    color: np.ndarray, named: np.ndarray | None, seed: int, head: Box | None = None
) -> np.ndarray:
    return cut_picture_crop(color, 96, np.random.default_rng(seed), None, named, head).kinds


def test_heads_are_found_and_shown_large_whole_or_in_part() -> None:
    color = np.full((600, 900, 3), (120, 170, 120), np.uint8)
    color[300:500, 500:700] = figure()
    at = tuple(NamedPlace(x + 500, y + 300, kind) for x, y, kind in PLACES[:4])
    named = name_picture(color, at)
    ((x0, y0, x1, y1),) = find_heads(named)
    assert x0 in range(535, 545) and x1 in range(615, 625)
    assert y0 in range(315, 325) and y1 in range(400, 465)
    # Hair without a face is no head, nor are scraps of it.
    assert not find_heads(np.where(named == Kind.SKIN, UNKNOWN, named).astype(np.uint8))
    assert not find_heads(named[::20, ::20])
    shares = [
        np.mean(np.isin(_cut_named(color, named, seed, head), (Kind.SKIN, Kind.HAIR)))
        for head in ((x0, y0, x1, y1), None)
        for seed in range(8)
    ]
    assert min(shares[:8]) > 0.02 and np.mean(shares[:8]) > 4 * np.mean(shares[8:])
    for seed in range(8):
        top, left, side = window_at((0, 0, 40, 40), (90, 50), 384, np.random.default_rng(seed))
        assert 0 <= top <= 90 - side and 0 <= left <= 50 - side and side >= 40


def test_shades_of_one_name_are_one_thing_and_names_that_meet_are_two() -> None:
    labels = np.zeros((4, 4), np.int32)
    labels[:2], labels[2:, :2], labels[2:, 2:] = 1, 2, 3
    named = np.full((4, 4), UNKNOWN, np.uint8)
    named[:2], named[2:] = Kind.HAIR, Kind.SKIN
    joined, kinds = whole(labels, named)
    assert len(np.unique(joined)) == 2 and len(np.unique(joined[2:])) == 1
    assert (kinds[joined] == named).all()
    # Two things of one name stay two: only skin and hair are one through their shades.
    named[:] = Kind.THING
    assert len(np.unique(whole(labels, named)[0])) == 3


def test_pictures_that_are_named_are_shown_more_often(pages: Path, tmp_path: Path) -> None:
    for name in "abcdefgh":
        Image.fromarray(figure()).save(tmp_path / f"{name}.png")
    (tmp_path / "kinds.csv").write_text("file,x,y,kind\na.png,60,80,skin\n")
    examples = find_examples(tmp_path)
    crops = SurfaceCrops(pages, 2, 64, 0, (), examples, 1.0)
    taught = [bool((crops[n][2] == Kind.SKIN).any()) for n in range(30)]
    # It is one of eight pictures, and half of the crops are its.
    assert sum(taught) > 6


@pytest.mark.parametrize("text", ["file,x\n", "file,x,y,kind\na.png,1,2,nose\n"])
def test_a_list_of_kinds_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "kinds.csv").write_text(text)
    with pytest.raises(InputError, match=r"kinds\.csv"):
        named_by(tmp_path)


def test_what_the_package_names_is_a_list_of_kinds() -> None:
    named = named_by()
    assert len(named) > 50
    assert {place.kind for places in named.values() for place in places} >= {Kind.SKIN, Kind.HAIR}
