"""Waiting for pages to come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mangacolor.errors import InputError, UsageError
from mangacolor.files import find_pictures

__all__ = ["settled"]

# Seconds between looks; a page that is still being written grows within one.
INTERVAL = 1.0

_Facts = dict[Path, tuple[int, int]]


def settled(
    folder: Path,
    wait: Callable[[float], None] = time.sleep,
    *,
    is_due: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda words: None,
) -> Iterator[None]:
    """Yields whenever the pictures of a folder have changed, and then not for a moment.

    The first time is as soon as there are any; it never ends by itself. While the folder is away,
    as a share is whose machine sleeps, it waits, and yields when it is back.

    Args:
        folder: to watch, with all that is in it.
        wait: for so many seconds.
        is_due: whether to yield though nothing has changed.
        tell: is told that the folder is away, and that it is back.

    Raises:
        UsageError: it is a file.
        InputError: it is not there at the start.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file.", "Only folders can be watched.")
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist.", "Name a folder to watch.")
    seen: _Facts = {}
    away = False
    while True:
        before = _look(folder)
        if before is None:
            if not away:
                tell(f"{folder} is away; waiting until it is back.")
            away = True
            wait(INTERVAL)
            continue
        if away:
            tell(f"{folder} is back.")
            # What was not finished before is done now.
            away, seen = False, {}
        wait(INTERVAL)
        if (before != seen or is_due()) and before == _look(folder):
            # What changes while the pages are worked on is seen the next time.
            seen = before
            if seen:
                yield


def _look(folder: Path) -> _Facts | None:
    """What is there; None if the folder is away."""
    found: _Facts = {}
    try:
        pictures = find_pictures(folder)
    except OSError:
        return None
    for path in pictures:
        try:
            facts = path.stat()
        except OSError:
            # Gone since it was listed.
            continue
        found[path] = (facts.st_size, facts.st_mtime_ns)
    return found
