"""What is done of a chapter, by lines in a folder or within a finished file."""

from __future__ import annotations

import hashlib
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mangacolor.chapter.edited import find_edited
from mangacolor.chapter.journal import (
    JOURNAL,
    Journal,
    done_line,
    fingerprint,
    is_our_output,
    read_journal,
    read_notes,
    read_records,
    seen_sources,
)
from mangacolor.chapter.known import Seen
from tests.chapter.ours import write_ours, write_theirs


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
    assert read_journal(tmp_path) is None
    (tmp_path / JOURNAL).write_bytes(b'\xff\xfe\n[1]\n{"page": 1, "fingerprint": "x"}\nnull\n')
    assert read_journal(tmp_path) == {}


def test_threads_do_not_mix_their_lines(tmp_path: Path, done: Path) -> None:
    with Journal(tmp_path) as journal, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: journal.add(f"{i}.png", "x" * 50, done), range(60)))
    assert len(read_journal(tmp_path) or {}) == 60


def test_a_fingerprint_tells_pages_and_jobs_apart() -> None:
    marks = {fingerprint(job, page) for job in ("a", "b") for page in (b"1", b"2")}
    assert len(marks) == 4
    assert fingerprint("a", b"1") == fingerprint("a", b"1")


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


def test_what_is_written_is_known_again_and_nobody_changed_it(tmp_path: Path) -> None:
    path = write_ours(
        tmp_path / "x.cbz", records={"1.png": {"smaller": 512, "looks": "l", "size": 3}}
    )
    assert read_journal(path) == {"1.png": "a", "2.png": "b"}
    records = read_records(path)
    assert records is not None
    crc = zlib.crc32(b"one")
    told = {"page": "1.png", "fingerprint": "a", "crc": crc, "file": "1.png"}
    # Of a run's own journal what the file's size was is not told here.
    assert records["1.png"] == {**told, "smaller": 512, "looks": "l"}
    assert find_edited(path) == {}
    assert is_our_output(path)


def test_what_mangacolor_did_not_write_is_not_its_own(tmp_path: Path) -> None:
    theirs = write_theirs(tmp_path)
    (tmp_path / "folder").mkdir()
    for other in theirs:
        assert read_records(other) is None
        assert read_journal(other) is None
        assert find_edited(other) == {}
    for other in (*theirs, tmp_path / "folder", tmp_path / "none"):
        assert not is_our_output(other)
    (tmp_path / "folder" / JOURNAL).write_bytes(b"")
    assert is_our_output(tmp_path / "folder")


def test_a_line_of_an_edited_page_keeps_the_sum_of_what_was_written() -> None:
    for edited, crc in ((True, 1), (False, 2)):
        line = done_line("1.png", "a", {"crc": 1, "time": 5}, 2, edited=edited)
        assert line == {"page": "1.png", "fingerprint": "a", "crc": crc}
