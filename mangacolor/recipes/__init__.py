"""How a recipe is read, checked, changed and written; its keys and bounds are `config`'s.

The recipes that come with the package lie beside this file and are known by their names.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mangacolor.checks import validated
from mangacolor.config import Recipe
from mangacolor.errors import UsageError
from mangacolor.texts import read_text

__all__ = [
    "STAGES_FILE",
    "USUAL",
    "Stage",
    "check_recipe",
    "named_recipes",
    "read_recipe",
    "read_stages",
    "to_json",
    "to_recipe",
    "with_set",
]

# What `train` does unless it is told otherwise: a model of the kind that ships.
USUAL = "areas"
# In the folder of a run of several stages: which they are.
STAGES_FILE = "stages.json"
_TABLES = ("net", "data", "train")
# Of a folder that is to hold a stage's run.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")

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
    if not recipe.net.has(recipe.train.stage):
        raise UsageError(
            f'train.stage is "{recipe.train.stage}", and net.style "{recipe.net.style}".',
            'Only style "areas" has that stage.',
        )
    if recipe.train.stage == "surfaces" and not recipe.net.surfaces:
        raise UsageError('train.stage is "surfaces", and net.surfaces is false.', "Make it true.")
    multiple = 64 if recipe.train.stage == "surfaces" else 16 * recipe.net.stem
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


@dataclasses.dataclass(frozen=True)
class Stage:
    """One of the runs that a recipe consists of.

    Attributes:
        name: of its folder in that of the run; "" where there is one stage, which needs none.
        recipe: of it.
    """

    name: str
    recipe: Recipe


def named_recipes() -> list[str]:
    """Names of the recipes that come with the package, and of the stages of those with several."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        stages = read_stages(str(path))
        found += [path.stem, *(f"{path.stem}-{stage.name}" for stage in stages if stage.name)]
    return found


def read_stages(named: str) -> tuple[Stage, ...]:
    """Reads a TOML recipe; keys it leaves out keep their defaults.

    One of several stages lists them as `[[stages]]`, each with a `name` and with tables `data` and
    `train` of what is its own; the rest holds for all.

    Args:
        named: a file, the name of a recipe of the package (`areas`), or that of one of its stages
            (`areas-matcher`).

    Raises:
        UsageError: there is none, it is not TOML, or has an unknown key or a wrong value.
    """
    path = Path(named)
    if path.suffix == ".toml" or path.is_file():
        return _to_stages(_read_toml(path), named)
    shipped = Path(__file__).parent
    if _NAME.fullmatch(named) and (shipped / f"{named}.toml").exists():
        return read_stages(str(shipped / f"{named}.toml"))
    whole, _, part = named.rpartition("-")
    if _NAME.fullmatch(whole) and (shipped / f"{whole}.toml").exists():
        stages = read_stages(str(shipped / f"{whole}.toml"))
        for stage in stages:
            if stage.name == part:
                return (dataclasses.replace(stage, name=""),)
    raise UsageError(
        f"There is no recipe {named}.",
        f"Name a TOML file, or one of {', '.join(named_recipes())}.",
    )


def read_recipe(named: str | Path) -> Recipe:
    """Reads a recipe of one stage, as `read_stages`.

    Raises:
        UsageError: as `read_stages`, or it has several.
    """
    first, *others = read_stages(str(named))
    if others:
        names = ", ".join(stage.name for stage in (first, *others))
        raise UsageError(f"The recipe {named} has several stages: {names}.", "Name one of them.")
    return first.recipe


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error
    # Numbers of thousands of digits, dates that no calendar has.
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{path} has a value that cannot be read: {error}.") from error


def _to_stages(values: dict[str, Any], named: str) -> tuple[Stage, ...]:
    listed = values.pop("stages", None)
    if listed is None:
        return (Stage("", to_recipe(values)),)
    if not isinstance(listed, list) or not listed or not all(isinstance(x, dict) for x in listed):
        raise UsageError(f"The stages of {named} must be tables, each headed [[stages]].")
    stages: list[Stage] = []
    for one in listed:
        name = one.pop("name", None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise UsageError(
                f"A stage of {named} has the name {name!r}.",
                "Take small letters, digits, - and _; its folder is called so.",
            )
        if any(name == known.name for known in stages):
            raise UsageError(f"Two stages of {named} are called {name}.")
        if "net" in one:
            raise UsageError(
                f"Stage {name} of {named} has a network of its own.", "All stages train one [net]."
            )
        stages.append(Stage(name, to_recipe(_merged(values, one))))
    return tuple(stages)


def _merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A stage's own tables over those of all; what is no table is left for the check to refuse."""
    merged = {**common, **own}
    for table in _TABLES:
        ours, theirs = own.get(table), common.get(table)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            merged[table] = {**theirs, **ours}
    return merged


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
