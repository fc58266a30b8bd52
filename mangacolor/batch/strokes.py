"""Pages that a person gave strokes of colour, by the pages' names."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mangacolor.batch.events import Listener, Notice
from mangacolor.errors import InputError, UsageError
from mangacolor.files import find_pictures
from mangacolor.images.geometry import UInt8
from mangacolor.images.strokes import read_strokes
from mangacolor.names import Alike, folded, without_suffix

__all__ = ["Strokes", "digest_of", "find_strokes"]

# Largest difference of proportions of a page and its strokes: a row or column more or less.
_PROPORTIONS = 0.02


@dataclasses.dataclass(frozen=True)
class Strokes:
    """Strokes on pages of a chapter.

    Attributes:
        files: name of the page to the file with its strokes.
    """

    files: dict[str, Path] = dataclasses.field(default_factory=dict)

    def on(self, name: str, shape: tuple[int, int]) -> UInt8:
        """The strokes on a page: uint8 (H, W, 4), of `read_strokes`.

        Args:
            name: of the page.
            shape: its height and width.

        Raises:
            InputError: the strokes cannot be read or are those of another page.
        """
        path = self.files[name]
        content = _content(path)
        if content is None:
            raise InputError(f"The strokes {path} cannot be read.", "See that you may read them.")
        strokes = read_strokes(content, str(path))
        (height, width), (h, w) = shape, strokes.shape[:2]
        if abs(height * w / (width * h) - 1) > _PROPORTIONS:
            raise InputError(
                f"{path} is {w}x{h} and {name} is {width}x{height}: other proportions.",
                "Paint the strokes on a layer over that page.",
            )
        return strokes


def digest_of(folder: Path) -> list[str]:
    """Of names and contents: what is painted differently makes other pages.

    Raises:
        UsageError: there is no such folder.
    """
    _check(folder)
    return [
        hashlib.sha256(
            _place(path, folder).encode(errors="surrogateescape") + b"\0" + content
        ).hexdigest()
        for path in find_pictures(folder)
        # One that cannot be read is told when its turn comes.
        if (content := _content(path)) is not None
    ]


def _place(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder.",
            "Give --strokes a folder with a PNG for each page that has some.",
        )


def find_strokes(
    folder: Path, pages: Sequence[str], tell: Listener, *, needed: bool = True
) -> Strokes:
    """Finds the strokes of pages: a PNG of the same name, in a folder like the page's or in none.

    Args:
        folder: of the strokes.
        pages: names of a chapter's pages, with forward slashes.
        tell: gets a `Notice` for each file that belongs to no page.
        needed: refuse a folder in which nothing belongs to a page; else that is a `Notice`.

    Raises:
        UsageError: there is no such folder, or nothing in it belongs to a page.
    """
    _check(folder)
    whole = Alike([*((page, page) for page in pages), *((without_suffix(p), p) for p in pages)])
    lone: dict[str, list[str]] = {}
    for page in pages:
        lone.setdefault(folded(without_suffix(PurePosixPath(page).name)), []).append(page)
    files: dict[str, Path] = {}
    for path in find_pictures(folder):
        name = _place(path, folder)
        alike = lone.get(folded(without_suffix(path.name)), [])
        meant = whole.find(name) or whole.find(without_suffix(name))
        if meant is None and len(alike) == 1:
            meant = alike[0]
        if meant is None or meant in files:
            several = f"{alike[0]} and {alike[1]} have its name" if len(alike) > 1 else ""
            why = several or "no page has its name"
            why = f"{files[meant]} is for that page" if meant is not None else why
            tell(Notice(f"The strokes {path} are left out: {why}"))
        else:
            files[meant] = path
    if not files:
        words = f"No picture in {folder} has the name of a page"
        if needed:
            raise UsageError(f"{words}.", "Name each as its page, with .png at the end.")
        tell(Notice(words))
    return Strokes(files)
