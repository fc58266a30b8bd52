"""Whether settings that a program gives can be; the command line's are checked as they are read."""

from __future__ import annotations

import types
import typing
from typing import Any

from mangacolor.config import BATCH_RANGES, BatchConfig
from mangacolor.errors import UsageError

__all__ = ["check_settings"]


def check_settings(config: BatchConfig) -> None:
    """Looks whether pages can be coloured so.

    Raises:
        UsageError: a value is of the wrong type or out of its range; the message names it.
    """
    for name, hint in typing.get_type_hints(BatchConfig).items():
        value = getattr(config, name)
        if not _is_of(value, hint):
            raise UsageError(f"{name} is {value!r}; it must be {_words(hint)}.")
        least, most = BATCH_RANGES.get(name, (None, None))
        # Not a number is in no range.
        if least is not None and value is not None and not least <= value <= most:
            raise UsageError(f"{name} is {value}; it must be {least:g} ... {most:g}.")


def _is_of(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if typing.get_origin(hint) is types.UnionType:
        return any(_is_of(value, one) for one in typing.get_args(hint))
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, int | float if hint is float else hint)


def _words(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return f"one of {', '.join(typing.get_args(hint))}"
    kinds = typing.get_args(hint) or (hint,)
    return " or ".join("None" if kind is types.NoneType else kind.__name__ for kind in kinds)
