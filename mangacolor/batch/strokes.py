"""Pages that a person gave strokes of colour, by the pages' names."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.prepared import Prepared, prepare
from mangacolor.chapter.book import Sheet
from mangacolor.chapter.plan import Task
from mangacolor.config import Look
from mangacolor.errors import InputError, MangacolorError, UsageError
from mangacolor.files import find_pictures
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.strokes import count_idle, find_rivals, find_stroked, read_strokes
from mangacolor.names import Alike, folded, without_suffix
from mangacolor.runtime.color import ColorModel, References
from mangacolor.runtime.parted import Division, Part

__all__ = ["Stroked", "Strokes", "digest_of", "find_strokes", "learn_strokes"]

# Area to colour.
Told = dict[int, tuple[int, int, int]]

# Largest difference of proportions of a page and its strokes: a row or column more or less.
_PROPORTIONS = 0.02
# Least difference of channels of what is in colour.
_COLORED = 24


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


@dataclasses.dataclass(frozen=True)
class Stroked:
    """What the strokes on a page say.

    Attributes:
        told: areas to their colours, once the page is parted.
        parts: areas with strokes of several colours, which are several.
    """

    told: Told = dataclasses.field(default_factory=dict)
    parts: tuple[Part, ...] = ()


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
            f"{folder} is no folder.", "Give --hints a folder with a PNG for each hinted page."
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


def _count_white(picture: UInt8, areas: Labels, told: Told) -> int:
    """Of how many areas the colour that they are given is not to be seen: they stay paper, or ink.

    Args:
        picture: uint8 (H, W, 3) sRGB, the page in colour.
        areas: int32 (h, w).
        told: what they were given.
    """
    h, w = areas.shape
    small = resize(picture, h, w).astype(np.int16)
    chroma = small.max(axis=2) - small.min(axis=2)
    most = np.zeros(int(areas.max()) + 1, np.int16)
    np.maximum.at(most, areas.ravel(), chroma.ravel())
    return sum(
        max(color) - min(color) >= _COLORED and most[area] < _COLORED / 2
        for area, color in told.items()
    )


def learn_strokes(
    model: ColorModel,
    references: References,
    tasks: Sequence[Task],
    strokes: Strokes,
    tell: Listener,
) -> tuple[References, dict[str, Stroked]]:
    """Reads the strokes, so that every page can follow those of any other.

    Args:
        model: an open one that follows strokes.
        references: of the chapter.
        tasks: all its pages.
        strokes: on some of them.
        tell: gets a `Notice` for strokes that mean nothing.

    Returns:
        The references with what the strokes teach, and by a page's name what they say of it.
    """
    found: dict[str, Stroked] = {}
    learned = references
    for task in tasks:
        if task.name not in strokes.files:
            continue
        try:
            page = prepare(Sheet(task), "", model, Look())
            if page.sheet.book is not None:
                tell(Notice(f"{task.name} is a file of several pages; its strokes are left out"))
                continue
            # Strokes are followed by models that know areas, and nothing is kept as it was.
            if not isinstance(page, Prepared) or page.ready.seen is None:
                continue
            drawn = strokes.on(task.name, page.page.grey.shape)
            parts = tuple(Division(x) for x in find_rivals(drawn, page.ready.seen.areas))
            ready = model.parted(page.ready, parts)
            assert ready.seen is not None
            areas = ready.seen.areas
            told, idle = find_stroked(drawn, areas), count_idle(drawn, areas)
            # After the references alone: no stroke decides on another page's strokes.
            (colored,) = model.color([ready], references, [told])
            idle += _count_white(colored.picture, areas, told)
            if idle:
                what = "The stroke" if idle == 1 else f"{idle} strokes"
                what += f" in {strokes.files[task.name]}"
                lies = "lies" if idle == 1 else "lie"
                tell(Notice(f"{what} {lies} on lines or between panels, and colour nothing"))
            learned = model.learn(colored, told, learned)
        except MangacolorError as error:
            # A page that cannot be read says so in its turn.
            tell(Notice(f"{error.message} Its strokes are left out"))
            continue
        found[task.name] = Stroked(told, parts)
    return learned, found
