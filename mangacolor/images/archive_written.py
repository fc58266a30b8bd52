"""Files as members of a ZIP."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from mangacolor.files import atomic_path
from mangacolor.images.epub import MIMETYPE_NAME
from mangacolor.names import is_picture

__all__ = ["Content", "write_archive"]


@dataclasses.dataclass(frozen=True)
class Content:
    """One file of an archive that is written.

    Attributes:
        name: its path, with forward slashes.
        read: gives its bytes.
        raw: the bytes that its name had, and whether they were said to be UTF-8; a name of our own
            has none.
    """

    name: str
    read: Callable[[], bytes]
    raw: bytes = b""
    utf8: bool = False


def write_archive(target: Path, contents: Iterable[Content], comment: bytes = b"") -> None:
    """Writes a CBZ or ZIP whole or not at all, one member in memory at a time.

    Args:
        target: the archive.
        contents: its members, in order.
        comment: of the archive as a whole.
    """
    with (
        atomic_path(target) as part,
        zipfile.ZipFile(part, "w") as archive,
    ):
        archive.comment = comment
        for content in contents:
            info = zipfile.ZipInfo(content.name)
            if content.raw:
                info = _RawInfo(content.name)
                info.raw, info.utf8 = content.raw, content.utf8
            # Pictures are compressed already.
            plain = PurePosixPath(content.name).suffix.lower() in {".bmp", ".dib", ".ppm", ".pgm"}
            stored = (is_picture(content.name) and not plain) or content.name == MIMETYPE_NAME
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, content.read())


class _RawInfo(zipfile.ZipInfo):
    """A member whose name is written byte for byte, with the flag that it had."""

    raw = b""
    utf8 = False

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.raw, self.flag_bits & ~0x800 | (0x800 if self.utf8 else 0)
