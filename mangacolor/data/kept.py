"""Decoded pictures that are kept: a bounded number of bytes in memory, or in files to share."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from mangacolor.images.geometry import UInt8

__all__ = ["KeptPairs"]

Pictures = tuple[UInt8, UInt8 | None]
# Pictures are asked for at random, so that any of them are as good to keep as the last ones.
IN_MEMORY, IN_FILES = 1024**3, 8 * 1024**3


class KeptPairs:
    """Pairs of pictures by number, uint8 (h, w, 3), the second of one size with the first or None.

    Args:
        shared: keep them in files of a temporary folder from the start, which several processes
            read through one memory of the system; else in memory, and in files beyond its bound.
        in_memory, in_files: most bytes; what is beyond both is made anew each time.
    """

    def __init__(
        self, *, shared: bool = False, in_memory: int = IN_MEMORY, in_files: int = IN_FILES
    ) -> None:
        self._in_memory = 0 if shared else in_memory
        self._in_files = in_files
        self._pictures: dict[int, Pictures] = {}
        self._bytes = 0
        # Counted by all processes together; a race costs a picture's bytes.
        self._file_bytes = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._folder: Path | None = self._make_folder() if shared else None

    def get(self, number: int, make: Callable[[], Pictures]) -> Pictures:
        """A pair that is kept, or is made now."""
        found = self._pictures.get(number) or self._read(number)
        if found is not None:
            return found
        made = make()
        size = sum(picture.nbytes for picture in made if picture is not None)
        if self._bytes + size <= self._in_memory:
            self._pictures[number] = made
            self._bytes += size
        elif int(self._file_bytes) + size <= self._in_files:
            self._write(number, made, size)
        return made

    def _read(self, number: int) -> Pictures | None:
        if self._folder is None:
            return None
        try:
            both = np.load(self._folder / f"{number}.npy", mmap_mode="r")
        except (OSError, ValueError):
            return None
        return both[0], both[1] if len(both) > 1 else None

    def _write(self, number: int, made: Pictures, size: int) -> None:
        # A disk that is full costs time, no pictures.
        with contextlib.suppress(OSError):
            if self._folder is None:
                self._folder = self._make_folder()
            part = self._folder / f"{number}.{os.getpid()}.part"
            with part.open("wb") as file:
                np.save(file, np.stack([picture for picture in made if picture is not None]))
            part.replace(self._folder / f"{number}.npy")
            self._file_bytes += size

    def _make_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="mangacolor-"))
        atexit.register(_remove, folder, os.getpid())
        return folder

    def close(self) -> None:
        """Removes the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _remove(folder: Path, owner: int) -> None:
    """Removes a folder, but not where a copy of the process that made it ends."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
