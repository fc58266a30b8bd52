"""How a recipe is read, checked, changed and written; its keys and bounds are `config`'s."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mangacolor.checks import validated
from mangacolor.config import Recipe
from mangacolor.errors import UsageError
from mangacolor.texts import read_text

__all__ = ["check_recipe", "read_recipe", "to_json", "to_recipe", "with_set"]

# Losses whose weights cannot all be 0.
LOSSES = ("pixel", "chroma", "copy", "match", "perceptual", "adversarial")
# Largest side of a training picture, in pixels.
_LARGEST = 4096


def check_recipe(recipe: Recipe) -> Recipe:
    """Gives the recipe back if a run of it can be started.

    Raises:
        UsageError: a number out of its range, or a size that the network cannot halve so often.
    """
    to_recipe(dataclasses.asdict(recipe))
    if recipe.train.stage != "painter" and recipe.net.style != "areas":
        raise UsageError(
            f'train.stage is "{recipe.train.stage}", and net.style "{recipe.net.style}".',
            'Only style "areas" has that stage.',
        )
    multiple = 16 * recipe.net.stem
    for name, least, of in (("size", 2 * multiple, multiple), ("reference_size", 64, 32)):
        value = getattr(recipe.data, name)
        if value < least or value % of or value > _LARGEST:
            raise UsageError(f"data.{name} is {value}.", f"Take {least} or more, in steps of {of}.")
    if not any(getattr(recipe.train, f"{loss}_weight") for loss in LOSSES):
        raise UsageError("The weights of the losses must not be all 0.")
    if not any(recipe.train.level_weights):
        raise UsageError("train.level_weights must not be all 0.")
    return recipe


def to_recipe(values: dict[str, Any]) -> Recipe:
    """Builds a recipe from plain values; keys that are left out keep their defaults.

    Raises:
        UsageError: an unknown key, a value of the wrong type or out of its bounds, by name.
    """
    return validated(Recipe, values)


def read_recipe(path: Path) -> Recipe:
    """Reads a TOML recipe; keys it leaves out keep their defaults.

    Raises:
        UsageError: no such file, not TOML, an unknown key or a wrong value.
    """
    try:
        values = tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error
    # Numbers of thousands of digits, dates that no calendar has.
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{path} has a value that cannot be read: {error}.") from error
    return to_recipe(values)


def with_set(recipe: Recipe, wishes: Sequence[str]) -> Recipe:
    """The recipe with keys set by `KEY=VALUE`, as `train.batch_size=8`.

    A value is written as in TOML; words need no quotation marks.

    Raises:
        UsageError: it is not of that form, or `to_recipe` refuses it.
    """
    values = dataclasses.asdict(recipe)
    for wish in wishes:
        key, equals, text = (part.strip() for part in wish.partition("="))
        table, dot, name = key.partition(".")
        if not (equals and dot and name) or table not in values:
            raise UsageError(
                f"{wish!r} sets nothing.",
                f"Write KEY=VALUE with a key of {', '.join(values)}, as train.batch_size=8.",
            )
        values[table][name] = _parsed(text)
    return to_recipe(values)


def to_json(config: Any) -> str:
    """The config as JSON text, for the record beside a run."""
    return json.dumps(dataclasses.asdict(config), indent=2) + "\n"


def _parsed(text: str) -> Any:
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except (tomllib.TOMLDecodeError, ValueError, OverflowError, RecursionError):
        return text
