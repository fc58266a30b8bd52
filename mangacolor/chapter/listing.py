"""What lies below a folder, as `batch` sees it: pages, and what is none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from mangacolor.files import Listing, list_folder
from mangacolor.images.sniff import looks_like_picture
from mangacolor.names import natural_key

__all__ = ["list_pages"]


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
