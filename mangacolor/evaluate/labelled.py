"""Which part of whom is where, for pictures of invented chapters."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from mangacolor.data.layouts import Example
from mangacolor.errors import InputError
from mangacolor.images.geometry import RGB
from mangacolor.texts import read_text

__all__ = ["Labelled", "read_labels"]

LABELS, RECORD = "labels", "labels.json"


class Labelled(NamedTuple):
    """The parts of a picture.

    Attributes:
        labels: uint16 (h, w).
        colors: each label's own colour, sRGB.
    """

    labels: npt.NDArray[np.uint16]
    colors: dict[int, RGB]


def read_labels(example: Example, height: int, width: int) -> Labelled | None:
    """Reads what `mangacolor sample` wrote beside a picture, at the size at which it is scored.

    Returns:
        None for any other picture.

    Raises:
        InputError: a file of labels cannot be read.
    """
    chapter = example.color.parent.parent
    picture = chapter / LABELS / example.color.name
    record = chapter / RECORD
    if example.box is not None or not picture.is_file() or not record.is_file():
        return None
    try:
        with Image.open(picture) as image:
            scaled = image.resize((width, height), Image.Resampling.NEAREST)
            labels = np.asarray(scaled).astype(np.uint16)
        colors = _colors(json.loads(read_text(record)))
        if labels.ndim != 2:
            raise ValueError("it has several channels")
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{picture} or {record} is not what `mangacolor sample` writes: {error}.",
            "Draw the chapter again, or move its labels away.",
        ) from error
    return Labelled(labels, colors)


def _colors(record: Any) -> dict[int, RGB]:
    """Each label's colour of a `labels.json`."""
    colors = {}
    for item in record["labels"]:
        red, green, blue = (int(value) for value in item["color"])
        colors[int(item["label"])] = (red, green, blue)
    return colors
