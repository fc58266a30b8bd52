from __future__ import annotations

import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mangacolor.errors import UsageError
from mangacolor.files import (
    atomic_path,
    atomic_write,
    check_writable,
    find_pictures,
    list_folder,
    sha256_of,
)
from mangacolor.names import is_junk


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
    assert found == [".x/a.png", "a.webp", "b/9.jpg", "b/10.PNG"]
    assert [path.name for path in list_folder(tmp_path).others] == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right to make links")
def test_links_are_followed_but_not_in_a_circle(tmp_path: Path) -> None:
    chapter, other = tmp_path / "chapter", tmp_path / "other"
    (chapter / "a").mkdir(parents=True)
    other.mkdir()
    (other / "2.png").write_bytes(b"")
    (chapter / "a" / "1.png").write_bytes(b"")
    (chapter / "b").symlink_to(other)
    (chapter / "a" / "up").symlink_to(chapter)
    (other / "back").symlink_to(other)
    (chapter / "gone.png").symlink_to(tmp_path / "nowhere.png")
    listing = list_folder(chapter)
    names = [path.relative_to(chapter).as_posix() for path in listing.pictures]
    assert names == ["a/1.png", "b/2.png", "gone.png"]
    assert [path.relative_to(chapter).as_posix() for path in listing.circles] == ["a/up", "b/back"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right to make links")
def test_folders_that_link_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    for i in range(8):
        (tmp_path / str(i)).mkdir()
        (tmp_path / str(i) / "p.png").write_bytes(b"")
        for j in range(8):
            (tmp_path / str(i) / f"to{j}").symlink_to(tmp_path / str(j))
    assert len(find_pictures(tmp_path)) >= 8


@pytest.mark.parametrize("call", ["chmod", "fsync"])
def test_a_mount_that_refuses_modes_or_fsync_keeps_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def deny(*arguments: object, **named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, call, deny)
    atomic_write(tmp_path / "a.png", b"x")
    assert (tmp_path / "a.png").read_bytes() == b"x"


def test_a_full_disk_is_not_taken_for_a_mount_without_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_write(tmp_path / "a.png", b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["え" * 83 + ".png", "x" * 250 + ".jpg", "a." + "b" * 250])
def test_the_longest_names_are_written(tmp_path: Path, name: str) -> None:
    atomic_write(tmp_path / name, b"x")
    assert (tmp_path / name).read_bytes() == b"x"


def test_a_place_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "deep" / "r.html", "--report")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"x")
    for target in (tmp_path, tmp_path / "file" / "r.html", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="cannot be written") as caught:
            check_writable(target, "--report")
        assert "--report" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_fingerprint_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(os.urandom(100_000))
    assert sha256_of(tmp_path / "x") == hashlib.sha256((tmp_path / "x").read_bytes()).hexdigest()
