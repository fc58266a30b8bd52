"""What there is to do, and what is refused before any work."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from mangacolor.chapter.outputs import output_of
from mangacolor.chapter.plan import Aim
from mangacolor.chapter.planning import make_plan
from mangacolor.errors import InputError, UsageError


def names_of(source: Path) -> list[str]:
    with make_plan(Aim(source, output_of(source, None), "job")) as plan:
        return [task.name for task in plan.todo]


def test_pages_come_in_natural_order_from_the_whole_tree(tmp_path: Path) -> None:
    source = tmp_path / "c"
    for name in [
        "2/page 10.png",
        "2/page 2.jpg",
        "10/a.png",
        ".git/b.png",
        "notes.txt",
        "2/._h.png",
    ]:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert names_of(source) == ["2/page 2.jpg", "2/page 10.png", "10/a.png"]


def test_names_that_are_one_file_elsewhere_collide(tmp_path: Path) -> None:
    for name in ("A.png", "a.png"):
        (tmp_path / name).write_bytes(b"x")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(UsageError, match=r"A\.png and a\.png"):
        names_of(tmp_path)


def test_of_two_members_of_one_name_the_last_is_a_page_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.png", b"1")
        archive.writestr("a.png", b"2")
    with make_plan(Aim(path, tmp_path / "out.cbz", "job")) as plan:
        assert [task.read() for task in plan.tasks] == [b"2"]
        assert "a.png is in x.cbz more than once; the last one is taken" in plan.notices


def test_what_is_no_page_never_makes_a_chapter_refuse(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name in ("a.png", "ComicInfo.xml", "ComicInfo.xml", "comicinfo.XML"):
            archive.writestr(name, name.encode())
    assert names_of(path) == ["a.png"]
    assert names_of(path) == ["a.png"]


def test_members_that_differ_in_case_alone_are_two_pages(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("A.png", b"1")
        archive.writestr("a.png", b"2")
    assert sorted(names_of(path)) == ["A.png", "a.png"]


def notices_of(source: Path) -> tuple[str, ...]:
    with make_plan(Aim(source, output_of(source, None), "job")) as plan:
        return plan.notices


def test_what_is_left_out_is_told_in_one_line_of_a_kind(tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    for name in ("1.png", "Thumbs.db"):
        (source / name).write_bytes(b"x")
    assert notices_of(source) == ()
    (source / "b.txt").write_bytes(b"x")
    assert notices_of(source) == ("1 file that is no picture is left out: b.txt",)
    (source / "a.cbz").write_bytes(b"x")
    assert notices_of(source) == ("2 files that are no pictures are left out, such as a.cbz",)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks for a right to make links")
def test_the_output_of_a_link_is_beside_the_link(tmp_path: Path) -> None:
    (tmp_path / "far" / "c").mkdir(parents=True)
    (tmp_path / "far" / "c" / "1.png").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "c")
    assert output_of(tmp_path / "link", None) == tmp_path / "link-color"
    assert names_of(tmp_path / "link") == ["1.png"]
    with pytest.raises(UsageError, match="input"):
        output_of(tmp_path / "link", tmp_path / "far" / "c" / "out")


def test_a_zip_by_another_name_becomes_a_cbz(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.cbr", "w") as archive:
        archive.writestr("1.png", b"1")
    assert output_of(tmp_path / "x.cbr", None) == tmp_path / "x-color.cbz"
    assert names_of(tmp_path / "x.cbr") == ["1.png"]


@pytest.mark.parametrize("length", [247, 255])
def test_a_long_name_is_coloured_or_a_shorter_out_asked_for(tmp_path: Path, length: int) -> None:
    source = tmp_path / ("x" * (length - 4) + ".cbz")
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("1.png", b"1")
    if length == 255:
        with pytest.raises(UsageError, match="cannot be used") as caught:
            output_of(source, None)
        assert "shorter" in caught.value.hint
        return
    with make_plan(Aim(source, output_of(source, None), "job")) as plan:
        plan.work.mkdir()
        assert len(plan.work.name) < 60


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("none", "does not exist"),
        ("x.png", "one picture"),
        ("x.rar", "neither a folder"),
        ("y.rar", "a RAR archive"),
    ],
)
def test_what_is_no_chapter_is_an_input_error(tmp_path: Path, name: str, match: str) -> None:
    if name != "none":
        (tmp_path / name).write_bytes(b"Rar!\x1a\x07\x00" if name == "y.rar" else b"x")
    with pytest.raises(InputError, match=match) as caught:
        names_of(tmp_path / name)
    assert ("`unar FILE`" in caught.value.hint) is (name == "y.rar")


def test_a_folder_without_pages_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="no pages"):
        names_of(tmp_path)


def test_files_that_mangacolor_did_not_write_are_not_replaced(tmp_path: Path) -> None:
    source, output = tmp_path / "c", tmp_path / "mine"
    for folder in (source, output):
        folder.mkdir()
        (folder / "1.png").write_bytes(b"precious")
    with pytest.raises(UsageError, match="did not write"), make_plan(Aim(source, output, "job")):
        pass
    with make_plan(Aim(source, output, "job", overwrite=True)) as plan:
        assert len(plan.todo) == 1
