"""A file of several pages, a TIFF: its pages come one by one and are joined in their order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from mangacolor.chapter.plan import Task
from mangacolor.files import atomic_write
from mangacolor.images.geometry import UInt8
from mangacolor.images.looks import looks_of
from mangacolor.images.page import Page, encode_page, frames_of, read_frame
from mangacolor.images.tiff import JoinedTiff

__all__ = ["Book"]


class Book:
    """A file of several pages, of which none is in place before all are.

    `add` and `end` may be called from several threads.

    Attributes:
        task, mark: which file, and its fingerprint.
        frames: numbers of the file's pictures that are pages.
        ended: no more pages are taken: all are there, one failed, or the run was broken off.
        painted: whether any page was coloured; else the file is as it was.
        small: longer side of the page that was coloured smallest, if memory was not enough; else 0.

    Args:
        task, mark: as above.
        content: the file's.
    """

    def __init__(self, task: Task, mark: str, content: bytes) -> None:
        self.task, self.mark = task, mark
        self.frames = frames_of(content, task.name)
        self.ended, self.painted, self.small = False, False, 0
        self._content, self._lock = content, threading.Lock()
        self._joined = JoinedTiff(task.target(mark), task.name)
        self._looks: list[str] = []
        # Pages that were done before their turn: a TIFF of each, and its looks.
        self._waiting: dict[int, tuple[bytes, str]] = {}

    @property
    def looks(self) -> str:
        """Of all pages, for `is_alike`."""
        return ",".join(self._looks)

    def read(self, number: int) -> Page:
        """One of its pages, from 0; raises as `read_page`."""
        return read_frame(self._content, self.frames[number], self.name_of(number))

    def name_of(self, number: int) -> str:
        """What messages call one of its pages."""
        return f"{self.task.name}, page {number + 1}"

    def add(
        self,
        number: int,
        page: Page,
        color: UInt8,
        begin: Callable[[bytes | Path], None],
        *,
        painted: bool,
        small: int = 0,
    ) -> bool:
        """Takes a page, and puts it into the file as soon as all before it are there.

        Args:
            number: of the page, from 0.
            page: as read.
            color: uint8 (H, W, 3) sRGB, the page in colour.
            begin: called with what the file will be before it is put in place.
            painted: it was coloured, and not kept as it was.
            small: longer side at which it was coloured, if memory was not enough; else 0.

        Returns:
            Whether all were there, and the file is in place.

        Raises:
            InputError: the file would be larger than a TIFF can be.
            OSError: it cannot be written.
        """
        # A TIFF has no quality.
        encoded = encode_page(page, color, 0), looks_of(color, "TIFF")
        with self._lock:
            if self.ended:
                return False
            self._waiting[number] = encoded
            self.painted |= painted
            self.small = min(self.small or small, small or self.small)
            while (following := len(self._looks)) in self._waiting:
                content, looks = self._waiting.pop(following)
                self._joined.add(content)
                self._looks.append(looks)
            if len(self._looks) < len(self.frames):
                return False
            self.ended = True
            if self.painted:
                self._joined.finish(begin)
            else:
                self._joined.drop()
                begin(self._content)
                atomic_write(self.task.target(self.mark), self._content)
            return True

    def end(self) -> None:
        """Takes no more pages; without all of them nothing stays."""
        with self._lock:
            self.ended = True
            self._waiting.clear()
            self._joined.drop()
