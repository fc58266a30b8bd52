"""Chapters in one file: CBZ and ZIP."""

from __future__ import annotations

import contextlib
import dataclasses
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mangacolor.errors import InputError
from mangacolor.files import PICTURE_SUFFIXES, atomic_path, is_junk, natural_key

__all__ = [
    "ARCHIVE_SUFFIXES",
    "Archive",
    "Member",
    "is_safe",
    "open_archive",
    "write_archive",
]

ARCHIVE_SUFFIXES = frozenset({".cbz", ".zip"})

# More than any chapter has; a small file can claim to unpack to a disk full.
MAX_MEMBERS = 20_000
MAX_MEMBER_BYTES = 512 * 1024**2

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


@dataclasses.dataclass(frozen=True)
class Member:
    """One file of an archive, by its name and its place in it."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_page(self) -> bool:
        """Whether it is a picture and not something an operating system left behind."""
        path = PurePosixPath(self.name)
        return path.suffix.lower() in PICTURE_SUFFIXES and not is_junk(Path(self.name))


@dataclasses.dataclass(frozen=True)
class Archive:
    """An open archive; `read` may be called from several threads.

    Attributes:
        path: the file.
        members: its files in their own order, junk and folders left out.
    """

    path: Path
    members: tuple[Member, ...]
    _zip: zipfile.ZipFile

    def pages(self) -> list[Member]:
        """The pages in natural order."""
        found = [member for member in self.members if member.is_page]
        return sorted(found, key=lambda member: natural_key(member.name))

    def read(self, member: Member) -> bytes:
        """Unpacks one member in memory.

        Raises:
            InputError: it is broken, encrypted, too large, or its name leads out of the archive.
        """
        if not is_safe(member.name):
            raise InputError(f"{member.name} has a name that leads out of the archive.")
        if member.info.flag_bits & 1:
            raise InputError(f"{member.name} is encrypted.", "Unpack the archive first.")
        try:
            with self._zip.open(member.info) as file:
                content = file.read(MAX_MEMBER_BYTES + 1)
        except _BROKEN as error:
            reason = str(error).rstrip(".") or type(error).__name__
            raise InputError(f"{member.name} cannot be unpacked: {reason}.") from error
        if len(content) > MAX_MEMBER_BYTES:
            raise InputError(f"{member.name} unpacks to more than {MAX_MEMBER_BYTES:,} bytes.")
        return content


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Opens a CBZ or ZIP for reading.

    Raises:
        InputError: it cannot be read, is no ZIP archive, or has too many members.
    """
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(
            f"{path} is not a ZIP archive, or is broken.",
            "A RAR archive must be unpacked to a folder first.",
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"{path} is a broken archive: {error}.") from error
    with archive:
        found = archive.infolist()
        if len(found) > MAX_MEMBERS:
            raise InputError(f"{path} has {len(found):,} members; {MAX_MEMBERS:,} is the limit.")
        members = tuple(
            # Archives made on Windows may have backslashes.
            Member(info.filename.replace("\\", "/"), info)
            for info in found
            if not info.is_dir()
        )
        kept = tuple(member for member in members if not is_junk(Path(member.name)))
        yield Archive(path, kept, archive)


def is_safe(name: str) -> bool:
    """Whether a member's name stays below the place where the archive is unpacked."""
    path = PurePosixPath(name)
    drive = len(name) > 1 and name[1] == ":"
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not drive


def write_archive(
    target: Path, names: Mapping[str, Callable[[], bytes]], record: tuple[str, bytes]
) -> None:
    """Writes a CBZ or ZIP whole or not at all, one member in memory at a time.

    Args:
        target: the archive.
        names: each member's name and what gives its content, in order.
        record: name and content of one more member, at the end.
    """
    with (
        atomic_path(target) as part,
        zipfile.ZipFile(part, "w") as archive,
    ):
        for name, content in [*names.items(), (record[0], lambda: record[1])]:
            # Pictures are compressed already.
            picture = PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES - {".bmp"}
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if picture else zipfile.ZIP_DEFLATED
            archive.writestr(info, content())
