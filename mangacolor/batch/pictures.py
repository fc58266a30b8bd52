"""Pictures that a program has at hand, as pages and references: paths, PIL pictures, arrays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from mangacolor.batch.events import Listener
from mangacolor.batch.references import Reference, read_reference, read_references
from mangacolor.errors import InputError, UsageError
from mangacolor.images.page import Page, read_page

__all__ = ["Picture", "to_page", "to_references"]

# A file, a picture of Pillow's, or uint8 (H, W), (H, W, 3) or (H, W, 4).
Picture = Path | str | Image.Image | npt.NDArray[Any]


def to_page(page: Picture) -> Page:
    """Reads a page as `batch` reads its file.

    Raises:
        InputError: it cannot be read.
        UsageError: it is no picture.
    """
    if isinstance(page, Path | str):
        return read_page(Path(page))
    return read_page(_content(page), "the page")


def to_references(
    pictures: Picture | Sequence[Picture], tell: Listener, *, needed: bool = True
) -> list[Reference]:
    """Reads references as `batch` reads its files; a path may be a folder or an archive.

    Raises:
        InputError: one cannot be read, or none has any colour.
        UsageError: there are none and they are needed, or one is no picture.
    """
    alone = isinstance(pictures, Path | str | Image.Image | np.ndarray)
    listed: list[Picture] = [pictures] if alone else list(pictures)  # type: ignore[list-item, arg-type]
    found: list[Reference] = []
    left_out: list[str] = []
    for number, picture in enumerate(listed, 1):
        if isinstance(picture, Path | str):
            found += read_references([Path(picture)], tell)
        else:
            found += read_reference(_content(picture), f"reference {number}", left_out)
    if not listed and not needed:
        return []
    if not listed:
        raise UsageError("There is no colour reference.", "Give at least one colour picture.")
    if not found:
        raise InputError(
            "There is no colour in the references.", "Give a colour picture of the same characters."
        )
    return found


def _content(picture: Image.Image | npt.NDArray[Any]) -> bytes:
    """A picture as a file, so that everything that is read goes one road."""
    if not isinstance(picture, Image.Image):
        array = np.asarray(picture)
        channels = array.shape[2:] if array.ndim == 3 else ()
        if array.dtype != np.uint8 or array.ndim not in (2, 3) or channels not in ((), (3,), (4,)):
            raise UsageError(
                f"An array of {array.dtype} {array.shape} is no picture.",
                "Give uint8 (height, width), (height, width, 3) or (height, width, 4).",
            )
        if not array.size:
            raise UsageError("An array without pixels is no picture.", "Give one with some.")
        picture = Image.fromarray(np.ascontiguousarray(array))
    buffer = io.BytesIO()
    # Of what Pillow writes TIFF alone has all of its modes, and costs no time.
    picture.save(buffer, "TIFF")
    return buffer.getvalue()
