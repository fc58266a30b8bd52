"""Archives with names that are flagged as UTF-8 and are not, which zipfile does not open at all."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

__all__ = ["find_wrong_flags", "with_bytes"]

_END, _ENTRY = b"PK\x05\x06", b"PK\x01\x02"
# Lengths of the fixed parts of the archive's end and of a member's entry; longest comment.
_END_BYTES, _ENTRY_BYTES, _COMMENT = 22, 46, 65_535
# Where an entry has the high byte of its flags, and the member's own header has it; the bit in it
# that says UTF-8.
_FLAGS, _OWN_FLAGS, _UTF8 = 9, 7, 0x08


def find_wrong_flags(path: Path) -> dict[int, int]:
    """Bytes of an archive's directory to be read differently, by their place in the file.

    Raises:
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_BYTES - _COMMENT))
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < _END_BYTES:
            return {}
        length = int.from_bytes(tail[at + 12 : at + 16], "little")
        start = size - len(tail) + at - length
        # What stands before the archive, as in one that unpacks itself.
        before = start - int.from_bytes(tail[at + 16 : at + 20], "little")
        if start < 0:
            return {}
        file.seek(start)
        directory = file.read(length)
    wrong = {}
    at = 0
    while directory[at : at + 4] == _ENTRY and at + _ENTRY_BYTES <= len(directory):
        name, extra, comment = (
            int.from_bytes(directory[at + i : at + i + 2], "little") for i in (28, 30, 32)
        )
        flags = directory[at + _FLAGS]
        if flags & _UTF8 and not _is_utf8(directory[at + _ENTRY_BYTES :][:name]):
            own = int.from_bytes(directory[at + 42 : at + 46], "little")
            wrong[start + at + _FLAGS] = wrong[before + own + _OWN_FLAGS] = flags & ~_UTF8
        at += _ENTRY_BYTES + name + extra + comment
    return wrong


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def with_bytes(file: BinaryIO, changed: Mapping[int, int]) -> BinaryIO:
    """The same file, some bytes of which read differently."""
    return io.BufferedReader(_Changed(file, changed))


class _Changed(io.RawIOBase):
    def __init__(self, file: BinaryIO, changed: Mapping[int, int]) -> None:
        self._file, self._bytes = file, changed

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start = self._file.tell()
        content = bytearray(self._file.read(len(buffer)))
        for place, value in self._bytes.items():
            if start <= place < start + len(content):
                content[place - start] = value
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()
