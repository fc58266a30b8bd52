from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mangacolor.batch.plan import make_plan, output_of
from mangacolor.errors import InputError, UsageError


def names_of(source: Path) -> list[str]:
    with make_plan(source, output_of(source, None), "job") as plan:
        return [task.name for task in plan.todo]


def test_pages_come_in_natural_order_from_the_whole_tree(tmp_path: Path) -> None:
    source = tmp_path / "c"
    for name in ["2/page 10.png", "2/page 2.jpg", "10/a.png", ".x/b.png", "notes.txt", "2/.h.png"]:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert names_of(source) == ["2/page 2.jpg", "2/page 10.png", "10/a.png"]


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


def test_names_that_are_one_file_elsewhere_collide(tmp_path: Path) -> None:
    for name in ("A.png", "a.png"):
        (tmp_path / name).write_bytes(b"x")
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system does not tell upper from lower case")
    with pytest.raises(UsageError, match=r"A\.png and a\.png"):
        names_of(tmp_path)


def test_two_members_of_one_name_collide(tmp_path: Path) -> None:
    path = tmp_path / "x.cbz"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.png", b"1")
        archive.writestr("a.png", b"2")
    with pytest.raises(UsageError, match="one file"):
        names_of(path)


@pytest.mark.parametrize(
    ("name", "match"),
    [("none", "does not exist"), ("x.png", "one picture"), ("x.rar", "neither a folder")],
)
def test_what_is_no_chapter_is_an_input_error(tmp_path: Path, name: str, match: str) -> None:
    if name != "none":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=match):
        names_of(tmp_path / name)


def test_a_folder_without_pages_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match="no pages"):
        names_of(tmp_path)


def test_files_that_mangacolor_did_not_write_are_not_replaced(tmp_path: Path) -> None:
    source, output = tmp_path / "c", tmp_path / "mine"
    for folder in (source, output):
        folder.mkdir()
        (folder / "1.png").write_bytes(b"precious")
    with pytest.raises(UsageError, match="did not write"), make_plan(source, output, "job"):
        pass
    with make_plan(source, output, "job", overwrite=True) as plan:
        assert len(plan.todo) == 1


def test_a_place_that_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c").mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="may not be written"):
        output_of(tmp_path / "c", None)
