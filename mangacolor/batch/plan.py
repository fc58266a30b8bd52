"""What there is to do, found out and objected to before any work."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import os
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from mangacolor.batch.finished import finished_records
from mangacolor.batch.journal import (
    JOURNAL,
    Record,
    fingerprint,
    fingerprint_of,
    read_records,
    seen_sources,
)
from mangacolor.batch.known import Known, Seen
from mangacolor.batch.listing import list_pages
from mangacolor.batch.objections import (
    left_out,
    left_out_line,
    refuse_collisions,
    refuse_empty,
    refuse_file,
    refuse_foreign,
)
from mangacolor.batch.outputs import PACKED_SUFFIXES, output_of
from mangacolor.config import Format
from mangacolor.errors import InputError
from mangacolor.files import Listing
from mangacolor.images.archive import (
    BOOK_SUFFIXES,
    Archive,
    Member,
    is_archive,
    is_safe,
    open_archive,
)
from mangacolor.images.formats import renamed
from mangacolor.images.pdf import Pdf, check_pdf, is_pdf, open_pdf
from mangacolor.names import WORK_SUFFIX

__all__ = ["Plan", "Task", "make_plan", "mark_of", "output_of"]


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


@contextlib.contextmanager
def make_plan(
    source: Path,
    output: Path,
    job: str,
    overwrite: bool = False,
    edited: Sequence[str] = (),
    known: Known | None = None,
    apart: Collection[Path] = (),
    format_: Format = "keep",
    dpi: int = 300,
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
        format_: that pages get.
        dpi: at which pages of a PDF are drawn.

    Raises:
        MissingPackageError: nothing reads PDFs here.
        InputError: nothing there, nothing to colour, or it may not be read.
        UsageError: two pages would become one file, or a foreign file would be lost.
    """
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ, ZIP or PDF.")
    frame = _Frame(source, output, job, overwrite, format_, () if overwrite else tuple(edited))
    if source.is_dir():
        listing = _listed(source, apart)
        if output.suffix.lower() in PACKED_SUFFIXES and not output.is_dir():
            yield _plan_packed(frame, *_pages_of_folder(frame, listing, known or Known()))
        else:
            yield _plan_folder(frame, listing, known or Known())
    elif is_archive(source):
        with open_archive(source) as archive:
            yield _plan_archive(frame, archive)
    elif is_pdf(source):
        with open_pdf(source, dpi) as pdf:
            plan = _plan_packed(frame, *_pages_of_pdf(pdf))
            yield dataclasses.replace(plan, pdf=pdf)
    else:
        refuse_file(source)


def _listed(source: Path, apart: Collection[Path]) -> Listing:
    try:
        return list_pages(source).without(apart)
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error


@dataclasses.dataclass(frozen=True)
class _Frame:
    """What a plan is made for; the words are those of `make_plan`."""

    source: Path
    output: Path
    job: str
    overwrite: bool
    format: Format
    edited: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Page:
    """A page that goes into a packed output."""

    name: str
    read: Callable[[], bytes]
    seen: Callable[[], Seen | None] = lambda: None


_Pages = tuple[list[_Page], tuple[str, ...]]


def _plan_folder(frame: _Frame, listing: Listing, known: Known) -> Plan:
    source, output, overwrite = frame.source, frame.output, frame.overwrite
    found = listing.pictures
    names = [path.relative_to(source).as_posix() for path in found]
    files = [renamed(name, frame.format) for name in names]
    refuse_empty(source, names)
    refuse_collisions(
        zip(names, files, strict=True),
        lambda name: unicodedata.normalize("NFC", name).casefold(),
        f"Rename one of them in {source}.",
    )
    records = read_records(output)
    if not overwrite and not (output / JOURNAL).exists():
        refuse_foreign(output / name for name in files)
    for name, seen in seen_sources(output).items():
        known.tell(source / name, seen)
    tasks = [
        _folder_task(path, output / file, name, known)
        for path, name, file in zip(found, names, files, strict=True)
    ]
    tasks += [_closed_task(path, output, path.relative_to(source)) for path in listing.closed]
    plan = Plan(
        source,
        output,
        output,
        frame.job,
        tuple(tasks),
        (),
        {},
        format=frame.format,
        records={} if overwrite else records,
        edited=frame.edited,
        notices=left_out(source, listing),
    )
    return _sort_out(plan, lambda task, mark: task.target(mark).is_file())


def _plan_archive(frame: _Frame, archive: Archive) -> Plan:
    pages = archive.pages()
    found = [_Page(page.name, functools.partial(archive.read, page)) for page in pages]
    nested = [_Page(m.name, _refusal_of_nested(m.name)) for m in _nested(archive, pages)]
    led_out = [m.name for m in archive.members if not is_safe(m.name) and not m.is_page]
    notices = left_out_line(led_out, "whose names lead out of the archive") + tuple(
        f"{name} is in {archive.path.name} more than once; the last one is taken"
        for name in archive.repeated
    )
    plan = _plan_packed(frame, found, notices, nested)
    return plan if _is_pdf_name(frame.output) else dataclasses.replace(plan, archive=archive)


def _pages_of_folder(frame: _Frame, listing: Listing, known: Known) -> _Pages:
    source = frame.source
    found = []
    for path in listing.pictures:
        name = path.relative_to(source).as_posix()
        task = _folder_task(path, path, name, known)
        found.append(_Page(name, task.read, task.seen))
    for path in listing.closed:
        task = _closed_task(path, path, path.relative_to(source))
        found.append(_Page(task.name, task.read))
    return found, left_out(source, listing)


def _pages_of_pdf(pdf: Pdf) -> _Pages:
    def seen(number: int) -> Seen:
        # What a page looks like is decided by the file: it need not be drawn to be known.
        facts = f"{pdf.digest} {number} {pdf.dpi:g}"
        return Seen(0, 0, hashlib.sha256(facts.encode()).hexdigest())

    return [
        _Page(name, functools.partial(pdf.read, i), functools.partial(seen, i))
        for i, name in enumerate(pdf.names)
    ], ()


def _is_pdf_name(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def _plan_packed(
    frame: _Frame,
    pages: Sequence[_Page],
    notices: tuple[str, ...],
    lost: Sequence[_Page] = (),
) -> Plan:
    """A plan whose output is one file; `lost` are things whose pages nobody colours."""
    output = frame.output
    refuse_empty(frame.source, [page.name for page in pages])
    if frame.format != "keep":
        refuse_collisions(
            [(page.name, renamed(page.name, frame.format)) for page in pages],
            lambda name: name,
            "Rename one of them, or leave --format out.",
        )
    # Short: the archive's own name may be as long as a name can be.
    digest = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:16]
    work = output.with_name(f".mangacolor-{digest}{WORK_SUFFIX}")
    if _is_pdf_name(output):
        check_pdf()
    finished = finished_records(output)
    if finished is None and output.exists() and not frame.overwrite:
        refuse_foreign([output])
    tasks = []
    for page in [*pages, *lost]:
        suffix = Path(renamed(page.name, frame.format)).suffix.lower()
        tasks.append(
            Task(
                page.name,
                page.read,
                # Named by content: member names never touch the disk.
                lambda mark, suffix=suffix: work / f"{mark[:40]}{suffix}",  # type: ignore[misc]
                page.seen,
            )
        )
    records = {**(finished or {}), **read_records(work)}
    plan = Plan(
        frame.source,
        output,
        work,
        frame.job,
        tuple(tasks),
        (),
        {},
        format=frame.format,
        records={} if frame.overwrite else records,
        edited=frame.edited,
        notices=notices,
    )
    packed = {name: record["fingerprint"] for name, record in (finished or {}).items()}
    return _sort_out(
        plan, lambda task, mark: packed.get(task.name) == mark or task.target(mark).is_file()
    )


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


def _refusal_of_nested(name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        raise InputError(
            f"{name} is an archive within the archive; its pages are not coloured.",
            "Unpack it and colour it by itself.",
        )

    return read


def _sort_out(plan: Plan, is_there: Callable[[Task, str], bool]) -> Plan:
    """The plan with its pages told apart: done, and to do; only pages with a record are read, and
    of these only those whose file is not known.
    """
    done, small, todo = {}, {}, []
    for task in plan.tasks:
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


def mark_of(task: Task, job: str, content: bytes) -> str:
    """The fingerprint of a page that was read."""
    seen = task.seen()
    return fingerprint(job, content) if seen is None else fingerprint_of(job, seen.digest)


def _mark(task: Task, job: str) -> str | None:
    seen = task.seen()
    if seen is not None:
        return fingerprint_of(job, seen.digest)
    try:
        return fingerprint(job, task.read())
    except InputError:
        return None
