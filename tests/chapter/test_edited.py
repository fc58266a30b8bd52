"""What somebody else did to pages of an output."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image

from mangacolor.chapter.edited import find_edited, find_foreign
from mangacolor.chapter.journal import JOURNAL, Journal, read_journal, read_records
from mangacolor.chapter.members import noted
from mangacolor.images.archive_written import Content, write_archive
from mangacolor.images.looks import looks_of
from tests.chapter.ours import PAGES, changed, write_ours


def test_who_changed_the_bytes_of_a_page_edited_it(tmp_path: Path) -> None:
    names = ["gone", "same", "touched", "changed", "killed.png"]
    with Journal(tmp_path) as journal:
        for name in names:
            (tmp_path / name).write_bytes(name.encode())
            journal.begin(name, name.encode())
            journal.add(name, "mark", tmp_path / name)
        # A run that is killed has put the next file in its place, and has no line of it.
        journal.begin("killed.png", b"coloured again")
        journal.note(of="no page")
    (tmp_path / "killed.png").write_bytes(b"coloured again")
    os.utime(tmp_path / "touched", ns=(1, 1))
    (tmp_path / "changed").write_bytes(b"by hand")
    (tmp_path / "gone").unlink()
    edited = find_edited(tmp_path)
    assert {name: read() for name, read in edited.items()} == {"changed": b"by hand"}


def test_of_a_page_of_before_what_was_known_of_it_nobody_says_that_it_was_edited(
    tmp_path: Path,
) -> None:
    (tmp_path / "1.png").write_bytes(b"by hand")
    line = {"page": "1.png", "fingerprint": "mark"}
    (tmp_path / JOURNAL).write_text(json.dumps(line), encoding="utf-8")
    assert find_edited(tmp_path) == {}


def test_a_page_that_was_packed_anew_is_not_edited_and_a_repainted_one_is(tmp_path: Path) -> None:
    color = np.full((40, 30, 3), (200, 90, 30), np.uint8)
    page = tmp_path / "page.tiff.png"
    Image.fromarray(color).save(page)
    with Journal(tmp_path) as journal:
        journal.add("page.tiff", "mark", page, looks=looks_of(color, "PNG"))
    Image.fromarray(color).save(page, compress_level=0)
    assert find_edited(tmp_path) == {}
    Image.fromarray(color[..., ::-1]).save(page, compress_level=0)
    edited = find_edited(tmp_path)
    assert {name: read() for name, read in edited.items()} == {"page.tiff": page.read_bytes()}


def test_a_page_that_somebody_changed_is_edited_and_one_that_is_gone_is_not_done(
    tmp_path: Path,
) -> None:
    path = write_ours(tmp_path / "x.cbz")
    edited = find_edited(changed(path, "2.png", b"by hand"))
    assert {name: read() for name, read in edited.items()} == {"2.png": b"by hand"}
    gone = changed(path, "2.png", None)
    assert read_journal(gone) == {"1.png": "a"}
    assert find_edited(gone) == {}


def test_an_edited_page_stays_edited_in_the_next_file(tmp_path: Path) -> None:
    path = changed(write_ours(tmp_path / "x.cbz"), "2.png", b"by hand")
    records = read_records(path)
    assert records is not None
    members = {**PAGES, "2.png": b"by hand"}
    again = write_ours(tmp_path / "y.cbz", members, records, edited=["2.png"])
    assert list(find_edited(again)) == ["2.png"]
    assert find_edited(write_ours(tmp_path / "z.cbz", members, records)) == {}


def test_a_member_that_was_packed_anew_is_not_edited_and_a_repainted_one_is(tmp_path: Path) -> None:
    def packed(color: np.ndarray, level: int) -> bytes:
        file = io.BytesIO()
        Image.fromarray(color).save(file, "PNG", compress_level=level)
        return file.getvalue()

    color = np.full((40, 30, 3), (200, 90, 30), np.uint8)
    members = {**PAGES, "1.png": packed(color, 9)}
    path = write_ours(tmp_path / "x.cbz", members, {"1.png": {"looks": looks_of(color, "PNG")}})
    assert find_edited(changed(path, "1.png", packed(color, 0))) == {}
    repainted = packed(color[..., ::-1], 0)
    assert list(find_edited(changed(path, "1.png", repainted))) == ["1.png"]


def test_a_changed_page_whose_member_has_another_name_is_edited(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    contents = [Content("1.webp", lambda: b"one"), Content("note", lambda: b"note")]
    write_archive(path, noted(contents, {"1.png": "a"}, {}, "webp"), b"a comment")
    assert read_journal(path) == {"1.png": "a"}
    edited = find_edited(changed(path, "1.webp", b"by hand"))
    assert {name: read() for name, read in edited.items()} == {"1.png": b"by hand"}


def test_a_file_that_no_run_wrote_is_somebody_elses(tmp_path: Path) -> None:
    done = tmp_path / "done.png"
    done.write_bytes(b"a page")
    with Journal(tmp_path) as journal:
        journal.add("ours", "mark", done)
        journal.add("done.png", "mark", done)
        journal.begin("begun", b"whole")
        journal.begin("replaced", b"whole")
        journal.note(of="no page")
    for name in ("begun", "theirs", "replaced"):
        (tmp_path / name).write_bytes(b"whole" if name == "begun" else b"theirs")
    # A folder cannot be read as a page, and is in its place all the same.
    (tmp_path / "folder").mkdir()
    names = ["begun", "theirs", "replaced", "folder", "not there"]
    files = {"ours": "done.png", "done.png": "done.png", **{name: name for name in names}}
    assert find_foreign(tmp_path, files) == {"theirs", "replaced", "folder"}
    # Ours stays ours, whatever somebody made of it.
    done.write_bytes(b"by hand")
    assert find_foreign(tmp_path, files) == {"theirs", "replaced", "folder"}
    # What was written under another name was not written under this one.
    assert find_foreign(tmp_path, {"ours": "theirs"}) == {"ours"}
