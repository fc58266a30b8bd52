from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from mangacolor.config import (
    FINETUNE,
    FINETUNE_AREAS,
    RANGES,
    NetConfig,
    Recipe,
    check_recipe,
    from_dict,
    read_recipe,
    to_json,
)
from mangacolor.errors import UsageError

RECIPES = sorted((Path(__file__).parent.parent / "recipes").glob("*.toml"))


def test_a_recipe_survives_json() -> None:
    assert from_dict(Recipe, json.loads(to_json(Recipe()))) == Recipe()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_shipped_recipes_can_be_read(path: Path) -> None:
    read_recipe(path)


def test_the_finetune_recipe_says_what_finetune_does() -> None:
    assert read_recipe(RECIPES[0].with_name("finetune.toml")) == FINETUNE
    assert read_recipe(RECIPES[0].with_name("finetune-areas.toml")) == FINETUNE_AREAS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[train]\nstepz = 3", "train.stepz"),
        ("[train]\nsteps = 'many'", "train.steps must be int"),
        ("[train]\nsteps = true", "train.steps must be int"),
        ("[net]\nstyle = 'oil'", "net.style is 'oil'"),
        ("[train]\nlevel_weights = 3", "must be a list"),
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


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_shipped_recipes_can_be_run(path: Path) -> None:
    recipe = read_recipe(path)
    if path.name == "finetune-areas.toml":
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


def test_every_number_of_a_recipe_has_a_range_or_needs_none() -> None:
    named = {key.partition(".")[2] for key in RANGES}
    free = {"stem", "size", "reference_size", "weight_decay"}
    for part in (Recipe().data, Recipe().train, Recipe().net):
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                known = field.name in named | free or field.name.endswith("_weight")
                assert known, field.name
