from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mangacolor.errors import InputError
from mangacolor.images import archive as module
from mangacolor.images.archive import is_safe, open_archive, write_archive


def make(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())
    return path


def test_pages_come_in_natural_order_without_junk(tmp_path: Path) -> None:
    names = ["p10.png", "p2.PNG", "ComicInfo.xml", "__MACOSX/p2.png", ".hidden.png", "Thumbs.db"]
    with open_archive(make(tmp_path / "x.cbz", [*names, "p1.jpg"])) as archive:
        assert [page.name for page in archive.pages()] == ["p1.jpg", "p2.PNG", "p10.png"]
        assert archive.read(archive.pages()[0]) == b"p1.jpg"
        assert "ComicInfo.xml" in [member.name for member in archive.members]


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "a/../../b.png", "C:/a.png", "..\\a.png"])
def test_a_name_that_leads_out_is_not_read(tmp_path: Path, name: str) -> None:
    assert not is_safe(name.replace("\\", "/"))
    with (
        open_archive(make(tmp_path / "x.cbz", [name])) as archive,
        pytest.raises(InputError, match="leads out"),
    ):
        archive.read(archive.members[0])


def test_a_damaged_member_is_an_input_error_and_the_others_are_read(tmp_path: Path) -> None:
    path = make(tmp_path / "x.cbz", ["a.png", "b.png"])
    path.write_bytes(
        path.read_bytes().replace(b"a.png", b"a.png", 1).replace(b"a.pnga.png", b"a.pngXXXXX", 1)
    )
    with open_archive(path) as archive:
        first, second = archive.pages()
        with pytest.raises(InputError, match=r"a\.png cannot be unpacked"):
            archive.read(first)
        assert archive.read(second) == b"b.png"


def test_an_encrypted_member_is_an_input_error(tmp_path: Path) -> None:
    path = make(tmp_path / "x.cbz", ["a.png"])
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with open_archive(path) as archive, pytest.raises(InputError, match="encrypted"):
        archive.read(archive.pages()[0])


def test_a_member_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_MEMBER_BYTES", 3)
    with (
        open_archive(make(tmp_path / "x.cbz", ["a.png"])) as archive,
        pytest.raises(InputError, match="more than"),
    ):
        archive.read(archive.pages()[0])


@pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07", b"PK\x03\x04 and then nothing"])
def test_what_is_no_archive_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.cbz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a ZIP archive"), open_archive(path):
        pass


def test_an_archive_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def fails() -> bytes:
        raise InputError("no")

    target = tmp_path / "x.cbz"
    with pytest.raises(InputError):
        write_archive(target, {"a.png": lambda: b"a", "b.png": fails}, ("r", b""))
    assert list(tmp_path.iterdir()) == []
    write_archive(target, {"ü/第1話.png": lambda: b"a"}, ("r", b"r"))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["ü/第1話.png", "r"]
        assert archive.testzip() is None
