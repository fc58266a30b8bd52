"""The file of what a person did in `mangacolor review`: one JSON line for each act."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from mangacolor.chapter.acts import Act
from mangacolor.errors import InputError
from mangacolor.files import sync

__all__ = ["ActsFile", "acts_file_of", "read_acts"]

# What the first line says.
_FORMAT, _HEADER = 1, "mangacolor_review"
_HINT = "Mend that line, or take it out."


def acts_file_of(output: Path) -> Path:
    """Where the acts of a chapter are: in the output if it is a folder, else beside it."""
    if output.suffix and not output.is_dir():
        return output.with_name(f"{output.name}.review.jsonl")
    return output / "review.jsonl"


def read_acts(path: Path) -> list[Act]:
    """Reads a file of acts; a last line that was being written when a run was killed is no act.

    Raises:
        InputError: it cannot be read, or a line of it is none; which, and why.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no file of acts: it is no UTF-8.", "Name another.") from error
    *lines, _torn = text.split("\n")
    acts: list[Act] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if number == 1:
                _check_header(record)
                continue
            acts.append(Act.of_record(record))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: {error}.", _HINT) from error
    return acts


def _check_header(record: Any) -> None:
    found = record.get(_HEADER) if isinstance(record, dict) else None
    if found != _FORMAT:
        raise ValueError(
            f'it is no file of acts of this version: its first line has no "{_HEADER}": {_FORMAT}'
        )


class ActsFile:
    """A file of acts that grows; each act is on disk when `add` returns.

    Args:
        path: read if it is there; made with the first act.

    Attributes:
        acts: all of them, in order.

    Raises:
        InputError: as `read_acts`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.acts: list[Act] = read_acts(path) if path.exists() else []

    def add(self, act: Act) -> None:
        """Appends an act.

        Raises:
            OSError: the disk is full or fails; the act is not counted.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            lines = b""
            if size:
                file.seek(size - 1)
                # A run was killed while it wrote: what is torn must not be taken for a line.
                if file.read(1) != b"\n":
                    content = self.path.read_bytes()
                    file.truncate(content.rfind(b"\n") + 1)
                    size = file.seek(0, os.SEEK_END)
            if not size:
                lines = json.dumps({_HEADER: _FORMAT}).encode() + b"\n"
            # ASCII: names need not be valid Unicode.
            lines += json.dumps(act.to_record()).encode() + b"\n"
            try:
                file.write(lines)
                file.flush()
                sync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
        self.acts.append(act)
