"""Files: natural order, whole-or-nothing writes, fingerprints."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "PICTURE_SUFFIXES",
    "atomic_path",
    "atomic_write",
    "find_pictures",
    "natural_key",
    "sha256_of",
]

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# The mask can only be read by setting it, for the whole process: once, before there are threads.
_UMASK = _read_umask()


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts `page 2` before `page 10`, whatever the case of letters."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part
    )


def find_pictures(folder: Path) -> list[Path]:
    """Every picture file below a folder in natural order; hidden and junk files are left out."""
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES
        and path.is_file()
        and not is_junk(path.relative_to(folder))
    ]
    return sorted(found, key=lambda path: natural_key(path.relative_to(folder).as_posix()))


def is_junk(path: Path) -> bool:
    """Whether a relative path is something an operating system left behind, not a page."""
    hidden = any(part.startswith(".") and part != ".." for part in path.parts)
    return hidden or "__MACOSX" in path.parts or (path.name.lower() in {"thumbs.db", "desktop.ini"})


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that becomes `target` if, and only if, the block succeeds.

    Killed at any moment, `target` is either what it was or whole and new. The temporary name is
    hidden (starts with a dot), so that no other part of the tool takes it for a picture.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=f".{target.name[:40]}.", suffix=".part" + target.suffix, dir=target.parent
    )
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        # mkstemp makes private files; a page should be as readable as any other new file.
        part.chmod(0o666 & ~_UMASK)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def atomic_write(target: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    with atomic_path(target) as part:
        part.write_bytes(content)


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
