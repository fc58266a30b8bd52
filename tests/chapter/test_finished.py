"""What a finished archive says of itself, and what somebody did to it since."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.finished import (
    done_line,
    edited_members,
    find_beside,
    finished_pages,
    finished_records,
    is_our_output,
    member_of,
    noted,
    sheet_owners,
)
from mangacolor.chapter.journal import JOURNAL
from mangacolor.images.archive import Content, write_archive
from mangacolor.images.looks import looks_of

PAGES = {"1.png": b"one", "2.png": b"two", "info.xml": b"info"}


def write(
    path: Path,
    members: Mapping[str, bytes] = PAGES,
    records: Mapping[str, dict[str, Any]] | None = None,
    edited: Sequence[str] = (),
    foreign: Collection[str] = (),
) -> Path:
    """An archive of two done pages and what else there is."""
    contents = [Content(name, lambda data=data: data) for name, data in members.items()]  # type: ignore[misc]
    marks = {"1.png": "a", "2.png": "b"}
    write_archive(path, noted(contents, marks, records or {}, "keep", edited, foreign, {"lost": 7}))
    return path


def changed(path: Path, name: str, content: bytes | None) -> Path:
    """The archive with one member replaced, added, or taken out, as other programs do."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    other = path.with_name(f"other-{path.name}")
    with zipfile.ZipFile(other, "w") as archive:
        for member, data in {**members, name: content}.items():
            if data is not None:
                archive.writestr(member, data)
    return other


def test_what_is_written_is_known_again_and_nobody_changed_it(tmp_path: Path) -> None:
    path = write(tmp_path / "x.cbz", records={"1.png": {"smaller": 512, "looks": "l", "size": 3}})
    assert finished_pages(path) == {"1.png": "a", "2.png": "b"}
    records = finished_records(path)
    assert records is not None
    crc = zlib.crc32(b"one")
    told = {"page": "1.png", "fingerprint": "a", "crc": crc, "file": "1.png"}
    # Of a run's own journal what the file's size was is not told here.
    assert records["1.png"] == {**told, "smaller": 512, "looks": "l"}
    assert edited_members(path) == {}
    assert is_our_output(path)
    beside = find_beside(path)
    assert beside.ours == {"info.xml": zlib.crc32(b"info"), "lost": 7}


def test_a_page_that_somebody_changed_is_edited_and_one_that_is_gone_is_not_done(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "x.cbz")
    edited = edited_members(changed(path, "2.png", b"by hand"))
    assert {name: read() for name, read in edited.items()} == {"2.png": b"by hand"}
    gone = changed(path, "2.png", None)
    assert finished_pages(gone) == {"1.png": "a"}
    assert edited_members(gone) == {}


def test_an_edited_page_stays_edited_in_the_next_file(tmp_path: Path) -> None:
    path = changed(write(tmp_path / "x.cbz"), "2.png", b"by hand")
    records = finished_records(path)
    assert records is not None
    members = {**PAGES, "2.png": b"by hand"}
    again = write(tmp_path / "y.cbz", members, records, edited=["2.png"])
    assert list(edited_members(again)) == ["2.png"]
    assert edited_members(write(tmp_path / "z.cbz", members, records)) == {}


def test_what_somebody_put_beside_the_pages_or_changed_there_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.cbz")
    assert find_beside(path).foreign == []
    assert find_beside(changed(path, "info.xml", b"new")).foreign == ["info.xml"]
    assert find_beside(changed(path, "note", b"new")).foreign == ["note"]
    # It stays somebody else's in the next file.
    members = {**PAGES, "note": b"new"}
    again = write(tmp_path / "y.cbz", members, foreign=["note"])
    assert find_beside(again).foreign == ["note"]


def test_what_mangacolor_did_not_write_is_not_its_own(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", b"1")
        archive.comment = b"theirs"
    (tmp_path / "notes.txt").write_bytes(b"no archive")
    (tmp_path / "folder").mkdir()
    for other in (path, tmp_path / "notes.txt"):
        assert finished_records(other) is None
        assert finished_pages(other) is None
        assert edited_members(other) == {}
        beside = find_beside(other)
        assert (beside.ours, beside.there, beside.comment) == ({}, {}, b"")
    for other in (path, tmp_path / "notes.txt", tmp_path / "folder", tmp_path / "none"):
        assert not is_our_output(other)
    (tmp_path / "folder" / JOURNAL).write_bytes(b"")
    assert is_our_output(tmp_path / "folder")


def test_a_line_of_an_edited_page_keeps_the_sum_of_what_was_written() -> None:
    for edited, crc in ((True, 1), (False, 2)):
        line = done_line("1.png", "a", {"crc": 1, "time": 5}, 2, edited=edited)
        assert line == {"page": "1.png", "fingerprint": "a", "crc": crc}


def test_a_name_that_is_no_unicode_is_read_as_those_in_archives_are() -> None:
    assert member_of("第1話/1.jpg", "png") == "第1話/1.png"
    raw = "第1話.png".encode("cp932")
    assert member_of(raw.decode("utf-8", "surrogateescape")) == "第1話.png"


def test_pages_whose_members_have_other_names_are_found(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    contents = [Content("1.webp", lambda: b"one"), Content("note", lambda: b"note")]
    write_archive(path, noted(contents, {"1.png": "a"}, {}, "webp"), b"a comment")
    assert finished_pages(path) == {"1.png": "a"}
    edited = edited_members(changed(path, "1.webp", b"by hand"))
    assert {name: read() for name, read in edited.items()} == {"1.png": b"by hand"}
    beside = find_beside(path)
    assert beside.there == beside.ours == {"note": zlib.crc32(b"note")}
    assert beside.comment == b"a comment"


def test_a_page_that_was_packed_anew_is_not_edited_and_a_repainted_one_is(tmp_path: Path) -> None:
    def packed(color: np.ndarray, level: int) -> bytes:
        file = io.BytesIO()
        Image.fromarray(color).save(file, "PNG", compress_level=level)
        return file.getvalue()

    color = np.full((40, 30, 3), (200, 90, 30), np.uint8)
    members = {**PAGES, "1.png": packed(color, 9)}
    path = write(tmp_path / "x.cbz", members, {"1.png": {"looks": looks_of(color, "PNG")}})
    assert edited_members(changed(path, "1.png", packed(color, 0))) == {}
    repainted = packed(color[..., ::-1], 0)
    assert list(edited_members(changed(path, "1.png", repainted))) == ["1.png"]


def test_members_keep_the_bytes_of_their_names(tmp_path: Path) -> None:
    raw = "第1話.txt".encode("cp932")
    members = noted([Content("第1話.txt", lambda: b"", raw, False)], {}, {}, "keep")
    assert [(x.name, x.raw, x.utf8) for x in members[:1]] == [("第1話.txt", raw, False)]


@pytest.mark.parametrize(
    ("sheets", "owners"),
    [
        # As it was written; and changed sheets are of the lines in whose places they are.
        ([1, 2, 3], ["a", "a", "b"]),
        ([9, 8, 7], ["a", "a", "b"]),
        # One taken out, one put in front, one put in between.
        ([1, 3], ["a", "b"]),
        ([9, 1, 2, 3], ["", "a", "a", "b"]),
        ([1, 2, 9, 3], ["a", "a", "", "b"]),
        # One changed behind one that is known, and two put in at the end.
        ([1, 9, 3, 7, 8], ["a", "a", "b", "", ""]),
        ([9, 2, 3, 7], ["a", "a", "b", ""]),
        ([], []),
    ],
)
def test_a_sheet_of_a_pdf_is_of_the_page_that_it_was_written_for(
    sheets: list[int], owners: list[str]
) -> None:
    lines = [{"page": "a", "crc": 1}, {"page": None, "of": "a", "crc": 2}, {"page": "b", "crc": 3}]
    record = "\n".join(map(json.dumps, [*lines, {"beside": "no sheet"}]))
    pdf: Any = SimpleNamespace(names=sheets, record=record, sum=lambda number: sheets[number])
    assert sheet_owners(pdf) == owners


def test_sheets_that_look_alike_are_told_apart_by_their_order() -> None:
    lines = [{"page": name, "crc": 1} for name in "abc"]
    record = "\n".join(map(json.dumps, lines))
    pdf: Any = SimpleNamespace(names=[1, 1], record=record, sum=lambda number: 1)
    assert sheet_owners(pdf) == ["a", "b"]
