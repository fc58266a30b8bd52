"""What a person did in `mangacolor review`: a file of acts, one JSON line each."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from mangacolor.errors import InputError
from mangacolor.files import sync

__all__ = ["Act", "ActsFile", "Kind", "Of", "Scope", "acts_file_of", "effective", "read_acts"]

Kind = Literal["set", "clear", "cut", "join", "grain", "figure", "done", "open", "undo", "redo"]
Scope = Literal["this", "page", "chapter"]
RGB = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Circle = tuple[float, float, float]

# What the first line says.
_FORMAT, _HEADER = 1, "mangacolor_review"
_HINT = "Mend that line, or take it out."
# More points than a hand draws, and larger than a page can be.
_MOST_POINTS, _MOST = 10_000, 1e6
# Steps to finer areas; as many to coarser ones.
_FINEST = 3
# What acts of each kind say beside their kind and page.
_NEEDS: dict[str, frozenset[str]] = {
    "set": frozenset({"at", "color", "scope"}),
    "clear": frozenset({"at"}),
    "cut": frozenset({"line"}),
    "join": frozenset({"at", "to"}),
    "grain": frozenset({"circle", "level"}),
    "figure": frozenset({"box", "of"}),
    "done": frozenset(),
    "open": frozenset(),
}
# And what they may say; acts of before that was thought of do not.
_MAY: dict[str, dict[str, Any]] = {"figure": {"scope": "this"}}


@dataclasses.dataclass(frozen=True)
class Of:
    """A figure of a reference: the SHA-256 of its file, its piece, and a box as shares of it."""

    sha256: str
    piece: int
    box: Box


@dataclasses.dataclass(frozen=True)
class Act:
    """One act; what it does not need is None.

    Attributes:
        kind: what was done.
        page: name of the page.
        at, to: points of areas, across and down in pixels of the page.
        line: points of a line that cuts.
        color: sRGB.
        scope: which areas follow: none, its like on the page, its like in the chapter.
        circle: middle, across and down, and radius of where areas are to be finer or coarser.
        level: how many steps finer; below 0 coarser.
        box: left, top, right and bottom around a figure.
        of: who it is.
    """

    kind: Kind
    page: str = ""
    at: Point | None = None
    to: Point | None = None
    line: tuple[Point, ...] | None = None
    color: RGB | None = None
    scope: Scope | None = None
    circle: Circle | None = None
    level: int | None = None
    box: Box | None = None
    of: Of | None = None

    def to_record(self) -> dict[str, Any]:
        """What `read_acts` reads."""
        record: dict[str, Any] = {"act": self.kind}
        if self.page:
            record["page"] = self.page
        for name in ("at", "to", "line", "scope", "circle", "level", "box"):
            if (value := getattr(self, name)) is not None:
                record[name] = value
        if self.color is not None:
            record["color"] = "#" + bytes(self.color).hex()
        if self.of is not None:
            record["of"] = dataclasses.asdict(self.of)
        return record

    @classmethod
    def of_record(cls, record: Any) -> Act:
        """The same the other way round.

        Raises:
            ValueError: it says no act; why.
        """
        if not isinstance(record, dict):
            raise ValueError("it is no object of JSON")
        kind: Any = record.get("act")
        if kind in ("undo", "redo"):
            return cls(kind)
        if kind not in _NEEDS:
            raise ValueError(f"there is no act {kind!r}")
        page = record.get("page")
        if not isinstance(page, str) or not page:
            raise ValueError("it names no page")
        missing = sorted(_NEEDS[kind] - record.keys())
        if missing:
            raise ValueError(f"it has no {missing[0]}")
        said = {**_MAY.get(kind, {}), **record}
        values = {
            name: _READERS[name](said[name])
            for name in sorted({*_NEEDS[kind], *_MAY.get(kind, {})})
        }
        return cls(kind, page, **values)


def _numbers(value: Any, count: int, most: float) -> tuple[float, ...]:
    good = isinstance(value, list | tuple) and len(value) == count
    if not good or not all(type(x) in (int, float) and 0 <= x <= most for x in value):
        raise ValueError(f"{value!r} is not {count} numbers from 0 to {most:g}")
    return tuple(value)


def _point(value: Any) -> tuple[float, ...]:
    return _numbers(value, 2, _MOST)


def _line(value: Any) -> tuple[tuple[float, ...], ...]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= _MOST_POINTS:
        raise ValueError("a line has at least two points")
    return tuple(_point(point) for point in value)


def _box(value: Any, most: float = _MOST) -> tuple[float, ...]:
    box = _numbers(value, 4, most)
    if box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError(f"{value!r} is no box: left, top, right, bottom")
    return box


def _color(value: Any) -> RGB:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f"{value!r} is no colour, as #rrggbb")
    r, g, b = bytes.fromhex(value[1:])
    return r, g, b


def _scope(value: Any) -> Scope:
    if value not in get_args(Scope):
        raise ValueError(f"there is no scope {value!r}")
    scope: Scope = value
    return scope


def _circle(value: Any) -> tuple[float, ...]:
    circle = _numbers(value, 3, _MOST)
    if not circle[2]:
        raise ValueError("a circle has a radius")
    return circle


def _level(value: Any) -> int:
    if type(value) is not int or abs(value) > _FINEST:
        raise ValueError(f"{value!r} is no whole number from -{_FINEST} to {_FINEST}")
    return value


def _of(value: Any) -> Of:
    if not isinstance(value, dict):
        raise ValueError("`of` is no object")
    digest, piece = value.get("sha256"), value.get("piece", 0)
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError("`of` names no reference by its sha256")
    if type(piece) is not int or piece < 0:
        raise ValueError("`of` has no piece of the reference")
    x0, y0, x1, y1 = _box(value.get("box"), 1.0)
    return Of(digest, piece, (x0, y0, x1, y1))


_READERS: dict[str, Any] = {
    "at": _point,
    "to": _point,
    "line": _line,
    "color": _color,
    "scope": _scope,
    "circle": _circle,
    "level": _level,
    "box": _box,
    "of": _of,
}


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


def effective(acts: Sequence[Act]) -> list[Act]:
    """What is left of acts once those that were undone, and not done again, are gone."""
    done: list[Act] = []
    undone: list[Act] = []
    for act in acts:
        if act.kind == "undo":
            if done:
                undone.append(done.pop())
        elif act.kind == "redo":
            if undone:
                done.append(undone.pop())
        else:
            done.append(act)
            undone.clear()
    return done


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
