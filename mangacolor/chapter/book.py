"""A file of several pages, a TIFF: its pages come one by one and are joined in their order."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image, TiffImagePlugin

from mangacolor.chapter.tasks import Task
from mangacolor.config import Format
from mangacolor.errors import InputError
from mangacolor.files import atomic_path, atomic_write
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import Page, frames_of, read_frame

__all__ = ["Book", "BookPage", "Sheet", "check_one_file", "leaf_of"]

# Offsets in a TIFF have 32 bits; some room for what is written around a page.
_MOST = 2**32 - 2**16


@dataclasses.dataclass(frozen=True)
class BookPage:
    """A page of a book on its way into the file.

    Attributes:
        content: a TIFF of that page alone.
        looks: of `looks_of`.
        painted: it was coloured, and not kept as it was.
        smaller: longer side at which it was coloured, if memory was not enough; else 0.
    """

    content: bytes
    looks: str
    painted: bool
    smaller: int = 0


class Book:
    """A file of several pages; what becomes of it waits in a hidden file beside the target.

    `add` and `end` may be called from several threads.

    Attributes:
        task, mark: which file, and its fingerprint.
        frames: numbers of the file's pictures that are pages.
        ended: no more pages are taken: all are there, one failed, or the run was broken off.
        painted: whether any page was coloured; else the file is as it was.
        smaller: longer side of the page that was coloured smallest, if memory was not enough.
        looks: of all pages, for `is_alike`.

    Args:
        task, mark: as above.
        content: the file's.
    """

    def __init__(self, task: Task, mark: str, content: bytes) -> None:
        self.task, self.mark = task, mark
        self.frames = frames_of(content, task.name)
        self.ended, self.painted, self.smaller = False, False, 0
        self._content = content
        self._looks: list[str] = []
        self._lock = threading.Lock()
        # Pages that were done before their turn.
        self._waiting: dict[int, BookPage] = {}
        self._open = contextlib.ExitStack()
        self._part: Path | None = None
        self._pages: TiffImagePlugin.AppendingTiffWriter | None = None

    @property
    def looks(self) -> str:
        return ",".join(self._looks)

    def read(self, number: int) -> Page:
        """One of its pages, from 0; raises as `read_page`."""
        return read_frame(self._content, self.frames[number], self.name_of(number))

    def name_of(self, number: int) -> str:
        """What messages call one of its pages."""
        return f"{self.task.name}, page {number + 1}"

    def add(self, number: int, leaf: BookPage, begin: Callable[[bytes | Path], None]) -> bool:
        """Takes a page, and puts it into the file as soon as all before it are there.

        Args:
            number: of the page, from 0.
            leaf: the page.
            begin: called with what the file will be before it is put in place.

        Returns:
            Whether all were there, and the file is in place.

        Raises:
            InputError: the file would be larger than a TIFF can be.
            OSError: it cannot be written.
        """
        with self._lock:
            if self.ended:
                return False
            self._waiting[number] = leaf
            while (following := len(self._looks)) in self._waiting:
                self._append(self._waiting.pop(following))
            if len(self._looks) < len(self.frames):
                return False
            self._finish(begin)
            return True

    def end(self) -> None:
        """Takes no more pages; without all of them nothing stays."""
        with self._lock:
            self.ended = True
            self._waiting.clear()
            self._drop()

    def _append(self, leaf: BookPage) -> None:
        if self._pages is None:
            self._part = self._open.enter_context(atomic_path(self.task.target(self.mark)))
            self._pages = TiffImagePlugin.AppendingTiffWriter(str(self._part), new=True)
        if self._part is not None and self._part.stat().st_size + len(leaf.content) > _MOST:
            raise InputError(
                f"{self.task.name} has too many pages for one TIFF in colour: it ends at 4 GB.",
                "Save it in parts.",
            )
        self._pages.write(leaf.content)
        self._pages.newFrame()
        self._looks.append(leaf.looks)
        self.painted |= leaf.painted
        if leaf.smaller:
            self.smaller = min(self.smaller or leaf.smaller, leaf.smaller)

    def _finish(self, begin: Callable[[bytes | Path], None]) -> None:
        self.ended = True
        if self.painted and self._pages is not None and self._part is not None:
            self._pages.close()
            begin(self._part)
            self._open.close()
        else:
            self._drop()
            begin(self._content)
            atomic_write(self.task.target(self.mark), self._content)

    def _drop(self) -> None:
        """Takes away what was written so far, if it is not in place."""
        if self._pages is not None:
            with contextlib.suppress(OSError):
                self._pages.f.close()
        # What an `atomic_path` is left by an exception does: its file goes.
        with contextlib.suppress(_Dropped), self._open:
            raise _Dropped


class _Dropped(Exception):  # noqa: N818 - no error: a file is taken away before it is in place
    """Leaves an `atomic_path` without a file."""


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A page on its way: of most files the only one.

    Attributes:
        task: its file.
        number: which of the file's pages, from 0.
        book: the file, where it has several.
    """

    task: Task
    number: int = 0
    book: Book | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.task.name if self.book is None else self.book.name_of(self.number)

    @property
    def is_last(self) -> bool:
        """Whether no other page of its file comes after it."""
        return self.book is None or self.number + 1 == len(self.book.frames)


def check_one_file(sheet: Sheet, format_: Format) -> None:
    """Refuses a format that would lose all pages but one.

    Raises:
        InputError: the file has several, and does not keep its own.
    """
    if sheet.book is not None and format_ != "keep":
        raise InputError(
            f"{sheet.task.name} has several pages; {format_} files have one.",
            "Leave --format out for it, or save each page by itself.",
        )


def leaf_of(page: Page, color: UInt8) -> bytes:
    """A page in colour, uint8 (H, W, 3) sRGB, as a TIFF of its own."""
    target = io.BytesIO()
    dpi = {"dpi": page.dpi} if page.dpi else {}
    Image.fromarray(color).save(target, "TIFF", compression="tiff_lzw", **dpi)
    return target.getvalue()
