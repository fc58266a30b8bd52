from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.journal import (
    JOURNAL,
    Journal,
    find_edited,
    find_foreign,
    fingerprint,
    read_journal,
    read_notes,
    read_records,
    seen_sources,
)
from mangacolor.chapter.known import Seen
from mangacolor.images.looks import looks_of


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """A page that is in place."""
    path = tmp_path / "done.png"
    path.write_bytes(b"a page")
    return path


def test_what_is_added_is_read_back_and_the_last_line_wins(tmp_path: Path, done: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.note(anything="else")
        journal.add("第1話/page 1.png", "a", done)
        journal.add("bad \udc80 name.png", "c", done)
        journal.add("第1話/page 1.png", "b", done)
    assert read_journal(tmp_path) == {"第1話/page 1.png": "b", "bad \udc80 name.png": "c"}


def test_a_torn_last_line_costs_that_page_only(tmp_path: Path, done: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.add("1.png", "a", done)
        journal.add("2.png", "b", done)
    path = tmp_path / JOURNAL
    path.write_bytes(path.read_bytes()[:-9])
    assert read_journal(tmp_path) == {"1.png": "a"}
    with Journal(tmp_path) as journal:
        journal.add("3.png", "c", done)
    assert read_journal(tmp_path) == {"1.png": "a", "3.png": "c"}


def test_rubbish_and_a_missing_journal_are_no_pages(tmp_path: Path) -> None:
    assert read_journal(tmp_path) == {}
    (tmp_path / JOURNAL).write_bytes(b'\xff\xfe\n[1]\n{"page": 1, "fingerprint": "x"}\nnull\n')
    assert read_journal(tmp_path) == {}


def test_threads_do_not_mix_their_lines(tmp_path: Path, done: Path) -> None:
    with Journal(tmp_path) as journal, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: journal.add(f"{i}.png", "x" * 50, done), range(60)))
    assert len(read_journal(tmp_path)) == 60


def test_a_fingerprint_tells_pages_and_jobs_apart() -> None:
    marks = {fingerprint(job, page) for job in ("a", "b") for page in (b"1", b"2")}
    assert len(marks) == 4
    assert fingerprint("a", b"1") == fingerprint("a", b"1")


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
    assert find_edited(tmp_path) == {"changed": tmp_path / "changed"}


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
    assert find_edited(tmp_path) == {"page.tiff": page}


def test_a_file_that_no_run_wrote_is_somebody_elses(tmp_path: Path, done: Path) -> None:
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


def test_a_line_says_what_is_known_of_its_page_and_no_more(tmp_path: Path, done: Path) -> None:
    digest = hashlib.sha256(b"a page").hexdigest()
    source = Seen(3, 4, digest)
    with Journal(tmp_path, lambda page: source if page == "1.png" else None) as journal:
        journal.add("1.png", "a", done, smaller=512, looks="looks")
        journal.add("done.png", "b", done)
        journal.note(model="other")
    facts = done.stat()
    file = {"size": facts.st_size, "time": facts.st_mtime_ns, "output": digest}
    first = {"page": "1.png", "fingerprint": "a", "file": "done.png", **file}
    assert read_records(tmp_path) == {
        "1.png": {
            **first,
            "smaller": 512,
            "looks": "looks",
            "source": {"size": 3, "time": 4, "digest": digest},
        },
        "done.png": {"page": "done.png", "fingerprint": "b", **file},
    }
    assert seen_sources(tmp_path) == {"1.png": source}
    assert read_notes(tmp_path) == [{"model": "other"}]


def test_a_whole_journal_goes_on_with_its_next_line(tmp_path: Path, done: Path) -> None:
    for name in ("1.png", "2.png"):
        with Journal(tmp_path / "new" / "folder") as journal:
            journal.begin(name, done)
    lines = (tmp_path / "new" / "folder" / JOURNAL).read_text(encoding="utf-8").splitlines()
    digest = hashlib.sha256(b"a page").hexdigest()
    assert [json.loads(line) for line in lines] == [
        {"page": name, "output": digest} for name in ("1.png", "2.png")
    ]
