"""The output on disk around the pages: room for them, leftovers, the finished archive."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from mangacolor.batch.journal import JOURNAL, finished_pages, read_journal
from mangacolor.batch.plan import Plan
from mangacolor.errors import InputError, UsageError
from mangacolor.images.archive import Archive, is_safe, write_archive

__all__ = ["assemble", "clear_leftovers", "colored_page", "make_room", "tidy"]

# What `atomic_path` leaves behind if the process is killed.
_PART = re.compile(r"\..+\.[a-z0-9_]{8}\.part(\.\w+)?")


def clear_leftovers(plan: Plan) -> None:
    """Removes what a killed run left half-written in the work folder, if there is one."""
    for path in plan.work.rglob(".*"):
        if _PART.fullmatch(path.name):
            path.unlink(missing_ok=True)


def make_room(plan: Plan) -> None:
    """Makes the work folder.

    Raises:
        UsageError: nothing can be written there.
    """
    try:
        plan.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{plan.work} cannot be made: {error.strerror}.", "Name another place with --out."
        ) from error


def tidy(plan: Plan) -> None:
    """Takes away a work folder in which nothing was ever made."""
    if read_journal(plan.work):
        return
    (plan.work / JOURNAL).unlink(missing_ok=True)
    # Folders that hold something are not ours to remove.
    with contextlib.suppress(OSError):
        plan.work.rmdir()


def assemble(plan: Plan, colored: Mapping[str, str]) -> None:
    """Puts a finished archive together and removes its work folder; a folder needs nothing.

    A page that could not be coloured goes in as it was, if it can be unpacked at all, so that the
    chapter stays complete; it has no line in the archive's journal, and the next run tries again.

    Args:
        plan: of the run.
        colored: fingerprints of the pages coloured now, by name.
    """
    if plan.archive is None:
        return
    done = {**plan.done, **colored}
    if colored or finished_pages(plan.output) != done:
        stem = re.escape(f".{plan.output.name[:40]}.")
        for path in plan.output.parent.iterdir():
            if re.match(stem, path.name) and _PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
        record = "".join(
            json.dumps({"page": name, "fingerprint": mark}) + "\n" for name, mark in done.items()
        )
        write_archive(plan.output, _members(plan, plan.archive, done), (JOURNAL, record.encode()))
    shutil.rmtree(plan.work, ignore_errors=True)


def _members(
    plan: Plan, archive: Archive, done: Mapping[str, str]
) -> dict[str, Callable[[], bytes]]:
    """What gives each member of the new archive, in the order of the old one."""
    members: dict[str, Callable[[], bytes]] = {}
    for member in archive.members:
        if not is_safe(member.name):
            continue
        if member.name in done:
            members[member.name] = colored_page(plan, member.name, done[member.name])
            continue
        with contextlib.suppress(InputError):
            archive.read(member)
            members[member.name] = functools.partial(archive.read, member)
    return members


def colored_page(plan: Plan, name: str, mark: str) -> Callable[[], bytes]:
    """What gives the bytes of a page that is done: in the work folder or in the output."""
    (task,) = [task for task in plan.tasks if task.name == name]
    path = task.target(mark)
    return path.read_bytes if path.is_file() else _from(plan.output, name)


def _from(output: Path, name: str) -> Callable[[], bytes]:
    def read() -> bytes:
        # Closed again at once: the archive is about to be replaced.
        with zipfile.ZipFile(output) as archive:
            return archive.read(name)

    return read
