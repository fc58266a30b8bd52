"""What is in an output that is one file: CBZ, ZIP or PDF, by the journal within."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mangacolor.chapter.journal import JOURNAL, Record, last_records, parsed
from mangacolor.config import Format
from mangacolor.errors import InputError, MissingPackageError
from mangacolor.images.archive import Content, is_archive, open_archive
from mangacolor.images.formats import renamed
from mangacolor.images.looks import is_alike
from mangacolor.images.member_names import name_of_bytes
from mangacolor.images.pdf import Pdf, is_pdf, open_pdf
from mangacolor.images.pdfium import digest_of

__all__ = [
    "done_line",
    "edited_members",
    "find_beside",
    "finished_pages",
    "finished_records",
    "is_changed_beside",
    "is_our_output",
    "member_of",
    "noted",
    "sheet_owners",
]

# What lines of a run's journal say that the finished file must know, too.
_KEPT = ("smaller", "looks")


def finished_records(output: Path) -> dict[str, Record] | None:
    """The last line of each page in a file that this tool wrote; None if it did not.

    Raises:
        MissingPackageError: it is a PDF, and nothing reads PDFs here.
    """
    try:
        if is_pdf(output):
            with open_pdf(output, 300, ours=True) as pdf:
                return None if pdf.record is None else last_records(pdf.record.splitlines())
        with open_archive(output) as archive:
            present = {member.name for member in archive.members}
            journal = archive.find(JOURNAL)
            if journal is None:
                return None
            text = archive.read(journal).decode(errors="replace")
    except InputError:
        return None
    records = last_records(text.splitlines())
    return {n: record for n, record in records.items() if str(record.get("file", n)) in present}


@dataclasses.dataclass(frozen=True)
class Beside:
    """What lies in an archive that this tool wrote, beside its pages.

    Attributes:
        ours: sums of the members that came from the source, by name, as they were written.
        there: sums of all members that are no page of ours, by name, as they are.
        comment: of the archive.
    """

    ours: Mapping[str, int] = dataclasses.field(default_factory=dict)
    there: Mapping[str, int] = dataclasses.field(default_factory=dict)
    comment: bytes = b""

    @property
    def foreign(self) -> list[str]:
        """Members that somebody else put there, or changed."""
        return [name for name, crc in self.there.items() if self.ours.get(name) != crc]


def find_beside(output: Path) -> Beside:
    """What lies beside the pages of an archive that this tool wrote; nothing if it did not."""
    try:
        with open_archive(output) as archive:
            journal = archive.find(JOURNAL)
            if journal is None:
                return Beside()
            lines = archive.read(journal).decode(errors="replace").splitlines()
            sums = {member.name: member.info.CRC for member in archive.members}
            comment = archive.comment
    except InputError:
        return Beside()
    records = last_records(lines)
    pages = {str(record.get("file", name)): record.get("crc") for name, record in records.items()}
    ours: dict[str, int] = {}
    for line in parsed(lines):
        named = line.get("beside")
        if isinstance(named, dict):
            ours |= {name: crc for name, crc in named.items() if type(crc) is int}
    # Pages that could not be coloured are in `ours`.
    there = {name: crc for name, crc in sums.items() if name not in pages}
    return Beside(ours, there, comment)


def finished_pages(output: Path) -> dict[str, str] | None:
    """Fingerprints of the pages in a file that this tool wrote; None, and raises, as
    `finished_records`.
    """
    records = finished_records(output)
    return None if records is None else {n: record["fingerprint"] for n, record in records.items()}


def is_our_output(path: Path) -> bool:
    """Whether this tool wrote a folder, archive or PDF, whatever it is called by now."""
    if path.is_dir():
        return (path / JOURNAL).is_file()
    try:
        if is_archive(path):
            # A folder that was made here may have been packed by somebody.
            with open_archive(path) as archive:
                return archive.holds(JOURNAL)
        return is_pdf(path) and finished_records(path) is not None
    except (MissingPackageError, InputError):
        return False


def edited_members(output: Path) -> dict[str, Callable[[], bytes]]:
    """Pages of an archive or PDF that somebody changed since it was written: what reads them, by
    name; raises as `finished_records`.
    """
    records = finished_records(output) if output.is_file() else None
    if not records:
        return {}
    if is_pdf(output):
        return _edited_sheets(output, records)
    with open_archive(output) as archive:
        sums = {member.name: member.info.CRC for member in archive.members}
    files = {n: str(r.get("file", n)) for n, r in records.items() if type(r.get("crc")) is int}
    return {
        name: functools.partial(_read, output, file)
        for name, file in files.items()
        if sums[file] != records[name]["crc"]
        and not _is_alike(functools.partial(_read, output, file), records[name])
    }


def _is_alike(read: Callable[[], bytes], record: Record) -> bool:
    """Whether a page of the file shows what was written, however it is packed by now."""
    try:
        return "looks" in record and is_alike(read(), record["looks"])
    except InputError:
        return False


def _edited_sheets(output: Path, records: Mapping[str, Record]) -> dict[str, Callable[[], bytes]]:
    edited: dict[str, Callable[[], bytes]] = {}
    with open_pdf(output, 300, ours=True) as pdf:
        lines, places = _places(pdf)
        for number, place in sorted(places.items()):
            line, name = lines[number], _owner(lines[number])
            crc = line.get("crc")
            if name not in records or type(crc) is not int or crc == pdf.sum(place):
                continue
            # The first line of a file of several pages says what each of them looks like.
            frame = sum(_owner(other) == name for other in lines[:number])
            looks = str(records[name].get("looks", "")).split(",")
            record = {"looks": looks[frame]} if frame < len(looks) else {}
            if not _is_alike(functools.partial(pdf.read, place), record):
                edited.setdefault(name, functools.partial(_read_sheet, output, place))
    return edited


def sheet_owners(pdf: Pdf) -> list[str]:
    """Of which page's file each sheet of a PDF of ours is, whatever was put in or taken out since;
    somebody else's is nobody's.
    """
    lines, places = _places(pdf)
    owners = [""] * len(pdf.names)
    for number, place in places.items():
        owners[place] = _owner(lines[number])
    return owners


def _owner(line: Record) -> str:
    """Of which page's file a line's sheet is; empty of one that is not done."""
    name = line.get("page") or line.get("of")
    return name if isinstance(name, str) else ""


def _places(pdf: Pdf) -> tuple[list[Record], dict[int, int]]:
    """The lines of its sheets, and for numbers of lines the sheets that they are of."""
    lines = [record for record in parsed((pdf.record or "").splitlines()) if "page" in record]
    count = len(pdf.names)
    if len(lines) == count:
        return lines, {number: number for number in range(count)}
    sums = {number: pdf.sum(number) for number in range(count)}
    places: dict[int, int] = {}
    for number, line in enumerate(lines):
        crc = line.get("crc")
        same = (i for i, other in sums.items() if other == crc and i not in places.values())
        if crc and (place := next(same, None)) is not None:
            places[number] = place
    # Those that were changed as well follow the one before them.
    for number in range(len(lines)):
        place = places[number - 1] + 1 if number - 1 in places else 0 if number == 0 else -1
        if number not in places and 0 <= place < count and place not in places.values():
            places[number] = place
    return lines, places


def is_changed_beside(output: Path) -> bool:
    """Whether somebody changed what a PDF that this tool wrote has beside its pages, or their
    number.
    """
    try:
        with open_pdf(output, 300, ours=True) as pdf:
            told = [r["beside"] for r in parsed((pdf.record or "").splitlines()) if "beside" in r]
            return bool(told) and told[-1] != digest_of(pdf.facts())
    except InputError:
        return False


def _read_sheet(output: Path, number: int) -> bytes:
    with open_pdf(output, 300, ours=True) as pdf:
        return pdf.read(number)


def _read(output: Path, file: str) -> bytes:
    with open_archive(output) as archive:
        (member,) = [member for member in archive.members if member.name == file]
        return archive.read(member)


def done_line(name: str, mark: str, record: Record, crc: int | None, *, edited: bool) -> Record:
    """The line of a page in a finished file.

    Args:
        name, mark: of the page, and its fingerprint.
        record: what is known of it.
        crc: of its file.
        edited: somebody changed it: the sum stays that of what was written, by which that is seen.
    """
    kept = {key: record[key] for key in _KEPT if key in record}
    crc = record.get("crc") if edited else crc
    return {"page": name, "fingerprint": mark, "crc": crc, **kept}


def member_of(name: str, format_: Format = "keep") -> str:
    """What a page's member is called in an archive of ours.

    A name of a folder's file that is no Unicode is read as those in archives are.
    """
    file = renamed(name, format_)
    try:
        file.encode()
    except UnicodeEncodeError:
        return name_of_bytes(os.fsencode(file), utf8=False)
    return file


def noted(
    contents: Sequence[Content],
    done: Mapping[str, str],
    records: Mapping[str, Record],
    format_: Any,
    edited: Sequence[str] = (),
    foreign: Collection[str] = frozenset(),
    lost: Mapping[str, int] | None = None,
) -> list[Content]:
    """An archive's members, and at their end the journal of those that are done.

    Args:
        contents: in order.
        done: fingerprints by name of page.
        records: what is known of the pages: lines of the run's journal, or of the former file.
        format_: that coloured pages have.
        edited: pages that somebody changed: they stay so in the new file.
        foreign: members that somebody else put there.
        lost: sums of the source's members that could not be unpacked, by name; as it is then.
    """
    foreign = frozenset(foreign)
    sums: dict[str, int] = {}

    def summed(content: Content) -> bytes:
        whole = content.read()
        sums[content.name] = zlib.crc32(whole)
        return whole

    def journal() -> bytes:
        lines = []
        for name, mark in done.items():
            file, record = member_of(name, format_), records.get(name, {})
            line = done_line(name, mark, record, sums.get(file), edited=name in edited)
            lines.append({**line, "file": file})
        files = {member_of(name, format_) for name in done}
        beside = {name: crc for name, crc in sums.items() if name not in files | foreign}
        lines.append({"beside": {**(lost or {}), **beside}})
        return "".join(json.dumps(line) + "\n" for line in lines).encode()

    members = [
        Content(content.name, functools.partial(summed, content), content.raw, content.utf8)
        for content in contents
    ]
    return [*members, Content(JOURNAL, journal)]
