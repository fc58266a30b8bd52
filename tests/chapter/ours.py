"""Archives that mangacolor wrote, what other programs make of them, and files of others."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from mangacolor.chapter.members import noted
from mangacolor.images.archive_written import Content, write_archive

PAGES = {"1.png": b"one", "2.png": b"two", "info.xml": b"info"}


def write_ours(
    path: Path,
    members: Mapping[str, bytes] = PAGES,
    records: Mapping[str, dict[str, Any]] | None = None,
    edited: Sequence[str] = (),
    foreign: Collection[str] = (),
) -> Path:
    """An archive of two done pages and what else there is."""
    contents = [Content(name, lambda data=data: data) for name, data in members.items()]  # type: ignore[misc]
    marks = {"1.png": "a", "2.png": "b"}
    write_archive(path, noted(contents, marks, records or {}, "keep", edited, foreign, {"lost": 7}))
    return path


def changed(path: Path, name: str, content: bytes | None) -> Path:
    """The archive with one member replaced, added, or taken out, as other programs do."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    other = path.with_name(f"other-{path.name}")
    with zipfile.ZipFile(other, "w") as archive:
        for member, data in {**members, name: content}.items():
            if data is not None:
                archive.writestr(member, data)
    return other


def write_theirs(folder: Path) -> tuple[Path, Path]:
    """An archive, and a file that is none, of other programs."""
    archive, notes = folder / "x.cbz", folder / "notes.txt"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("1.png", b"1")
        members.comment = b"theirs"
    notes.write_bytes(b"no archive")
    return archive, notes
