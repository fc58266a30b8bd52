from __future__ import annotations

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mangacolor.files import (
    atomic_path,
    atomic_write,
    find_pictures,
    is_junk,
    natural_key,
    sha256_of,
)


def test_natural_order() -> None:
    names = ["page 10", "Page 2", "page 1", "page 10b", "第10話", "第9話", "10", "9", "a"]
    assert sorted(names, key=natural_key) == [
        "9",
        "10",
        "a",
        "page 1",
        "Page 2",
        "page 10",
        "page 10b",
        "第9話",
        "第10話",
    ]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    atomic_write(target, b"old")
    with pytest.raises(RuntimeError), atomic_path(target) as part:
        part.write_bytes(b"new")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_half_written_file_has_a_hidden_name(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "new" / "頁.png") as part:
        assert part.parent == tmp_path / "new"
        assert part.name.startswith(".")
        assert is_junk(Path(part.name))
        part.write_bytes(b"x")
    assert (tmp_path / "new" / "頁.png").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_files_are_as_readable_as_any_new_file_and_threads_leave_the_mask(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: atomic_write(tmp_path / str(i), b"x"), range(100)))
    after = tmp_path / "after"
    after.write_bytes(b"")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert modes == {plain.stat().st_mode}


def test_pictures_are_found_without_junk(tmp_path: Path) -> None:
    for name in ["b/10.PNG", "b/9.jpg", "a.webp", ".x/a.png", "__MACOSX/a.png", "a.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)]
    assert found == ["a.webp", "b/9.jpg", "b/10.PNG"]


def test_the_fingerprint_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(os.urandom(100_000))
    assert sha256_of(tmp_path / "x") == hashlib.sha256((tmp_path / "x").read_bytes()).hexdigest()
