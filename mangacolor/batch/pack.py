"""Pages of a folder or PDF, as one file: CBZ, ZIP or PDF."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from mangacolor.batch.finished import Beside, done_line, noted
from mangacolor.batch.journal import Record
from mangacolor.batch.plan import Plan, Task
from mangacolor.errors import InputError
from mangacolor.images.archive import Content, is_safe, open_archive, write_archive
from mangacolor.images.formats import renamed
from mangacolor.images.page import read_color
from mangacolor.images.pdf import PdfPage, open_pdf, write_pdf

__all__ = ["pack", "read_packed"]

# Of pages that are no JPEG yet, in a PDF, which has nothing better that all readers show.
_QUALITY = 95

Pages = Callable[[str, str], Callable[[], bytes]]


def pack(
    plan: Plan,
    done: Mapping[str, str],
    records: Mapping[str, Record],
    page_of: Pages,
    beside: Beside,
) -> None:
    """Writes the pages in their order; one that could not be coloured goes in as it was, if it can
    be read at all.

    Args:
        plan: of the run; its output is one file, and its input no archive that becomes one.
        done: fingerprints of coloured pages, by name.
        records: what is known of the pages, see `noted`.
        page_of: says what gives the bytes of a coloured page, from its name and fingerprint.
        beside: what lies in the former file beside its pages.

    Raises:
        MissingPackageError: a PDF cannot be written here.
        OSError: it cannot be written.
    """
    pdf = plan.output.suffix.lower() == ".pdf"
    names = [task.name for task in plan.tasks if task.name in done or _reads(task, picture=pdf)]
    read = {task.name: task.read for task in plan.tasks}
    pages = {name: page_of(name, done[name]) if name in done else read[name] for name in names}
    if pdf:
        record = functools.partial(_record, names, done, records, plan.edited)
        write_pdf(plan.output, _sheets(plan, pages), record, _QUALITY)
        return
    members = [
        Content(renamed(name, plan.format) if name in done else name, give)
        for name, give in pages.items()
    ]
    finished = {name: mark for name, mark in done.items() if name in pages}
    foreign = kept_members(plan, beside, done)
    members = [*(m for m in members if m.name not in foreign), *foreign.values()]
    contents = noted(members, finished, records, plan.format, plan.edited, foreign)
    write_archive(plan.output, contents, beside.comment)


def kept_members(plan: Plan, beside: Beside, done: Mapping[str, str]) -> dict[str, Content]:
    """What somebody else put into the former archive, by name; pages of ours have the first right
    to their names.
    """
    ours = {renamed(name, plan.format) for name in done}
    return {
        name: Content(name, functools.partial(read_packed, plan.output, name, name))
        for name in beside.foreign
        if name not in ours and is_safe(name)
    }


def _record(
    names: Sequence[str],
    done: Mapping[str, str],
    records: Mapping[str, Record],
    edited: Collection[str],
    sums: Sequence[int],
) -> str:
    """A line for each page of a PDF, in order: what its page is called, and whether it is done."""
    lines = [
        done_line(name, done[name], records.get(name, {}), crc, edited=name in edited)
        if name in done
        else {"page": name}
        for name, crc in zip(names, sums, strict=True)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def _sheets(plan: Plan, pages: Mapping[str, Callable[[], bytes]]) -> Iterator[PdfPage]:
    place = {} if plan.pdf is None else {name: i for i, name in enumerate(plan.pdf.names)}
    for name, give in pages.items():
        size = plan.pdf.size(place[name]) if plan.pdf is not None else None
        yield PdfPage(give(), size)


def _reads(task: Task, *, picture: bool) -> bool:
    """Whether a page can be put in as it is: into a PDF only what can be shown."""
    try:
        content = task.read()
        if picture:
            read_color(content, task.name)
    except InputError:
        return False
    return True


def read_packed(output: Path, name: str, file: str) -> bytes:
    """A page of a finished file.

    Args:
        output: CBZ, ZIP or PDF.
        name: of the page.
        file: of the member that it is, in an archive.

    Raises:
        InputError: it cannot be read, or is not there.
    """
    # Closed again at once: the file is about to be replaced.
    if output.suffix.lower() == ".pdf":
        with open_pdf(output, 300, ours=True) as pdf:
            try:
                order = [json.loads(line)["page"] for line in (pdf.record or "").splitlines()]
                number = order.index(name)
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{output} has no page {name} any more.") from error
            return pdf.read(number)
    with open_archive(output) as archive:
        (member,) = [member for member in archive.members if member.name == file]
        return archive.read(member)
