"""Chapter after chapter by one model; what goes wrong with one leaves the others."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mangacolor.batch.events import Begun, Library, Listener, Notice, Refused, Summary, nobody
from mangacolor.batch.failures import reason_of
from mangacolor.batch.model import Model
from mangacolor.batch.request import Request, of_chapter
from mangacolor.batch.run import color_chapter
from mangacolor.chapter.chapters import Chapter
from mangacolor.errors import (
    MangacolorError,
    MissingPackageError,
    SetupError,
    UsageError,
)
from mangacolor.files import find_pictures
from mangacolor.images.archive import BOOK_SUFFIXES
from mangacolor.names import Alike, without_suffix

__all__ = [
    "attempt",
    "color_library",
    "color_one",
    "requests_of",
]


def color_library(
    chapters: Sequence[Chapter], request: Request, model: Model, tell: Listener = nobody
) -> Library:
    """Colours chapters one after the other, each with its own references where it has any.

    Args:
        chapters: from `find_chapters`.
        request: what is asked for of each; its references are for chapters that have none of
            their own.
        model: an open one; opened at most once.
        tell: gets `Begun` before each chapter, then its events, then its `Summary` or `Refused`.

    Raises:
        UsageError: as `requests_of`.
        SetupError: the device cannot be had, or the disk is full: no chapter could be done.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    start = time.monotonic()
    ended: dict[str, Summary] = {}
    refused: dict[str, Refused] = {}
    left = request.limit
    each = zip(chapters, requests_of(chapters, request, tell), strict=True)
    for number, (chapter, mine) in enumerate(each, 1):
        tell(Begun(chapter.name, number, len(chapters)))
        mine = dataclasses.replace(mine, limit=left)
        outcome = attempt(chapter, functools.partial(color_one, chapter, mine, model, tell))
        if isinstance(outcome, Refused):
            refused[chapter.name] = outcome
        else:
            ended[chapter.name] = outcome
            left = None if left is None else left - outcome.colored - outcome.copied
        tell(outcome)
    return Library(ended, refused, time.monotonic() - start)


def requests_of(
    chapters: Sequence[Chapter], request: Request, tell: Listener = nobody
) -> list[Request]:
    """What is asked for of each chapter, with its own report and its own strokes; strokes that are
    nobody's are told.

    Raises:
        UsageError: no chapter has strokes in `request.strokes`, or there are acts, which are of
            one chapter.
    """
    if request.acts is not None:
        raise UsageError(
            "--acts is for one chapter.",
            "Leave it out: each chapter follows review.jsonl of its own output.",
        )
    strokes, report = _strokes(chapters, request.strokes, tell), request.report
    return [
        dataclasses.replace(
            request,
            report=None if report is None else _numbered(report, number),
            strokes=strokes.get(chapter.name),
        )
        for number, chapter in enumerate(chapters, 1)
    ]


def attempt(chapter: Chapter, work: Callable[[], Summary]) -> Summary | Refused:
    """Does the work for a chapter; whatever goes wrong is its refusal.

    Raises:
        SetupError: the device or the disk, which all chapters need.
    """
    try:
        return work()
    except MangacolorError as error:
        # A device that is lost or a disk that is full ends all; a package only one kind of input.
        if isinstance(error, SetupError) and not isinstance(error, MissingPackageError):
            raise
        return Refused(chapter.name, error.message, error.hint, error.exit_code)
    # A fault of ours on one chapter of a thousand: the others are none the worse.
    except Exception as error:
        return Refused(chapter.name, reason_of(error), "", 1)


def color_one(chapter: Chapter, request: Request, model: Model, tell: Listener) -> Summary:
    """Colours a chapter with its own references, or the given; raises as `color_chapter`."""
    mine = of_chapter(request, chapter, tell, needed=not model.remembers)
    if mine.limit is not None and mine.limit < 1:
        # Only counted: the limit is reached.
        return color_chapter(dataclasses.replace(mine, limit=None, dry_run=True), model)
    return color_chapter(mine, model, tell)


def _strokes(chapters: Sequence[Chapter], strokes: Path | None, tell: Listener) -> dict[str, Path]:
    """The folder of strokes of each chapter that has one, by the longest end of its path."""
    if strokes is None:
        return {}
    folders = [path for path in strokes.rglob("*") if path.is_dir()] if strokes.is_dir() else []
    places = Alike((path.relative_to(strokes).as_posix(), path) for path in folders)
    claims: dict[Path, list[tuple[int, Chapter]]] = {}
    for chapter in chapters:
        for count, end in enumerate(_ends(chapter)):
            if (folder := places.find(end)) is not None:
                claims.setdefault(folder, []).append((-count, chapter))
                break
    found: dict[str, Path] = {}
    for folder, wanting in claims.items():
        most = max(count for count, _ in wanting)
        meant = [chapter for count, chapter in wanting if count == most]
        if len(meant) > 1:
            words = f"{meant[0].name} and {meant[1].name} have its name"
            tell(Notice(f"The strokes in {folder} are left out: {words}"))
        elif not find_pictures(folder):
            tell(Notice(f"There are no strokes in {folder}: {meant[0].name} goes without"))
        else:
            found[meant[0].name] = folder
    taken = {*claims, *(above for folder in claims for above in folder.parents)}
    for folder in sorted(set(folders) - taken):
        if taken.isdisjoint(folder.parents) or folder.parent == strokes:
            tell(Notice(f"The strokes in {folder} are left out: no chapter has its name"))
    if not claims:
        raise UsageError(
            f"No folder in {strokes} has the name of a chapter.",
            "For several chapters, give --strokes a folder that has one for each.",
        )
    return found


def _ends(chapter: Chapter) -> list[str]:
    """A chapter's path and its shorter and shorter ends, each as it is and without a suffix."""
    source = chapter.source if chapter.source.name else chapter.source.resolve()
    parts = [part for part in source.parts if part not in (source.anchor, "..")]
    # Folders have no suffix.
    last = [parts[-1]] if source.is_dir() else [parts[-1], without_suffix(parts[-1], BOOK_SUFFIXES)]
    above = parts[:-1]
    return ["/".join([*above[number:], name]) for number in range(len(above) + 1) for name in last]


def _numbered(report: Path, number: int) -> Path:
    return report.with_name(f"{report.stem}-{number:03d}{report.suffix}")
