"""Pages that a person gave strokes of colour, by the pages' names."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.plan import Task
from mangacolor.batch.prepared import Prepared, prepare
from mangacolor.config import Look
from mangacolor.errors import InputError, MangacolorError, UsageError
from mangacolor.files import find_pictures
from mangacolor.images.areas import Labels
from mangacolor.images.strokes import find_stroked, read_strokes
from mangacolor.runtime.color import ColorModel, References

__all__ = ["Strokes", "Told", "digest_of", "find_strokes", "learn_strokes"]

# Area to colour.
Told = dict[int, tuple[int, int, int]]

# Largest difference of proportions of a page and its strokes: a row or column more or less.
_PROPORTIONS = 0.02


@dataclasses.dataclass(frozen=True)
class Strokes:
    """Strokes on pages of a chapter.

    Attributes:
        files: name of the page to the file with its strokes.
    """

    files: dict[str, Path] = dataclasses.field(default_factory=dict)

    def on(self, name: str, shape: tuple[int, int], areas: Labels) -> Told:
        """Which areas of a page they give which colour.

        Args:
            name: of the page.
            shape: its height and width.
            areas: int32 (h, w), of `find_areas`.

        Raises:
            InputError: the strokes cannot be read or are those of another page.
        """
        path = self.files[name]
        strokes = read_strokes(path.read_bytes(), str(path))
        (height, width), (h, w) = shape, strokes.shape[:2]
        if abs(height * w / (width * h) - 1) > _PROPORTIONS:
            raise InputError(
                f"{path} is {w}x{h} and {name} is {width}x{height}: other proportions.",
                "Paint the strokes on a layer over that page.",
            )
        return find_stroked(strokes, areas)


def digest_of(folder: Path) -> list[str]:
    """Of names and contents: what is painted differently makes other pages.

    Raises:
        UsageError: there is no such folder.
    """
    _check(folder)
    return [
        hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).hexdigest()
        for path in find_pictures(folder)
    ]


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder.", "Give --hints a folder with a PNG for each hinted page."
        )


def find_strokes(folder: Path, pages: Sequence[str], report: Listener) -> Strokes:
    """Finds the strokes of pages: a PNG of the same name, in a folder like the page's or in none.

    Args:
        folder: of the strokes.
        pages: names of a chapter's pages, with forward slashes.
        report: gets a `Notice` for each file that belongs to no page.

    Raises:
        UsageError: there is no such folder, or nothing in it belongs to a page.
    """
    _check(folder)
    whole = {str(PurePosixPath(page).with_suffix("")): page for page in pages}
    stems: dict[str, list[str]] = {}
    for page in pages:
        stems.setdefault(PurePosixPath(page).stem, []).append(page)
    files: dict[str, Path] = {}
    for path in find_pictures(folder):
        name = str(PurePosixPath(path.relative_to(folder).as_posix()).with_suffix(""))
        alike = stems.get(path.stem, [])
        meant = whole.get(name) or (alike[0] if len(alike) == 1 else None)
        if meant is None or meant in files:
            why = "no page has its name" if meant is None else f"{files[meant]} is for that page"
            report(Notice(f"The strokes {path} are left out: {why}"))
        else:
            files[meant] = path
    if not files:
        raise UsageError(
            f"No picture in {folder} has the name of a page.",
            "Name each as its page, with .png at the end.",
        )
    return Strokes(files)


def learn_strokes(
    model: ColorModel,
    references: References,
    tasks: Sequence[Task],
    strokes: Strokes,
    report: Listener,
) -> tuple[References, dict[str, Told]]:
    """Reads the strokes, so that every page can follow those of any other.

    Args:
        model: an open one that follows strokes.
        references: of the chapter.
        tasks: all its pages.
        strokes: on some of them.
        report: gets a `Notice` for strokes that mean nothing.

    Returns:
        The references with what the strokes teach, and by a page's name what they say of it.
    """
    found: dict[str, Told] = {}
    learned = references
    for task in tasks:
        if task.name not in strokes.files:
            continue
        try:
            page = prepare(task, "", model, Look())
            if not isinstance(page, Prepared) or page.ready.seen is None:
                report(Notice(f"{task.name} is a file of several pages; its strokes are left out"))
                continue
            told = strokes.on(task.name, page.page.grey.shape, page.ready.seen.areas)
            # After the references alone: no stroke decides on another page's strokes.
            (colored,) = model.color([page.ready], references, [told])
            learned = model.learn(colored, told, learned)
        except MangacolorError as error:
            # A page that cannot be read says so in its turn.
            report(Notice(f"{error.message} Its strokes are left out"))
            continue
        found[task.name] = told
    return learned, found
