"""What some pictures show where, said by hand: colours tell where things end, not what they are."""

from __future__ import annotations

import csv
import functools
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mangacolor.errors import InputError
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8
from mangacolor.images.kinds import UNKNOWN, Kind

__all__ = ["KINDS_FILE", "NamedPlace", "lay_kinds", "named_by", "read_kinds", "whole"]

# A list beside pictures; the package has one of pictures that the weights that ship learned from.
KINDS_FILE = "kinds.csv"
_OURS = "picture-kinds.csv"
_COLUMNS = ["file", "x", "y", "kind"]
# Of these one figure has one, through all its lights and shadows.
_WHOLE = (Kind.SKIN, Kind.HAIR)
# Share of an area that must be named for all of it to be that.
_MOST = 0.6


class NamedPlace(NamedTuple):
    """A place of a picture and what is there."""

    x: int
    y: int
    kind: Kind


def named_by(folder: Path | None = None) -> dict[str, tuple[NamedPlace, ...]]:
    """What is named in pictures, by the name of their file.

    Args:
        folder: of pictures, whose `kinds.csv` (file, x, y, kind) is read, if it has one; without a
            folder the list of the package.

    Raises:
        InputError: the list cannot be read.
    """
    if folder is None:
        return read_kinds(Path(str(files("mangacolor.data") / _OURS)))
    path = folder / KINDS_FILE
    return read_kinds(path) if path.is_file() else {}


@functools.lru_cache(maxsize=8)
def read_kinds(path: Path) -> dict[str, tuple[NamedPlace, ...]]:
    """What a list (file, x, y, kind) names, by the name of the picture's file.

    Args:
        path: of a CSV; x and y are pixels of the picture, across and down.

    Raises:
        InputError: it cannot be read.
    """
    found: dict[str, list[NamedPlace]] = defaultdict(list)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames != _COLUMNS:
                raise ValueError(f"columns are not {', '.join(_COLUMNS)}")
            for row in rows:
                kind = Kind[row["kind"].upper()]
                found[row["file"]].append(NamedPlace(int(row["x"]), int(row["y"]), kind))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path} is no list of kinds: {error}.",
            f"Its columns are {', '.join(_COLUMNS)}; kinds are "
            f"{', '.join(kind.name.lower() for kind in Kind)}.",
        ) from error
    return {name: tuple(places) for name, places in found.items()}


def lay_kinds(labels: Labels, places: tuple[NamedPlace, ...]) -> UInt8:
    """Which kind is where: uint8 (H, W), numbers of `Kind`, UNKNOWN where nothing is named.

    Args:
        labels: int32 (H, W), what has one colour in a picture.
        places: what is named there; of two in one area the first one says it, and places outside
            the picture say nothing.
    """
    height, width = labels.shape
    table = np.full(int(labels.max()) + 1, UNKNOWN, np.uint8)
    for x, y, kind in reversed(places):
        if 0 <= x < width and 0 <= y < height:
            table[labels[y, x]] = kind
    return table[labels]


def whole(labels: Labels, named: UInt8) -> tuple[Labels, UInt8]:
    """Joins the shades of what is named skin or hair, and says what things are.

    Args:
        labels: int32 (h, w), what has one colour.
        named: uint8 (h, w), as `lay_kinds` gives it.

    Returns:
        The labels, int32 (h, w), and the kind of each, uint8 (N,), UNKNOWN where less than most of
        it is named.
    """
    count = int(labels.max()) + 1
    size = np.bincount(labels.ravel(), minlength=count)
    kinds = np.full(count, UNKNOWN, np.uint8)
    for kind in np.unique(named[named != UNKNOWN]):
        share = np.bincount(labels[named == kind], minlength=count)
        kinds[share > _MOST * np.maximum(size, 1)] = kind
    joined, tables = labels.astype(np.int32, copy=True), [kinds]
    for kind in _WHOLE:
        parts, where = cv2.connectedComponents((kinds[labels] == kind).view(np.uint8))
        joined[where > 0] = count + where[where > 0]
        tables.append(np.full(parts, kind, np.uint8))
        count += parts
    return joined, np.concatenate(tables)
