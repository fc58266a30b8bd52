"""The colour pictures of a chapter's characters, from what the user named."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from mangacolor.batch.events import Notice, Report
from mangacolor.errors import InputError, UsageError
from mangacolor.files import find_pictures
from mangacolor.images.colored import has_chroma
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color

__all__ = ["Reference", "read_references"]

_HINT = "Give a colour picture of the same characters with --ref."


@dataclasses.dataclass(frozen=True)
class Reference:
    """One colour picture.

    Attributes:
        content: its file.
        picture: uint8 (H, W, 3) sRGB.
    """

    content: bytes
    picture: UInt8


def read_references(paths: Sequence[Path], report: Report) -> list[Reference]:
    """Reads references; a folder stands for every picture in it.

    Args:
        paths: pictures and folders, at least one.
        report: gets a `Notice` for each picture that is left out because it has no colour.

    Raises:
        UsageError: there is no path.
        InputError: one cannot be read, a folder has no pictures, or nothing has any colour.
    """
    if not paths:
        raise UsageError("There is no colour reference.", "Give one or more with --ref PICTURE.")
    found = [(path, _read(path)) for named in paths for path in _pictures(named)]
    colored = [read for _, read in found if has_chroma(read.picture)]
    if not colored:
        raise InputError(
            f"There is no colour in {' or '.join(str(path) for path in paths)}.", _HINT
        )
    for path, read in found:
        if not any(read is kept for kept in colored):
            report(Notice(f"{path} has no colour to take over; it is left out"))
    return colored


def _pictures(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    pictures = find_pictures(path)
    if not pictures:
        raise InputError(f"The reference folder {path} has no pictures.", _HINT)
    return pictures


def _read(path: Path) -> Reference:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The reference {path} cannot be read: {error.strerror}.", _HINT
        ) from error
    return Reference(content, read_color(content, str(path)))
