"""What is objected to before any work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from mangacolor.errors import InputError, UsageError
from mangacolor.images.unpacking import UNPACK, kind_of
from mangacolor.names import PICTURE_SUFFIXES, is_picture

__all__ = [
    "refuse_collisions",
    "refuse_empty",
    "refuse_file",
    "refuse_foreign",
]


def refuse_file(source: Path) -> NoReturn:
    """Raises InputError for a file that is no chapter, with its kind and what to do about it."""
    if is_picture(source.name):
        raise InputError(f"{source} is one picture.", "Give the folder that the pages are in.")
    kind = kind_of(source)
    raise InputError(
        f"{source} is {kind or 'neither a folder nor a CBZ, ZIP or PDF'}.",
        f"Unpack it, as with `{UNPACK[kind]}`, and give the folder."
        if kind in UNPACK
        else "Give a folder of pages, a CBZ, ZIP or PDF.",
    )


def refuse_empty(source: Path, names: Sequence[str]) -> None:
    """Raises InputError if a source has no pages."""
    if not names:
        raise InputError(
            f"{source} has no pages.", f"Pages end in {', '.join(sorted(PICTURE_SUFFIXES))}."
        )


def refuse_collisions(
    names: Iterable[tuple[str, str]], key_of: Callable[[str], str], hint: str
) -> None:
    """Two files, given with the names of their pages, that are one file on some system would
    overwrite each other there.

    Raises:
        UsageError: there are such.
    """
    seen: dict[str, str] = {}
    for name, file in names:
        key = key_of(file)
        if key in seen:
            raise UsageError(f"{seen[key]} and {name} would become one file.", hint)
        seen[key] = name


def refuse_foreign(targets: Iterable[Path]) -> None:
    """Raises UsageError if a file is there that somebody else wrote."""
    for target in targets:
        if target.exists():
            raise UsageError(
                f"{target} exists already, and mangacolor did not write it.",
                "Name another place with --out, or replace it with --overwrite.",
            )
