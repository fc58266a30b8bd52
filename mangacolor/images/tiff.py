"""A TIFF of several pages, written one by one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from PIL import TiffImagePlugin

from mangacolor.errors import InputError
from mangacolor.files import atomic_path

__all__ = ["JoinedTiff"]

# Offsets in a TIFF have 32 bits; some room for what is written around a page.
_MOST = 2**32 - 2**16


class _Dropped(Exception):  # noqa: N818 - no error: a file is taken away before it is in place
    """Leaves an `atomic_path` without a file."""


class JoinedTiff:
    """A file that grows hidden beside its place, and is put there whole or not at all.

    Args:
        target: its place.
        name: what messages call it.
    """

    def __init__(self, target: Path, name: str) -> None:
        self._target, self._name = target, name
        self._open = contextlib.ExitStack()
        self._part: Path | None = None
        self._pages: TiffImagePlugin.AppendingTiffWriter | None = None

    def add(self, content: bytes) -> None:
        """Appends a page, a TIFF of its own.

        Raises:
            InputError: the file would be larger than a TIFF can be.
            OSError: it cannot be written.
        """
        if self._part is None or self._pages is None:
            self._part = self._open.enter_context(atomic_path(self._target))
            self._pages = TiffImagePlugin.AppendingTiffWriter(str(self._part), new=True)
        if self._part.stat().st_size + len(content) > _MOST:
            raise InputError(
                f"{self._name} has too many pages for one TIFF in colour: it ends at 4 GB.",
                "Save it in parts.",
            )
        self._pages.write(content)
        self._pages.newFrame()

    def finish(self, begin: Callable[[Path], None]) -> None:
        """Puts it in place, after `begin` was called with the hidden file."""
        assert self._part is not None and self._pages is not None
        self._pages.close()
        begin(self._part)
        self._open.close()

    def drop(self) -> None:
        """Takes away what was written so far, if it is not in place."""
        if self._pages is not None:
            with contextlib.suppress(OSError):
                self._pages.f.close()
        # What an `atomic_path` is left by an exception does: its file goes.
        with contextlib.suppress(_Dropped), self._open:
            raise _Dropped
