"""A chapter's work: a plan and its tasks, its pages, told apart in done and to do."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

from mangacolor.chapter.journal import Record, fingerprint, fingerprint_of
from mangacolor.chapter.known import KnownFiles, Seen
from mangacolor.config import Format
from mangacolor.errors import InputError
from mangacolor.images.archive import Archive
from mangacolor.images.pdf import Pdf

__all__ = [
    "Aim",
    "Plan",
    "Task",
    "closed_task",
    "folder_task",
    "foreign_task",
    "mark_of",
    "sort_out",
    "targets_of",
]


@dataclasses.dataclass(frozen=True)
class Task:
    """One page to colour.

    Attributes:
        name: its path in the folder or archive, with forward slashes.
        read: gives the bytes of its file; raises InputError.
        target: says where the coloured page goes, from its fingerprint.
        seen: what its file is, if that is known without reading it.
        said: digest of what a person said of it; empty if nothing was.
    """

    name: str
    read: Callable[[], bytes]
    target: Callable[[str], Path]
    seen: Callable[[], Seen | None] = lambda: None
    said: str = ""


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
        archive: the open input, if it is an archive that becomes one.
        pdf: the open input, if it is one.
        format: that pages get.
        records: what is known of pages that were done before, by name.
        small: sizes of pages that are done, but smaller than asked for: memory was not enough.
            They are among `todo`, and stay as they are if it still is not. Of size 0 are those
            that are done again for something else.
        edited: pages of the output that somebody changed, which are kept.
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
    pdf: Pdf | None = None
    format: Format = "keep"
    records: dict[str, Record] = dataclasses.field(default_factory=dict)
    small: dict[str, int] = dataclasses.field(default_factory=dict)
    edited: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @functools.cached_property
    def by_name(self) -> dict[str, Task]:
        """All pages by name."""
        return {task.name: task for task in self.tasks}

    @property
    def packed(self) -> bool:
        """Whether the output is one file, for which pages are kept in a work folder."""
        return self.work != self.output


@dataclasses.dataclass(frozen=True)
class Aim:
    """What a plan is made for.

    Attributes:
        source: folder of pictures, or CBZ, ZIP or PDF.
        output: from `output_of`.
        job: digest of references, model and settings.
        overwrite: do all pages again, and replace files that this tool did not write.
        edited: pages of the output that somebody changed.
        known: files that were read before.
        apart: files and folders in the source that are no pages of it.
        format: that pages get.
        dpi: at which pages of a PDF are drawn.
        said: gives the digest of what a person said of a page, by its name; empty if nothing was.
    """

    source: Path
    output: Path
    job: str
    overwrite: bool = False
    edited: tuple[str, ...] = ()
    known: KnownFiles = dataclasses.field(default_factory=KnownFiles)
    apart: frozenset[Path] = frozenset()
    format: Format = "keep"
    dpi: int = 300
    said: Callable[[str], str] = lambda name: ""

    @property
    def kept(self) -> tuple[str, ...]:
        """Pages of the output that stay as somebody changed them."""
        return () if self.overwrite else self.edited


def folder_task(path: Path, target: Path, name: str, known: KnownFiles) -> Task:
    """A file of a folder."""
    return Task(name, lambda: known.read(path, name), lambda mark: target, lambda: known.find(path))


def closed_task(folder: Path, output: Path, name: Path) -> Task:
    """A folder that cannot be read: pages that are missed, and so a page that fails."""

    def read() -> bytes:
        raise InputError(f"The folder {folder} cannot be read.", "See that you may read it.")

    return Task(f"{name.as_posix()}/", read, lambda mark: output / name)


def foreign_task(name: str, target: Path) -> Task:
    """A page in whose place is something that somebody else put there: it fails."""

    def read() -> bytes:
        raise InputError(
            f"{target} exists already, and mangacolor did not write it.",
            "Move it away, or replace it with --overwrite.",
        )

    return Task(name, read, lambda mark: target)


def sort_out(
    plan: Plan, is_there: Callable[[Task, str], bool], said: Callable[[str], str] = lambda name: ""
) -> Plan:
    """The plan with its pages told apart: done, and to do; only pages with a record are read, and
    of these only those whose file is not known.

    Args:
        plan: whose `done` and `todo` are not known yet.
        is_there: whether the file of a task and fingerprint is.
        said: gives the digest of what a person said of a page, by its name.
    """
    done, small, todo = {}, {}, []
    tasks = tuple(dataclasses.replace(task, said=said(task.name)) for task in plan.tasks)
    plan = dataclasses.replace(plan, tasks=tasks)
    for task in tasks:
        record = plan.records.get(task.name, {})
        mark = record.get("fingerprint")
        if mark is not None and task.name in plan.edited:
            done[task.name] = mark
            continue
        if mark is None or not is_there(task, mark) or mark != _mark(task, plan.job):
            todo.append(task)
        elif type(record.get("smaller")) is int:
            small[task.name] = record["smaller"]
            todo.append(task)
        else:
            done[task.name] = mark
    return dataclasses.replace(plan, done=done, small=small, todo=tuple(todo))


def targets_of(plan: Plan) -> list[Path]:
    """The files that a run of the plan would write and that may be somebody's."""
    if not plan.todo:
        return []
    return [plan.output] if plan.packed else [task.target("0" * 64) for task in plan.todo]


def mark_of(task: Task, job: str, content: bytes) -> str:
    """The fingerprint of a page that was read."""
    seen, job = task.seen(), job + task.said
    return fingerprint(job, content) if seen is None else fingerprint_of(job, seen.digest)


def _mark(task: Task, job: str) -> str | None:
    seen, job = task.seen(), job + task.said
    if seen is not None:
        return fingerprint_of(job, seen.digest)
    try:
        return fingerprint(job, task.read())
    except InputError:
        return None
