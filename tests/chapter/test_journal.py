from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mangacolor.chapter.journal import JOURNAL, Journal, fingerprint, read_journal


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
