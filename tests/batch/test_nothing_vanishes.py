"""What is beside the pages is coloured, too, or named, and the exit code says so."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from mangacolor.batch.events import Event, Notice
from mangacolor.config import BatchConfig
from mangacolor.images.page import read_color
from mangacolor.images.sniff import HEAD, is_picture_content
from tests.asking import color_chapter
from tests.conftest import draw_page

FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000"]
FORMATS += ["AVIF"] * features.check("avif")  # type: ignore[operator]


def encoded(format_: str) -> bytes:
    target = io.BytesIO()
    Image.fromarray(draw_page(0)).convert("RGB").save(target, format_)
    return target.getvalue()


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    def run(source: Path, **changes: Any) -> Any:
        return color_chapter(source, [cover], fake_bundle, BatchConfig(device="cpu"), **changes)

    return run


@pytest.mark.parametrize("format_", FORMATS)
def test_pictures_are_known_by_how_they_begin(format_: str) -> None:
    assert is_picture_content(encoded(format_)[:HEAD])


@pytest.mark.parametrize("head", [b"", b"BM is no picture, but a text", b"RIFF....WAVE", b"%PDF"])
def test_other_files_are_none(head: bytes) -> None:
    assert not is_picture_content(head)


@pytest.mark.parametrize("name", ["page 3", "page 3.jpg_large", "page 3.txt"])
def test_a_page_without_a_pictures_name_is_coloured(
    chapter: Path, colored: Callable[..., Any], name: str, tmp_path: Path
) -> None:
    (chapter / name).write_bytes(encoded("PNG"))
    summary = colored(chapter)
    assert (summary.colored, summary.failed) == (4, {})
    assert np.ptp(read_color(summary.output / name).astype(int), axis=2).max() > 50
    with zipfile.ZipFile(tmp_path / "x.cbz", "w") as archive:
        archive.writestr(name, encoded("PNG"))
        archive.writestr("readme", b"nothing")
    summary = colored(tmp_path / "x.cbz")
    assert (summary.colored, summary.failed) == (1, {})
    with zipfile.ZipFile(summary.output) as archive:
        assert archive.read(name) != encoded("PNG")
        assert archive.read("readme") == b"nothing"


def test_a_picture_that_is_not_read_is_a_page_that_fails(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    (chapter / "scan").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 40)
    summary = colored(chapter)
    assert (summary.colored, list(summary.failed)) == (3, ["scan"])
    assert "not a picture that can be read" in summary.failed["scan"]


def test_a_folder_that_may_not_be_read_is_a_page_that_fails(
    chapter: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (chapter / "shut").mkdir()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if path == chapter / "shut":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    summary = colored(chapter)
    assert (summary.colored, list(summary.failed)) == (3, ["shut/"])
    assert not (summary.output / "shut").exists()


def test_an_archive_within_an_archive_is_named_and_kept(
    colored: Callable[..., Any], tmp_path: Path
) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("1.png", encoded("PNG"))
    with zipfile.ZipFile(tmp_path / "x.cbz", "w") as archive:
        archive.writestr("1.png", encoded("PNG"))
        archive.writestr("more.cbz", inner.getvalue())
    for again in (False, True):
        summary = colored(tmp_path / "x.cbz")
        assert (summary.colored, summary.skipped) == ((0, 1) if again else (1, 0))
        assert list(summary.failed) == ["more.cbz"]
        assert "archive within the archive" in summary.failed["more.cbz"]
        with zipfile.ZipFile(summary.output) as archive:
            assert archive.read("more.cbz") == inner.getvalue()


def test_further_pages_of_a_tiff_are_done_and_of_an_animation_named(
    chapter: Path, colored: Callable[..., Any]
) -> None:
    frames = [Image.fromarray(draw_page(i)) for i in range(3)]
    frames[0].save(chapter / "book.tif", save_all=True, append_images=frames[1:])
    frames[0].save(chapter / "moving.gif", save_all=True, append_images=frames[1:])
    events: list[Event] = []
    summary = colored(chapter, tell=events.append)
    assert (summary.colored, summary.failed) == (5, {})
    with Image.open(summary.output / "book.tif") as book:
        assert book.n_frames == 3  # type: ignore[attr-defined]
        book.seek(2)
        assert np.ptp(np.asarray(book).astype(int), axis=2).max() > 50
    (notice,) = [event.text for event in events if isinstance(event, Notice)]
    assert "moving.gif" in notice and "2 other pictures" in notice
