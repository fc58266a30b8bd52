"""What lies in a finished file beside its pages, and what somebody else did there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mangacolor.chapter.journal import JOURNAL, last_records, parsed
from mangacolor.errors import InputError
from mangacolor.images.archive import open_archive
from mangacolor.images.pdf import open_pdf
from mangacolor.images.pdfium import digest_of

__all__ = ["Beside", "find_beside", "is_changed_beside"]


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
