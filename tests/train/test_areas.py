from __future__ import annotations

import dataclasses
import signal
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
import pytest
import torch

from mangacolor.config import DataConfig, Recipe, TrainConfig
from mangacolor.data.layouts import Example, find_examples
from mangacolor.images.shades import guess, to_lab
from mangacolor.images.views import View
from mangacolor.nets.features import Features
from mangacolor.nets.matcher import Matcher
from mangacolor.runtime.looks import look_at
from mangacolor.train import area_version
from mangacolor.train.area_cache import AreaCache, KeptView, open_cache
from mangacolor.train.area_run import matching
from mangacolor.train.area_steps import described, draw_samples, looks_of, matching_step
from mangacolor.train.hints import make_hints
from mangacolor.train.loop import train
from mangacolor.train.matching import (
    Accuracy,
    Described,
    guess_loss,
    looks_loss,
    match,
    match_loss,
    to_matching,
)
from mangacolor.train.record import RunRecord
from mangacolor.train.state import RunState, new_state, newest_checkpoint, state_from
from tests.conftest import draw_picture, tiny_net

# By the last digits of a label; paper, 0, is white.
COLORS = torch.tensor(
    [
        *([250.0, 250, 250], [200, 40, 40], [40, 200, 40], [40, 40, 200]),
        *([200, 200, 40], [40, 200, 200], [200, 40, 200], [120, 120, 60]),
    ]
)


def drawn(*, colored: bool, page: int = 1, labels: tuple[int, ...] = (17, 18, 19, 0)) -> Described:
    """Four areas, each of which can be told from the others by its features."""
    features = torch.zeros(4, 544)
    for i, label in enumerate(labels):
        features[i, 24 + label] = 8.0
    order = torch.tensor([label % 8 for label in labels])
    return Described(
        features,
        torch.zeros(4, 15),
        torch.tensor([400.0, 300, 200, 100]),
        torch.tensor(labels),
        torch.ones(4),
        COLORS[order],
        page,
        colored,
    )


def test_what_is_the_same_part_is_known_and_paper_is_nobody() -> None:
    batch = to_matching(
        [(drawn(colored=False), [drawn(colored=True, labels=(19, 18, 20, 0))])], Random(0)
    )
    expected = torch.zeros(4, 4, dtype=torch.bool)
    expected[1, 1] = expected[2, 0] = True
    assert torch.equal(batch.same[0], expected)
    assert batch.weight[0, 3] < batch.weight[0, 2]


def test_right_scores_cost_less_than_wrong_ones() -> None:
    batch = to_matching([(drawn(colored=False), [drawn(colored=True)])], Random(0))
    right = torch.cat([batch.same.float() * 8, torch.zeros(1, 4, 1)], dim=2)
    wrong = torch.cat([batch.same.roll(1, 2).float() * 8, torch.zeros(1, 4, 1)], dim=2)
    right[0, 3, 4] = wrong[0, 3, 4] = 8
    assert match_loss(right, batch) < 0.05 < 2 < match_loss(wrong, batch)
    assert Accuracy.of(right, batch) == (1.0, 1.0)
    assert Accuracy.of(wrong, batch).part == 0


def test_colours_tell_where_nobody_has_named_the_parts() -> None:
    unknown = drawn(colored=False)._replace(labels=torch.full((4,), -1))
    reference = drawn(colored=True)._replace(labels=torch.full((4,), -1))
    batch = to_matching([(unknown, [reference])], Random(0))
    # White is the colour of paper, and says nothing.
    assert batch.same[0].diagonal().tolist() == [True, True, True, False]
    assert batch.same[0].sum() == 3


def test_order_of_areas_and_references_decides_nothing() -> None:
    torch.manual_seed(0)
    matcher = Matcher(32, 2).eval()
    one, other = drawn(colored=True), drawn(colored=True, labels=(21, 22, 23, 0))
    page = drawn(colored=False)
    turned = Described(*(x.flip(0) for x in page[:6]), page.page, page.colored)  # type: ignore[arg-type, call-arg]
    with torch.no_grad():
        first = match(matcher, to_matching([(page, [one, other])], NoMix()))[0]
        second = match(matcher, to_matching([(turned, [other, one])], NoMix()))[0]
    second = second.flip(1)
    torch.testing.assert_close(first[..., :4], second[..., 4:8])
    torch.testing.assert_close(first[..., 4:8], second[..., :4])
    torch.testing.assert_close(first[..., 8], second[..., 8])


def test_a_filled_up_batch_scores_as_each_alone() -> None:
    torch.manual_seed(0)
    matcher = Matcher(32, 2).eval()
    short = Described(*(x[:2] for x in drawn(colored=False)[:6]), 1, False)  # type: ignore[arg-type, call-arg]
    samples = [(short, [drawn(colored=True)]), (drawn(colored=False), [drawn(colored=True)] * 2)]
    with torch.no_grad():
        together = match(matcher, to_matching(samples, NoMix()))[0]
        alone = match(matcher, to_matching(samples[:1], NoMix()))[0]
    torch.testing.assert_close(together[0, :2, :4], alone[0, :, :4])


class NoMix(Random):
    """Leaves colours as they are."""

    def random(self) -> float:
        return 0.99


def test_guesses_learn_the_colour_of_a_thing_and_not_that_of_an_exchange() -> None:
    torch.manual_seed(0)
    matcher = Matcher(32, 1, guesses=True)
    assert matcher.guess is not None
    page, other = drawn(colored=False), drawn(colored=True, labels=(21, 22, 23, 0))
    optimizer = torch.optim.Adam(matcher.parameters(), 1e-2)
    plain = to_matching([(page, [other])], NoMix())
    for _ in range(60):
        optimizer.zero_grad()
        loss = guess_loss(match(matcher, plain)[1], plain)
        loss.backward()
        optimizer.step()
    _, guesses = match(matcher, plain)
    made, _ = guess(guesses[0].detach().numpy())
    apart = np.linalg.norm(to_lab(made) - to_lab(page.colors.numpy()), axis=1)
    assert apart.max() < 10
    mixed = to_matching([(page, [other])], AlwaysMix())
    assert not mixed.plain.any()
    assert guess_loss(match(matcher, mixed)[1], mixed) == 0


class AlwaysMix(Random):
    """Exchanges red and blue."""

    def random(self) -> float:
        return 0.0

    def sample(self, *_: object, **__: object) -> list[int]:  # type: ignore[override]
        return [2, 1, 0]


def test_a_matcher_that_does_not_guess_matches_alike() -> None:
    torch.manual_seed(0)
    matcher = Matcher(32, 1, guesses=True).eval()
    silent = Matcher(32, 1).eval()
    silent.load_state_dict(
        {name: x for name, x in matcher.state_dict().items() if not name.startswith("guess.")}
    )
    batch = to_matching([(drawn(colored=False), [drawn(colored=True)])], NoMix())
    with torch.no_grad():
        (scores,) = match(silent, batch)
        assert torch.equal(scores, match(matcher, batch)[0])


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return Recipe(
        net=dataclasses.replace(tiny_net(style="areas"), matcher_width=32, matcher_layers=1),
        data=DataConfig(size=64, reference_size=64, area_series=1),
        train=TrainConfig(steps=4, batch_size=2, stage="matcher", learning_rate=2e-3),
    )


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    pictures = tmp_path_factory.mktemp("pictures")
    for i in range(2):
        draw_picture(3, side=300).save(pictures / f"story-{i}.png")
    return find_examples(pictures)


@pytest.fixture(scope="module")
def cache(
    recipe: Recipe, examples: list[Example], tmp_path_factory: pytest.TempPathFactory
) -> AreaCache:
    made = open_cache(examples, recipe, tmp_path_factory.mktemp("areas"))
    assert len(made.names) == 2
    assert len(list(made.fill())) == 2
    return made


def test_what_is_described_is_not_described_again(cache: AreaCache) -> None:
    assert not list(cache.fill())
    (cache.folder / f"{cache.names[0]}.npz").unlink()
    again = AreaCache(cache.folder, cache.series)
    assert len(list(again.fill())) == 1
    first, second = cache.read(cache.names[0]), again.read(cache.names[0])
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one.described.features, other.described.features)


def test_samples_follow_from_the_step(cache: AreaCache, recipe: Recipe) -> None:
    steps = draw_samples(cache, recipe, 0)
    later = [next(steps) for _ in range(3)][2]
    resumed = next(draw_samples(cache, recipe, 2))
    assert [[id(view) for view in sample] for sample in later] == [
        [id(view) for view in sample] for sample in resumed
    ]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("stage", ["matcher", "features"])
def test_a_step_on_a_gpu_is_the_same_step(
    cache: AreaCache, recipe: Recipe, stage: Literal["matcher", "features"]
) -> None:
    recipe = dataclasses.replace(recipe, train=dataclasses.replace(recipe.train, stage=stage))
    losses = []
    for device in (torch.device("cpu"), torch.device("cuda")):
        own, state = AreaCache(cache.folder, cache.series), new_state(recipe, device)
        samples = next(draw_samples(own, recipe, 0, device))
        figures = matching_step(state.generator, state.optimizer, samples, recipe, Random(0))
        losses.append(figures["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


class Listed(AreaCache):
    """Series of two views each, by their names alone; notes which are asked for."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(Path(), dict.fromkeys(names, list))
        self.asked: list[str] = []

    def read(self, name: str, device: torch.device | None = None) -> list[KeptView]:
        self.asked.append(name)
        views = (drawn(colored=True, page=2), drawn(colored=False))
        return [KeptView(view, torch.zeros(0), np.zeros((0, 0), np.int32)) for view in views]


@pytest.mark.parametrize("invented", [10, 1000])
def test_real_series_are_a_third_however_many_are_invented(recipe: Recipe, invented: int) -> None:
    cache = Listed(["real-a", *(f"invented-{i}" for i in range(invented))])
    steps = draw_samples(cache, recipe, 0)
    for _ in range(600):
        next(steps)
    real = cache.asked.count("real-a") / len(cache.asked)
    assert 0.28 < real < 0.39


def test_without_real_series_there_are_invented_ones(recipe: Recipe) -> None:
    cache = Listed(["invented-1"])
    next(draw_samples(cache, recipe, 0))
    assert set(cache.asked) == {"invented-1"}


@pytest.mark.parametrize("stage", ["matcher", pytest.param("features", marks=pytest.mark.slow)])
def test_each_stage_moves_its_own_weights_and_learns(
    cache: AreaCache, recipe: Recipe, stage: str
) -> None:
    recipe = dataclasses.replace(recipe, train=dataclasses.replace(recipe.train, stage=stage))  # type: ignore[arg-type]
    state = new_state(recipe, torch.device("cpu"))
    before = {name: x.clone() for name, x in state.generator.state_dict().items()}
    samples = next(draw_samples(cache, recipe, 0))
    losses = [
        matching_step(state.generator, state.optimizer, samples, recipe, Random(1))["loss"]
        for _ in range(12)
    ]
    assert losses[-1] < 0.9 * losses[0]
    moved = {
        name.split(".")[0] + ("." + name.split(".")[1] if name.startswith("features") else "")
        for name, x in state.generator.state_dict().items()
        if not torch.equal(x, before[name])
    }
    assert moved == ({"matcher"} if stage == "matcher" else {"matcher", "features.high"})


def test_hints_are_mostly_the_truth_and_never_all_of_it() -> None:
    picture = torch.from_numpy(np.asarray(draw_picture(1, side=128)).copy()).permute(2, 0, 1)
    color = picture[None].float().expand(12, -1, -1, -1) / 127.5 - 1
    lineart = (color.amin(dim=1, keepdim=True) > -0.9).float() * 2 - 1
    dice = torch.rand(12, 5, generator=torch.Generator().manual_seed(1))
    hints = make_hints(lineart, color, dice)
    assert hints.shape == (12, 4, 128, 128)
    told = hints[:, 3:] > 0
    assert 0.2 < told.float().mean() < 0.9
    assert (hints[:, :3] * ~told == 0).all()
    paper = told & (lineart > 0)
    near = ((hints[:, :3] - color).abs().amax(dim=1, keepdim=True) < 0.1) & paper
    share = near.sum() / paper.sum()
    assert 0.5 < share < 0.98
    # What is right is on the whole surer.
    assert hints[:, 3:][near].mean() > hints[:, 3:][paper & ~near].mean()
    assert torch.equal(make_hints(lineart[:3], color[:3], dice[:3]), hints[:3])


def test_a_run_of_the_matcher_goes_on_where_it_stopped(
    recipe: Recipe, cache: AreaCache, examples: list[Example], tmp_path: Path
) -> None:
    device = torch.device("cpu")

    def run(folder: Path, steps: list[int]) -> dict[str, torch.Tensor]:
        state = new_state(recipe, device)
        for last in steps:
            part = dataclasses.replace(
                recipe, train=dataclasses.replace(recipe.train, steps=last, decay_steps=0)
            )
            state.recipe = part
            train(state, examples, folder, device=device, cache=cache.folder)
            state = state_from(newest_checkpoint(folder), part, device)
        return dict(state.generator.state_dict())

    whole, parts = run(tmp_path / "whole", [4]), run(tmp_path / "parts", [2, 4])
    for name, weights in whole.items():
        torch.testing.assert_close(weights, parts[name], msg=name)


def names_of(pictures: Path, recipe: Recipe) -> list[str]:
    """Of the files of real series."""
    names = open_cache(find_examples(pictures), recipe, Path()).names
    return [name for name in names if name.startswith("real-")]


def test_a_series_is_described_anew_when_anything_that_decides_is_another(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(2):
        draw_picture(i).save(pictures / f"story-{i}.png")
    pens = dataclasses.replace(recipe, data=dataclasses.replace(recipe.data, area_pens=2))
    before = names_of(pictures, recipe)
    known = [before, names_of(pictures, pens)]
    # The same picture, called the same.
    draw_picture(2).save(pictures / "story-1.png")
    known.append(names_of(pictures, recipe))
    version = area_version.version_of("mangacolor.train.area_views")
    assert open_cache([], recipe, Path()).names == [f"invented-00010000-{version}"]
    monkeypatch.setattr("mangacolor.train.area_cache.version_of", lambda *modules: "0")
    known.append(names_of(pictures, recipe))
    assert open_cache([], recipe, Path()).names == ["invented-00010000-0"]
    assert all(len(names) == 1 for names in known)
    assert len({name for (name,) in known}) == 4
    # Where it lies says nothing.
    monkeypatch.undo()
    draw_picture(1).save(pictures / "story-1.png")
    assert names_of(pictures.rename(tmp_path / "moved"), recipe) == before


def test_the_version_of_areas_is_that_of_all_code_that_finds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = area_version._source

    def version(name: str, change: str) -> str:
        monkeypatch.setattr(
            area_version, "_source", lambda x: (really(x) or "") + change * (x == name) or None
        )
        for function in (area_version.version_of, area_version._tree):
            function.cache_clear()
        return area_version.version_of("mangacolor.train.area_views")

    areas, comic = "mangacolor.images.areas", "mangacolor.comic.looks"
    before = version(areas, "")
    assert version(areas, "\n# More is said.") == before
    found = {version(name, "\nX = 1") for name in (areas, comic)}
    assert len(found | {before}) == 3
    assert version("mangacolor.batch.run", "\nX = 1") == before
    monkeypatch.undo()
    for function in (area_version.version_of, area_version._tree):
        function.cache_clear()


def fresh_run(recipe: Recipe, **changes: object) -> RunState:
    data = dataclasses.replace(recipe.data, area_series=3)
    return new_state(dataclasses.replace(recipe, data=data), torch.device("cpu"))


def describe_at_once(monkeypatch: pytest.MonkeyPatch, cache: AreaCache) -> None:
    """Puts a series that is described already in the place of each that is to be."""
    views = np.load(cache.folder / f"{cache.names[0]}.npz")
    arrays = {name: views[name] for name in views.files}
    count = len({name.partition("/")[0] for name in arrays})
    kept = [
        {name.partition("/")[2]: x for name, x in arrays.items() if name.startswith(f"{i}/")}
        for i in range(count)
    ]
    monkeypatch.setattr("mangacolor.train.area_cache.draw_series", lambda seed, **how: [None])
    monkeypatch.setattr("mangacolor.train.area_cache._pooler", lambda: Answer(kept[0]))


class Answer:
    def __init__(self, view: dict[str, np.ndarray]) -> None:
        self.view = view

    def pool(self, seen: object) -> dict[str, np.ndarray]:
        return self.view


def test_a_matcher_is_taught_on_what_its_own_features_say(
    recipe: Recipe, cache: AreaCache, tmp_path: Path
) -> None:
    state = fresh_run(recipe)
    features = state.generator.features
    run = RunRecord(state, tmp_path, None, writes=False)
    kept = cache.read(cache.names[0])[0]
    for factor in (1.0, 1.5):
        with torch.no_grad():
            for weights in features.high.parameters():
                weights.mul_(factor)
        own = AreaCache(cache.folder, cache.series)
        next(matching(run, own))
        seen = own.read(cache.names[0])[0].described.features
        assert torch.equal(seen, kept.described.features) == (factor == 1.0)
    with torch.no_grad():
        assert torch.equal(seen, described(features, kept).features)
    assert not seen.requires_grad


def test_describing_stops_when_the_time_is_up_and_goes_on(
    recipe: Recipe, cache: AreaCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_at_once(monkeypatch, cache)
    told: list[tuple[int, int]] = []
    state = fresh_run(recipe)
    last = train(
        state,
        [],
        tmp_path,
        device=torch.device("cpu"),
        max_minutes=0.0,
        tell_described=lambda *counts: told.append(counts),
    )
    assert told == [(1, 3)]
    assert (state.step, last.name) == (0, "step-00000000.safetensors")
    assert state_from(newest_checkpoint(tmp_path), state.recipe, torch.device("cpu")).step == 0
    assert len(list((tmp_path / "areas").glob("*.npz"))) == 1


def test_half_of_the_time_is_left_to_learn_from_what_is_described(
    recipe: Recipe, cache: AreaCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe_at_once(monkeypatch, cache)
    drawn_from: list[str] = []
    told: list[str] = []

    def samples(cache: AreaCache, *_: object) -> Iterator[list[object]]:
        drawn_from.extend(cache.names)
        return iter([[]])

    monkeypatch.setattr(RunRecord, "is_over", lambda self, share=1.0: share < 1)
    monkeypatch.setattr("mangacolor.train.area_run.draw_samples", samples)
    monkeypatch.setattr("mangacolor.train.area_run.matching_step", lambda *_: {"loss": 1.0})
    state = fresh_run(recipe)
    train(
        state,
        [],
        tmp_path,
        device=torch.device("cpu"),
        tell=lambda progress: told.append(progress.notice),
    )
    assert state.step == 1
    assert len(drawn_from) == 1
    assert "1 of 3 series" in told[0]


def test_ctrl_c_ends_describing_after_the_series_in_hand(
    recipe: Recipe,
    cache: AreaCache,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interruptible: None,
) -> None:
    describe_at_once(monkeypatch, cache)
    told: list[tuple[int, int]] = []

    def press(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(fresh_run(recipe), [], tmp_path, device=torch.device("cpu"), tell_described=press)
    assert told == [(1, 3), (2, 3)]
    assert len(list((tmp_path / "areas").glob("*.npz"))) == 2


def test_looks_in_training_are_those_by_which_pages_are_matched() -> None:
    view = View(
        picture=np.zeros((64, 64), np.uint8),
        numbers=np.arange(4, dtype=np.int32),
        sizes=np.full(4, 256, np.float32),
        facts=np.zeros((4, 15), np.float32),
        cells=np.arange(32 * 32, dtype=np.int32).reshape(32, 32) // 256,
    )
    features = Features().eval()
    with torch.no_grad():
        maps = [found.numpy() for found in features(torch.randn(1, 3, 64, 64))]

    class Seeing:
        def describe(self, picture: np.ndarray) -> list[np.ndarray]:
            return maps

    described, looks = look_at(Seeing(), [view])  # type: ignore[arg-type]
    (own,) = looks_of([torch.from_numpy(described[0])])
    np.testing.assert_allclose(own.numpy(), looks[0], atol=1e-5)


def test_looks_learn_by_colour_whatever_the_part_is() -> None:
    looks = torch.eye(4)
    page = drawn(colored=False)._replace(looks=looks)
    # Others of the same colours; colours go around after eight.
    others = drawn(colored=True, labels=(25, 26, 27, 0))

    def loss(theirs: torch.Tensor) -> float:
        views = page, [others._replace(looks=theirs)]
        return float(looks_loss(to_matching([views], Random(0), recolored=0.0)))

    assert loss(looks) < 0.01 < 1.0 < loss(looks.roll(1, dims=0))
