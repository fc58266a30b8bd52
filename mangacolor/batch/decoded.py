"""Pictures that were decoded a moment ago, for who wants them again."""

from __future__ import annotations

import threading

from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color

__all__ = ["Decoded"]


class Decoded:
    """The pictures that were asked for last, up to so many bytes; for several threads.

    Args:
        most: bytes of pixels that are kept; a larger picture is not kept at all.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pictures: dict[str, UInt8] = {}
        self._lock = threading.Lock()

    def read(self, content: bytes, name: str, digest: str) -> UInt8:
        """Decodes a picture unless it is still there.

        Args:
            content: its file.
            name: what errors call it.
            digest: what it is known by, as the hex SHA-256 of the content.

        Returns:
            uint8 (H, W, 3) sRGB, which cannot be written to.

        Raises:
            InputError: it cannot be read.
        """
        with self._lock:
            picture = self._pictures.pop(digest, None)
        if picture is None:
            picture = read_color(content, name)
            picture.flags.writeable = False
        with self._lock:
            # The one asked for last is the last to go.
            self._pictures[digest] = picture
            while sum(kept.nbytes for kept in self._pictures.values()) > self._most:
                del self._pictures[next(iter(self._pictures))]
        return picture

    def clear(self) -> None:
        """Lets go of all."""
        with self._lock:
            self._pictures.clear()
