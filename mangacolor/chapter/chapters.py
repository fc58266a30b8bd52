"""Which chapters a call means: folders and archives, and what lies beside their pages."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePath, PurePosixPath

from mangacolor.chapter.journal import JOURNAL, is_our_output
from mangacolor.chapter.listing import list_pages
from mangacolor.chapter.outputs import coloured_name, output_of
from mangacolor.errors import InputError, UsageError
from mangacolor.files import Listing
from mangacolor.images.archive import BOOK_SUFFIXES, is_archive, is_safe, open_archive
from mangacolor.images.unpacking import kind_of
from mangacolor.names import folded, is_picture, natural_key

__all__ = ["Chapter", "Chapters", "find_chapters", "single_chapter"]

# A folder of this name, and pictures of that one, beside pages are their references.
_FOLDER, _COVER = "ref", "cover"
# Pictures of a whole series, by the names that Kodi, Plex, Jellyfin and Komga give them.
_POSTERS = frozenset(
    {"cover", "poster", "folder", "banner", "fanart", "backdrop", "thumb", "thumbnail", "logo"}
    | {"series", "show", "season", "default", "movie", "clearlogo", "clearart", "landscape"}
)
# What their names say besides: `season01-poster`, `season-all-banner`, `cover (2)`, `back_cover`.
_SIDES = frozenset({"all", "specials", "front", "back"})
_WORD = re.compile(r"[^\W\d_]+")


@dataclasses.dataclass(frozen=True)
class Chapter:
    """One chapter of several.

    Attributes:
        name: what it is called: its path below the library; of several paths, as it was typed.
        source: folder or archive.
        out: where it goes; None: beside it.
        own: references found beside its pages or in the folders above them, nearest first; those
            of one folder together.
        apart: files and folders below `source` that are not its pages.
    """

    name: str
    source: Path
    out: Path | None
    own: tuple[tuple[Path, ...], ...] = ()
    apart: frozenset[Path] = frozenset()


@dataclasses.dataclass(frozen=True)
class Chapters:
    """All chapters of a call, in natural order, and what is left out, in words."""

    found: tuple[Chapter, ...]
    notices: tuple[str, ...] = ()


def find_chapters(paths: Sequence[Path], out: Path | None = None) -> Chapters:
    """Finds the chapters in folders, libraries and archives.

    A folder whose pages lie in it is one chapter, with what is in folders within; one that has
    only folders and archives is a library, and each of these is a chapter, at any depth. What was
    coloured as one chapter before stays one.

    Args:
        paths: folders, CBZ and ZIP files; the same one twice is taken once.
        out: where all go, in a tree like theirs; beside each path if left out.

    Raises:
        UsageError: two chapters would have one output, or a library's lies within the library.
        InputError: mangacolor made all that is named.
    """
    alone = len(paths) == 1
    found: list[Chapter] = []
    notices: list[str] = []
    for path in {path.resolve(): path for path in paths}.values():
        if not alone and is_our_output(path):
            notices.append(_made_line(path))
            continue
        place = out if alone or out is None else out / coloured_name(path)
        before = len(notices)
        below = list(_within(path, place, notices)) if path.is_dir() else []
        if not below and len(notices) > before:
            # A library's output: nothing in it but what was made.
            continue
        # Two libraries may have chapters of one name.
        named = below if alone else [_named(chapter, path) for chapter in below]
        found += named or [single_chapter(path, place)]
    if not found:
        raise InputError(
            f"{' and '.join(map(str, paths[:2]))} {'were' if len(paths) > 1 else 'was'} made by"
            " mangacolor.",
            "Name the chapters that are to be coloured.",
        )
    _refuse_shared(found)
    return Chapters(tuple(found), tuple(notices))


def _named(chapter: Chapter, root: Path) -> Chapter:
    name = str(root) if chapter.source == root else f"{root.as_posix()}/{chapter.name}"
    return dataclasses.replace(chapter, name=name)


def single_chapter(path: Path, out: Path | None = None) -> Chapter:
    """A folder or archive as one chapter, whatever is in it."""
    beside = _beside(path if path.is_dir() else path.parent)
    own = tuple(found for found in (_inside(path), beside) if found)
    apart = frozenset(r for r in beside if r.is_dir()) if path.is_dir() else frozenset()
    return Chapter(str(path), path, out, own, apart)


def _within(root: Path, out: Path | None, notices: list[str]) -> Iterator[Chapter]:
    """The chapters of a library; none if the folder is one chapter, or cannot be read."""
    try:
        listing = list_pages(root)
    except OSError:
        return
    made = _made(root, listing)
    listing = listing.without(made)
    folders = _page_folders(root, listing)
    archives = [
        path
        for path in listing.others
        if _is_book(path) and not _in_references(path.relative_to(root))
    ]
    if not archives and (root in folders or (len(folders) < 2 and not made)):
        return
    output = output_of(root, out)
    if (output / JOURNAL).exists() and root not in folders:
        return
    closed = [path for path in listing.closed if not _is_below(path, folders)]
    places = _places([*folders, *archives, *closed], root, output)
    for source in sorted(places, key=lambda p: natural_key(p.relative_to(root).as_posix())):
        name = root.name if source == root else source.relative_to(root).as_posix()
        apart = frozenset({*archives, *made, *_references_below(source)})
        yield Chapter(name, source, places[source], tuple(_own(source, root)), apart)
    notices.extend(map(_made_line, sorted(made)))
    if any(_in_references(path.relative_to(root)) for path in listing.pictures):
        notices.append(f"Pictures in folders called {_FOLDER}/ are references and no pages")
    beside = [path for path in listing.pictures if _is_poster(path) and not _is_cover(path)]
    others = [*(p for p in listing.others if p not in archives), *beside]
    others = [path for path in others if not _is_below(path, folders)]
    if others:
        more = f" and {len(others) - 1} more" * (len(others) > 1)
        notices.append(f"{others[0]}{more} is left out: neither page nor chapter")


def _places(sources: Iterable[Path], root: Path, output: Path) -> dict[Path, Path]:
    """Where each chapter of a library goes: `x.cbz` to `x.cbz`, and `x.cbr` beside it to
    `x.cbr.cbz`.
    """
    places: dict[Path, Path] = {}
    taken: set[str] = set()
    # Who keeps its name has the first right to it.
    for source in sorted(sources, key=lambda path: (coloured_name(path) != path.name, path)):
        name = source.relative_to(root)
        place = output / name.parent / coloured_name(source) if source != root else output
        if str(place).casefold() in taken:
            place = place.with_name(f"{source.name}{place.suffix}")
        taken.add(str(place).casefold())
        places[source] = place
    return places


def _is_book(path: Path) -> bool:
    """Whether a file is a chapter, or one that people would take for one."""
    if path.suffix.lower() in BOOK_SUFFIXES or kind_of(path):
        return True
    if not is_archive(path):
        return False
    # Texts and tables are ZIP archives, too.
    try:
        with open_archive(path) as archive:
            return bool(archive.pages())
    except InputError:
        return False


def _page_folders(root: Path, listing: Listing) -> list[Path]:
    """The topmost folders that have pages in them, covers and references not counted."""
    direct = {
        path.parent
        for path in listing.pictures
        if not _is_cover(path) and not _in_references(path.relative_to(root))
    }
    # Of a folder of chapters the poster is no page.
    lone = {
        folder
        for folder in direct
        if all(_is_poster(path) for path in listing.pictures if path.parent == folder)
        and _has_chapters(folder, direct, listing)
    }
    direct -= lone
    return [folder for folder in direct if direct.isdisjoint(folder.parents)]


def _has_chapters(folder: Path, direct: Collection[Path], listing: Listing) -> bool:
    """Whether there are chapters below a folder, or archives in it."""
    return any(folder in other.parents for other in direct) or any(
        folder in path.parents and path.suffix.lower() in BOOK_SUFFIXES for path in listing.others
    )


def _is_poster(path: Path) -> bool:
    """Whether a picture is one of those that media libraries keep beside chapters."""
    stem = folded(path.stem)
    words = set(_WORD.findall(stem))
    named = bool(words & _POSTERS) and words <= _POSTERS | _SIDES
    return named or stem == folded(path.parent.name)


def _is_below(path: Path, folders: Collection[Path]) -> bool:
    return not frozenset(folders).isdisjoint(path.parents)


def _is_cover(path: PurePath) -> bool:
    return path.stem.casefold() == _COVER and is_picture(path.name)


def _in_references(relative: PurePath) -> bool:
    return any(part.casefold() == _FOLDER for part in relative.parts[:-1])


def _made(root: Path, listing: Listing) -> set[Path]:
    """Folders below the library, and archives in it, that this tool wrote."""
    every = [*listing.pictures, *listing.others]
    folders = {folder for path in every for folder in path.parents if root in folder.parents}
    made = {folder for folder in folders if is_our_output(folder)}
    made = {folder for folder in made if not _is_below(folder, made)}
    archives = (path for path in listing.others if not _is_below(path, made))
    return made | {path for path in archives if is_our_output(path)}


def _made_line(path: Path) -> str:
    return f"{path} is left out: mangacolor made it"


def _own(source: Path, root: Path) -> Iterator[tuple[Path, ...]]:
    """The references beside a chapter's pages, then those of the folders above, up to the root."""
    if found := _inside(source):
        yield found
    folder = source if source.is_dir() else source.parent
    while True:
        if found := _beside(folder):
            yield found
        if folder == root:
            return
        folder = folder.parent


def _inside(source: Path) -> tuple[Path, ...]:
    """Covers and references among an archive's members."""
    if not is_archive(source):
        return ()
    try:
        with open_archive(source) as archive:
            safe = [member.name for member in archive.pages() if is_safe(member.name)]
    except InputError:
        # It is told when its turn comes.
        return ()
    names = [PurePosixPath(name) for name in safe]
    return tuple(source / name for name in names if _is_cover(name) or _in_references(name))


def _beside(folder: Path) -> tuple[Path, ...]:
    try:
        paths = sorted(folder.iterdir(), key=lambda path: natural_key(path.name))
    except OSError:
        return ()
    covers = [path for path in paths if _is_cover(path) and path.is_file()]
    folders = [path for path in paths if path.name.casefold() == _FOLDER and path.is_dir()]
    return (*covers, *folders)


def _references_below(source: Path) -> list[Path]:
    if not source.is_dir():
        return []
    found = []
    for here, folders, _ in os.walk(source):
        found += [Path(here) / name for name in folders if name.casefold() == _FOLDER]
    return found


def _refuse_shared(chapters: Iterable[Chapter]) -> None:
    """Refuses outputs that two chapters would have, or that are chapters themselves."""
    chapters = list(chapters)
    seen: dict[str, Chapter] = {}
    sources = {chapter.source.resolve(): chapter for chapter in chapters}
    for chapter in chapters:
        try:
            place = chapter.out or output_of(chapter.source, None)
        except (InputError, UsageError):
            # It is told when its turn comes.
            continue
        if (read := sources.get(place.resolve())) is not None:
            raise UsageError(
                f"{chapter.source} would become {place}, which is an input, too.",
                f"Move {read.source} away, or give --out.",
            )
        other = seen.setdefault(str(place.absolute()).casefold(), chapter)
        if other is not chapter:
            raise UsageError(
                f"{other.source} and {chapter.source} would both become {place}.",
                "Rename one of them, or colour them one after the other with --out.",
            )
