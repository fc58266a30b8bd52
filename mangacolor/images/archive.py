"""Chapters in one file: CBZ and ZIP, whatever the file is called."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from mangacolor.errors import InputError
from mangacolor.images.epub import MIMETYPE, MIMETYPE_NAME, spine_pictures
from mangacolor.images.flags import find_wrong_flags, with_bytes
from mangacolor.images.member_names import decoded_name, name_of_bytes, plain_path, raw_name
from mangacolor.images.sniff import HEAD, is_picture_content
from mangacolor.images.unpacking import METHODS, kind_of, unpack_elsewhere
from mangacolor.names import is_junk, is_picture, natural_key

__all__ = [
    "ARCHIVE_SUFFIXES",
    "BOOK_SUFFIXES",
    "Archive",
    "Member",
    "is_archive",
    "is_safe",
    "open_archive",
    "refuse_methods",
]

ARCHIVE_SUFFIXES = frozenset({".cbz", ".zip"})
# Of these and other files that people have chapters in.
BOOK_SUFFIXES = ARCHIVE_SUFFIXES | {".cbr", ".rar", ".cb7", ".7z", ".cbt", ".tar", ".pdf", ".epub"}

# More than any chapter has; a small file can claim to unpack to a disk full.
MAX_MEMBERS = 20_000
MAX_MEMBER_BYTES = 512 * 1024**2
# Of all members together, as the directory says; a bomb's may share their bytes.
MAX_BYTES = 64 * 1024**3


@dataclasses.dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes:
        name: its path as it is shown, with forward slashes; what leads up stays in it.
        raw: the bytes of its name, if `name` is what they say; else empty.
        info: its place in the archive.
    """

    name: str
    raw: bytes
    info: zipfile.ZipInfo

    @property
    def is_page(self) -> bool:
        """Whether it is a picture and not something a system left behind."""
        return is_picture(self.name) and not is_junk(PurePosixPath(self.name))


@dataclasses.dataclass(frozen=True)
class Archive:
    """An open archive; `read` may be called from several threads.

    Attributes:
        path: the file.
        members: its files in their own order, junk and folders left out; of several with one name
            the last, which is the one that unpacking leaves.
        repeated: names that more than one has.
        comment: of the archive as a whole.
    """

    path: Path
    members: tuple[Member, ...]
    _zip: zipfile.ZipFile
    repeated: tuple[str, ...] = ()
    comment: bytes = b""

    def pages(self) -> list[Member]:
        """The pages in natural order, of an EPUB in that of its spine: pictures by their names, or
        by what is in them.
        """
        found = [m for m in self.members if m.is_page or is_picture_content(self.head(m))]
        found = sorted(found, key=lambda member: natural_key(member.name))
        shown = {name: place for place, name in enumerate(self._spine())}
        # A cover that no document shows is the first.
        covers = {m.name for m in found if m.name not in shown and "cover" in m.name.lower()}
        last = len(shown)
        return sorted(found, key=lambda m: -1 if m.name in covers else shown.get(m.name, last))

    @property
    def is_epub(self) -> bool:
        """Whether it is an EPUB by what is in it."""
        found = self.find(MIMETYPE_NAME)
        return found is not None and self.head(found).startswith(MIMETYPE)

    def _spine(self) -> list[str]:
        """Names of an EPUB's pictures in order; none if it is none, or is not to be understood."""
        if not self.is_epub:
            return []
        named = {member.name: member for member in self.members}

        def read(name: str) -> bytes:
            return self.read(named[name])

        try:
            return spine_pictures(read)
        except (InputError, ValueError, KeyError):
            return []

    def find(self, name: str) -> Member | None:
        """The last member of a plain name, be it a hidden one."""
        found = [info for info in self._zip.infolist() if info.orig_filename == name]
        return _member(found[-1]) if found else None

    def holds(self, name: str) -> bool:
        """Whether a member, be it a hidden one, has this name in whatever folder."""
        names = (plain_path(info.orig_filename) for info in self._zip.infolist())
        return any(PurePosixPath(other).name == name for other in names)

    def head(self, member: Member, size: int = HEAD) -> bytes:
        """The first bytes of a member; none of one that cannot be read."""
        if not is_safe(member.name) or member.info.flag_bits & 1:
            return b""
        try:
            with self._zip.open(self._as_in_its_header(member.info)) as file:
                return file.read(size)
        # As in `read`: what is wrong with it is told when it is needed.
        except Exception:
            return b""

    def read(self, member: Member) -> bytes:
        """Unpacks one member in memory.

        Raises:
            InputError: it is broken, encrypted, too large, or its name leads out of the archive.
        """
        if not is_safe(member.name):
            raise InputError(
                f"{member.name} has a name that leads out of the archive.",
                "Unpack the archive to a folder and give the folder.",
            )
        if member.info.flag_bits & 1:
            raise InputError(f"{member.name} is encrypted.", "Unpack the archive first.")
        try:
            with self._zip.open(self._as_in_its_header(member.info)) as file:
                content = file.read(MAX_MEMBER_BYTES + 1)
        except MemoryError:
            raise
        except NotImplementedError as error:
            raise unpack_elsewhere(member.name, member.info.compress_type) from error
        # zipfile has no list of what it raises on damaged archives.
        except Exception as error:
            raise InputError(
                f"{member.name} cannot be unpacked: {_words(error)}.",
                "Copy or download the archive again.",
            ) from error
        if len(content) > MAX_MEMBER_BYTES:
            raise InputError(
                f"{member.name} unpacks to more than {MAX_MEMBER_BYTES:,} bytes.",
                "If it is a page, scale it down; if not, take it out of the archive.",
            )
        return content

    def _as_in_its_header(self, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
        """The member with its local header's name, which zipfile compares.

        Other readers go by the directory, and so is done here.
        """
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            head = file.read(30)
            if head[:4] != b"PK\x03\x04" or len(head) < 30:
                return info
            name = file.read(int.from_bytes(head[26:28], "little"))
        found = copy.copy(info)
        try:
            found.orig_filename = name.decode("utf-8" if info.flag_bits & 0x800 else "cp437")
        except UnicodeDecodeError:
            found.flag_bits &= ~0x800
            found.orig_filename = name.decode("cp437")
        return found


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Opens a CBZ or ZIP for reading.

    Raises:
        InputError: it cannot be read, is no ZIP archive, or has too many members.
    """
    try:
        archive = _opened(path)
    except zipfile.BadZipFile as error:
        kind = kind_of(path)
        raise InputError(
            f"{path} is {kind}, not a ZIP archive."
            if kind
            else f"{path} is not a ZIP archive, or is broken.",
            f"Unpack it to a folder first.{'' if kind else ' Or copy or download it again.'}",
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    # A directory that is damaged makes zipfile raise whatever its parts raise.
    except Exception as error:
        raise InputError(
            f"{path} is a broken archive: {_words(error)}.", "Copy or download it again."
        ) from error
    with archive:
        found = [info for info in archive.infolist() if not _is_folder(info)]
        if len(found) > MAX_MEMBERS:
            raise InputError(
                f"{path} has {len(found):,} members; {MAX_MEMBERS:,} is the limit.",
                "Unpack it to a folder and give the folder.",
            )
        total = sum(info.file_size for info in found)
        if total > MAX_BYTES:
            raise InputError(
                f"{path} unpacks to {total:,} bytes; {MAX_BYTES:,} is the limit.",
                "Colour its parts one by one.",
            )
        members = (_member(info) for info in found)
        kept = [
            member for member in members if member.name and not is_junk(PurePosixPath(member.name))
        ]
        last = {member.name: member for member in kept}
        counts = Counter(member.name for member in kept)
        yield Archive(
            path,
            tuple(member for member in kept if last[member.name] is member),
            archive,
            tuple(name for name, count in counts.items() if count > 1),
            archive.comment,
        )


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive, whatever its names are said to be."""
    try:
        return zipfile.ZipFile(path)
    except UnicodeDecodeError:
        wrong = find_wrong_flags(path)
        file = path.open("rb")
        try:
            archive = zipfile.ZipFile(with_bytes(file, wrong))
        except BaseException:
            file.close()
            raise
        # Closed with it, as a file that it opened itself would be.
        archive._filePassed = 0  # type: ignore[attr-defined]
        return archive


def _member(info: zipfile.ZipInfo) -> Member:
    raw, utf8 = raw_name(info), bool(info.flag_bits & 0x800)
    name = plain_path(decoded_name(info))
    # Bytes that would be read as another name are not written again.
    return Member(name, raw if name == name_of_bytes(raw, utf8=utf8) else b"", info)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\")) and not info.file_size


def _words(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def refuse_methods(archive: Archive, pages: Collection[Member]) -> None:
    """Refuses an archive before the work for it, if none of its pages can be unpacked here.

    Raises:
        InputError: they are packed by methods that Python has not.
    """
    methods = {page.info.compress_type for page in pages}
    if methods and methods <= METHODS.keys() - {getattr(zipfile, "ZIP_ZSTANDARD", -1)}:
        raise unpack_elsewhere(f"{archive.path}", methods.pop())


def is_archive(path: Path) -> bool:
    """Whether a file is read as an archive: by its suffix, or by what is in it (`.cbr`)."""
    try:
        if not path.is_file():
            return False
        if path.suffix.lower() in ARCHIVE_SUFFIXES:
            return True
        return not is_picture(path.name) and zipfile.is_zipfile(path)
    except OSError:
        return False


def is_safe(name: str) -> bool:
    """Whether a member's name stays below the place where the archive is unpacked."""
    path = PurePosixPath(name)
    drive = len(name) > 1 and name[1] == ":"
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and not drive
