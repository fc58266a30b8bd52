"""Values checked by the types and bounds of a config's fields, and refused by name."""

from __future__ import annotations

import dataclasses
import functools
import json
import typing
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from annotated_types import Interval

from mangacolor.errors import UsageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

__all__ = ["bounds_of", "validated"]

T = TypeVar("T")


def validated(kind: type[T], values: dict[str, Any]) -> T:
    """Builds a config of plain values; keys that are left out keep their defaults.

    Args:
        kind: a dataclass of `config`.
        values: as JSON or TOML have them.

    Raises:
        UsageError: an unknown key, a value of the wrong type or out of its bounds, by name.
    """
    # pydantic costs more to import than the command line's help.
    from pydantic import ValidationError

    try:
        checked: T = _adapter(typing.cast(Any, kind)).validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise _in_words(kind, error.errors(include_url=False)[0]) from error
    except RecursionError as error:
        raise UsageError("The values are nested too deeply.") from error
    return checked


def bounds_of(kind: type, name: str) -> tuple[Any, Any]:
    """Least and most of a field that is an `Interval`, be it of a number or of one or None; None
    of one that is not.
    """
    hint = typing.get_type_hints(kind, include_extras=True)[name]
    for part in (hint, *typing.get_args(hint)):
        for mark in getattr(part, "__metadata__", ()):
            if isinstance(mark, Interval):
                return mark.ge, mark.le
    return None, None


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _in_words(kind: type, error: ErrorDetails) -> UsageError:
    """What pydantic found, as the rest of the tool would say it."""
    names = [str(part) for part in error["loc"]]
    where, fault = ".".join(names), error["type"]
    value = error["input"]
    table, hint = _field(kind, names)
    if fault in ("unexpected_keyword_argument", "extra_forbidden"):
        known = ", ".join(sorted(typing.get_type_hints(table)))
        return UsageError(f"Unknown key {where}.", f"Known keys: {known}.")
    if fault == "literal_error":
        return UsageError(f"{where} is {value!r}.", f"Choose one of {list(typing.get_args(hint))}.")
    if fault == "dataclass_type":
        return UsageError(f"{where} must be a table, not {value!r}.")
    if fault in ("missing", "tuple_type", "too_long"):
        count = len(typing.get_args(hint))
        return UsageError(f"{'.'.join(names[:2])} must be a list of {count} numbers.")
    if fault.startswith(("int_", "float_", "bool_", "string_")):
        wanted = {"int": "int", "float": "float", "bool": "bool", "string": "str"}
        return UsageError(f"{where} must be {wanted[fault.partition('_')[0]]}, not {value!r}.")
    bounds = error["msg"].removeprefix("Input should be ")
    return UsageError(f"{where} is {value}; it must be {bounds}.")


def _field(kind: type, names: Sequence[str]) -> tuple[Any, Any]:
    """The table in which a key is looked for, and what it is to be; None if it is unknown."""
    table: Any = kind
    hint: Any = None
    for name in names:
        hints = typing.get_type_hints(table) if dataclasses.is_dataclass(table) else {}
        hint = hints.get(name, hint)
        if dataclasses.is_dataclass(hint):
            table = hint
    return table, hint
