"""Members of an archive of ours: what pages are called there, and the journal at their end."""

from __future__ import annotations

import functools
import json
import os
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mangacolor.chapter.journal import JOURNAL, Record, done_line
from mangacolor.config import Format
from mangacolor.images.archive_written import Content
from mangacolor.images.formats import renamed
from mangacolor.images.member_names import name_of_bytes

__all__ = ["member_of", "noted"]


def member_of(name: str, format_: Format = "keep") -> str:
    """What a page's member is called in an archive of ours.

    A name of a folder's file that is no Unicode is read as those in archives are.
    """
    file = renamed(name, format_)
    try:
        file.encode()
    except UnicodeEncodeError:
        return name_of_bytes(os.fsencode(file), utf8=False)
    return file


def noted(
    contents: Sequence[Content],
    done: Mapping[str, str],
    records: Mapping[str, Record],
    format_: Any,
    edited: Sequence[str] = (),
    foreign: Collection[str] = frozenset(),
    lost: Mapping[str, int] | None = None,
) -> list[Content]:
    """An archive's members, and at their end the journal of those that are done.

    Args:
        contents: in order.
        done: fingerprints by name of page.
        records: what is known of the pages: lines of the run's journal, or of the former file.
        format_: that coloured pages have.
        edited: pages that somebody changed: they stay so in the new file.
        foreign: members that somebody else put there.
        lost: sums of the source's members that could not be unpacked, by name; as it is then.
    """
    foreign = frozenset(foreign)
    sums: dict[str, int] = {}

    def summed(content: Content) -> bytes:
        whole = content.read()
        sums[content.name] = zlib.crc32(whole)
        return whole

    def journal() -> bytes:
        lines = []
        for name, mark in done.items():
            file, record = member_of(name, format_), records.get(name, {})
            line = done_line(name, mark, record, sums.get(file), edited=name in edited)
            lines.append({**line, "file": file})
        files = {member_of(name, format_) for name in done}
        beside = {name: crc for name, crc in sums.items() if name not in files | foreign}
        lines.append({"beside": {**(lost or {}), **beside}})
        return "".join(json.dumps(line) + "\n" for line in lines).encode()

    members = [
        Content(content.name, functools.partial(summed, content), content.raw, content.utf8)
        for content in contents
    ]
    return [*members, Content(JOURNAL, journal)]
