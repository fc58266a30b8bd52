"""What is done of a chapter, by its journal: one JSON line a page, so that a second run only does
what is left.

The lines lie in an output folder, or within a finished file: CBZ, ZIP or PDF.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from mangacolor.chapter.known import Seen
from mangacolor.errors import InputError, MissingPackageError
from mangacolor.files import sync
from mangacolor.images.archive import is_archive, open_archive
from mangacolor.images.pdf import is_pdf, open_pdf

__all__ = [
    "JOURNAL",
    "Journal",
    "Record",
    "digest_of_file",
    "done_line",
    "fingerprint",
    "fingerprint_of",
    "is_our_output",
    "last_records",
    "parsed",
    "read_journal",
    "read_lines",
    "read_notes",
    "read_records",
    "seen_sources",
]

# A page's line: its name as `page`, and whatever else is known.
Record = dict[str, Any]

# Hidden, so that neither this tool nor a comic reader takes it for a page.
JOURNAL = ".mangacolor.jsonl"

# What lines of a run's journal say that the finished file must know, too.
_KEPT = ("smaller", "looks")


def fingerprint(job: str, content: bytes) -> str:
    """Hex digest of a page's bytes and of everything else that decides how it comes out.

    Args:
        job: digest of references, model and settings.
        content: the page's file.
    """
    return fingerprint_of(job, hashlib.sha256(content).hexdigest())


def fingerprint_of(job: str, digest: str) -> str:
    """The same of a page whose file's hex SHA-256 is known."""
    return hashlib.sha256(job.encode() + bytes.fromhex(digest)).hexdigest()


def parsed(lines: Iterable[str]) -> list[Record]:
    """The lines that are objects of JSON."""
    records = []
    for line in lines:
        # Brackets nested without end are the latter.
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                records.append(record)
    return records


def last_records(lines: Iterable[str]) -> dict[str, Record]:
    """The last line of each page that is done, by name; torn and foreign ones are ignored."""
    last = {}
    for record in parsed(lines):
        name, mark = record.get("page"), record.get("fingerprint")
        if isinstance(name, str) and isinstance(mark, str):
            last[name] = record
    return last


def _read(output: Path) -> tuple[list[str], frozenset[str] | None] | None:
    """The lines of an output, and of an archive the members that are there; None without lines."""
    try:
        if not output.is_file():
            text = (output / JOURNAL).read_text(encoding="utf-8", errors="replace")
            return text.splitlines(), None
    except OSError:
        return None
    try:
        if is_pdf(output):
            with open_pdf(output, 300, ours=True) as pdf:
                return None if pdf.record is None else (pdf.record.splitlines(), None)
        with open_archive(output) as archive:
            journal = archive.find(JOURNAL)
            if journal is None:
                return None
            text = archive.read(journal).decode(errors="replace")
            return text.splitlines(), frozenset(member.name for member in archive.members)
    except InputError:
        return None


def read_records(output: Path) -> dict[str, Record] | None:
    """The last line of each page that is done in an output; None where there is no journal.

    Args:
        output: a folder; or a file: CBZ, ZIP or PDF. What is no longer in an archive is not done.

    Raises:
        MissingPackageError: it is a PDF, and nothing reads PDFs here.
    """
    found = _read(output)
    if found is None:
        return None
    lines, present = found
    records = last_records(lines)
    if present is None:
        return records
    return {n: record for n, record in records.items() if str(record.get("file", n)) in present}


def read_journal(output: Path) -> dict[str, str] | None:
    """Fingerprints of the done pages of an output; None, and raises, as `read_records`."""
    records = read_records(output)
    return None if records is None else {n: record["fingerprint"] for n, record in records.items()}


def read_lines(output: Path) -> list[Record]:
    """All that an output's journal says, in order; raises as `read_records`."""
    found = _read(output)
    return [] if found is None else parsed(found[0])


def read_notes(output: Path) -> list[Record]:
    """What an output's journal says of other things than pages, in order; raises as
    `read_records`.
    """
    return [record for record in read_lines(output) if "page" not in record]


def seen_sources(output: Path) -> dict[str, Seen]:
    """What the done pages of an output were made of, by name, where the journal says so; raises as
    `read_records`.
    """
    records = read_records(output) or {}
    found = {name: Seen.of_record(record.get("source")) for name, record in records.items()}
    return {name: seen for name, seen in found.items() if seen is not None}


def is_our_output(path: Path) -> bool:
    """Whether this tool wrote a folder, archive or PDF, whatever it is called by now."""
    if path.is_dir():
        return (path / JOURNAL).is_file()
    try:
        if is_archive(path):
            # A folder that was made here may have been packed by somebody.
            with open_archive(path) as archive:
                return archive.holds(JOURNAL)
        return is_pdf(path) and _read(path) is not None
    except (MissingPackageError, InputError):
        return False


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


def digest_of_file(path: Path) -> str:
    """Hex SHA-256 of a file, as lines have it as `output`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Journal:
    """Appends to an output folder's journal; each line is on disk when `add` returns.

    May be used from several threads.

    Args:
        folder: made if it is not there.
        source_of: says what a page's file was when it was read, by the page's name.
    """

    def __init__(
        self, folder: Path, source_of: Callable[[str], Seen | None] = lambda page: None
    ) -> None:
        self._folder, self._source_of = folder, source_of
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / JOURNAL
        torn = path.exists() and path.stat().st_size > 0 and path.read_bytes()[-1:] != b"\n"
        self._file = path.open("ab")
        self._lock = threading.Lock()
        if torn:
            # A run was killed while it wrote; what follows must not join that line.
            self._file.write(b"\n")

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def begin(self, page: str, content: bytes | Path) -> None:
        """Records what a page's file is about to be, so that a run that is killed before `add` does
        not make it look like one that somebody changed.

        Args:
            page: its name.
            content: of the file, or a file that will be put there.
        """
        digest = (
            digest_of_file(content)
            if isinstance(content, Path)
            else hashlib.sha256(content).hexdigest()
        )
        self._write({"page": page, "output": digest})

    def add(self, page: str, mark: str, target: Path, smaller: int = 0, looks: str = "") -> None:
        """Records a page as done, and what its file, which must be in place, looks like.

        Args:
            page: its name.
            mark: its fingerprint.
            target: its file.
            smaller: longer side at which it was coloured, if memory was not enough for what was
                asked for.
            looks: of `looks_of`, by which is seen that it was only packed or tagged anew.
        """
        facts = target.stat()
        written = {
            "size": facts.st_size,
            "time": facts.st_mtime_ns,
            "output": digest_of_file(target),
        }
        seen = self._source_of(page)
        source = {} if seen is None else {"source": dataclasses.asdict(seen)}
        more: dict[str, Any] = {"smaller": smaller} if smaller else {}
        more |= {"looks": looks} if looks else {}
        # Of another name than the page where it has another format, or waits for an archive.
        place = target.relative_to(self._folder).as_posix()
        file = {} if place == page else {"file": place}
        self._write({"page": page, "fingerprint": mark, **file, **more, **written, **source})

    def note(self, **facts: Any) -> None:
        """Records something that is not a page, for whoever reads the file."""
        self._write(facts)

    def _write(self, record: dict[str, Any]) -> None:
        with self._lock:
            # ASCII: file names need not be valid Unicode.
            self._file.write(json.dumps(record).encode() + b"\n")
            self._file.flush()
            sync(self._file.fileno())
