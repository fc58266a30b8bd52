"""What has been done: one JSON line a page, so that a second run only does what is left."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mangacolor.chapter.known import Seen
from mangacolor.files import sync
from mangacolor.images.looks import is_alike

__all__ = [
    "JOURNAL",
    "Journal",
    "Record",
    "find_edited",
    "find_foreign",
    "fingerprint",
    "fingerprint_of",
    "last_records",
    "parse_journal",
    "parsed",
    "read_journal",
    "read_notes",
    "read_records",
    "seen_sources",
]

# A page's line: its name as `page`, and whatever else is known.
Record = dict[str, Any]

# Hidden, so that neither this tool nor a comic reader takes it for a page.
JOURNAL = ".mangacolor.jsonl"


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


def seen_sources(folder: Path) -> dict[str, Seen]:
    """What the done pages of an output folder were made of, by name, where the journal says so."""
    found = {n: Seen.of_record(r.get("source")) for n, r in read_records(folder).items()}
    return {name: seen for name, seen in found.items() if seen is not None}


def last_records(lines: Iterable[str]) -> dict[str, Record]:
    """The last line of each page that is done, by name; torn and foreign ones are ignored."""
    last = {}
    for record in parsed(lines):
        name, mark = record.get("page"), record.get("fingerprint")
        if isinstance(name, str) and isinstance(mark, str):
            last[name] = record
    return last


def read_records(folder: Path) -> dict[str, Record]:
    """The same of an output folder's journal; empty without one."""
    return last_records(_lines(folder))


def parse_journal(lines: Iterable[str]) -> dict[str, str]:
    """Fingerprints of done pages by name; a later line wins, a torn or foreign one is ignored."""
    return {name: record["fingerprint"] for name, record in last_records(lines).items()}


def read_journal(folder: Path) -> dict[str, str]:
    """Fingerprints of the done pages in an output folder; empty without a journal."""
    return parse_journal(_lines(folder))


def read_notes(folder: Path) -> list[Record]:
    """What an output folder's journal says of other things than pages, in order."""
    return [record for record in parsed(_lines(folder)) if "page" not in record]


def find_edited(folder: Path) -> dict[str, Path]:
    """Pages of an output folder that somebody changed since they were written: files by name.

    A file that was only copied, touched, tagged or packed anew is not changed. Pages written before
    journals knew what they look like cannot be told.
    """
    # All that the file of each page was or was about to be.
    last = read_records(folder)
    known: dict[str, set[Any]] = {}
    for record in parsed(_lines(folder)):
        name = record.get("page")
        if isinstance(name, str):
            known.setdefault(name, set()).add(record.get("output"))
    edited = {}
    for name, record in last.items():
        target = folder / str(record.get("file", name))
        try:
            facts = target.stat()
            same = (facts.st_size, facts.st_mtime_ns) == (record.get("size"), record.get("time"))
            # None is a file that was not known before it was written.
            if same or None in known[name] or _digest(target) in known[name]:
                continue
            if not is_alike(target.read_bytes(), record.get("looks")):
                edited[name] = target
        except OSError:
            # Removed: it is coloured again.
            continue
    return edited


def find_foreign(folder: Path, files: Mapping[str, str]) -> set[str]:
    """Pages whose file in the output folder is there, and was never written by a run.

    Args:
        folder: with a journal.
        files: below the folder, by name of page.
    """
    known: dict[str, set[Any]] = {}
    written: set[tuple[str, str]] = set()
    for record in parsed(_lines(folder)):
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
            if None not in digests and _digest(target) not in digests:
                foreign.add(name)
        except OSError:
            foreign.add(name)
    return foreign


def _lines(folder: Path) -> list[str]:
    try:
        text = (folder / JOURNAL).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()


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


def _digest(path: Path) -> str:
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
            _digest(content) if isinstance(content, Path) else hashlib.sha256(content).hexdigest()
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
        written = {"size": facts.st_size, "time": facts.st_mtime_ns, "output": _digest(target)}
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
