"""Which chapters a call means."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from mangacolor.chapter.chapters import find_chapters
from mangacolor.errors import UsageError
from tests.conftest import draw_page
from tests.libraries import archive, make_library, pages, paint

ORANGE = (240, 160, 40)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library")


def names(paths: list[Path]) -> list[str]:
    return [chapter.name for chapter in find_chapters(paths).found]


def test_chapters_come_in_natural_order_and_what_is_left_out_is_told(library: Path) -> None:
    found = find_chapters([library])
    assert [chapter.name for chapter in found.found] == [
        *("a/chapter 2", "a/chapter 10", "b/volume.cbz"),
    ]
    told = " ".join(found.notices)
    assert "chapter 2-color is left out: mangacolor made it" in told
    assert "notes.txt" in told


def test_what_was_one_chapter_stays_one_and_pages_in_a_folder_make_it_one(
    library: Path, tmp_path: Path
) -> None:
    (library / "b" / "volume.cbz").unlink()
    assert len(names([library])) == 2
    before = tmp_path / "library-color"
    before.mkdir()
    (before / ".mangacolor.jsonl").write_text("{}\n")
    assert names([library]) == [str(library)]
    before.joinpath(".mangacolor.jsonl").unlink()
    Image.fromarray(draw_page(1)).save(library / "1.png")
    assert names([library]) == [str(library)]
    archive(library / "extra.cbz")
    assert names([library]) == ["library", "extra.cbz"]


def test_two_chapters_of_one_output_are_refused(tmp_path: Path) -> None:
    one, two = pages(tmp_path / "x" / "c"), pages(tmp_path / "y" / "c")
    with pytest.raises(UsageError, match="would both become"):
        find_chapters([one, two], tmp_path / "all")
    assert len(names([one, two])) == 2


def test_an_output_within_the_library_is_refused(library: Path) -> None:
    with pytest.raises(UsageError, match="inside the input"):
        find_chapters([library], library / "out")


@pytest.mark.parametrize(
    "name",
    [
        "poster.jpg",
        "Folder.png",
        "lib.png",
        "season01-poster.png",
        "Cover (2).jpg",
        "back_cover.png",
    ],
)
def test_a_poster_beside_chapters_makes_no_chapter_of_them(tmp_path: Path, name: str) -> None:
    for chapter in ("1", "2"):
        pages(tmp_path / "lib" / "series" / chapter, 1)
    paint(tmp_path / "lib" / name, ORANGE)
    paint(tmp_path / "lib" / "series" / "series.webp", ORANGE)
    chapters = find_chapters([tmp_path / "lib"])
    assert [chapter.name for chapter in chapters.found] == ["series/1", "series/2"]
    assert any(name in line and "left out" in line for line in chapters.notices)
    # A page of any other name makes it one chapter, as ever.
    pages(tmp_path / "lib", 1)
    assert [chapter.name for chapter in find_chapters([tmp_path / "lib"]).found] != [
        *("series/1", "series/2"),
    ]


def test_no_chapters_output_is_another_chapter(tmp_path: Path) -> None:
    one, two = archive(tmp_path / "v.cbz"), archive(tmp_path / "v-color.cbz")
    with pytest.raises(UsageError, match="an input, too"):
        find_chapters([one, two])
