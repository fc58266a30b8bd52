"""Data as people have it: a folder, or a CBZ or ZIP that is unpacked for as long as we run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from mangacolor.data.manifests import is_manifest
from mangacolor.errors import InputError
from mangacolor.images.archive import Archive, Member, is_archive, is_safe, open_archive

__all__ = ["as_folder"]


def as_folder(path: Path) -> Path:
    """A folder as it is; of an archive, a temporary folder with its pages.

    The folder has the archive's name, so that messages name it, and is gone when the program ends.

    Raises:
        InputError: the archive cannot be read, or none of its pages can.
    """
    if not is_archive(path):
        return path
    place = Path(tempfile.mkdtemp(prefix="mangacolor-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = place / (
        path.name.encode("utf-8", "replace")[:200].decode("utf-8", "ignore") or "data"
    )
    folder.mkdir()
    with open_archive(path) as archive:
        wanted = [
            member
            for member in archive.members
            if is_safe(member.name)
            and (member.is_page or is_manifest(PurePosixPath(member.name).name))
        ]
        reasons = [why for member in wanted if (why := _unpack(archive, member, folder))]
    if reasons and len(reasons) == len(wanted):
        raise InputError(f"No page of {path} can be unpacked: {reasons[0]}")
    return folder


def _unpack(archive: Archive, member: Member, folder: Path) -> str:
    """Writes one member; of one that cannot be read an empty file, which is told as a bad picture.

    Returns:
        Why it cannot be read, or "".
    """
    why = ""
    try:
        content = archive.read(member)
    except InputError as error:
        content, why = b"", error.message
    target = folder.joinpath(*PurePosixPath(member.name).parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"{archive.path} cannot be unpacked to {folder.parent}: {words}.",
            "Name another place in the environment variable TMPDIR, or unpack it to a folder"
            " yourself and name that.",
        ) from error
    return why
