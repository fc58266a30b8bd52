"""Where a coloured chapter goes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mangacolor.chapter.outputs import coloured_name, output_of
from mangacolor.errors import UsageError
from tests.libraries import archive


def write_book(path: Path) -> None:
    """As much of an EPUB as says that it is one."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", "<container/>")


def test_the_output_is_beside_the_input(tmp_path: Path) -> None:
    (tmp_path / "vol.1").mkdir()
    (tmp_path / "x.cbz").write_bytes(b"")
    assert output_of(tmp_path / "vol.1", None) == tmp_path / "vol.1-color"
    assert output_of(tmp_path / "x.cbz", None) == tmp_path / "x-color.cbz"
    assert output_of(tmp_path / "x.cbz", tmp_path / "d") == tmp_path / "d" / "x-color.cbz"
    assert output_of(tmp_path / "x.cbz", tmp_path / "y.zip") == tmp_path / "y.zip"


@pytest.mark.parametrize("out", ["c", "c/out", "c/a/../out", "link"])
def test_an_output_that_is_or_lies_in_the_input_is_refused(tmp_path: Path, out: str) -> None:
    (tmp_path / "c" / "a").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "c")
    with pytest.raises(UsageError, match="input"):
        output_of(tmp_path / "c", tmp_path / out)


def test_the_current_folder_has_a_place_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    monkeypatch.chdir(tmp_path / "c")
    assert output_of(Path(), None) == tmp_path / "c-color"
    with pytest.raises(UsageError, match="no place beside"):
        output_of(Path("/"), None)


def test_a_place_that_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="may not be written"):
        output_of(tmp_path / "c", None)


def test_an_output_that_is_another_name_of_the_input_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "x.cbz"
    source.write_bytes(b"")
    (tmp_path / "y.cbz").hardlink_to(source)
    for out in ("x.cbz", "y.cbz"):
        with pytest.raises(UsageError, match="the input itself"):
            output_of(source, tmp_path / out)


def test_what_is_in_the_place_of_the_output_must_be_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "x.cbz").write_bytes(b"")
    (tmp_path / "folder.cbz").mkdir()
    with pytest.raises(UsageError, match="is a file"):
        output_of(tmp_path / "c", tmp_path / "file")
    with pytest.raises(UsageError, match="is a folder"):
        output_of(tmp_path / "x.cbz", tmp_path / "folder.cbz")
    # A chapter of loose pages may go into a folder of any name, and into an archive.
    for name in ("folder.cbz", "new.cbz", "new"):
        assert output_of(tmp_path / "c", tmp_path / name) == tmp_path / name


@pytest.mark.parametrize("suffix", [".epub", ".EPUB"])
def test_only_an_epub_becomes_an_epub(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    (tmp_path / "c").mkdir()
    (tmp_path / "x.cbz").write_bytes(b"")
    write_book(tmp_path / "book.zip")
    for name in ("c", "x.cbz"):
        with pytest.raises(UsageError, match="only an EPUB"):
            output_of(tmp_path / name, out)
    assert output_of(tmp_path / "book.zip", out) == out


def test_a_coloured_chapter_is_called_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vol.1").mkdir()
    for name in ("a.CBZ", "b.pdf", "c.cbr", "d.part", "e.epub"):
        (tmp_path / name).write_bytes(b"")
    names = {"vol.1": "vol.1", "a.CBZ": "a.CBZ", "b.pdf": "b.pdf", "c.cbr": "c.cbz"}
    # What a chapter is in decides where its name says nothing.
    for name in ("f.part", "g.CBZ"):
        write_book(tmp_path / name)
    names |= {"f.part": "f.part.epub", "g.CBZ": "g.CBZ"}
    # What ends as an EPUB and is none is left its name.
    for name, coloured in {**names, "d.part": "d.part.cbz", "e.epub": "e.epub"}.items():
        assert coloured_name(tmp_path / name) == coloured
    monkeypatch.chdir(tmp_path / "vol.1")
    assert coloured_name(Path()) == "vol.1"


def test_archives_without_a_suffix_keep_their_whole_names(tmp_path: Path) -> None:
    for name in ("Vol. 1", "Vol. 2", "x.cbr"):
        archive(tmp_path / name)
    places = [output_of(tmp_path / n, None).name for n in ("Vol. 1", "Vol. 2", "x.cbr")]
    assert places == ["Vol. 1-color.cbz", "Vol. 2-color.cbz", "x-color.cbz"]
