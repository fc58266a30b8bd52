from __future__ import annotations

import dataclasses
import json
import typing
from pathlib import Path

import pytest

from mangacolor.bundle import default_bundle, read_bundle
from mangacolor.config import NetConfig, Recipe
from mangacolor.errors import UsageError
from mangacolor.recipes import (
    USUAL,
    check_recipe,
    named_recipes,
    read_recipe,
    read_stages,
    to_json,
    to_recipe,
    with_set,
)

STAGES = """
[net]
width = 8
[train]
steps = 7
batch_size = 3
[[stages]]
name = "one"
[stages.train]
steps = 5
[[stages]]
name = "two"
[stages.data]
size = 64
"""


def test_a_recipe_survives_json() -> None:
    assert to_recipe(json.loads(to_json(Recipe()))) == Recipe()


def test_the_usual_recipe_trains_the_kind_of_model_that_ships() -> None:
    stages = read_stages(USUAL)
    # All of its networks: what finds areas, what matches, what it matches by, and what paints.
    taught = [stage.recipe.train.stage for stage in stages]
    assert taught == ["surfaces", "matcher", "features", "painter"]
    shipped = NetConfig(**read_bundle(default_bundle()).architecture)
    assert {stage.recipe.net for stage in stages} == {shipped}


def test_the_recipe_of_the_paper_is_the_papers() -> None:
    for name, style in (("paper", "code"), ("paper-levels", "levels")):
        recipe = read_recipe(name)
        net, train = recipe.net, recipe.train
        assert (net.style, net.width, net.max_channels, net.stem) == (style, 64, 1024, 1)
        assert (train.batch_size, recipe.data.size, train.level_weights) == (6, 256, (1, 2, 3, 10))
        assert train.adversarial_weight and train.perceptual_weight


def test_stages_share_what_is_not_their_own(tmp_path: Path) -> None:
    path = tmp_path / "some.toml"
    path.write_text(STAGES)
    one, two = read_stages(str(path))
    assert (one.name, one.recipe.net.width, one.recipe.train.batch_size) == ("one", 8, 3)
    assert (one.recipe.train.steps, two.recipe.train.steps) == (5, 7)
    assert (one.recipe.data.size, two.recipe.data.size) == (Recipe().data.size, 64)
    with pytest.raises(UsageError, match="several stages: one, two"):
        read_recipe(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('stages = "two"', "must be tables"),
        ("stages = []", "must be tables"),
        ("stages = [1]", "must be tables"),
        ("[[stages]]\n[stages.train]\nsteps = 3", "has the name None"),
        ('[[stages]]\nname = "../x"', "has the name '../x'"),
        ('[[stages]]\nname = "a"\n[[stages]]\nname = "a"', "Two stages"),
        ('[[stages]]\nname = "a"\n[stages.net]\nwidth = 8', "network of its own"),
        ('[[stages]]\nname = "a"\nsteps = 8', "steps"),
        ('[[stages]]\nname = "a"\ntrain = 8', "must be a table"),
        ('train = 8\n[[stages]]\nname = "a"\n[stages.train]\nsteps = 0', "train.steps is 0"),
    ],
)
def test_wrong_stages_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "some.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_stages(str(path))


def test_recipes_are_known_by_name() -> None:
    names = named_recipes()
    assert {"areas", "areas-matcher", "paper", "paper-levels", "finetune", "finetune-areas"} <= {
        *names
    }
    assert read_recipe("areas-features") == read_stages("areas")[2].recipe
    for unknown in ("oil", "areas-oil", "oil-matcher", "../areas", ""):
        with pytest.raises(UsageError, match=r"no recipe .*"):
            read_recipe(unknown)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train]\nstepz = 3", "train.stepz"),
        ("[train]\nsteps = 'many'", "train.steps must be int"),
        ("[train]\nsteps = true", "train.steps must be int"),
        ("[net]\nstyle = 'oil'", "net.style is 'oil'"),
        ("[train]\nlevel_weights = 3", "must be a list of 4"),
        ("train = 3", "must be a table"),
        ("= 3", "is not TOML"),
    ],
)
def test_wrong_recipes_are_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_recipe(path)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize("name", named_recipes())
def test_recipes_of_the_package_can_be_run(name: str) -> None:
    for stage in read_stages(name):
        recipe = stage.recipe
        if name == "finetune-areas":
            # The network is that of the model.
            recipe = dataclasses.replace(recipe, net=NetConfig(style="areas"))
        assert check_recipe(recipe) is recipe


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[train]\nbatch_size = 0", "train.batch_size"),
        ("[train]\nlevel_weights = [1, 2]", "level_weights"),
        ("[train]\nema_decay = 2.0", "train.ema_decay"),
        ("[train]\nr1_steps = 0", "train.r1_steps"),
        ("[train]\nseed = -1", "train.seed"),
        ("[train]\nchroma_weight = -1", "train.chroma_weight is -1"),
        (
            "[train]\npixel_weight = 0\nchroma_weight = 0\ncopy_weight = 0\nmatch_weight = 0",
            "all 0",
        ),
        ("[net]\nwidth = 0", "net.width"),
        ("[data]\nsize = 100", "data.size"),
        ("[data]\nreference_size = 72", "data.reference_size"),
        ("[data]\npage_share = 1.5", "data.page_share"),
    ],
)
def test_a_recipe_that_cannot_run_is_refused(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=name):
        check_recipe(read_recipe(path))


def test_every_number_of_a_recipe_has_bounds_or_needs_none() -> None:
    # Checked with others, or so many that there are choices.
    free = {"stem", "size", "reference_size", "compile", "gate", "painter_attends", "guesses"}
    free |= {"surfaces"}
    for part in (Recipe().data, Recipe().train, Recipe().net):
        hints = typing.get_type_hints(type(part), include_extras=True)
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, int | float):
                bounded = typing.get_origin(hints[field.name]) is typing.Annotated
                assert bounded or field.name in free, field.name


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("train.batch_size=8", ("train", "batch_size", 8)),
        ("train.learning_rate = 1e-3", ("train", "learning_rate", 1e-3)),
        ("net.style=areas", ("net", "style", "areas")),
        ('net.style="areas"', ("net", "style", "areas")),
        ("train.compile=true", ("train", "compile", True)),
        ("train.level_weights=[1, 0, 0, 2]", ("train", "level_weights", (1, 0, 0, 2))),
    ],
)
def test_every_key_can_be_set(wish: str, found: tuple[str, str, object]) -> None:
    table, name, value = found
    assert getattr(getattr(with_set(Recipe(), [wish]), table), name) == value


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("train.batch_size", "sets nothing"),
        ("batch_size=8", "sets nothing"),
        ("oven.heat=8", "sets nothing"),
        ("train.heat=8", r"Unknown key train\.heat"),
        ("train.batch_size=0", r"train\.batch_size is 0"),
        ("train.batch_size=many", r"train\.batch_size must be int"),
        ("train.weight_decay=-1", r"train\.weight_decay is -1"),
        ("train.pixel_weight=nan", r"train\.pixel_weight"),
        ("train.pixel_weight=inf", r"train\.pixel_weight"),
        ("net.stem=true", r"net\.stem"),
        ("net.stem=3", r"net\.stem is 3"),
        ("net.matcher_width=33", r"net\.matcher_width is 33"),
        ("train.level_weights=[1, 2]", r"train\.level_weights must be a list of 4"),
        ("train.level_weights=[1, 2, 3, -1]", r"train\.level_weights"),
        ("train.seed=1" + 400 * "0", r"train\.seed"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(wish: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_set(Recipe(), [wish])
