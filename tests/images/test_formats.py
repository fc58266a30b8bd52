"""`--format`: pages in a format that is not their own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, SetupError, UsageError
from mangacolor.images.decode import FORMATS
from mangacolor.images.formats import check_format, encode_as, renamed
from mangacolor.images.page import Page, read_page
from tests.asking import color_chapter
from tests.conftest import draw_color_page, draw_page

WRITTEN = [("png", "PNG"), ("webp", "WEBP"), ("jpg", "JPEG")]
WRITTEN += [("avif", "AVIF")] * features.check("avif")  # type: ignore[operator]
WRITTEN += [("jxl", "JXL")] * ("JXL" in FORMATS)


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    def run(source: Path, format_: Any, **changes: Any) -> Any:
        config = BatchConfig(device="cpu", format=format_)
        return color_chapter(source, [cover], fake_bundle, config, **changes)

    return run


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/1.png", "a/1.webp"),
        ("1.JPG", "1.webp"),
        ("v1.5", "v1.5.webp"),
        ("page 3", "page 3.webp"),
    ],
)
def test_only_the_ending_of_a_name_changes(name: str, expected: str) -> None:
    assert renamed(name, "webp") == expected
    assert renamed(name, "keep") == name


@pytest.mark.parametrize(("format_", "kind"), WRITTEN)
def test_every_page_is_written_so_and_a_second_run_does_nothing(
    chapter: Path, colored: Callable[..., Any], format_: str, kind: str
) -> None:
    draw_color_page(1).save(chapter / "cover.bmp")
    summary = colored(chapter, format_)
    assert (summary.colored, summary.copied, summary.failed) == (3, 1, {})
    pages = sorted(summary.output.glob("[!.]*"))
    assert [path.name for path in pages] == [
        f"{stem}.{format_}" for stem in ("cover", "page 1", "page 10", "page 2")
    ]
    for path in pages:
        with Image.open(path) as page:
            assert page.format == kind
        assert read_page(path).format == kind
    assert colored(chapter, format_).skipped == 4
    # What somebody painted over is kept, under its new name, too.
    Image.new("RGB", (60, 90), "tomato").save(pages[1])
    again = colored(chapter, format_, learn=False)
    assert (again.colored, again.skipped) == (0, 4)


def test_an_archive_has_the_new_names_and_what_is_no_page_keeps_its(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "x.cbz", "w") as archive:
        for path in chapter.iterdir():
            archive.write(path, f"第1話/{path.name}")
        archive.writestr("ComicInfo.xml", "<x/>")
        archive.writestr("bad.png", b"no")
    for skipped in (0, 3):
        summary = colored(tmp_path / "x.cbz", "webp")
        assert (summary.skipped, list(summary.failed)) == (skipped, ["bad.png"])
        with zipfile.ZipFile(summary.output) as archive:
            assert {name for name in archive.namelist() if not name.startswith(".")} == {
                *(f"第1話/page {number}.webp" for number in (1, 2, 10)),
                *("ComicInfo.xml", "bad.png"),
            }
            with Image.open(io.BytesIO(archive.read("第1話/page 1.webp"))) as page:
                assert page.format == "WEBP"


def test_two_pages_of_one_new_name_are_refused(chapter: Path, colored: Callable[..., Any]) -> None:
    Image.fromarray(draw_page(4)).save(chapter / "page 1.jpg")
    with pytest.raises(UsageError, match="would become one file"):
        colored(chapter, "webp")
    assert colored(chapter, "keep").colored == 4


def test_a_file_of_several_pages_is_not_made_one(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    frames = [Image.fromarray(draw_page(i)) for i in range(2)]
    frames[0].save(chapter / "book.tif", save_all=True, append_images=frames[1:])
    summary = colored(chapter, "png")
    assert (summary.colored, list(summary.failed)) == (3, ["book.tif"])
    assert not (summary.output / "book.png").exists()


def test_a_page_that_is_too_long_for_a_format_says_so() -> None:
    strip = np.zeros((16400, 2, 3), np.uint8)
    with pytest.raises(InputError, match="16,383 a side"):
        encode_as(Page(strip[..., 0], "strip.png"), strip, 90, "webp")


def test_a_format_that_this_pillow_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "SAVE", {"PNG": None})
    check_format("png")
    check_format("keep")
    with pytest.raises(SetupError, match="cannot write webp"):
        check_format("webp")
