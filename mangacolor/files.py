"""Files: natural order, whole-or-nothing writes, fingerprints."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from mangacolor.errors import UsageError
from mangacolor.names import is_junk, is_picture, natural_key

__all__ = [
    "Listing",
    "atomic_path",
    "atomic_write",
    "check_writable",
    "find_pictures",
    "list_folder",
    "sha256_of",
    "sync",
    "system_hint",
    "whole_folder",
]

# Links within links that are followed: folders that link to each other have no end of paths.
_MOST_LINKS = 3

# What a file system answers that has no modes or no fsync, or keeps them to another owner.
_NOT_OFFERED = {
    errno.EPERM,
    errno.EACCES,
    errno.EINVAL,
    errno.ENOSYS,
    getattr(errno, "ENOTSUP", errno.EINVAL),
    getattr(errno, "EOPNOTSUPP", errno.EINVAL),
    getattr(errno, "EROFS", errno.EINVAL),
}


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# The mask can only be read by setting it, for the whole process: once, before there are threads.
_UMASK = _read_umask()


@dataclasses.dataclass(frozen=True)
class Listing:
    """What lies below a folder, in natural order.

    Attributes:
        pictures: files with a picture's suffix.
        others: other files; what systems leave behind is in neither.
        closed: folders that cannot be read.
        circles: links that lead in a circle.
    """

    pictures: list[Path] = dataclasses.field(default_factory=list)
    others: list[Path] = dataclasses.field(default_factory=list)
    closed: list[Path] = dataclasses.field(default_factory=list)
    circles: list[Path] = dataclasses.field(default_factory=list)

    def without(self, apart: Collection[Path]) -> Listing:
        """The same without some files and folders, and what is in these."""
        out = frozenset(apart)
        kept = (
            [path for path in paths if out.isdisjoint((path, *path.parents))]
            for paths in (self.pictures, self.others, self.closed, self.circles)
        )
        return Listing(*kept) if out else self


def find_pictures(folder: Path) -> list[Path]:
    """Every picture file below a folder in natural order; what systems leave behind is left out."""
    return list_folder(folder).pictures


def list_folder(folder: Path) -> Listing:
    """All files below a folder; links are followed, but not in a circle.

    Raises:
        OSError: the folder itself cannot be read.
    """
    found = Listing()
    with os.scandir(folder):
        pass
    _walk(folder, (), 0, found)
    for paths in (found.pictures, found.others, found.closed, found.circles):
        paths.sort(key=lambda path: natural_key(path.relative_to(folder).as_posix()))
    return found


def _walk(folder: Path, above: tuple[os.stat_result, ...], links: int, found: Listing) -> None:
    try:
        here = folder.stat()
        if links > _MOST_LINKS or any(os.path.samestat(here, outer) for outer in above):
            found.circles.append(folder)
            return
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if not is_junk(Path(entry.name))]
    except OSError:
        found.closed.append(folder)
        return
    for name in names:
        path = folder / name
        # A link to nowhere is a page all the same: one that cannot be read, and is told as such.
        if _holds(path.is_dir):
            _walk(path, (*above, here), links + path.is_symlink(), found)
        elif is_picture(name) and (_holds(path.is_file) or path.is_symlink()):
            found.pictures.append(path)
        else:
            found.others.append(path)


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that becomes `target` if, and only if, the block succeeds.

    Killed at any moment, `target` is either what it was or whole and new. The temporary name is
    hidden (starts with a dot), so that no other part of the tool takes it for a picture.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Short, so that whatever name may be written may be written this way.
    suffix = target.suffix if len(target.suffix.encode("utf-8", "replace")) <= 12 else ""
    handle, name = tempfile.mkstemp(
        prefix=f".{target.name[:40]}.", suffix=".part" + suffix, dir=target.parent
    )
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as written:
            sync(written.fileno())
        # mkstemp makes private files; a page should be as readable as any other new file. Mounts
        # without modes, or of another owner, refuse it, and the page is whole all the same.
        with contextlib.suppress(OSError):
            part.chmod(0o666 & ~_UMASK)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A hidden folder beside `target` that takes its place if, and only if, the block succeeds.

    An old one goes only when the new one is there. Killed at any moment, `target` is either what it
    was, or whole and new, or for the time of two renames not there, with the old one beside it.
    """
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    # What was left by a process that was killed.
    ours = re.compile(re.escape(f".{target.name[:40]}.") + r"[a-z0-9_]{8}\.part")
    for path in target.parent.iterdir():
        if ours.fullmatch(path.name) and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent))
    try:
        inner = part / "whole"
        inner.mkdir()
        yield inner
        _put(inner, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(folder: Path, target: Path) -> None:
    if not target.exists():
        folder.rename(target)
        return
    old = target.with_name(f".{target.name[:40]}.old")
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    try:
        folder.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def sync(handle: int) -> None:
    """Waits until a file is on the disk, where the file system offers that.

    Raises:
        OSError: it does, and the disk is full or broken.
    """
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise


def atomic_write(target: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    with atomic_path(target) as part:
        part.write_bytes(content)


def check_writable(target: Path, option: str) -> None:
    """Tries whether a file can be written, by writing one beside it, before the work for it.

    Args:
        target: the file that will be written.
        option: what the user named it with, for the hint.

    Raises:
        UsageError: it is a folder, or nothing can be written there.
    """
    made: list[Path] = []
    try:
        if target.is_dir():
            raise UsageError(
                f"{target} cannot be written: it is a folder.", f"Name a file with {option}."
            )
        place = target.absolute().parent
        while not place.exists():
            made.append(place)
            place = place.parent
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        # A name that is too long is found by trying that very name.
        if not target.exists():
            target.open("xb").close()
            target.unlink()
        handle, name = tempfile.mkstemp(
            prefix=".try.", suffix=".part", dir=target.absolute().parent
        )
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written: {error.strerror or error}.",
            f"Name another place with {option}.",
        ) from error
    finally:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def system_hint(error: OSError) -> str:
    """What to do about what the system refused; empty if nobody knows."""
    hints = {
        errno.ENOSPC: "Make room there.",
        getattr(errno, "EDQUOT", errno.ENOSPC): "Make room there.",
        errno.ENAMETOOLONG: "Give it a shorter name.",
        errno.ENOENT: "Look whether it is there.",
        errno.EACCES: "Name a place that may be read and written.",
        errno.EPERM: "Name a place that may be read and written.",
        errno.EROFS: "Name a place that can be written to.",
        errno.EIO: "Look whether the disk or the connection to it works.",
    }
    return hints.get(error.errno or 0, "")


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
