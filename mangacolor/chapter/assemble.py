"""An output that is one file, put together of its pages: CBZ, ZIP or, by `bind.py`, PDF."""

from __future__ import annotations

import functools
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mangacolor.chapter.beside import Beside, find_beside
from mangacolor.chapter.bind import bind
from mangacolor.chapter.comic_info import as_written, written_sum
from mangacolor.chapter.journal import Record, read_journal, read_records
from mangacolor.chapter.members import member_of, noted
from mangacolor.chapter.pdf_sheets import sheet_owners
from mangacolor.chapter.plan import Plan, Task
from mangacolor.errors import InputError
from mangacolor.images.archive import Archive, Member, is_safe, open_archive
from mangacolor.images.archive_written import Content, write_archive
from mangacolor.images.page import read_color
from mangacolor.images.pdf import open_pdf
from mangacolor.names import PART

__all__ = ["assemble", "colored_page", "read_packed"]

_Pages = Callable[[str, str], Callable[[], bytes]]


def assemble(plan: Plan, colored: Mapping[str, str]) -> list[str]:
    """Puts a finished archive together and removes its work folder; a folder needs nothing.

    A page that could not be coloured goes in as it was, if it can be unpacked at all, so that the
    chapter stays complete; it has no line in the archive's journal, and the next run tries again.

    Args:
        plan: of the run.
        colored: fingerprints of the pages coloured now, by name.

    Returns:
        What the user should know, in words: members that could not be unpacked and are not in the
        archive, and those that somebody else put there.

    Raises:
        OSError: it cannot be written; the work folder stays as it is.
    """
    if not plan.packed:
        return []
    lost: dict[str, int] = {}
    kept: list[str] = []
    told: list[str] = []
    done = {**plan.done, **colored}
    beside = find_beside(plan.output)
    if colored or read_journal(plan.output) != done or _source_changed(plan, beside):
        stem = re.escape(f".{plan.output.name[:40]}.")
        for path in plan.output.parent.iterdir():
            if re.match(stem, path.name) and PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
        if plan.archive is None:
            records, page_of = _records(plan), functools.partial(colored_page, plan)
            told = _pack(plan, done, records, page_of, beside)
        else:
            _write(plan, plan.archive, done, lost, beside)
        kept = list(_kept_members(plan, beside, done))
    shutil.rmtree(plan.work, ignore_errors=True)
    return [
        *told,
        *_line(list(lost), "cannot be unpacked and is not in the new archive"),
        *_line(kept, f"in {plan.output.name} is not of mangacolor: kept"),
    ]


def _line(names: Sequence[str], what: str) -> list[str]:
    others = f" and {len(names) - 1} more" * (len(names) > 1)
    return [f"{names[0]}{others} {what}"] if names else []


def _records(plan: Plan) -> dict[str, Record]:
    """What is known of the pages: of the former file, and then of this run."""
    return {**plan.records, **(read_records(plan.work) or {})}


def _source_changed(plan: Plan, beside: Beside) -> bool:
    """Whether the source has other things beside its pages than those that were taken over."""
    if plan.archive is None:
        return False
    pages = plan.by_name
    now = {
        member.name: written_sum(plan.archive, member)
        for member in plan.archive.members
        if member.name not in pages and is_safe(member.name)
    }
    # What could not be unpacked is in none.
    before = {name: crc for name, crc in beside.ours.items() if name not in pages}
    foreign = beside.foreign
    return any(
        before.get(name) != now.get(name) for name in now.keys() | before if name not in foreign
    )


def _pack(
    plan: Plan,
    done: Mapping[str, str],
    records: Mapping[str, Record],
    page_of: _Pages,
    beside: Beside,
) -> list[str]:
    """Writes the pages in their order; one that could not be coloured goes in as it was, if it can
    be read at all.

    Args:
        plan: of the run; its output is one file, and its input no archive that becomes one.
        done: fingerprints of coloured pages, by name.
        records: what is known of the pages, see `noted`.
        page_of: says what gives the bytes of a coloured page, from its name and fingerprint.
        beside: what lies in the former file beside its pages.

    Returns:
        What the user should know, in words.

    Raises:
        MissingPackageError: a PDF cannot be written here.
        OSError: it cannot be written.
    """
    pdf = plan.output.suffix.lower() == ".pdf"
    names = [task.name for task in plan.tasks if task.name in done or _reads(task, picture=pdf)]
    read = {task.name: task.read for task in plan.tasks}
    pages = {name: page_of(name, done[name]) if name in done else read[name] for name in names}
    if pdf:
        return bind(plan, pages, done, records)
    members = [
        Content(member_of(name, plan.format if name in done else "keep"), give)
        for name, give in pages.items()
    ]
    finished = {name: mark for name, mark in done.items() if name in pages}
    foreign = _kept_members(plan, beside, done)
    members = [*(m for m in members if m.name not in foreign), *foreign.values()]
    contents = noted(members, finished, records, plan.format, plan.edited, foreign)
    write_archive(plan.output, contents, beside.comment)
    return []


def _reads(task: Task, *, picture: bool) -> bool:
    """Whether a page can be put in as it is: into a PDF only what can be shown."""
    try:
        content = task.read()
        if picture:
            read_color(content, task.name)
    except InputError:
        return False
    return True


def _kept_members(plan: Plan, beside: Beside, done: Mapping[str, str]) -> dict[str, Content]:
    """What somebody else put into the former archive, by name; pages of ours have the first right
    to their names.
    """
    ours = {member_of(name, plan.format) for name in done}
    return {
        name: Content(name, functools.partial(read_packed, plan.output, name, name))
        for name in beside.foreign
        if name not in ours and is_safe(name)
    }


def _write(
    plan: Plan, archive: Archive, done: Mapping[str, str], lost: dict[str, int], beside: Beside
) -> None:
    foreign = _kept_members(plan, beside, done)
    members = [
        *(m for m in _members(plan, archive, done, lost) if m.name not in foreign),
        *foreign.values(),
    ]
    edited = [name for name in plan.edited if name in plan.done]
    contents = noted(members, done, _records(plan), plan.format, edited, foreign, lost)
    write_archive(plan.output, contents, beside.comment or archive.comment)


def _members(
    plan: Plan, archive: Archive, done: Mapping[str, str], lost: dict[str, int]
) -> Iterator[Content]:
    """Each member of the new archive, in the order of the old one."""
    # Of two that are called alike, readers see the last.
    for member in {member.name: member for member in archive.members}.values():
        if not is_safe(member.name):
            continue
        if member.name in done:
            page, name = colored_page(plan, member.name, done[member.name]), member.name
            file = member_of(name, plan.format)
            yield _content(member, page) if file == name else Content(file, page)
            continue
        try:
            archive.read(member)
        except InputError:
            if not member.is_page:
                lost[member.name] = member.info.CRC
            continue
        read = archive.read if member.is_page else functools.partial(as_written, archive)
        yield _content(member, functools.partial(read, member))


def _content(member: Member, read: Callable[[], bytes]) -> Content:
    return Content(member.name, read, member.raw, bool(member.info.flag_bits & 0x800))


def colored_page(plan: Plan, name: str, mark: str) -> Callable[[], bytes]:
    """What gives the bytes of a page that is done: in the work folder or in the output."""
    path = plan.by_name[name].target(mark)
    if path.is_file():
        return path.read_bytes
    return functools.partial(read_packed, plan.output, name, member_of(name, plan.format))


def read_packed(output: Path, name: str, file: str, frame: int = 0) -> bytes:
    """A page of a finished file.

    Args:
        output: CBZ, ZIP or PDF.
        name: of the page.
        file: of the member that it is, in an archive.
        frame: which of the file's pages, in a PDF, where each is one by itself.

    Raises:
        InputError: it cannot be read, or is not there.
    """
    # Closed again at once: the file is about to be replaced.
    if output.suffix.lower() == ".pdf":
        with open_pdf(output, 300, ours=True) as pdf:
            numbers = [i for i, owner in enumerate(sheet_owners(pdf)) if owner == name]
            if len(numbers) <= frame:
                raise InputError(f"{output} has no page {name} any more.")
            return pdf.read(numbers[frame])
    with open_archive(output) as archive:
        (member,) = [member for member in archive.members if member.name == file]
        return archive.read(member)
