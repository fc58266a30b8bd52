"""How a recipe is read, checked, changed and written; its keys and bounds are `config`'s."""

from __future__ import annotations

import dataclasses
import functools
import json
import tomllib
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mangacolor.config import Recipe
from mangacolor.errors import UsageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

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
    # pydantic costs more to import than the command line's help.
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise _in_words(error.errors(include_url=False)[0]) from error
    except RecursionError as error:
        raise UsageError("The recipe is nested too deeply.") from error


def read_recipe(path: Path) -> Recipe:
    """Reads a TOML recipe; keys it leaves out keep their defaults.

    Raises:
        UsageError: no such file, not TOML, an unknown key or a wrong value.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
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


@functools.cache
def _adapter() -> TypeAdapter[Recipe]:
    from pydantic import TypeAdapter

    return TypeAdapter(Recipe)


def _in_words(error: ErrorDetails) -> UsageError:
    """What pydantic found, as the rest of the tool would say it."""
    names = [str(part) for part in error["loc"]]
    where, kind = ".".join(names), error["type"]
    value = error["input"]
    table, hint = _field(names)
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        known = ", ".join(sorted(typing.get_type_hints(table)))
        return UsageError(f"Unknown key {where}.", f"Known keys: {known}.")
    if kind == "literal_error":
        choices = list(typing.get_args(hint))
        return UsageError(f"{where} is {value!r}.", f"Choose one of {choices}.")
    if kind == "dataclass_type":
        return UsageError(f"{where} must be a table, not {value!r}.")
    if kind in ("missing", "tuple_type", "too_long"):
        name = ".".join(names[:2])
        count = len(typing.get_args(hint))
        return UsageError(f"{name} must be a list of {count} numbers.")
    if kind.startswith(("int_", "float_", "bool_", "string_")):
        wanted = {"int": "int", "float": "float", "bool": "bool", "string": "str"}
        return UsageError(f"{where} must be {wanted[kind.partition('_')[0]]}, not {value!r}.")
    bounds = error["msg"].removeprefix("Input should be ")
    return UsageError(f"{where} is {value}; it must be {bounds}.")


def _field(names: Sequence[str]) -> tuple[Any, Any]:
    """The table in which a key is looked for, and what it is to be; None if it is unknown."""
    table: Any = Recipe
    hint: Any = None
    for name in names:
        hints = typing.get_type_hints(table) if dataclasses.is_dataclass(table) else {}
        hint = hints.get(name, hint)
        if dataclasses.is_dataclass(hint):
            table = hint
    return table, hint
