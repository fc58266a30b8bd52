"""What an act of `mangacolor review` says: points, colours, figures, as read from JSON."""

from __future__ import annotations

import dataclasses
import re
from typing import Any, Literal, get_args

from mangacolor.images.geometry import RGB, Point

__all__ = ["READERS", "RGB", "Box", "Circle", "Of", "Point", "Scope"]

Scope = Literal["this", "page", "chapter"]
Box = tuple[float, float, float, float]
Circle = tuple[float, float, float]

# More points than a hand draws, and larger than a page can be.
_MOST_POINTS, _MOST = 10_000, 1e6
# Steps to finer areas; as many to coarser ones.
_FINEST = 3


@dataclasses.dataclass(frozen=True)
class Of:
    """A figure of a reference: the SHA-256 of its file, its piece, and a box as shares of it."""

    sha256: str
    piece: int
    box: Box


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


READERS: dict[str, Any] = {
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
