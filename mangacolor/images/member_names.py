"""Names in ZIP archives: bytes in some coding, which archives seldom tell."""

from __future__ import annotations

import zipfile
import zlib

__all__ = ["decoded_name", "name_of_bytes", "plain_path", "raw_name"]

# The flag that says that a name is UTF-8, and the extra field that has it in UTF-8 as well.
_UTF8, _UNICODE_PATH = 0x800, 0x7075


def raw_name(info: zipfile.ZipInfo) -> bytes:
    """The bytes of a member's name as the archive's directory has them."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def decoded_name(info: zipfile.ZipInfo) -> str:
    """A member's name as it was meant."""
    raw, utf8 = raw_name(info), bool(info.flag_bits & _UTF8)
    told = "" if utf8 else _unicode_path(info.extra, raw)
    return told or name_of_bytes(raw, utf8=utf8)


def name_of_bytes(raw: bytes, *, utf8: bool) -> str:
    """The name that bytes stand for.

    Without the flag: UTF-8 (macOS, Linux) if the bytes are that, else Shift-JIS (Japanese
    Windows), else cp437, which the format is said to have and which fits any bytes.

    Args:
        raw: the bytes.
        utf8: whether they are flagged as UTF-8.
    """
    for coding in ("utf-8",) if utf8 else ("utf-8", "cp932"):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def plain_path(name: str) -> str:
    """A decoded name with forward slashes, without one at its start, `.` and empty parts."""
    # Only now: the second byte of a Shift-JIS letter may be a backslash's.
    name = name.partition("\0")[0]
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", "."))


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The name in Info-ZIP's extra field, if it belongs to these bytes."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = (int.from_bytes(extra[i : i + 2], "little") for i in (at, at + 2))
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            try:
                name = field[5:].decode()
            except UnicodeDecodeError:
                return ""
            return name if int.from_bytes(field[1:5], "little") == zlib.crc32(raw) else ""
        at += 4 + size
    return ""
