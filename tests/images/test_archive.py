from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from mangacolor.errors import InputError
from mangacolor.images import archive as module
from mangacolor.images.archive import is_archive, is_safe, open_archive
from mangacolor.images.archive_written import Content, write_archive


def make(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())
    return path


def test_pages_come_in_natural_order_without_junk(tmp_path: Path) -> None:
    names = ["p10.png", "p2.PNG", "ComicInfo.xml", "__MACOSX/p2.png", "._p2.png", "Thumbs.db"]
    with open_archive(make(tmp_path / "x.cbz", [*names, "p1.jpg"])) as archive:
        assert [page.name for page in archive.pages()] == ["p1.jpg", "p2.PNG", "p10.png"]
        assert archive.read(archive.pages()[0]) == b"p1.jpg"
        assert "ComicInfo.xml" in [member.name for member in archive.members]


@pytest.mark.parametrize(
    "name", ["../a.png", "/../a.png", "a/../../b.png", "C:/a.png", "..\\a.png"]
)
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
    with pytest.raises(InputError, match=r"not a ZIP archive"), open_archive(path):
        pass


def test_an_archive_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def fails() -> bytes:
        raise InputError("no")

    target = tmp_path / "x.cbz"
    with pytest.raises(InputError):
        write_archive(target, [Content("a.png", lambda: b"a"), Content("b.png", fails)])
    assert list(tmp_path.iterdir()) == []
    write_archive(target, [Content("ü/第1話.png", lambda: b"a"), Content("r", lambda: b"r")])
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["ü/第1話.png", "r"]
        assert archive.testzip() is None


class RawInfo(zipfile.ZipInfo):
    """A member whose name is the given bytes, without the flag of UTF-8."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.raw, self.flag_bits & ~0x800


def make_raw(path: Path, names: list[bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for i, name in enumerate(names):
            info = RawInfo(f"x{i}")
            info.raw = name
            archive.writestr(info, name)
    return path


@pytest.mark.parametrize("coding", ["utf-8", "cp932", "cp437"])
def test_names_are_read_in_the_coding_they_have_and_written_back_byte_for_byte(
    tmp_path: Path, coding: str
) -> None:
    # The second byte of 表 is a backslash in Shift-JIS.
    names = ["ÇàÆ/ü.png"] if coding == "cp437" else ["第01話/表紙.png", "ア.png", "ヂ.png"]
    raw = [name.encode(coding) for name in names]
    with open_archive(make_raw(tmp_path / "x.cbz", raw)) as archive:
        assert [member.name for member in archive.members] == names
        write_archive(
            tmp_path / "y.cbz",
            [Content(m.name, lambda: b"x", m.raw) for m in archive.members],
        )
    with zipfile.ZipFile(tmp_path / "y.cbz") as archive:
        assert [info.orig_filename.encode("cp437") for info in archive.infolist()] == raw


def test_the_directory_counts_where_a_local_header_has_another_name(tmp_path: Path) -> None:
    path = make(tmp_path / "x.cbz", ["v/1.png", "v/2.png"])
    content = path.read_bytes()
    for name in (b"v/1.png", b"v/2.png"):
        content = content.replace(name, name.replace(b"/", b"\\"), 1)
    path.write_bytes(content)
    with open_archive(path) as archive:
        assert [page.name for page in archive.pages()] == ["v/1.png", "v/2.png"]
        assert archive.read(archive.pages()[1]) == b"v/2.png"


@pytest.mark.parametrize("name", ["/a.png", "//a.png", "./a.png", "\\a.png"])
def test_a_slash_at_the_start_is_stripped(tmp_path: Path, name: str) -> None:
    with open_archive(make(tmp_path / "x.cbz", [name])) as archive:
        (page,) = archive.pages()
        assert page.name == "a.png"
        assert archive.read(page) == name.encode()


def test_pages_in_a_folder_that_begins_with_a_dot_are_pages(tmp_path: Path) -> None:
    with open_archive(make(tmp_path / "x.cbz", [".hack v01/1.png", "@eaDir/1.png"])) as archive:
        assert [page.name for page in archive.pages()] == [".hack v01/1.png"]


def test_an_archive_is_known_by_its_content(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("1.png", b"1")
    for name in ("x.cbr", "x", "x.cbz"):
        (tmp_path / name).write_bytes(buffer.getvalue())
        assert is_archive(tmp_path / name)
    (tmp_path / "y.cbr").write_bytes(b"Rar!\x1a\x07\x00")
    assert not is_archive(tmp_path / "y.cbr")
    assert not is_archive(tmp_path)


def test_a_name_that_is_wrongly_flagged_as_utf8_does_not_break_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    write_archive(
        path,
        [
            Content("1.png", lambda: b"first" * 50),
            Content("x.png", lambda: b"second" * 50, raw="頁2.png".encode("cp932"), utf8=True),
            Content("é3.png", lambda: b"third" * 50),
        ],
    )
    with pytest.raises(UnicodeDecodeError):
        zipfile.ZipFile(path)
    with open_archive(path) as archive:
        read = {page.name: archive.read(page)[:5] for page in archive.pages()}
    assert read == {"1.png": b"first", "頁2.png": b"secon", "é3.png": b"third"}
    # Nothing keeps the file open.
    path.unlink()


def test_of_members_with_one_name_the_last_is_taken(tmp_path: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(tmp_path / "x.cbz", "w") as file,
    ):
        for content in ("old", "new"):
            file.writestr("1.png", content)
        file.writestr("2.png", "other")
    with open_archive(tmp_path / "x.cbz") as archive:
        assert [page.name for page in archive.pages()] == ["1.png", "2.png"]
        assert archive.read(archive.pages()[0]) == b"new"
        assert archive.repeated == ("1.png",)
