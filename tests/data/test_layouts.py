from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image

from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import by_series, find_examples
from mangacolor.errors import InputError
from tests.conftest import draw_picture


def save(path: Path, color: str = "red", size: tuple[int, int] = (16, 16)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)


def test_pairs_in_folders_are_joined_by_name(tmp_path: Path) -> None:
    for name in ("b/2", "b/10", "a"):
        save(tmp_path / "color" / f"{name}.png")
        save(tmp_path / "sketch" / f"{name}.jpg", "white")
    examples = find_examples(tmp_path)
    assert [e.name for e in examples] == ["a", "b/2", "b/10"]
    assert all(e.color.stem == e.lineart.stem for e in examples if e.lineart)
    assert {e.series for e in examples} == {"a", "b"}


def test_chapters_that_are_pairs_in_folders_are_series(tmp_path: Path) -> None:
    for chapter in ("one", "two"):
        for name in ("page-1", "page-2"):
            save(tmp_path / chapter / "color" / f"{name}.png")
            save(tmp_path / chapter / "sketch" / f"{name}.png", "white")
        save(tmp_path / chapter / "cover.png")
    examples = find_examples(tmp_path)
    assert [e.name for e in examples] == [f"{c}/page-{i}" for c in ("one", "two") for i in (1, 2)]
    assert set(by_series(examples)) == {"one", "two"}
    assert all(e.lineart and e.lineart.parts[-3] == e.series for e in examples)


def test_pairs_by_suffix_are_joined_by_name_never_by_order(tmp_path: Path) -> None:
    # `foo` and `foo_d` interleave when sorted, which shifted every pair of the existing code.
    for name in ("foo", "foo_d", "foo2"):
        save(tmp_path / f"{name}_color.png")
        save(tmp_path / f"{name}_sketch.png", "white")
    for example in find_examples(tmp_path):
        assert example.lineart is not None
        assert example.color.name.replace("color", "sketch") == example.lineart.name


@pytest.mark.parametrize("lost", ["foo_color.png", "foo_sketch.png"])
def test_orphans_are_named(tmp_path: Path, lost: str) -> None:
    for name in ("bar", "foo", "zoo"):
        save(tmp_path / f"{name}_color.png")
        save(tmp_path / f"{name}_sketch.png", "white")
    (tmp_path / lost).unlink()
    with pytest.raises(InputError, match=r"1 pictures have no other half: .*foo_"):
        find_examples(tmp_path)


def test_a_picture_without_suffix_among_pairs_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a_color.png")
    save(tmp_path / "a_sketch.png")
    save(tmp_path / "stray.png")
    with pytest.raises(InputError, match=r"stray\.png is neither"):
        find_examples(tmp_path)


def test_side_by_side_is_colour_left_and_sketch_right(tmp_path: Path) -> None:
    both = Image.new("RGB", (64, 32), "white")
    both.paste("red", (0, 0, 32, 32))
    both.save(tmp_path / "x1.png")
    (example,) = find_examples(tmp_path)
    color, lineart = read_example(example)
    assert lineart is not None
    assert color.shape == lineart.shape == (32, 32, 3)
    assert color.min(axis=(0, 1)).tolist() == [255, 0, 0]
    assert lineart.min() == 255


def test_wide_colour_pictures_are_not_taken_for_pairs(tmp_path: Path) -> None:
    draw_picture(1).resize((64, 32)).save(tmp_path / "wide.png")
    assert find_examples(tmp_path)[0].lineart is None


def test_series_come_from_manifest_folder_or_name(tmp_path: Path) -> None:
    save(tmp_path / "train" / "x" / "1.png")
    save(tmp_path / "train" / "story-a-01.png")
    save(tmp_path / "train" / "story-a-02.png")
    save(tmp_path / "train" / "odd.png")
    (tmp_path / "manifest.csv").write_text("file,group\ntrain/odd.png,story-a\n")
    examples = find_examples(tmp_path / "train")
    assert {e.name: e.series for e in examples} == {
        "x/1": "x",
        "story-a-01": "story-a",
        "story-a-02": "story-a",
        "odd": "story-a",
    }
    assert sorted(map(len, by_series(examples).values())) == [1, 3]


def test_halves_of_different_size_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "a_color.png", size=(16, 16))
    save(tmp_path / "a_sketch.png", size=(16, 20))
    (example,) = find_examples(tmp_path)
    with pytest.raises(InputError, match="16x20"):
        read_example(example)


def test_an_empty_or_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no pictures"):
        find_examples(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        find_examples(tmp_path / "none")


@pytest.mark.parametrize("content", [b"group,file\nx\n", b"file,group\n\xff\xfe,a\n"])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    draw_picture(0).save(tmp_path / "a.png")
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"manifest\.csv"):
        find_examples(tmp_path)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_manifest_is_read_as_excel_saves_it(tmp_path: Path, mark: bytes, separator: str) -> None:
    save(tmp_path / "sub" / "A1.png")
    save(tmp_path / "a2.png")
    rows = [("File", '"group"'), ("sub\\a1.png", "one"), ("a2.png", "two")]
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    coded = text.encode("utf-16-le" if mark == b"\xff\xfe" else "utf-8")
    (tmp_path / "manifest.csv").write_bytes(mark + coded)
    assert {e.name: e.series for e in find_examples(tmp_path)} == {"sub/A1": "one", "a2": "two"}


@pytest.mark.parametrize(
    "text",
    ["name,series\na.png,x\n", "file,work\na.png,x\n", "file,group\n", "file,group\na\0,x\n"],
)
def test_a_manifest_that_is_there_and_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "manifest.csv").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.csv"):
        find_examples(tmp_path)


@pytest.mark.parametrize("name", ["Manifest.CSV", "MANIFEST.csv"])
def test_a_manifest_is_one_in_any_case_of_letters(tmp_path: Path, name: str) -> None:
    save(tmp_path / "a.png")
    (tmp_path / name).write_text("file;group\na.png;x\n")
    assert [example.series for example in find_examples(tmp_path)] == ["x"]


@pytest.mark.parametrize("name", ["manifest.xlsx", "manifest.csv.txt", "Manifest.ods"])
@pytest.mark.parametrize("above", [False, True])
def test_a_table_saved_as_something_else_is_refused(tmp_path: Path, name: str, above: bool) -> None:
    save(tmp_path / "data" / "a.png")
    (tmp_path / ("" if above else "data") / name).write_bytes(b"PK")
    with pytest.raises(InputError, match=r"a manifest is manifest\.csv"):
        find_examples(tmp_path / "data")


def test_a_manifest_that_names_none_of_the_pictures_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "data" / "a.png")
    (tmp_path / "manifest.csv").write_text("file,group\nother/b.png,x\n")
    # Of a folder above, it may be about others.
    assert len(find_examples(tmp_path / "data")) == 1
    (tmp_path / "data" / "manifest.csv").write_text("file,group\nC:/mine/a.png,x\n")
    with pytest.raises(InputError, match="none of the pictures"):
        find_examples(tmp_path / "data")


def test_halves_from_two_systems_are_one_pair(tmp_path: Path) -> None:
    name = "\u30da\u30fc\u30b8"
    sides: tuple[tuple[Literal["NFC", "NFD"], str], ...] = (("NFC", "color"), ("NFD", "sketch"))
    for form, side in sides:
        save(tmp_path / side / unicodedata.normalize(form, f"{name}1.png"))
        save(tmp_path / side / ("Page2.PNG" if side == "color" else "page2.png"))
        # Two that differ in case alone are told apart by it.
        save(tmp_path / side / "x.png")
        save(tmp_path / side / "X.png")
        save(tmp_path / side / "ch 3.5.png")
    examples = find_examples(tmp_path)
    assert len(examples) == 5
    for example in examples:
        assert example.lineart is not None
        stems = [unicodedata.normalize("NFC", p.stem) for p in (example.color, example.lineart)]
        assert stems[0] == stems[1] or stems == ["Page2", "page2"]
