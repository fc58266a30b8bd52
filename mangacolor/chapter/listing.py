"""What lies below a folder, as `batch` sees it: pages, and what is none and left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from mangacolor.files import Listing, list_folder
from mangacolor.images.sniff import looks_like_picture
from mangacolor.names import natural_key

__all__ = ["left_out", "left_out_line", "list_pages"]


def list_pages(folder: Path) -> Listing:
    """All files below a folder; a picture is one by its name, or by what is in it.

    Raises:
        OSError: the folder itself cannot be read.
    """
    listing = list_folder(folder)
    nameless = [path for path in listing.others if looks_like_picture(path)]
    if not nameless:
        return listing
    pictures = sorted(
        [*listing.pictures, *nameless],
        key=lambda path: natural_key(path.relative_to(folder).as_posix()),
    )
    others = [path for path in listing.others if path not in nameless]
    return dataclasses.replace(listing, pictures=pictures, others=others)


def left_out(source: Path, listing: Listing) -> tuple[str, ...]:
    """A line for each kind of thing that is in a folder and is not coloured."""
    others, circles = (
        [path.relative_to(source).as_posix() for path in paths]
        for paths in (listing.others, listing.circles)
    )
    return left_out_line(others, "that are no pictures") + left_out_line(
        circles, "that lead in a circle", "folder"
    )


def left_out_line(names: Sequence[str], why: str, what: str = "file") -> tuple[str, ...]:
    """A line for some names, or none for none: how many, why, and the first."""
    if not names:
        return ()
    if len(names) == 1:
        why = why.replace("are no pictures", "is no picture").replace("lead ", "leads ")
        why = why.replace("whose names", "whose name")
        return (f"1 {what} {why} is left out: {names[0]}",)
    return (f"{len(names)} {what}s {why} are left out, such as {names[0]}",)
