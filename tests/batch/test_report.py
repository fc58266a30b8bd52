from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from mangacolor.batch.report import Shown, write_report
from mangacolor.errors import InputError, SetupError, UsageError
from tests.asking import color_chapter


def pictures(html: str, which: str) -> list[Image.Image]:
    found = re.findall(rf'class="{which}"[^>]*src="data:image/webp;base64,([^"]*)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(content))) for content in found]


def is_grey(picture: Image.Image) -> bool:
    _, cb, cr = picture.convert("YCbCr").split()
    return all(abs(value - 128) < 6 for band in (cb, cr) for value in band.getextrema())  # type: ignore[operator]


@pytest.mark.parametrize("archive", [False, True])
def test_every_page_before_and_after_in_one_file(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path, archive: bool
) -> None:
    source = chapter
    if archive:
        source = tmp_path / "chapter.cbz"
        with zipfile.ZipFile(source, "w") as file:
            for page in sorted(chapter.iterdir()):
                file.write(page, page.name)
    path = tmp_path / "there" / "report.html"
    # The second run has nothing to do, and shows the same.
    for _ in range(2):
        color_chapter(source, [cover], fake_bundle, report=path)
        html = path.read_text()
        before, after = pictures(html, "before"), pictures(html, "after")
        assert len(before) == len(after) == 3
        assert all(is_grey(picture) for picture in before)
        assert not any(is_grey(picture) for picture in after)
        assert [a.size for a in before] == [b.size for b in after]
        # Nothing is fetched from anywhere.
        assert not re.findall(r'(?:src|href)="(?!data:)', html)
        assert "url(" not in html
        path.unlink()


def test_names_are_words_and_a_page_that_is_gone_is_told(tmp_path: Path) -> None:
    def gone() -> bytes:
        raise InputError("It is gone.")

    name = '<script>"1".png'
    write_report(tmp_path / "r.html", name, {"a": "<b>"}, [Shown(name, gone, gone)], {name: "<i>"})
    html = (tmp_path / "r.html").read_text()
    assert "It is gone." in html
    assert html.count("<script>") == 1 and "<b>" not in html and "<i>" not in html


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"report\.html cannot be written"):
        color_chapter(chapter, [cover], fake_bundle, report=tmp_path / "file" / "report.html")
    assert not (tmp_path / "chapter-color").exists()


def test_a_report_that_finds_no_room_loses_no_page(
    chapter: Path,
    cover: Path,
    fake_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mangacolor.batch.report.write_report", full)
    with pytest.raises(SetupError, match=r"report\.html cannot be written"):
        color_chapter(chapter, [cover], fake_bundle, report=tmp_path / "report.html")
    assert len(list((tmp_path / "chapter-color").glob("*.png"))) == 3


@pytest.mark.parametrize("name", ["cover.png", "mine.html", "new.png"])
def test_a_report_replaces_reports_alone(
    chapter: Path, cover: Path, fake_bundle: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name == "mine.html":
        path.write_text("<p>mangacolor is what I use</p>")
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(UsageError):
        color_chapter(chapter, [cover], fake_bundle, report=path)
    assert (path.read_bytes() if path.exists() else None) == before
    for _ in range(2):
        color_chapter(chapter, [cover], fake_bundle, report=tmp_path / "r.html")
    assert b"<figure" in (tmp_path / "r.html").read_bytes()
