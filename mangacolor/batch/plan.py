"""What there is to do, found out and objected to before any work."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from mangacolor.batch.journal import JOURNAL, fingerprint, finished_pages, read_journal
from mangacolor.errors import InputError, UsageError
from mangacolor.files import PICTURE_SUFFIXES, find_pictures
from mangacolor.images.archive import ARCHIVE_SUFFIXES, Archive, is_safe, open_archive

__all__ = ["Plan", "Task", "make_plan", "output_of"]


@dataclasses.dataclass(frozen=True)
class Task:
    """One page to colour.

    Attributes:
        name: its path in the folder or archive, with forward slashes.
        read: gives the bytes of its file; raises InputError.
        target: says where the coloured page goes, from its fingerprint.
    """

    name: str
    read: Callable[[], bytes]
    target: Callable[[str], Path]


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
    """

    source: Path
    output: Path
    work: Path
    job: str
    tasks: tuple[Task, ...]
    todo: tuple[Task, ...]
    done: dict[str, str]
    archive: Archive | None = None


def output_of(source: Path, out: Path | None) -> Path:
    """Where the coloured chapter goes: beside the input unless said otherwise.

    Raises:
        UsageError: it would be the input, or inside it, or may not be written.
    """
    source = source.resolve()
    archive = source.is_file()
    if out is None:
        if not source.name:
            raise UsageError(f"{source} has no place beside it.", "Name one with --out.")
        output = source.with_name(
            f"{source.stem}-color{source.suffix}" if archive else f"{source.name}-color"
        )
    else:
        output = out.resolve()
        if archive and output.suffix.lower() not in ARCHIVE_SUFFIXES:
            output = output / f"{source.stem}-color{source.suffix}"
    if output == source:
        raise UsageError(
            f"The output {output} is the input itself.", "Name another place with --out."
        )
    if source in output.parents:
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


@contextlib.contextmanager
def make_plan(source: Path, output: Path, job: str, overwrite: bool = False) -> Iterator[Plan]:
    """Finds the pages and what of them is done; the input stays open for the block.

    Args:
        source: folder of pictures, or CBZ or ZIP.
        output: from `output_of`.
        job: digest of references, model and settings.
        overwrite: do all pages again, and replace files that this tool did not write.

    Raises:
        InputError: nothing there, nothing to colour, or it may not be read.
        UsageError: two pages would become one file, or a foreign file would be lost.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ or a ZIP.")
    if source.is_dir():
        yield _plan_folder(source, output, job, overwrite)
    elif source.suffix.lower() in ARCHIVE_SUFFIXES:
        with open_archive(source) as archive:
            yield _plan_archive(archive, output, job, overwrite)
    else:
        picture = source.suffix.lower() in PICTURE_SUFFIXES
        raise InputError(
            f"{source} is {'one picture' if picture else 'neither a folder nor a CBZ or ZIP'}.",
            "Give the folder that the pages are in." if picture else "Unpack it to a folder first.",
        )


def _plan_folder(source: Path, output: Path, job: str, overwrite: bool) -> Plan:
    try:
        os.scandir(source).close()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error
    found = find_pictures(source)
    names = [path.relative_to(source).as_posix() for path in found]
    _refuse_empty(source, names)
    _refuse_collisions(names)
    marks = read_journal(output)
    if not overwrite and not (output / JOURNAL).exists():
        _refuse_foreign(output / name for name in names)
    tasks = [
        _folder_task(path, output / name, name) for path, name in zip(found, names, strict=True)
    ]
    done, todo = _sort_out(
        tasks, {} if overwrite else marks, job, lambda task, mark: task.target(mark).is_file()
    )
    return Plan(source, output, output, job, tuple(tasks), todo, done)


def _plan_archive(archive: Archive, output: Path, job: str, overwrite: bool) -> Plan:
    pages = archive.pages()
    _refuse_empty(archive.path, [page.name for page in pages])
    _refuse_collisions([member.name for member in archive.members if is_safe(member.name)])
    work = output.with_name(f".{output.name}.work")
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
    marks = {**(finished or {}), **read_journal(work)}
    done, todo = _sort_out(
        tasks,
        {} if overwrite else marks,
        job,
        lambda task, mark: (finished or {}).get(task.name) == mark or task.target(mark).is_file(),
    )
    return Plan(archive.path, output, work, job, tuple(tasks), todo, done, archive)


def _folder_task(path: Path, target: Path, name: str) -> Task:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}.") from error

    return Task(name, read, lambda mark: target)


def _sort_out(
    tasks: Sequence[Task],
    marks: dict[str, str],
    job: str,
    is_there: Callable[[Task, str], bool],
) -> tuple[dict[str, str], tuple[Task, ...]]:
    """Done pages with their fingerprints, and the others; only pages with a record are read."""
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
    try:
        return fingerprint(job, task.read())
    except InputError:
        return None


def _refuse_empty(source: Path, names: Sequence[str]) -> None:
    if not names:
        raise InputError(
            f"{source} has no pages.", f"Pages end in {', '.join(sorted(PICTURE_SUFFIXES))}."
        )


def _refuse_collisions(names: Iterable[str]) -> None:
    """Two names that are one file on some system would overwrite each other there."""
    seen: dict[str, str] = {}
    for name in names:
        key = unicodedata.normalize("NFC", name).casefold()
        if key in seen:
            raise UsageError(
                f"{seen[key]} and {name} would become one file.", "Rename one of them."
            )
        seen[key] = name


def _refuse_foreign(targets: Iterable[Path]) -> None:
    for target in targets:
        if target.exists():
            raise UsageError(
                f"{target} exists already, and mangacolor did not write it.",
                "Name another place with --out, or replace it with --overwrite.",
            )
