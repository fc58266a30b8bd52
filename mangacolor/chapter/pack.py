"""Pages of a folder or PDF, as one file: CBZ, ZIP or PDF."""

from __future__ import annotations

import dataclasses
import functools
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from mangacolor.chapter.finished import (
    Beside,
    done_line,
    is_changed_beside,
    is_our_output,
    member_of,
    noted,
    sheet_owners,
)
from mangacolor.chapter.journal import Record
from mangacolor.chapter.plan import Plan, Task
from mangacolor.errors import InputError
from mangacolor.images.archive import Content, is_safe, open_archive, write_archive
from mangacolor.images.decode import opened
from mangacolor.images.page import count_pages, dpi_of, read_color, read_color_of
from mangacolor.images.pdf import Pdf, PdfPage, open_pdf, write_pdf

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
        return _bind(plan, pages, done, records)
    members = [
        Content(member_of(name, plan.format if name in done else "keep"), give)
        for name, give in pages.items()
    ]
    finished = {name: mark for name, mark in done.items() if name in pages}
    foreign = kept_members(plan, beside, done)
    members = [*(m for m in members if m.name not in foreign), *foreign.values()]
    contents = noted(members, finished, records, plan.format, plan.edited, foreign)
    write_archive(plan.output, contents, beside.comment)
    return []


def kept_members(plan: Plan, beside: Beside, done: Mapping[str, str]) -> dict[str, Content]:
    """What somebody else put into the former archive, by name; pages of ours have the first right
    to their names.
    """
    ours = {member_of(name, plan.format) for name in done}
    return {
        name: Content(name, functools.partial(read_packed, plan.output, name, name))
        for name in beside.foreign
        if name not in ours and is_safe(name)
    }


def _bind(
    plan: Plan,
    pages: Mapping[str, Callable[[], bytes]],
    done: Mapping[str, str],
    records: Mapping[str, Record],
) -> list[str]:
    """Writes a PDF in which all stays that the input, or somebody else, has beside the pages."""
    former = plan.output.is_file() and is_our_output(plan.output)
    changed = former and is_changed_beside(plan.output)
    if changed or (former and plan.pdf is None):
        base: Path | None = plan.output
        named = _former_sheets(plan, pages, done)
    elif plan.pdf is not None:
        base = plan.source
        named = _source_sheets(plan.pdf, pages, done)
    else:
        base = None
        named = [sheet for name, give in pages.items() for sheet in _new_sheets(name, give)]
    digests: list[str] = []

    def record(sums: Sequence[int]) -> str:
        lines: list[Record] = []
        met: set[str] = set()
        for (name, _), crc in zip(named, sums, strict=True):
            if name in met:
                # A further page of the same file.
                line: Record = {"page": None, "of": name, "crc": crc}
            elif name in done:
                known, edited = records.get(name, {}), name in plan.edited
                line = done_line(name, done[name], known, crc, edited=edited)
            else:
                line = {"page": name or None, "crc": crc}
            met |= {name} - {""}
            lines.append(line)
        # By which is seen what somebody else changes; what they did stays theirs.
        lines.append({"beside": "" if changed else digests[-1]})
        return "".join(json.dumps(line) + "\n" for line in lines)

    sheets = [sheet for _, sheet in named]
    kept = write_pdf(plan.output, sheets, record, _QUALITY, base, digests.append)
    if not kept and base is not None:
        return [f"Bookmarks, links and text of {base.name} are not in {plan.output.name}"]
    if changed:
        return [f"Bookmarks and pages that somebody put into {plan.output.name} are kept"]
    return []


def _source_sheets(
    pdf: Pdf, pages: Mapping[str, Callable[[], bytes]], done: Mapping[str, str]
) -> list[tuple[str, PdfPage]]:
    """The pages of the input, each with its name; those that are not done stay as they are."""
    found = []
    for number, name in enumerate(pdf.names):
        try:
            size = pdf.size(number)
        except InputError:
            size = None
        give = pages.get(name, functools.partial(pdf.read, number))
        found.append((name, PdfPage(give, size, number, name not in done)))
    return found


def _new_sheets(name: str, give: Callable[[], bytes]) -> list[tuple[str, PdfPage]]:
    """The pages of a file, of a TIFF several."""
    count = count_pages(give(), name)
    if count == 1:
        return [(name, PdfPage(give))]
    return [(name, PdfPage(functools.partial(_page_of, give, i, name))) for i in range(count)]


def _page_of(give: Callable[[], bytes], number: int, name: str) -> bytes:
    content = give()
    target = io.BytesIO()
    with opened(content, name) as picture:
        dpi = dpi_of(picture)
    color = Image.fromarray(read_color_of(content, number, name))
    color.save(target, "PNG", compress_level=1, **({"dpi": dpi} if dpi else {}))
    return target.getvalue()


def _sheet_of(output: Path, number: int) -> bytes:
    with open_pdf(output, 300, ours=True) as pdf:
        return pdf.read(number)


def _former_sheets(
    plan: Plan, pages: Mapping[str, Callable[[], bytes]], done: Mapping[str, str]
) -> list[tuple[str, PdfPage]]:
    """The pages of the former output, of which some are new; somebody else's have no name."""
    with open_pdf(plan.output, 300, ours=True) as pdf:
        owners = sheet_owners(pdf)
        sizes = [pdf.size(number) for number in range(len(owners))]
    found: list[tuple[str, PdfPage]] = []
    for number, name in enumerate(owners):
        if name and name not in pages:
            # The input has it no more.
            continue
        if name not in done or not plan.by_name[name].target(done[name]).is_file():
            give = functools.partial(_sheet_of, plan.output, number)
            found.append((name, PdfPage(give, sizes[number], number, stays=True)))
        elif owners.index(name) == number:
            first, *others = _new_sheets(name, pages[name])
            found += [(name, dataclasses.replace(first[1], place=number)), *others]
    order = list(pages)
    for place, name in enumerate(order):
        if name not in owners:
            before = set(order[:place])
            at = max((i + 1 for i, (other, _) in enumerate(found) if other in before), default=0)
            found[at:at] = _new_sheets(name, pages[name])
    return found


def _reads(task: Task, *, picture: bool) -> bool:
    """Whether a page can be put in as it is: into a PDF only what can be shown."""
    try:
        content = task.read()
        if picture:
            read_color(content, task.name)
    except InputError:
        return False
    return True


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
