from __future__ import annotations

from pathlib import Path

import pytest

from mangacolor.names import is_junk, is_picture, natural_key


@pytest.mark.parametrize(
    "names",
    [
        ["9", "10", "a", "page 1", "Page 2", "page 10", "page 10b", "第9話", "第10話"],
        ["Chapter 3/001.png", "Chapter 3/001-2.png", "Chapter 3 (2)/1.png", "Chapter 3.5/1.png"],
        ["Chapter 3.5/1.png", "Chapter 4/1.png", "Chapter 10/1.png"],
        ["ch 3.25.png", "ch 3.5.png", "ch 3.75.png", "ch 4.png"],
        ["1.png", "1 (2).png", "2.png"],
        ["2024.01.05.png", "2024.01.10.png", "2024.2.1.png"],
        ["\uff10\uff10\uff11.png", "2.png", "\u0663.png"],
        ["vol/2/10.png", "vol/10/2.png"],
        ["1" * 5000 + ".png", "2" * 5000 + ".png"],
    ],
)
def test_natural_order(names: list[str]) -> None:
    backwards = list(reversed(names))
    assert sorted(backwards, key=natural_key) == names


def test_a_suffix_does_not_part_a_page_from_its_second_version() -> None:
    assert natural_key("001.png") < natural_key("001-2.png") < natural_key("002.jpg")


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/1.png",
        "@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg",
        "#recycle/1.png",
        "a/._1.png",
        "Thumbs.db",
        "b/desktop.ini",
        "$RECYCLE.BIN/x.png",
        ".Trash-1000/x.png",
        ".DS_Store",
        ".x-color.cbz.work/1.png",
        ".1.png.abcdefgh.part.png",
    ],
)
def test_what_systems_leave_behind_is_junk(name: str) -> None:
    assert is_junk(Path(name))


@pytest.mark.parametrize(
    "name", [".hack v01/01.png", ".1.png", "a/#1.png", "@home/1.png", "~a.png"]
)
def test_a_strange_first_letter_does_not_make_junk(name: str) -> None:
    assert not is_junk(Path(name))


@pytest.mark.parametrize("suffix", [".avif", ".jfif", ".JPE", ".jxl", ".heic", ".jp2", ".TIFF"])
def test_pictures_are_known_by_their_suffix_whether_they_can_be_read_or_not(suffix: str) -> None:
    assert is_picture("a" + suffix)
    assert not is_picture("a.txt")
