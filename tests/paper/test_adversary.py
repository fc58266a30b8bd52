from __future__ import annotations

import copy
import dataclasses

import pytest
import torch

from mangacolor.config import TrainConfig
from mangacolor.data.layouts import find_examples
from mangacolor.errors import DivergedError
from mangacolor.nets.build import build_generator
from mangacolor.nets.checkpoint import load_checkpoint
from mangacolor.paper.adversary import Watch, discriminator_step, gradient_penalty, new_adversary
from mangacolor.paper.perceptual import Perceptual
from mangacolor.train.loop import train
from mangacolor.train.state import new_state, state_from
from mangacolor.train.step import Batch, generator_step, training_step
from tests.conftest import tiny_net, tiny_recipe

CPU = torch.device("cpu")
# The game alone: no other loss moves the generator.
GAME = TrainConfig(
    pixel_weight=0.0,
    chroma_weight=0.0,
    copy_weight=0.0,
    match_weight=0.0,
    adversarial_weight=1.0,
    feature_weight=0.0,
    discriminator_width=4,
)


def batch_of(n: int = 2, side: int = 64) -> Batch:
    random = torch.Generator().manual_seed(3)
    lineart = torch.rand(n, 1, side, side, generator=random) * 2 - 1
    color = torch.rand(n, 3, side, side, generator=random) * 2 - 1
    references = torch.rand(n, 1, 3, side, side, generator=random) * 2 - 1
    places = torch.full((n, 4, side // 4, side // 4), -1.0)
    return Batch(lineart, references, color, places, places[:, None])


def mean_logit(adversary, color, lineart) -> float:  # type: ignore[no-untyped-def]
    with torch.no_grad():
        return float(adversary.discriminator(color, lineart).logits.mean())


def bits(module: torch.nn.Module) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in module.state_dict().values()]


def test_a_generator_step_raises_what_the_discriminator_says_of_its_pictures() -> None:
    generator = build_generator(tiny_net(), seed=0)
    adversary = new_adversary(GAME, CPU)
    batch = batch_of()
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.05)
    before = generator(batch.lineart, batch.references)
    said = [mean_logit(adversary, level, batch.lineart) for level in before.pyramid]
    generator_step(generator, optimizer, before, batch, GAME, adversary)
    after = generator(batch.lineart, batch.references)
    says = [mean_logit(adversary, level, batch.lineart) for level in after.pyramid]
    weights = GAME.level_weights
    assert sum(w * (b - a) for w, a, b in zip(weights, said, says, strict=True)) > 1e-4


def test_a_generator_step_leaves_the_discriminator_alone() -> None:
    generator = build_generator(tiny_net(), seed=0)
    adversary = new_adversary(GAME, CPU)
    batch = batch_of()
    kept = bits(adversary.discriminator)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    coloring = generator(batch.lineart, batch.references)
    generator_step(generator, optimizer, coloring, batch, GAME, adversary)
    assert all(map(torch.equal, kept, bits(adversary.discriminator)))
    assert all(parameter.grad is None for parameter in adversary.discriminator.parameters())
    assert all(parameter.requires_grad for parameter in adversary.discriminator.parameters())


def test_a_discriminator_step_leaves_the_generator_alone_and_tells_real_from_fake() -> None:
    generator = build_generator(tiny_net(), seed=0)
    adversary = new_adversary(GAME, CPU)
    batch = batch_of()
    kept = bits(generator)
    coloring = generator(batch.lineart, batch.references)
    figures = [
        discriminator_step(adversary, coloring.pyramid, batch.color, batch.lineart, GAME)
        for _ in range(20)
    ]
    assert all(map(torch.equal, kept, bits(generator)))
    assert all(parameter.grad is None for parameter in generator.parameters())
    assert figures[-1]["d_loss"] < figures[0]["d_loss"]
    gaps = [f["d_real"] - f["d_fake"] for f in (figures[0], figures[-1])]
    assert gaps[1] > gaps[0] + 0.1


def test_a_discriminator_that_says_nothing_has_a_hinge_loss_of_2() -> None:
    adversary = new_adversary(GAME, CPU)
    batch = batch_of()
    with torch.no_grad():
        adversary.discriminator.logits.weight.zero_()
        adversary.discriminator.logits.bias.zero_()  # type: ignore[union-attr]
    pyramid = build_generator(tiny_net(), seed=0)(batch.lineart, batch.references).pyramid
    figures = discriminator_step(adversary, pyramid, batch.color, batch.lineart, GAME)
    assert figures["d_loss"] == pytest.approx(2.0, abs=1e-6)


def test_the_gradient_penalty_does_not_grow_with_copies_of_a_picture() -> None:
    judge = new_adversary(GAME, CPU).discriminator
    batch = batch_of(n=1)
    one = gradient_penalty(judge, batch.color, batch.lineart)
    two = gradient_penalty(judge, batch.color.repeat(2, 1, 1, 1), batch.lineart.repeat(2, 1, 1, 1))
    assert two.item() == pytest.approx(one.item(), rel=1e-4)
    assert one.item() > 0


def test_the_penalty_is_lazy_and_weight_0_switches_it_off() -> None:
    batch = batch_of()
    pyramid = build_generator(tiny_net(), seed=0)(batch.lineart, batch.references).pyramid
    for weight, steps in ((10.0, [0, 3]), (0.0, [])):
        config = dataclasses.replace(GAME, r1_weight=weight, r1_steps=3)
        adversary = new_adversary(config, CPU)
        seen = [
            i
            for i in range(5)
            if "r1" in discriminator_step(adversary, pyramid, batch.color, batch.lineart, config)
        ]
        assert seen == steps


def test_feature_matching_wants_the_truths_features() -> None:
    generator = build_generator(tiny_net(), seed=0)
    config = dataclasses.replace(GAME, feature_weight=1.0)
    adversary = new_adversary(config, CPU)
    batch = batch_of()
    coloring = generator(batch.lineart, batch.references)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.0)
    apart = generator_step(generator, optimizer, coloring, batch, config, adversary)["features"]
    from mangacolor.nets.pyramid import truth_pyramid

    perfect = coloring._replace(
        pyramid=tuple(level.requires_grad_() for level in truth_pyramid(batch.color))
    )
    exact = generator_step(generator, optimizer, perfect, batch, config, adversary)["features"]
    assert apart > 1e-3
    assert exact == 0.0


def test_without_an_adversarial_weight_there_is_no_adversary() -> None:
    assert new_state(tiny_recipe(), CPU).adversary is None
    state = new_state(tiny_recipe(adversarial_weight=0.1, discriminator_width=4), CPU)
    assert state.adversary is not None
    figures = training_step(
        state.generator, state.optimizer, batch_of(), state.recipe.train, state.adversary
    )
    assert {"adversarial", "features", "d_loss", "d_real", "d_fake", "r1"} <= set(figures)


def test_both_players_remember_less_where_they_play() -> None:
    alone, playing = (
        new_state(tiny_recipe(adversarial_weight=weight), CPU) for weight in (0.0, 1.0)
    )
    assert alone.optimizer.param_groups[0]["betas"][0] == 0.9
    assert playing.optimizer.param_groups[0]["betas"][0] <= 0.5
    assert playing.adversary is not None
    assert playing.adversary.optimizer.param_groups[0]["betas"][0] <= 0.5


def test_a_game_that_is_resumed_goes_on_as_if_it_had_not_stopped(picture_folder, tmp_path) -> None:  # type: ignore[no-untyped-def]
    recipe = tiny_recipe(adversarial_weight=0.1, discriminator_width=4)
    examples = find_examples(picture_folder)
    whole = train(new_state(recipe, CPU), examples, tmp_path / "whole", device=CPU)

    class Stop(KeyboardInterrupt):
        pass

    def stop(progress) -> None:  # type: ignore[no-untyped-def]
        if progress.step == 3:
            raise Stop

    with pytest.raises(Stop):
        train(new_state(recipe, CPU), examples, tmp_path / "b", device=CPU, tell=stop)
    kept = load_checkpoint(tmp_path / "b" / "step-00000003.safetensors")
    rest = train(state_from(kept, recipe, CPU), examples, tmp_path / "b", device=CPU)
    a, b = load_checkpoint(whole), load_checkpoint(rest)
    assert a.adversary and a.adversary_optimizer
    for section in ("net", "adversary", "adversary_optimizer"):
        for name, tensor in getattr(a, section).items():
            assert torch.equal(tensor, getattr(b, section)[name]), (section, name)


def test_a_diverged_discriminator_stops_before_it_moves() -> None:
    adversary = new_adversary(GAME, CPU)
    batch = batch_of()
    pyramid = build_generator(tiny_net(), seed=0)(batch.lineart, batch.references).pyramid
    kept = copy.deepcopy(adversary.discriminator.state_dict())
    with pytest.raises(DivergedError, match="discriminator"):
        discriminator_step(adversary, pyramid, batch.color * float("nan"), batch.lineart, GAME)
    now = adversary.discriminator.state_dict()
    assert all(torch.equal(kept[name], now[name]) for name in kept)


def playing(loss: float, real: float, fake: float) -> dict[str, float]:
    return {"d_loss": loss, "d_real": real, "d_fake": fake}


@pytest.mark.parametrize(
    ("figures", "word"),
    [(playing(0.0, 3.0, -3.0), "has won"), (playing(2.0, 0.1, 0.1), "tells nothing apart")],
)
def test_a_game_that_is_over_is_told_once(figures: dict[str, float], word: str) -> None:
    watch = Watch()
    told = [line for _ in range(3 * Watch.PATIENCE) if (line := watch.see(figures))]
    assert len(told) == 1
    assert word in told[0]


def test_a_healthy_game_is_not_told_of() -> None:
    watch = Watch()
    assert not any(watch.see(playing(1.6, 0.3, -0.1)) for _ in range(3 * Watch.PATIENCE))
    assert not any(watch.see({"loss": 1.0}) for _ in range(3))


def test_a_game_told_of_is_told_again_when_it_is_over_again() -> None:
    watch = Watch()
    phases = [playing(0.0, 3.0, -3.0), playing(1.6, 0.5, -0.5), playing(0.0, 3.0, -3.0)]
    told = [bool(watch.see(figures)) for figures in phases for _ in range(1000)]
    assert sum(told) == 2


@pytest.mark.parametrize(
    ("loss", "weight"),
    [
        ("pixel", "pixel_weight"),
        ("chroma", "chroma_weight"),
        ("copy", "copy_weight"),
        ("match", "match_weight"),
        ("perceptual", "perceptual_weight"),
        ("features", "feature_weight"),
    ],
)
def test_each_loss_of_the_generator_is_there_by_its_weight_alone(loss: str, weight: str) -> None:
    every = TrainConfig(perceptual_weight=0.1, adversarial_weight=0.1, discriminator_width=4)
    batch = batch_of()
    for value, there in ((0.5, True), (0.0, False)):
        config = dataclasses.replace(every, **{weight: value})  # type: ignore[arg-type]
        generator = build_generator(tiny_net(), seed=0)
        optimizer = torch.optim.SGD(generator.parameters(), lr=0.0)
        figures = training_step(
            generator, optimizer, batch, config, new_adversary(config, CPU), Perceptual()
        )
        assert (loss in figures) is there
        parts = ("pixel", "chroma", "copy", "match", "perceptual", "adversarial", "features")
        total = sum(figures.get(part, 0.0) for part in parts)
        assert figures["loss"] == pytest.approx(total, rel=1e-4)
