"""Why a page failed, in words: its own fault, the disk's, the memory's, or this tool's."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import tempfile
import traceback
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from mangacolor.errors import MangacolorError, MemoryLimitError, ModelError, StorageError
from mangacolor.files import system_hint
from mangacolor.version import __version__

if TYPE_CHECKING:
    from mangacolor.chapter.plan import Plan

__all__ = [
    "Cause",
    "cause_of",
    "hint_of",
    "reason_of",
    "storage_error",
    "whole_disk",
    "writing",
]

# After these no page can be written any more.
_FULL = {errno.ENOSPC, errno.EROFS, getattr(errno, "EDQUOT", errno.ENOSPC)}


class Cause(Enum):
    """What kept a page from being coloured; the value says what to do about it."""

    PAGE = "Mend or remove what cannot be read."
    WRITING = "See that the output can be written."
    MEMORY = "Close other programs or take a smaller --size."
    MODEL = "Where the model failed, try --device cpu or leave --model out."
    OURS = "Where mangacolor itself failed, please report it: only a mended one can do these."


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """What the system refuses in the block is said of the output, and of nothing else.

    Raises:
        StorageError: from the OSError that tells more.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(f"It cannot be written: {error.strerror or error}.") from error


def whole_disk(error: BaseException) -> OSError | None:
    """What the disk has against any further page, if it was that."""
    system = error.__cause__ if isinstance(error, StorageError) else None
    return system if isinstance(system, OSError) and system.errno in _FULL else None


def cause_of(error: BaseException) -> Cause:
    """What kind of failure an exception is."""
    if isinstance(error, StorageError):
        return Cause.WRITING
    if isinstance(error, MemoryLimitError | MemoryError):
        return Cause.MEMORY
    if isinstance(error, ModelError):
        return Cause.MODEL
    if isinstance(error, MangacolorError | OSError):
        return Cause.PAGE
    return Cause.OURS


def reason_of(error: BaseException) -> str:
    """Words for whatever a page raised.

    What is none of this project's errors, nor the system's, is a fault of this tool, and is not
    blamed on the page.
    """
    if isinstance(error, MangacolorError):
        return f"{error.message} {error.hint}".strip()
    if isinstance(error, MemoryError):
        return "There was not enough memory."
    if isinstance(error, OSError):
        return f"It cannot be read: {error.strerror or error}."
    words = " ".join(str(error).split())
    log = _keep_trace(error)
    return (
        f"mangacolor itself failed on it, which is no fault of the page: {type(error).__name__}"
        f"{': ' if words else ''}{words.rstrip('.')}. Please report it, with the page"
        f"{f' and {log}' if log else ''}."
    )


def _keep_trace(error: BaseException) -> str:
    """Adds an exception's trace to the run's log, and gives the log's name; empty without room."""
    try:
        log = _log()
        with log.open("a", encoding="utf-8", errors="replace") as file:
            file.writelines(traceback.format_exception(error))
            file.write("\n")
    except OSError:
        return ""
    return str(log)


@functools.cache
def _log() -> Path:
    """One file a process, made with the first fault of ours."""
    handle, name = tempfile.mkstemp(prefix="mangacolor-", suffix=".log", text=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"mangacolor {__version__}\n\n")
    return Path(name)


def hint_of(causes: set[Cause]) -> str:
    """What to do about pages that failed, a sentence for each kind of cause."""
    advice = " ".join(cause.value for cause in Cause if cause in causes)
    if causes <= {Cause.OURS}:
        return f"The others are done. {advice}".strip()
    return f"{advice} Then run the same command again; the others are done."


def storage_error(plan: Plan, done: int, error: OSError) -> StorageError:
    """What the disk's failure means: where, what of the work is kept, how to go on."""
    pages = "1 page that is done is" if done == 1 else f"{done} pages that are done are"
    return StorageError(
        f"{plan.output} cannot be written: {error.strerror or error}.",
        f"{system_hint(error)} Run the same command again to go on: the {pages} kept in"
        f" {plan.work}.".strip(),
    )
