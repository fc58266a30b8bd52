"""A cast as a file, as a person may have edited it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from mangacolor.batch.cast import FORMAT, Cast, Offer
from mangacolor.batch.events import Listener, Notice
from mangacolor.errors import InputError
from mangacolor.images.groups import RGB, Group, Shade
from mangacolor.images.hexes import color_of
from mangacolor.texts import read_text

__all__ = ["read_cast"]

_HINT = "Make it again with `mangacolor cast`."


def read_cast(path: Path, tell: Listener) -> Cast:
    """Reads a cast, edited or not.

    Args:
        path: of `Cast.to_json`.
        tell: gets a `Notice` of a name among its colours that it does not have.

    Raises:
        InputError: it is no cast, or a colour is none.
    """
    try:
        facts = json.loads(read_text(path))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is no JSON any more: {error}.", "Mend that place, or make it again."
        ) from error
    try:
        cast = _from_json(facts)
        colors = {str(name): str(value) for name, value in facts["colors"].items()}
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(f"{path} is no cast of this version of mangacolor.", _HINT) from error
    groups = {f"{group}/{name}" for (group, _), name in cast.names.items()}
    wanted: dict[str, RGB] = {}
    unknown: dict[str, RGB] = {}
    for name, value in colors.items():
        color = color_of(value)
        if color is None:
            raise InputError(f"{path}: {name} is {value!r}.", "Write a colour as #rrggbb.")
        if name not in cast.found and name not in groups:
            unknown[name] = color
            tell(Notice(f"{path} has a colour for {name}, which no reference has; it is left out"))
        elif color != cast.found.get(name):
            wanted[name] = color
    return dataclasses.replace(cast, wanted=wanted, unknown=unknown)


def _from_json(facts: Any) -> Cast:
    if facts["mangacolor_cast"] != FORMAT:
        raise ValueError
    offers, names = [], {}
    for item in facts["references"]:
        groups = []
        for group in item["groups"]:
            shades = tuple(
                Shade(
                    _known(shade["color"]),
                    _number(shade["share"]),
                    tuple((_number(x), _number(y)) for x, y in shade["points"]),
                )
                for shade in group["shades"]
            )
            left, top, right, bottom = (_number(side) for side in group["box"])
            box = (left, top, right, bottom)
            groups.append((str(group["name"]), Group(box, shades, bool(group["background"]))))
            for number, shade in enumerate(group["shades"]):
                names[str(group["name"]), number] = str(shade["name"])
        offers.append(
            Offer(str(item["file"]), str(item["sha256"]), int(item["piece"]), tuple(groups))
        )
    found = {str(name): _known(color) for name, color in facts["found"].items()}
    return Cast(tuple(offers), names, found)


def _number(value: Any) -> float:
    """A share of a picture's size or area."""
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(value)
    return number


def _known(text: str) -> RGB:
    color = color_of(text)
    if color is None:
        raise ValueError(text)
    return color
