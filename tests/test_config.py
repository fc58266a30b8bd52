from __future__ import annotations

import json
from pathlib import Path

import pytest

from mangacolor.config import FINETUNE, Recipe, from_dict, read_recipe, to_json
from mangacolor.errors import UsageError

RECIPES = sorted((Path(__file__).parent.parent / "recipes").glob("*.toml"))


def test_a_recipe_survives_json() -> None:
    assert from_dict(Recipe, json.loads(to_json(Recipe()))) == Recipe()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_shipped_recipes_can_be_read(path: Path) -> None:
    read_recipe(path)


def test_the_finetune_recipe_says_what_finetune_does() -> None:
    assert read_recipe(RECIPES[0].with_name("finetune.toml")) == FINETUNE


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
