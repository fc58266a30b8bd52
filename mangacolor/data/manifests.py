"""Tables that say of which series each picture of a data folder is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mangacolor.errors import InputError
from mangacolor.names import Alike, folded
from mangacolor.texts import read_rows

__all__ = ["is_manifest", "read_series"]

# What a manifest is called, and what it is called where it is saved as something else: by Excel and
# its like, or on a system that hides suffixes.
_NAME = "manifest.csv"
_OTHERS = frozenset(
    {"manifest.csv.txt", "manifest.xls", "manifest.xlsx", "manifest.xlsm", "manifest.ods"}
    | {"manifest.numbers", "manifest.tsv", "manifest.tab"}
)
# Columns that tell of which series a file is.
_SERIES = ("group", "series")


def is_manifest(name: str) -> bool:
    """Whether a file of this name is a manifest, or is meant to be one."""
    return folded(name) in _OTHERS | {_NAME}


def read_series(folder: Path, pictures: Sequence[Path]) -> Alike[str]:
    """Path to series, by the manifest in a folder or, without one, in the folder above.

    Args:
        folder: of the pictures.
        pictures: in it, which are looked for.

    Raises:
        InputError: there is a manifest, and it is not understood; or that of the folder itself
            names none of the pictures.
    """
    for place in (folder, folder.parent):
        manifest = _manifest_in(place)
        if manifest is None:
            continue
        found = Alike(_lines(manifest))
        if place == folder and all(found.find(_key(path)) is None for path in pictures):
            raise InputError(
                f"{manifest} names none of the pictures in {folder}.",
                "Give their paths below its folder in the column `file`, or move it away.",
            )
        return found
    return Alike(())


def _key(path: Path) -> str:
    return path.resolve().as_posix()


def _manifest_in(place: Path) -> Path | None:
    try:
        paths = sorted(path for path in place.iterdir() if is_manifest(path.name))
    except OSError:
        return None
    exact = [path for path in paths if path.name == _NAME]
    for path in exact or paths:
        if folded(path.name) == _NAME and path.is_file():
            return path
    if not paths or paths[0].is_dir():
        return None
    raise InputError(
        f"{paths[0]} is not read: a manifest is {_NAME}.",
        "Save it as CSV in UTF-8 under that name, or move it away.",
    )


def _lines(manifest: Path) -> Iterator[tuple[str, str]]:
    """Path and series of each line.

    Raises:
        InputError: it cannot be read, or is no such table.
    """
    try:
        rows = read_rows(manifest, {"file", *_SERIES})
    except OSError as error:
        raise InputError(f"{manifest} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError(
            f"{manifest} is no CSV in UTF-8: {error}.", "Save it as such, or remove it."
        ) from error
    column = next((name for name in _SERIES if rows and name in rows[0]), None)
    if column is None or "file" not in rows[0]:
        raise InputError(
            f"{manifest} has no lines with `file` and `group`.",
            "Name its columns so, or move it away.",
        )
    for row in rows:
        file, series = row["file"], row[column]
        if not any(value and value.strip() for value in row.values() if value is not None):
            continue
        if file is None or series is None:
            raise InputError(
                f"{manifest} has a line without `file` or `{column}`.", "Complete or remove it."
            )
        try:
            # Windows writes paths with backslashes.
            for name in {file, file.replace("\\", "/")}:
                yield _key(manifest.parent / name), series
        except (OSError, ValueError) as error:
            raise InputError(
                f"{manifest} names a file that cannot be: {error}.", "Mend or remove that line."
            ) from error
