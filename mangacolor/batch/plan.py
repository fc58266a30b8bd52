"""What there is to do, found out and objected to before any work."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from mangacolor.batch.journal import (
    JOURNAL,
    fingerprint,
    fingerprint_of,
    finished_pages,
    read_journal,
    seen_sources,
)
from mangacolor.batch.known import Known, Seen
from mangacolor.batch.listing import list_pages
from mangacolor.errors import InputError, UsageError
from mangacolor.files import Listing
from mangacolor.images.archive import (
    ARCHIVE_SUFFIXES,
    BOOK_SUFFIXES,
    Archive,
    Member,
    is_archive,
    is_safe,
    kind_of,
    open_archive,
)
from mangacolor.names import PICTURE_SUFFIXES, WORK_SUFFIX, is_picture

__all__ = ["Plan", "Task", "coloured_name", "make_plan", "output_of"]


@dataclasses.dataclass(frozen=True)
class Task:
    """One page to colour.

    Attributes:
        name: its path in the folder or archive, with forward slashes.
        read: gives the bytes of its file; raises InputError.
        target: says where the coloured page goes, from its fingerprint.
        seen: what its file is, if that is known without reading it.
    """

    name: str
    read: Callable[[], bytes]
    target: Callable[[str], Path]
    seen: Callable[[], Seen | None] = lambda: None


@dataclasses.dataclass(frozen=True)
class Plan:
    """A chapter's work.

    Attributes:
        source: the folder or archive.
        output: the folder or archive that is made.
        work: folder in which coloured pages and the journal are kept; the output itself for a
            folder, a hidden one beside it for an archive.
        job: digest of references, model and settings.
        tasks: all pages in natural order.
        todo: those that are to be coloured.
        done: fingerprints of pages that need no work, by name.
        archive: the open input, if it is an archive.
        notices: what is left out, in words.
    """

    source: Path
    output: Path
    work: Path
    job: str
    tasks: tuple[Task, ...]
    todo: tuple[Task, ...]
    done: dict[str, str]
    archive: Archive | None = None
    notices: tuple[str, ...] = ()


def output_of(source: Path, out: Path | None) -> Path:
    """Where the coloured chapter goes: beside the input unless said otherwise.

    Raises:
        UsageError: it would be the input, or inside it, or may not be written.
    """
    try:
        return _output_of(source, out)
    except OSError as error:
        shorter = " shorter" if error.errno == errno.ENAMETOOLONG else ""
        raise UsageError(
            f"{error.filename or out or source} cannot be used: {error.strerror or error}.",
            f"Name another{shorter} place with --out.",
        ) from error


def _output_of(source: Path, out: Path | None) -> Path:
    typed, source = source, source.resolve()
    archive = source.is_file()
    # Beside what was typed, be that a link to a chapter that lies elsewhere.
    typed = Path(os.path.abspath(typed))  # noqa: PTH100 - `resolve` would follow the link
    if out is None:
        if not source.name:
            raise UsageError(f"{source} has no place beside it.", "Name one with --out.")
        output = typed.with_name(_archive_name(typed) if archive else f"{typed.name}-color")
    else:
        output = out.resolve()
        if archive and output.suffix.lower() not in ARCHIVE_SUFFIXES:
            output = output / _archive_name(typed)
    real = output.resolve()
    if real == source:
        raise UsageError(
            f"The output {output} is the input itself.", "Name another place with --out."
        )
    if source in real.parents:
        raise UsageError(
            f"The output {output} lies inside the input {source}.",
            "Name a place outside it with --out: else the next run would colour the output.",
        )
    if archive and output.is_dir():
        raise UsageError(f"The output {output} is a folder.", "Name an archive with --out.")
    if not archive and output.exists() and not output.is_dir():
        raise UsageError(f"The output {output} is a file.", "Name a folder with --out.")
    place = next(path for path in (output, *output.parents) if path.exists())
    if not os.access(place, os.W_OK):
        raise UsageError(f"{place} may not be written to.", "Name another place with --out.")
    return output


def _archive_name(source: Path) -> str:
    """A coloured archive's name beside its source."""
    plain = Path(coloured_name(source))
    return f"{plain.stem}-color{plain.suffix}"


def coloured_name(source: Path) -> str:
    """The name of a coloured folder or archive in a place of its own; what is a ZIP by another name
    (`.cbr`) becomes a CBZ.
    """
    source = source.resolve() if not source.name else source
    known = source.suffix.lower() in ARCHIVE_SUFFIXES or source.is_dir()
    return source.name if known else f"{source.stem}.cbz"


@contextlib.contextmanager
def make_plan(
    source: Path,
    output: Path,
    job: str,
    overwrite: bool = False,
    edited: Sequence[str] = (),
    known: Known | None = None,
    apart: Collection[Path] = (),
) -> Iterator[Plan]:
    """Finds the pages and what of them is done; the input stays open for the block.

    Args:
        source: folder of pictures, or CBZ or ZIP.
        output: from `output_of`.
        job: digest of references, model and settings.
        overwrite: do all pages again, and replace files that this tool did not write.
        edited: pages of the output that somebody changed, which are kept.
        known: files that were read before.
        apart: files and folders in the source that are no pages of it.

    Raises:
        InputError: nothing there, nothing to colour, or it may not be read.
        UsageError: two pages would become one file, or a foreign file would be lost.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ or a ZIP.")
    if source.is_dir():
        yield _plan_folder(
            source, _listed(source, apart), output, job, overwrite, edited, known or Known()
        )
    elif is_archive(source):
        with open_archive(source) as archive:
            yield _plan_archive(archive, output, job, overwrite)
    else:
        picture = is_picture(source.name)
        kind = "one picture" if picture else kind_of(source) or "neither a folder nor a CBZ or ZIP"
        raise InputError(
            f"{source} is {kind}.",
            "Give the folder that the pages are in."
            if picture
            else "Give a folder of pages, a CBZ or a ZIP; unpack another archive first.",
        )


def _listed(source: Path, apart: Collection[Path]) -> Listing:
    try:
        return list_pages(source).without(apart)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error


def _plan_folder(
    source: Path,
    listing: Listing,
    output: Path,
    job: str,
    overwrite: bool,
    edited: Sequence[str],
    known: Known,
) -> Plan:
    found = listing.pictures
    names = [path.relative_to(source).as_posix() for path in found]
    _refuse_empty(source, names)
    _refuse_collisions(
        names,
        lambda name: unicodedata.normalize("NFC", name).casefold(),
        f"Rename one of them in {source}.",
    )
    marks = read_journal(output)
    if not overwrite and not (output / JOURNAL).exists():
        _refuse_foreign(output / name for name in names)
    for name, seen in seen_sources(output).items():
        known.tell(source / name, seen)
    tasks = [
        _folder_task(path, output / name, name, known)
        for path, name in zip(found, names, strict=True)
    ]
    tasks += [_closed_task(path, output, path.relative_to(source)) for path in listing.closed]
    done, todo = _sort_out(
        tasks, {} if overwrite else marks, job, lambda task, mark: task.target(mark).is_file()
    )
    kept = set() if overwrite else set(edited) & {task.name for task in tasks}
    done |= {name: marks[name] for name in kept}
    todo = tuple(task for task in todo if task.name not in kept)
    notices = _left_out(source, listing)
    return Plan(source, output, output, job, tuple(tasks), todo, done, notices=notices)


def _plan_archive(archive: Archive, output: Path, job: str, overwrite: bool) -> Plan:
    pages = archive.pages()
    _refuse_empty(archive.path, [page.name for page in pages])
    # Short: the archive's own name may be as long as a name can be.
    digest = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:16]
    work = output.with_name(f".mangacolor-{digest}{WORK_SUFFIX}")
    finished = finished_pages(output)
    if finished is None and output.exists() and not overwrite:
        _refuse_foreign([output])
    tasks = []
    for page in pages:
        suffix = Path(page.name).suffix.lower()
        tasks.append(
            Task(
                page.name,
                lambda page=page: archive.read(page),  # type: ignore[misc]
                # Named by content: member names never touch the disk.
                lambda mark, suffix=suffix: work / f"{mark[:40]}{suffix}",  # type: ignore[misc]
            )
        )
    tasks += [_nested_task(member, work) for member in _nested(archive, pages)]
    marks = {**(finished or {}), **read_journal(work)}
    done, todo = _sort_out(
        tasks,
        {} if overwrite else marks,
        job,
        lambda task, mark: (finished or {}).get(task.name) == mark or task.target(mark).is_file(),
    )
    led_out = [m.name for m in archive.members if not is_safe(m.name) and not m.is_page]
    notices = _notice(led_out, "whose names lead out of the archive") + tuple(
        f"{name} is in {archive.path.name} more than once; the last one is taken"
        for name in archive.repeated
    )
    return Plan(archive.path, output, work, job, tuple(tasks), todo, done, archive, notices)


def _folder_task(path: Path, target: Path, name: str, known: Known) -> Task:
    return Task(name, lambda: known.read(path, name), lambda mark: target, lambda: known.find(path))


def _closed_task(folder: Path, output: Path, name: Path) -> Task:
    """A folder that cannot be read: pages that are missed, and so a page that fails."""

    def read() -> bytes:
        raise InputError(f"The folder {folder} cannot be read.", "See that you may read it.")

    return Task(f"{name.as_posix()}/", read, lambda mark: output / name)


def _nested(archive: Archive, pages: Sequence[Member]) -> list[Member]:
    """Archives within the archive: they have pages that nobody colours."""
    found = (m for m in archive.members if PurePosixPath(m.name).suffix.lower() in BOOK_SUFFIXES)
    return [member for member in found if is_safe(member.name) and member not in pages]


def _nested_task(member: Member, work: Path) -> Task:
    def read() -> bytes:
        raise InputError(
            f"{member.name} is an archive within the archive; its pages are not coloured.",
            "Unpack it and colour it by itself.",
        )

    return Task(member.name, read, lambda mark: work / mark[:40])


def _sort_out(
    tasks: Sequence[Task],
    marks: dict[str, str],
    job: str,
    is_there: Callable[[Task, str], bool],
) -> tuple[dict[str, str], tuple[Task, ...]]:
    """Done pages with their fingerprints, and the others; only pages with a record are read, and
    of these only those whose file is not known.
    """
    done = {}
    todo = []
    for task in tasks:
        mark = marks.get(task.name)
        if mark is not None and is_there(task, mark) and mark == _mark(task, job):
            done[task.name] = mark
        else:
            todo.append(task)
    return done, tuple(todo)


def _mark(task: Task, job: str) -> str | None:
    seen = task.seen()
    if seen is not None:
        return fingerprint_of(job, seen.digest)
    try:
        return fingerprint(job, task.read())
    except InputError:
        return None


def _refuse_empty(source: Path, names: Sequence[str]) -> None:
    if not names:
        raise InputError(
            f"{source} has no pages.", f"Pages end in {', '.join(sorted(PICTURE_SUFFIXES))}."
        )


def _left_out(source: Path, listing: Listing) -> tuple[str, ...]:
    """A line for each kind of thing that is in a folder and is not coloured."""
    others, circles = (
        [path.relative_to(source).as_posix() for path in paths]
        for paths in (listing.others, listing.circles)
    )
    return _notice(others, "that are no pictures") + _notice(
        circles, "that lead in a circle", "folder"
    )


def _notice(names: Sequence[str], why: str, what: str = "file") -> tuple[str, ...]:
    if not names:
        return ()
    if len(names) == 1:
        why = why.replace("are no pictures", "is no picture").replace("lead ", "leads ")
        why = why.replace("whose names", "whose name")
        return (f"1 {what} {why} is left out: {names[0]}",)
    return (f"{len(names)} {what}s {why} are left out, such as {names[0]}",)


def _refuse_collisions(names: Iterable[str], key_of: Callable[[str], str], hint: str) -> None:
    """Two names that are one file on some system would overwrite each other there."""
    seen: dict[str, str] = {}
    for name in names:
        key = key_of(name)
        if key in seen:
            raise UsageError(f"{seen[key]} and {name} would become one file.", hint)
        seen[key] = name


def _refuse_foreign(targets: Iterable[Path]) -> None:
    for target in targets:
        if target.exists():
            raise UsageError(
                f"{target} exists already, and mangacolor did not write it.",
                "Name another place with --out, or replace it with --overwrite.",
            )
