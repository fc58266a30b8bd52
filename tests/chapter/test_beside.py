"""What lies in a finished file beside its pages."""

from __future__ import annotations

import zlib
from pathlib import Path

from mangacolor.chapter.beside import find_beside
from mangacolor.chapter.members import noted
from mangacolor.images.archive_written import Content, write_archive
from tests.chapter.ours import PAGES, changed, write_ours, write_theirs


def test_what_somebody_put_beside_the_pages_or_changed_there_is_told(tmp_path: Path) -> None:
    path = write_ours(tmp_path / "x.cbz")
    assert find_beside(path).foreign == []
    assert find_beside(changed(path, "info.xml", b"new")).foreign == ["info.xml"]
    assert find_beside(changed(path, "note", b"new")).foreign == ["note"]
    # It stays somebody else's in the next file.
    members = {**PAGES, "note": b"new"}
    again = write_ours(tmp_path / "y.cbz", members, foreign=["note"])
    assert find_beside(again).foreign == ["note"]


def test_what_came_from_the_source_is_told_and_the_comment(tmp_path: Path) -> None:
    beside = find_beside(write_ours(tmp_path / "x.cbz"))
    assert beside.ours == {"info.xml": zlib.crc32(b"info"), "lost": 7}
    path = tmp_path / "y.cbz"
    contents = [Content("1.webp", lambda: b"one"), Content("note", lambda: b"note")]
    write_archive(path, noted(contents, {"1.png": "a"}, {}, "webp"), b"a comment")
    beside = find_beside(path)
    assert beside.there == beside.ours == {"note": zlib.crc32(b"note")}
    assert beside.comment == b"a comment"


def test_nothing_lies_beside_the_pages_of_what_mangacolor_did_not_write(tmp_path: Path) -> None:
    for other in write_theirs(tmp_path):
        beside = find_beside(other)
        assert (beside.ours, beside.there, beside.comment) == ({}, {}, b"")
