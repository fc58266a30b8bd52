"""What a comic says of itself beside its pages, once it is in colour.

Source: ComicInfo.xml of ComicRack, as the Anansi Project documents it.
"""

from __future__ import annotations

import re
import zlib

from mangacolor.errors import InputError
from mangacolor.images.archive import Archive, Member

__all__ = ["as_written", "written_sum"]

_FILE = "comicinfo.xml"
# Libraries sort comics by it.
_GREY = re.compile(rb"(<BlackAndWhite>)\s*Yes\s*(</BlackAndWhite>)", re.IGNORECASE)


def as_written(archive: Archive, member: Member) -> bytes:
    """A member that is no page as it goes into a coloured archive: no more black and white.

    Raises:
        InputError: it cannot be unpacked.
    """
    content = archive.read(member)
    return _GREY.sub(rb"\1No\2", content) if _speaks(member) else content


def written_sum(archive: Archive, member: Member) -> int:
    """The CRC of what `as_written` gives; the archive's own where that cannot be unpacked."""
    if not _speaks(member):
        return member.info.CRC
    try:
        return zlib.crc32(as_written(archive, member))
    except InputError:
        return member.info.CRC


def _speaks(member: Member) -> bool:
    return member.name.rpartition("/")[2].lower() == _FILE
