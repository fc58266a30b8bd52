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

Look = dict[Path, tuple[int, int]]


def settled(folder: Path, wait: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Yields whenever the pictures of a folder have changed, and then not for a moment.

    The first time is as soon as there are any; it never ends by itself.

    Args:
        folder: to watch, with all that is in it.
        wait: for so many seconds.

    Raises:
        UsageError: it is a file.
        InputError: it is not there, or not any more.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file.", "Only folders can be watched.")
    seen: Look = {}
    while True:
        if not folder.is_dir():
            raise InputError(f"{folder} does not exist.", "Name a folder to watch.")
        before = _look(folder)
        wait(INTERVAL)
        if before != seen and before == _look(folder):
            # What changes while the pages are worked on is seen the next time.
            seen = before
            if seen:
                yield


def _look(folder: Path) -> Look:
    found = {}
    for path in find_pictures(folder):
        try:
            facts = path.stat()
        except OSError:
            # Gone since it was listed.
            continue
        found[path] = (facts.st_size, facts.st_mtime_ns)
    return found
