"""What a model remembers of the pages it was fine-tuned on: their areas, beside any references."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.errors import ModelError
from mangacolor.files import atomic_path
from mangacolor.images.geometry import UInt8
from mangacolor.runtime.area_model import TaughtModel
from mangacolor.runtime.reference_areas import ReferenceAreas, gathered, joined

__all__ = [
    "from_arrays",
    "read_remembered",
    "remembering",
    "swatches",
    "to_arrays",
    "to_remember",
    "write_remembered",
]

# The largest areas of all pages are remembered: about 1.5 kB each.
MOST_REMEMBERED = 8192
# About the side of a picture of their colours.
_SWATCHES = 256
# What an area is stored as; half precision is more than looks are worth.
_STORED: dict[str, type[np.generic]] = {
    "tokens": np.float16,
    "colors": np.uint8,
    "places": np.float32,
    "sizes": np.float32,
    "looks": np.float16,
    "kinds": np.float16,
    "panels": np.int32,
    "remembered": np.int32,
}


def to_remember(
    pages: Sequence[ReferenceAreas], before: ReferenceAreas | None = None
) -> ReferenceAreas:
    """What is to be remembered of pages.

    Args:
        pages: what each offers, of `read_references`.
        before: what is remembered already.

    Returns:
        Areas of no reference, each of a numbered page, as they will be when read from a file.
    """
    seen = gathered(pages)
    found = dataclasses.replace(
        seen,
        left_out=0,
        # No file lies there that could be shown.
        places=np.insert(seen.places[:, 1:], 0, -1, axis=1).astype(np.float32),
        remembered=seen.places[:, 0].astype(np.int32),
    )
    whole = joined([before, found] if before is not None else [found])
    kept = np.sort(np.argsort(-whole.sizes, kind="stable")[:MOST_REMEMBERED])
    stored = to_arrays(whole)
    return from_arrays({name: x[kept] if len(x) else x for name, x in stored.items()})


def remembering(model: TaughtModel, references: ReferenceAreas) -> ReferenceAreas:
    """References with what the model remembers behind them; the same if that is nothing."""
    remembered = model.remembered
    return references if remembered is None else joined([references, remembered])


def swatches(colors: UInt8) -> UInt8:
    """A picture of areas' colours side by side: an idea of a palette, for a painter.

    Args:
        colors: uint8 (T, 3) sRGB; of none it is white.

    Returns:
        uint8 (S, S, 3) sRGB.
    """
    side = max(1, int(np.ceil(len(colors) ** 0.5)))
    cells = np.full((side * side, 3), 255, np.uint8)
    cells[: len(colors)] = colors
    cell = max(1, _SWATCHES // side)
    return np.kron(cells.reshape(side, side, 3), np.ones((cell, cell, 1), np.uint8))


def to_arrays(remembered: ReferenceAreas) -> dict[str, npt.NDArray[Any]]:
    """Lessons as they are stored, by name."""
    return {name: getattr(remembered, name).astype(kind) for name, kind in _STORED.items()}


def from_arrays(arrays: Mapping[str, npt.NDArray[Any]]) -> ReferenceAreas:
    """Lessons from what is stored.

    Raises:
        ModelError: something is missing, or is not of as many areas as the rest.
    """
    if arrays.keys() != _STORED.keys():
        raise ModelError(
            "What the model remembers is not what this version reads.", "Export again."
        )
    counts = {len(values) for name, values in arrays.items() if name != "kinds" or values.size}
    if len(counts) != 1:
        raise ModelError("What the model remembers is not of as many areas as it says.")
    values: dict[str, Any] = {
        name: np.asarray(arrays[name]).astype(np.float32 if kind is np.float16 else kind)
        for name, kind in _STORED.items()
    }
    return ReferenceAreas(**values)


def write_remembered(path: Path, remembered: ReferenceAreas) -> None:
    """Writes an .npz file whole or not at all."""
    with atomic_path(path) as part, part.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **to_arrays(remembered))


def read_remembered(path: Path) -> ReferenceAreas:
    """Reads what `write_remembered` wrote.

    Raises:
        ModelError: it is something else.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return from_arrays({name: file[name] for name in file.files})
    # Whatever is wrong with a file of several arrays comes as whatever numpy likes.
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(
            f"{path} cannot be read: {error}.", "Copy the whole bundle again."
        ) from error
