"""Texts as people's programs save them: Notepad, PowerShell, Excel, macOS."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection
from pathlib import Path

__all__ = ["decoded_text", "read_rows", "read_text"]

_MARKS = (
    # The longer first: that of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = (",", ";", "\t", "|")


def read_text(path: Path) -> str:
    """Reads a text in UTF-8, or in UTF-16 or UTF-32 that says so; lines end as on Unix.

    Raises:
        OSError: it cannot be read.
        ValueError: it is in another coding.
    """
    return decoded_text(path.read_bytes())


def decoded_text(content: bytes) -> str:
    """The same of a text's bytes."""
    coding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if not coding:
        # Without a mark, every other byte of UTF-16 is a zero where letters are Latin.
        zeros = content[:2].find(b"\0") if len(content) > 1 else -1
        coding = {0: "utf-16-be", 1: "utf-16-le"}.get(zeros, "utf-8")
    try:
        text = content.decode(coding)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not in UTF-8 ({error.reason}); save it as UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_rows(path: Path, wanted: Collection[str]) -> list[dict[str, str | None]]:
    """The lines of a table in CSV, whatever separates its columns, by the names of these.

    Args:
        path: of the table.
        wanted: names in small letters of columns that tell which separator is meant.

    Returns:
        A dict a line, with names of columns in small letters; None where a line is too short.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no table, or in another coding.
    """
    text = read_text(path)
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep="):
        # Excel's own line.
        first, text = rest.partition("\n")[0], rest

    def fitting(separator: str) -> int:
        return len({_plain(name) for name in first.split(separator)} & set(wanted))

    separator = max(_SEPARATORS, key=fitting)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        reader.fieldnames = [_plain(name) for name in reader.fieldnames or []]
        return [{str(n): value for n, value in row.items() if n is not None} for row in reader]
    except csv.Error as error:
        raise ValueError(f"it is no table: {error}") from error


def _plain(name: str) -> str:
    return name.strip().strip('"').strip().lower()
