"""Files that were read before: what did not change since need not be read again."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

from mangacolor.errors import InputError

__all__ = ["KnownFiles", "Seen"]

# A file that was written less than this before it was read may be written once more without a new
# time: clocks of file systems tick as slowly as every two seconds.
_TICK_NS = 2_000_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Seen:
    """A file as it was when it was read.

    Attributes:
        size: bytes.
        time: when it was last written, in nanoseconds.
        digest: hex SHA-256 of its content.
    """

    size: int
    time: int
    digest: str

    @classmethod
    def of_record(cls, record: Any) -> Seen | None:
        """What a journal's line says of a page's file; None if it says nothing of use."""
        try:
            seen = cls(record["size"], record["time"], record["digest"])
        except (KeyError, TypeError):
            return None
        whole = type(seen.size) is int and type(seen.time) is int
        good = isinstance(seen.digest, str) and _SHA256.fullmatch(seen.digest) is not None
        return seen if whole and good else None


class KnownFiles:
    """Files by path; may be used from several threads."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._lock = threading.Lock()

    def tell(self, path: Path, seen: Seen) -> None:
        """Learns what an earlier run saw, unless the file was read since."""
        with self._lock:
            self._seen.setdefault(str(path), seen)

    def find(self, path: Path) -> Seen | None:
        """What a file is, if it was read before and looks unchanged by size and time."""
        with self._lock:
            seen = self._seen.get(str(path))
        try:
            facts = path.stat() if seen is not None else None
        except OSError:
            return None
        same = facts is not None and seen is not None and _same(facts, seen)
        return seen if same else None

    def read(self, path: Path, name: str) -> bytes:
        """Reads a file, and knows it from now on.

        Args:
            path: of the file.
            name: what messages call it.

        Raises:
            InputError: it cannot be read, or was written meanwhile.
        """
        try:
            with path.open("rb") as file:
                before = os.fstat(file.fileno())
                content = file.read()
            after = path.stat()
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}.") from error
        seen = Seen(before.st_size, before.st_mtime_ns, hashlib.sha256(content).hexdigest())
        if not _same(after, seen) or len(content) != seen.size:
            raise InputError(
                f"{name} was being written while it was read.", "Run again when it is whole."
            )
        with self._lock:
            if time.time_ns() - seen.time > _TICK_NS:
                self._seen[str(path)] = seen
            else:
                self._seen.pop(str(path), None)
        return content


def _same(facts: os.stat_result, seen: Seen) -> bool:
    return (facts.st_size, facts.st_mtime_ns) == (seen.size, seen.time)
