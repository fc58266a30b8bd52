"""Chapter after chapter by one model; what goes wrong with one leaves the others."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mangacolor.batch.cast import Cast
from mangacolor.batch.events import Begun, Library, Listener, Notice, Refused, Summary, nobody
from mangacolor.batch.failures import reason_of
from mangacolor.batch.held import Held
from mangacolor.batch.references import read_references
from mangacolor.batch.run import color_chapter
from mangacolor.chapter.chapters import Chapter
from mangacolor.config import BatchConfig
from mangacolor.errors import (
    InputError,
    MangacolorError,
    MissingPackageError,
    SetupError,
    UsageError,
)
from mangacolor.files import find_pictures
from mangacolor.images.archive import BOOK_SUFFIXES
from mangacolor.names import Alike, without_suffix

__all__ = [
    "Wishes",
    "attempt",
    "color_library",
    "color_one",
    "references_of",
    "wishes_of",
]


@dataclasses.dataclass(frozen=True)
class Wishes:
    """What a call wants of every chapter; the names are those of `color_chapter`.

    Attributes:
        limit: of all chapters together.
        gallery: as it would be of one chapter; each gets its own, numbered.
        hints: a folder with a folder of strokes for each chapter that has any, of its name.
    """

    overwrite: bool = False
    limit: int | None = None
    dry_run: bool = False
    gallery: Path | None = None
    hints: Path | None = None
    cast: Cast | None = None
    learn: bool = True
    follow_acts: bool = True


def color_library(
    chapters: Sequence[Chapter],
    references: Sequence[Path],
    held: Held,
    config: BatchConfig,
    wishes: Wishes | None = None,
    report: Listener = nobody,
) -> Library:
    """Colours chapters one after the other, each with its own references where it has any.

    Args:
        chapters: from `find_chapters`.
        references: for chapters that have none of their own.
        held: the model; opened at most once.
        config: as `color_chapter` has it.
        report: gets `Begun` before each chapter, then its events, then its `Summary` or `Refused`.

    Raises:
        UsageError: no chapter has strokes in `wishes.hints`.
        SetupError: the device cannot be had, or the disk is full: no chapter could be done.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    wishes = wishes or Wishes()
    start = time.monotonic()
    ended: dict[str, Summary] = {}
    refused: dict[str, Refused] = {}
    left = wishes.limit
    each = zip(chapters, wishes_of(chapters, wishes, report), strict=True)
    for number, (chapter, mine) in enumerate(each, 1):
        report(Begun(chapter.name, number, len(chapters)))
        mine = dataclasses.replace(mine, limit=left)
        work = functools.partial(color_one, chapter, references, held, config, mine, report)
        outcome = attempt(chapter, work)
        if isinstance(outcome, Refused):
            refused[chapter.name] = outcome
        else:
            ended[chapter.name] = outcome
            left = None if left is None else left - outcome.colored - outcome.copied
        report(outcome)
    return Library(ended, refused, time.monotonic() - start)


def wishes_of(
    chapters: Sequence[Chapter], wishes: Wishes, report: Listener = nobody
) -> list[Wishes]:
    """What is wanted of each chapter: its own report, its own strokes; strokes that are nobody's
    are told.

    Raises:
        UsageError: no chapter has strokes in `wishes.hints`.
    """
    strokes = _strokes(chapters, wishes.hints, report)
    galleries = [
        None if wishes.gallery is None else _numbered(wishes.gallery, number)
        for number in range(1, len(chapters) + 1)
    ]
    return [
        dataclasses.replace(wishes, gallery=gallery, hints=strokes.get(chapter.name))
        for chapter, gallery in zip(chapters, galleries, strict=True)
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


def color_one(
    chapter: Chapter,
    references: Sequence[Path],
    held: Held,
    config: BatchConfig,
    wishes: Wishes,
    report: Listener,
) -> Summary:
    """Colours a chapter with its own references, or the given; raises as `color_chapter`."""
    spent = wishes.limit is not None and wishes.limit < 1
    return color_chapter(
        chapter.source,
        references_of(chapter, references, report),
        held,
        config,
        out=chapter.out,
        overwrite=wishes.overwrite,
        # Only counted: the limit is reached.
        limit=None if spent else wishes.limit,
        dry_run=wishes.dry_run or spent,
        gallery=wishes.gallery,
        hints=wishes.hints,
        cast=wishes.cast,
        learn=wishes.learn,
        report=nobody if spent else report,
        apart=chapter.apart,
        hints_needed=False,
        follow_acts=wishes.follow_acts,
        title=chapter.name,
    )


def references_of(
    chapter: Chapter, given: Sequence[Path], report: Listener = nobody
) -> Sequence[Path]:
    """A chapter's own references, those nearest to its pages that have any colour, or the given.

    Raises:
        UsageError: there are none.
    """
    for own in chapter.own:
        try:
            read_references(own, nobody)
        except InputError as error:
            report(Notice(f"Not taken as a reference: {error.message}"))
            continue
        return own
    if not given:
        raise UsageError(
            f"There is no colour reference for {chapter.name}.",
            "Name one with --ref, or put a cover.png or a folder ref/ beside its pages.",
        )
    return given


def _strokes(chapters: Sequence[Chapter], hints: Path | None, report: Listener) -> dict[str, Path]:
    """The folder of strokes of each chapter that has one, by the longest end of its path."""
    if hints is None:
        return {}
    folders = [path for path in hints.rglob("*") if path.is_dir()] if hints.is_dir() else []
    places = Alike((path.relative_to(hints).as_posix(), path) for path in folders)
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
            report(Notice(f"The strokes in {folder} are left out: {words}"))
        elif not find_pictures(folder):
            report(Notice(f"There are no strokes in {folder}: {meant[0].name} goes without"))
        else:
            found[meant[0].name] = folder
    taken = {*claims, *(above for folder in claims for above in folder.parents)}
    for folder in sorted(set(folders) - taken):
        if taken.isdisjoint(folder.parents) or folder.parent == hints:
            report(Notice(f"The strokes in {folder} are left out: no chapter has its name"))
    if not claims:
        raise UsageError(
            f"No folder in {hints} has the name of a chapter.",
            "For several chapters, give --hints a folder that has one for each.",
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


def _numbered(gallery: Path, number: int) -> Path:
    return gallery.with_name(f"{gallery.stem}-{number:03d}{gallery.suffix}")
