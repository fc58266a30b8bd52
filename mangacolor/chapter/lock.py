"""One run at a time on one output."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mangacolor.errors import BusyError
from mangacolor.files import atomic_write

__all__ = ["only_run"]

# Others who colour on this machine use the same file.
_FOR_ALL = 0o666


@contextlib.contextmanager
def only_run(output: Path) -> Iterator[None]:
    """Keeps other runs of this machine from an output while the block lasts.

    The lock is the system's: that of a process that was killed is gone with it. It lies in the
    folder for temporary files, so that nothing of it is left among somebody's pages.

    Args:
        output: folder or archive, which need not be there yet.

    Raises:
        BusyError: another run has it; who, is said.
    """
    digest = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()[:24]
    try:
        path = Path(tempfile.gettempdir()) / f"mangacolor-{digest}.lock"
    except OSError:
        # As below: there is no such folder, in a container that may not be written to.
        yield
        return
    holder = path.with_suffix(".txt")
    lock = FileLock(path, timeout=0, mode=_FOR_ALL)
    try:
        _acquire(lock, path)
    except Timeout as error:
        raise BusyError(
            f"{output} is being coloured by {_told(holder)}.",
            "Wait until it has ended, stop it, or name another --out.",
        ) from error
    except OSError:
        # Where nothing can be locked, nobody should be kept from working.
        yield
        return
    try:
        now = datetime.datetime.now().astimezone().strftime("%H:%M on %d %B")
        with contextlib.suppress(OSError):
            atomic_write(holder, f"process {os.getpid()}, since {now}".encode())
        yield
    finally:
        for left in (holder, path):
            # Windows keeps a file that is open; it is empty and is taken again.
            with contextlib.suppress(OSError):
                left.unlink()
        lock.release()


def _acquire(lock: FileLock, path: Path) -> None:
    """Locks the file that lies at the path, and none that its owner has just taken away.

    Raises:
        Timeout: another run has it.
    """
    while True:
        try:
            known = path.open("rb")
        except FileNotFoundError:
            path.touch(exist_ok=True)
            with contextlib.suppress(OSError):
                path.chmod(_FOR_ALL)
            continue
        # While it is open no other file can have its number.
        with known:
            try:
                lock.acquire()
            except Timeout:
                if _lies_at(known.fileno(), path):
                    raise
                continue
            if _lies_at(known.fileno(), path):
                return
            lock.release()


def _lies_at(opened: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened), path.stat())
    except FileNotFoundError:
        return False


def _told(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "another run"
