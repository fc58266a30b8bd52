"""Plans whose output is one file: CBZ, ZIP or PDF."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from mangacolor.chapter.journal import read_records
from mangacolor.chapter.known import Seen
from mangacolor.chapter.listing import left_out, left_out_line
from mangacolor.chapter.objections import refuse_collisions, refuse_empty, refuse_foreign
from mangacolor.chapter.plan import Aim, Plan, Task, closed_task, folder_task, sort_out
from mangacolor.errors import InputError, UsageError
from mangacolor.files import Listing
from mangacolor.images.archive import BOOK_SUFFIXES, Archive, Member, is_safe, refuse_methods
from mangacolor.images.formats import renamed
from mangacolor.images.pdf import Pdf, check_pdf
from mangacolor.names import WORK_SUFFIX

__all__ = ["pages_of_folder", "pages_of_pdf", "plan_archive", "plan_packed"]


@dataclasses.dataclass(frozen=True)
class _Packed:
    """A page that goes into a packed output."""

    name: str
    read: Callable[[], bytes]
    seen: Callable[[], Seen | None] = lambda: None


_Pages = tuple[list[_Packed], tuple[str, ...]]


def plan_archive(aim: Aim, archive: Archive) -> Plan:
    """The plan of an open archive; raises as `make_plan`."""
    pages = archive.pages()
    refuse_methods(archive, pages)
    if archive.is_epub:
        _check_epub(aim)
    found = [_Packed(page.name, functools.partial(archive.read, page)) for page in pages]
    nested = [_Packed(m.name, _refusal_of_nested(m.name)) for m in _nested(archive, pages)]
    led_out = [m.name for m in archive.members if not is_safe(m.name) and not m.is_page]
    notices = left_out_line(led_out, "whose names lead out of the archive") + tuple(
        f"{name} is in {archive.path.name} more than once; the last one is taken"
        for name in archive.repeated
    )
    if _is_pdf_name(aim.output):
        beside = [m.name for m in archive.members if m not in pages and is_safe(m.name)]
        notices += left_out_line(
            [name for name in beside if name not in {page.name for page in nested}],
            "that are no pictures",
        )
    plan = plan_packed(aim, found, notices, nested)
    return plan if _is_pdf_name(aim.output) else dataclasses.replace(plan, archive=archive)


def _check_epub(aim: Aim) -> None:
    """Refuses what would lose the order of an EPUB's pages, or its documents' way to them."""
    if aim.output.suffix.lower() not in {".epub", ".pdf"}:
        raise UsageError(
            f"{aim.source} is an EPUB; {aim.output.name} would lose the order of its pages.",
            "Give --out a name that ends in .epub or .pdf, or leave it out.",
        )
    if aim.format != "keep" and not _is_pdf_name(aim.output):
        raise UsageError(
            f"The documents of {aim.source} name its pages with their formats.",
            "Leave --format out for an EPUB.",
        )


def pages_of_folder(aim: Aim, listing: Listing) -> _Pages:
    """The pages of a folder for `plan_packed`, and what is left out, in words."""
    source = aim.source
    found = []
    for path in listing.pictures:
        name = path.relative_to(source).as_posix()
        task = folder_task(path, path, name, aim.known)
        found.append(_Packed(name, task.read, task.seen))
    for path in listing.closed:
        task = closed_task(path, path, path.relative_to(source))
        found.append(_Packed(task.name, task.read))
    return found, left_out(source, listing)


def pages_of_pdf(pdf: Pdf, output: Path) -> _Pages:
    """The pages of an open PDF for `plan_packed`, and what an archive has no place for."""

    def seen(number: int) -> Seen:
        # What a page looks like is decided by the file: it need not be drawn to be known.
        facts = f"{pdf.digest} {number} {pdf.dpi:g}"
        return Seen(0, 0, hashlib.sha256(facts.encode()).hexdigest())

    return [
        _Packed(name, functools.partial(pdf.read, i), functools.partial(seen, i))
        for i, name in enumerate(pdf.names)
    ], () if _is_pdf_name(output) else _lost_of_pdf(pdf, output)


def _lost_of_pdf(pdf: Pdf, output: Path) -> tuple[str, ...]:
    lost = [name for name in pdf.facts() if name != "pages"]
    if not lost:
        return ()
    return (f"{output.name} has no place for what {pdf.path.name} has: {', '.join(lost)}",)


def _is_pdf_name(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def plan_packed(
    aim: Aim,
    pages: Sequence[_Packed],
    notices: tuple[str, ...],
    lost: Sequence[_Packed] = (),
) -> Plan:
    """A plan whose output is one file.

    Args:
        aim: what for.
        pages: in order.
        notices: what is left out, in words.
        lost: things whose pages nobody colours: they fail.

    Raises:
        InputError, UsageError, MissingPackageError: as `make_plan`.
    """
    output = aim.output
    refuse_empty(aim.source, [page.name for page in pages])
    if aim.format != "keep":
        refuse_collisions(
            [(page.name, renamed(page.name, aim.format)) for page in pages],
            lambda name: name,
            "Rename one of them, or leave --format out.",
        )
    # Short: the archive's own name may be as long as a name can be.
    digest = hashlib.sha256(os.fsencode(output.name)).hexdigest()[:16]
    work = output.with_name(f".mangacolor-{digest}{WORK_SUFFIX}")
    if _is_pdf_name(output):
        check_pdf()
    finished = read_records(output)
    if finished is None and output.exists() and not aim.overwrite:
        refuse_foreign([output])
    tasks = []
    for page in [*pages, *lost]:
        suffix = Path(renamed(page.name, aim.format)).suffix.lower()
        tasks.append(
            Task(
                page.name,
                page.read,
                # Named by content: member names never touch the disk.
                lambda mark, suffix=suffix: work / f"{mark[:40]}{suffix}",  # type: ignore[misc]
                page.seen,
            )
        )
    records = {**(finished or {}), **(read_records(work) or {})}
    plan = Plan(
        aim.source,
        output,
        work,
        aim.job,
        tuple(tasks),
        (),
        {},
        format=aim.format,
        records={} if aim.overwrite else records,
        edited=aim.kept,
        notices=notices,
    )
    packed = {name: record["fingerprint"] for name, record in (finished or {}).items()}
    return sort_out(
        plan,
        lambda task, mark: packed.get(task.name) == mark or task.target(mark).is_file(),
        aim.said,
    )


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
