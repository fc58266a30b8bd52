"""Pages of an output that are somebody else's by now, or always were, by its journal."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mangacolor.chapter.journal import Record, digest_of_file, read_lines, read_records
from mangacolor.chapter.pdf_sheets import owner_of, places_of_lines, read_sheet
from mangacolor.errors import InputError
from mangacolor.images.archive import open_archive
from mangacolor.images.looks import is_alike
from mangacolor.images.pdf import is_pdf, open_pdf

__all__ = ["find_edited", "find_foreign"]


def find_edited(output: Path) -> dict[str, Callable[[], bytes]]:
    """Pages of an output that somebody changed since they were written: what reads them, by name.

    A page that was only copied, touched, tagged or packed anew is not changed. Pages written before
    journals knew what they look like cannot be told.

    Args:
        output: a folder; or a file: CBZ, ZIP or PDF.

    Raises:
        MissingPackageError: it is a PDF, and nothing reads PDFs here.
    """
    if not output.is_file():
        return _edited_files(output)
    records = read_records(output)
    if not records:
        return {}
    return (_edited_sheets if is_pdf(output) else _edited_members)(output, records)


def _edited_files(folder: Path) -> dict[str, Callable[[], bytes]]:
    # All that the file of each page was or was about to be.
    last = read_records(folder) or {}
    known: dict[str, set[Any]] = {}
    for record in read_lines(folder):
        name = record.get("page")
        if isinstance(name, str):
            known.setdefault(name, set()).add(record.get("output"))
    edited: dict[str, Callable[[], bytes]] = {}
    for name, record in last.items():
        target = folder / str(record.get("file", name))
        try:
            facts = target.stat()
            same = (facts.st_size, facts.st_mtime_ns) == (record.get("size"), record.get("time"))
            # None is a file that was not known before it was written.
            if same or None in known[name] or digest_of_file(target) in known[name]:
                continue
            if not is_alike(target.read_bytes(), record.get("looks")):
                edited[name] = target.read_bytes
        except OSError:
            # Removed: it is coloured again.
            continue
    return edited


def _edited_members(output: Path, records: Mapping[str, Record]) -> dict[str, Callable[[], bytes]]:
    with open_archive(output) as archive:
        sums = {member.name: member.info.CRC for member in archive.members}
    files = {n: str(r.get("file", n)) for n, r in records.items() if type(r.get("crc")) is int}
    return {
        name: functools.partial(_read, output, file)
        for name, file in files.items()
        if sums[file] != records[name]["crc"]
        and not _is_alike(functools.partial(_read, output, file), records[name])
    }


def _edited_sheets(output: Path, records: Mapping[str, Record]) -> dict[str, Callable[[], bytes]]:
    edited: dict[str, Callable[[], bytes]] = {}
    with open_pdf(output, 300, ours=True) as pdf:
        lines, places = places_of_lines(pdf)
        for number, place in sorted(places.items()):
            line, name = lines[number], owner_of(lines[number])
            crc = line.get("crc")
            if name not in records or type(crc) is not int or crc == pdf.sum(place):
                continue
            # The first line of a file of several pages says what each of them looks like.
            frame = sum(owner_of(other) == name for other in lines[:number])
            looks = str(records[name].get("looks", "")).split(",")
            record = {"looks": looks[frame]} if frame < len(looks) else {}
            if not _is_alike(functools.partial(pdf.read, place), record):
                edited.setdefault(name, functools.partial(read_sheet, output, place))
    return edited


def _is_alike(read: Callable[[], bytes], record: Record) -> bool:
    """Whether a page of the file shows what was written, however it is packed by now."""
    try:
        return "looks" in record and is_alike(read(), record["looks"])
    except InputError:
        return False


def _read(output: Path, file: str) -> bytes:
    with open_archive(output) as archive:
        (member,) = [member for member in archive.members if member.name == file]
        return archive.read(member)


def find_foreign(folder: Path, files: Mapping[str, str]) -> set[str]:
    """Pages whose file in the output folder is there, and was never written by a run.

    Args:
        folder: with a journal.
        files: below the folder, by name of page.
    """
    known: dict[str, set[Any]] = {}
    written: set[tuple[str, str]] = set()
    for record in read_lines(folder):
        name = record.get("page")
        if isinstance(name, str):
            known.setdefault(name, set()).add(record.get("output"))
            if "fingerprint" in record:
                written.add((name, str(record.get("file", name))))
    foreign = set()
    for name, file in files.items():
        target = folder / file
        if (name, file) in written or not os.path.lexists(target):
            continue
        digests = known.get(name, set())
        try:
            # None is a file that was not known before it was written.
            if None not in digests and digest_of_file(target) not in digests:
                foreign.add(name)
        except OSError:
            foreign.add(name)
    return foreign
