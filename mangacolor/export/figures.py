"""Figures of `mangacolor eval`, for the record in a bundle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mangacolor.errors import InputError
from mangacolor.texts import read_text

__all__ = ["read_figures"]

# What is kept of a file besides its rows: on which pictures, at which size.
_FACTS = ("model", "data", "size", "seed", "mangacolor")


def read_figures(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Reads files of `mangacolor eval --json`.

    Returns:
        For each file what was scored on what, and `rows`, the table's lines.

    Raises:
        InputError: a file cannot be read, or is something else.
    """
    return [_read(path) for path in paths]


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(read_text(path))
        rows = record["rows"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("its rows are none")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} has no figures: {error}.", "Name a file that `mangacolor eval --json` wrote."
        ) from error
    return {**{name: record[name] for name in _FACTS if name in record}, "rows": rows}
