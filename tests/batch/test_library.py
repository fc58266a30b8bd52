"""Several chapters in one call: where they go, and that each stands alone."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mangacolor
from mangacolor.batch.events import Begun, Event, Notice, Refused, Summary
from mangacolor.batch.library import requests_of
from mangacolor.batch.request import Request
from mangacolor.chapter.chapters import find_chapters
from mangacolor.errors import InputError, MangacolorError, SetupError
from mangacolor.runtime.engine import Engine
from tests.libraries import archive, make_library, pages, paint

ORANGE, BLUE, GREEN = (240, 160, 40), (40, 90, 240), (60, 200, 60)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return make_library(tmp_path / "library")


@pytest.fixture
def model(fake_bundle: Path) -> mangacolor.Model:
    return mangacolor.open_model(fake_bundle, device="cpu")


def names(paths: list[Path], out: Path | None = None) -> list[str]:
    return [chapter.name for chapter in find_chapters(paths, out).found]


def hue(path: Path) -> str:
    """Which channel a coloured page has most of."""
    mean = np.asarray(Image.open(path).convert("RGB")).astype(float).mean((0, 1))
    return "RGB"[int(mean.argmax())]


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_the_output_is_a_tree_like_the_librarys(
    library: Path, cover: Path, model: mangacolor.Model
) -> None:
    done = model.color_library(library, cover)
    assert files_below(library.with_name("library-color")) == {
        *("a/chapter 2/0.png", "a/chapter 2/1.png", "a/chapter 10/0.png", "a/chapter 10/1.png"),
        "b/volume.cbz",
    }
    assert (done.colored, done.failed) == (5, {})
    again = model.color_library(library, cover)
    assert (again.colored, [s.skipped for s in again.chapters.values()]) == (0, [2, 2, 1])


def test_a_chapter_takes_the_references_nearest_to_its_pages(
    library: Path, tmp_path: Path, model: mangacolor.Model
) -> None:
    paint(library / "a" / "Cover.PNG", BLUE)
    paint(library / "a" / "chapter 10" / "ref" / "any.png", GREEN)
    grey = library / "a" / "chapter 2" / "cover.jpg"
    Image.new("L", (60, 90), 200).save(grey)
    events: list[Event] = []
    done = model.color_library(library, paint(tmp_path / "o.png", ORANGE), tell=events.append)
    assert done.failed == {}
    output = library.with_name("library-color")
    # Its own cover has no colour, and so is a page.
    assert hue(output / "a" / "chapter 2" / "0.png") == "B"
    assert any("no colour in" in e.text for e in events if isinstance(e, Notice))
    assert hue(output / "a" / "chapter 10" / "0.png") == "G"
    # References in a folder of theirs are no pages, and that is told.
    assert not (output / "a" / "chapter 10" / "ref").exists()
    assert any("ref/ are references" in e.text for e in events if isinstance(e, Notice))
    with zipfile.ZipFile(output / "b" / "volume.cbz") as file:
        (tmp_path / "page.png").write_bytes(file.read("0.png"))
    assert hue(tmp_path / "page.png") == "R"


def test_a_cover_within_an_archive_is_its_reference(
    library: Path, tmp_path: Path, model: mangacolor.Model
) -> None:
    paint(tmp_path / "blue.png", BLUE)
    with zipfile.ZipFile(library / "b" / "volume.cbz", "a") as file:
        file.write(tmp_path / "blue.png", "inner/Cover.png")
        file.writestr("../cover.png", b"leads out")
    done = model.color_library(library, paint(tmp_path / "o.png", ORANGE))
    assert list(done.failed) == ["b/volume.cbz: ../cover.png"]
    output = library.with_name("library-color") / "b" / "volume.cbz"
    with zipfile.ZipFile(output) as file:
        (tmp_path / "page.png").write_bytes(file.read("0.png"))
    assert hue(tmp_path / "page.png") == "B"


def test_the_model_is_opened_once(
    library: Path, cover: Path, model: mangacolor.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    really = Engine.open
    monkeypatch.setattr(Engine, "open", lambda *a: opened.append(a) or really(*a))  # type: ignore[func-returns-value]
    assert model.color_library(library, cover).colored == 5
    assert len(opened) == 1


def break_page(library: Path) -> None:
    (library / "a" / "chapter 2" / "0.png").write_bytes(b"no")


def break_archive(library: Path) -> None:
    (library / "b" / "volume.cbz").write_bytes(b"PK\x03\x04 cut")


def add_rar(library: Path) -> None:
    (library / "b" / "old.cbr").write_bytes(b"Rar!\x1a\x07 and so on")


def add_text(library: Path) -> None:
    with zipfile.ZipFile(library / "b" / "letter.docx", "w") as file:
        file.writestr("word/document.xml", "<x/>")


def take_reference(library: Path) -> None:
    pages(library / "a" / "chapter 3")
    (library / "a" / "chapter 3" / "ref").mkdir()
    (library / "a" / "chapter 3" / "ref" / "x.png").write_bytes(b"no")


@pytest.mark.parametrize(
    ("harm", "failed", "colored", "codes"),
    [
        (break_page, "a/chapter 2: 0.png", 4, set()),
        (break_archive, "b/volume.cbz", 4, {3}),
        (add_text, None, 5, set()),
        (add_rar, "b/old.cbr", 5, {3}),
        (take_reference, None, 7, set()),
    ],
)
def test_one_chapters_failure_leaves_the_others(
    library: Path,
    cover: Path,
    model: mangacolor.Model,
    harm: Callable[[Path], None],
    failed: str | None,
    colored: int,
    codes: set[int],
) -> None:
    harm(library)
    events: list[Event] = []
    done = model.color_library(library, cover, tell=events.append)
    assert list(done.failed) == ([failed] if failed else [])
    assert done.colored == colored
    assert {refused.exit_code for refused in done.refused.values()} == codes
    begun = [event.name for event in events if isinstance(event, Begun)]
    ended = [event for event in events if isinstance(event, Summary | Refused)]
    assert len(begun) == len(ended) == len(done.chapters) + len(done.refused)


def test_a_folder_that_may_not_be_read_fails_as_a_chapter_and_as_a_page(
    library: Path, cover: Path, model: mangacolor.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = [pages(library / "shut"), pages(library / "a" / "chapter 2" / "shut")]
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if path in shut:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    done = model.color_library(library, cover)
    assert list(done.refused) == ["shut"]
    assert list(done.failed) == ["a/chapter 2: shut/", "shut"]
    assert done.colored == 5


def test_without_any_reference_the_chapter_is_refused(
    library: Path, model: mangacolor.Model
) -> None:
    paint(library / "b" / "cover.webp", BLUE)
    done = model.color_library(library)
    assert list(done.chapters) == ["b/volume.cbz"]
    assert {refused.exit_code for refused in done.refused.values()} == {2}


def test_a_fault_of_ours_leaves_the_other_chapters_and_a_lost_device_ends_all(
    library: Path, cover: Path, model: mangacolor.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_with(error: Exception) -> None:
        def fail(request: Request, *more: Any) -> Summary:
            if request.source.name == "chapter 2":
                raise error
            return Summary(1, 0, {}, 1.0, request.source, "cpu")

        monkeypatch.setattr("mangacolor.batch.library.color_chapter", fail)

    fail_with(TypeError("ours"))
    done = model.color_library(library, cover)
    assert list(done.refused) == ["a/chapter 2"]
    assert "report it" in done.refused["a/chapter 2"].message
    fail_with(SetupError("It is gone."))
    with pytest.raises(SetupError):
        model.color_library(library, cover)


def test_a_limit_is_of_all_chapters_together(
    library: Path, cover: Path, model: mangacolor.Model
) -> None:
    done = model.color_library(library, cover, limit=3)
    assert done.colored == 3
    assert [summary.left for summary in done.chapters.values()] == [0, 1, 1]
    assert not (library.with_name("library-color") / "b").exists()


def test_several_paths_go_beside_themselves_or_into_one_place(
    tmp_path: Path, cover: Path, model: mangacolor.Model
) -> None:
    one, two = pages(tmp_path / "one"), archive(tmp_path / "x" / "two.zip")
    assert model.color_library([one, two, one], cover).colored == 3
    assert (tmp_path / "one-color" / "0.png").is_file()
    assert (tmp_path / "x" / "two-color.zip").is_file()
    model.color_library([one, two], cover, out=tmp_path / "all")
    assert files_below(tmp_path / "all") == {"one/0.png", "one/1.png", "two.zip"}


def test_chapters_of_one_name_in_two_libraries_are_told_apart(
    tmp_path: Path, cover: Path, model: mangacolor.Model
) -> None:
    for root in ("one", "two"):
        for chapter in ("c 1", "c 2"):
            pages(tmp_path / root / chapter, 1)
    done = model.color_library([tmp_path / "one", tmp_path / "two"], cover)
    expected = [f"{tmp_path}/{root}/c {i}" for root in ("one", "two") for i in (1, 2)]
    assert list(done.chapters) == expected
    assert done.colored == 4


def test_an_archive_and_its_namesake_of_another_kind_are_two_chapters(
    library: Path, cover: Path, model: mangacolor.Model
) -> None:
    (library / "b" / "volume.cbr").write_bytes((library / "b" / "volume.cbz").read_bytes())
    assert model.color_library(library, cover).failed == {}
    made = {path.name for path in (library.with_name("library-color") / "b").iterdir()}
    assert made == {"volume.cbz", "volume.cbr.cbz"}


def test_what_was_made_before_is_no_page_beside_a_single_chapter(
    tmp_path: Path, cover: Path, model: mangacolor.Model
) -> None:
    pages(tmp_path / "lib" / "c")
    model.color_chapter(tmp_path / "lib" / "c", cover)
    assert names([tmp_path / "lib"]) == ["c"]
    model.color_library(tmp_path / "lib", cover)
    assert files_below(tmp_path / "lib-color") == {"c/0.png", "c/1.png"}


def test_strokes_are_those_of_a_folder_of_the_chapters_name(
    library: Path, cover: Path, model: mangacolor.Model, tmp_path: Path
) -> None:
    (tmp_path / "strokes").mkdir()
    with pytest.raises(MangacolorError, match="name of a chapter"):
        model.color_library(library, cover, strokes=tmp_path / "strokes")


def test_a_chapter_has_the_strokes_of_its_path_or_of_its_name(
    library: Path, tmp_path: Path
) -> None:
    strokes = tmp_path / "strokes"
    for name in ("a/chapter 2", "chapter 10", "volume"):
        paint(strokes / name / "0.png", ORANGE)
    found = find_chapters([library]).found
    assert [asked.strokes for asked in requests_of(found, Request(library, strokes=strokes))] == [
        *(strokes / "a" / "chapter 2", strokes / "chapter 10", strokes / "volume"),
    ]


def test_each_chapter_has_its_report(
    library: Path, cover: Path, model: mangacolor.Model, tmp_path: Path
) -> None:
    model.color_library(library, cover, report=tmp_path / "r.html")
    assert sorted(path.name for path in tmp_path.glob("*.html")) == [
        *("r-001.html", "r-002.html", "r-003.html"),
    ]


def test_what_was_made_is_no_chapter_whatever_it_is_called(
    tmp_path: Path, cover: Path, model: mangacolor.Model
) -> None:
    one, two = pages(tmp_path / "one", 1), archive(tmp_path / "two.cbz")
    three = pages(tmp_path / "three" / "c", 1).parent
    pages(three / "d", 1)
    model.color_library([one, two, three], cover)
    (tmp_path / "two-color.cbz").rename(tmp_path / "mine.cbz")
    made = [tmp_path / name for name in ("one-color", "mine.cbz", "three-color")]
    chapters = find_chapters([one, two, three, *made])
    assert [chapter.source for chapter in chapters.found] == [
        *(one, two),
        *(three / "c", three / "d"),
    ]
    assert all(any(path.name in line for line in chapters.notices) for path in made)
    with pytest.raises(InputError, match="made by mangacolor"):
        find_chapters(made)
    for path in made[:2]:
        with pytest.raises(InputError, match="made by mangacolor"):
            model.color_chapter(path, cover)


def test_strokes_are_of_one_chapter_and_nobodys_are_told(tmp_path: Path) -> None:
    for name in ("A/ch1", "B/ch1", "Chapter 3", "Chapter 3.5", "C"):
        pages(tmp_path / "lib" / name, 1)
    archive(tmp_path / "lib" / "Vol.1.cbz")
    strokes = tmp_path / "strokes"
    for name in ("A/ch1", "ch1", "Chapter 3", "vol.1", "c", "D"):
        paint(strokes / name / "1.png", ORANGE)
    (strokes / "c" / "1.png").unlink()
    chapters = find_chapters([tmp_path / "lib"]).found
    events: list[Event] = []
    given = requests_of(chapters, Request(tmp_path, strokes=strokes), events.append)
    named = {c.name: w.strokes for c, w in zip(chapters, given, strict=True) if w.strokes}
    assert named == {
        "A/ch1": strokes / "A" / "ch1",
        "B/ch1": strokes / "ch1",
        "Chapter 3": strokes / "Chapter 3",
        "Vol.1.cbz": strokes / "vol.1",
    }
    told = [event.text for event in events if isinstance(event, Notice)]
    assert any("no strokes in" in text and "C goes" in text for text in told)
    assert any(f"{strokes / 'D'} are left out: no chapter" in text for text in told)
    (strokes / "A" / "ch1" / "1.png").unlink()
    (strokes / "A" / "ch1").rmdir()
    events.clear()
    given = requests_of(chapters, Request(tmp_path, strokes=strokes), events.append)
    assert not [
        w.strokes for c, w in zip(chapters, given, strict=True) if w.strokes and "ch1" in c.name
    ]
    assert any("A/ch1 and B/ch1 have its name" in getattr(event, "text", "") for event in events)


def test_a_chapter_named_by_a_whole_path_is_no_folder_of_its_own_strokes(tmp_path: Path) -> None:
    one, two = pages(tmp_path / "one", 1), pages(tmp_path / "two", 1)
    paint(tmp_path / "strokes" / "one" / "0.png", ORANGE)
    given = requests_of(find_chapters([one, two]).found, Request(one, strokes=tmp_path / "strokes"))
    assert [asked.strokes for asked in given] == [tmp_path / "strokes" / "one", None]


def test_what_was_made_is_no_page_wherever_it_lies(
    tmp_path: Path, cover: Path, model: mangacolor.Model
) -> None:
    chapter = pages(tmp_path / "c", 1)
    made = model.color_chapter(chapter, cover).output
    # Packed by somebody, and moved into the chapter.
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as file:
        for path in made.iterdir():
            file.write(path, f"c-color/{path.name}")
    assert [c.source for c in find_chapters([chapter, tmp_path / "mine.zip"]).found] == [chapter]
    made.rename(chapter / "old")
    events: list[Event] = []
    assert model.color_chapter(chapter, cover, tell=events.append).colored == 1
    told = [event.text for event in events if isinstance(event, Notice)]
    assert told == [f"{chapter / 'old'} is left out: mangacolor made it"]


def test_a_chapters_report_has_its_whole_name(
    tmp_path: Path, model: mangacolor.Model, cover: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "library"
    for name in ("first/Chapter 1", "second/Chapter 1"):
        pages(root / name, 1)
    chapters = find_chapters([root])
    model.color_library(chapters, [cover], report=tmp_path / "r.html")
    for number, name in ((1, "first/Chapter 1"), (2, "second/Chapter 1")):
        assert f"<h1>{name}</h1>" in (tmp_path / f"r-{number:03d}.html").read_text()
    # One that is where the call is made has the name of that folder.
    monkeypatch.chdir(root / "first" / "Chapter 1")
    model.color_chapter(Path(), [cover], out=tmp_path / "o", report=tmp_path / "here.html")
    assert "<h1>Chapter 1</h1>" in (tmp_path / "here.html").read_text()
