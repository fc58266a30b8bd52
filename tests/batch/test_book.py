"""A file of several pages goes the same way as a page alone, and is whole or not there."""

from __future__ import annotations

import dataclasses
import errno
import io
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Done, Event, Failed, Notice, Smaller
from mangacolor.batch.placing import Placing
from mangacolor.batch.reading import Reading
from mangacolor.batch.sheet import Sheet
from mangacolor.chapter.book import Book
from mangacolor.chapter.plan import Task
from mangacolor.config import BatchConfig
from mangacolor.errors import MemoryLimitError, StorageError
from mangacolor.images import tiff
from mangacolor.images.page import Page, frames_of, read_color, read_page
from mangacolor.runtime.engine import Engine
from tests.asking import color_chapter
from tests.conftest import draw_page

# Widths tell pages from each other.
WIDTHS = (60, 72, 84, 96, 108, 66)
SIZED = BatchConfig(device="cpu", size=256)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A page, a book of six, and a page."""
    folder = tmp_path / "ch"
    folder.mkdir()
    save_book(folder / "2.tif")
    for name in ("1.png", "3.png"):
        Image.fromarray(draw_page(7)).save(folder / name)
    return folder


def save_book(path: Path, widths: tuple[int, ...] = WIDTHS) -> None:
    first, *others = (Image.fromarray(draw_page(w, w=w)) for w in widths)
    first.save(path, save_all=True, append_images=others)


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    def run(source: Path, config: BatchConfig = SIZED, **changes: Any) -> Any:
        return color_chapter(source, [cover], fake_bundle, config, **changes)

    return run


def pages_of(content: Path | bytes) -> list[np.ndarray]:
    return [read_color(content, "x", frame) for frame in frames_of(content, "x")]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if ".part" in path.name]


def test_a_page_comes_out_as_it_does_alone(
    source: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    for number, width in enumerate(WIDTHS):
        save_book(alone / f"{number}.tif", (width,))
    events: list[Event] = []
    summary = colored(source, tell=events.append)
    assert (summary.colored, summary.failed) == (3, {})
    assert [e.name for e in events if isinstance(e, Done)] == ["1.png", "2.tif", "3.png"]
    singles = colored(alone).output
    joined = pages_of(summary.output / "2.tif")
    assert [page.shape[1] for page in joined] == list(WIDTHS)
    for number, page in enumerate(joined):
        np.testing.assert_array_equal(page, read_color(singles / f"{number}.tif"))
    assert colored(source).skipped == 3


def test_its_pages_are_read_and_composed_in_threads(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[str]] = {}

    def watch(where: Any, name: str) -> None:
        real = getattr(where, name)

        def watched(*arguments: Any, **more: Any) -> Any:
            threads.setdefault(name, set()).add(threading.current_thread().name.split("_")[0])
            return real(*arguments, **more)

        monkeypatch.setattr(where, name, watched)

    watch(Book, "read")
    watch(Placing, "finish")
    watch(Book, "add")
    colored(source)
    assert threads == {"read": {"read"}, "finish": {"write"}, "add": {"write"}}


def encoded(widths: tuple[int, ...]) -> bytes:
    target = io.BytesIO()
    first, *others = (Image.fromarray(draw_page(w, w=w)) for w in widths)
    first.save(target, "TIFF", save_all=True, append_images=others)
    return target.getvalue()


def test_pages_wait_for_those_before_them_and_none_is_made_ready_too_early() -> None:
    book = Book(Task("b.tif", bytes, lambda mark: Path("b")), "m", encoded(WIDTHS))
    made: list[tuple[str, int]] = []
    page = Page(np.zeros((1, 1), np.uint8), "x")

    def submit(sheet: Sheet) -> Future[Any]:
        made.append((sheet.task.name, sheet.number))
        if sheet.task.name == "b.tif" and sheet.book is None:
            sheet = Sheet(sheet.task, 0, book)
        future: Future[Any] = Future()
        future.set_result(dataclasses.replace(sheet, page=page))
        return future

    names = ["a", "b.tif", *map(str, range(20))]
    pages = Reading([Task(name, bytes, lambda mark: Path("b")) for name in names], submit, 3)
    given = []
    while taken := pages.take():
        given += [(sheet.task.name, sheet.number) for sheet in taken]
        assert len(made) - len(given) <= 2 * 3
    assert given == [
        ("a", 0),
        *(("b.tif", number) for number in range(6)),
        *((str(number), 0) for number in range(20)),
    ]


def test_of_a_book_that_ended_no_more_pages_are_given() -> None:
    book = Book(Task("b.tif", bytes, lambda mark: Path("b")), "m", encoded(WIDTHS))

    def submit(sheet: Sheet) -> Future[Any]:
        future: Future[Any] = Future()
        several = sheet.task.name == "b.tif" and sheet.book is None
        future.set_result(Sheet(sheet.task, 0, book) if several else sheet)
        return future

    tasks = [Task(name, bytes, lambda mark: Path("b")) for name in ("b.tif", "c")]
    pages = Reading(tasks, submit, 2)
    assert [len(pages.take()) for _ in range(2)] == [1, 1]
    book.end()
    assert [sheet.task.name for sheet in pages.take()] == ["c"]
    assert pages.take() == []


class Memory:
    """Engines fail above a longer side, or on pages of one shape."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most, self.width, self.error = 10**6, 0, MemoryLimitError("out of memory")
        real = Engine.color

        def color(engine: Engine, lineart: np.ndarray, *more: Any) -> np.ndarray:
            if max(lineart.shape[2:]) > self.most or lineart.shape[3] == self.width:
                raise self.error
            return real(engine, lineart, *more)

        monkeypatch.setattr(Engine, "color", color)


def test_out_of_memory_on_one_page_fails_its_file_alone_and_says_which(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Colorist._color

    def color(self: Colorist, group: Any) -> Any:
        if any(page.name == "2.tif, page 4" for page in group):
            raise MemoryLimitError("out of memory")
        return real(self, group)

    with monkeypatch.context() as patch:
        patch.setattr(Colorist, "_color", color)
        events: list[Event] = []
        summary = colored(source, tell=events.append)
    assert (summary.colored, list(summary.failed)) == (2, ["2.tif"])
    assert summary.failed["2.tif"].startswith("2.tif, page 4: ")
    assert len([event for event in events if isinstance(event, Failed)]) == 1
    names = {path.name for path in summary.output.iterdir()}
    assert names == {"1.png", "3.png", ".mangacolor.jsonl"}
    assert (colored(source).colored, len(pages_of(summary.output / "2.tif"))) == (2, 6)


def test_a_book_coloured_small_is_done_again_when_there_is_memory(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(monkeypatch)
    memory.most = 200
    events: list[Event] = []
    summary = colored(source, tell=events.append)
    assert (summary.colored, summary.failed) == (3, {})
    assert [event.size for event in events if isinstance(event, Smaller)] == [192]
    before = (summary.output / "2.tif").read_bytes()
    # It still is not enough: one try, and all is as it was.
    summary = colored(source)
    assert (summary.colored, summary.skipped) == (0, 3)
    assert (summary.output / "2.tif").read_bytes() == before
    assert leftovers(summary.output) == []
    memory.most = 10**6
    assert colored(source).colored == 3
    assert colored(source).skipped == 3


def test_a_book_that_gets_short_of_memory_in_its_middle_stays_as_it_was(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(monkeypatch)
    memory.most = 200
    output = colored(source).output
    before = (output / "2.tif").read_bytes()
    memory.most = 10**6
    real = Colorist._color

    def color(self: Colorist, group: Any) -> Any:
        if any(page.name == "2.tif, page 4" for page in group):
            memory.most = 200
        return real(self, group)

    monkeypatch.setattr(Colorist, "_color", color)
    summary = colored(source)
    assert (summary.colored, summary.skipped, summary.failed) == (1, 2, {})
    assert (output / "2.tif").read_bytes() == before
    assert leftovers(output) == []


def test_an_interrupted_book_leaves_nothing_and_the_next_run_goes_on(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Colorist._color

    def color(self: Colorist, group: Any) -> Any:
        if any(page.name == "2.tif, page 5" for page in group):
            raise KeyboardInterrupt
        return real(self, group)

    with monkeypatch.context() as patch:
        patch.setattr(Colorist, "_color", color)
        with pytest.raises(KeyboardInterrupt):
            colored(source)
    output = source.with_name("ch-color")
    assert {path.name for path in output.iterdir()} == {"1.png", ".mangacolor.jsonl"}
    summary = colored(source)
    assert (summary.colored, summary.skipped) == (2, 1)


def test_a_full_disk_in_the_middle_of_a_book_ends_the_run_and_leaves_nothing(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TiffImagePlugin.AppendingTiffWriter.write
    written = []

    def write(self: Any, data: Any) -> int:
        written.append(len(data))
        if len(written) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(TiffImagePlugin.AppendingTiffWriter, "write", write)
        with pytest.raises(StorageError, match="No space"):
            colored(source)
    output = source.with_name("ch-color")
    assert {path.name for path in output.iterdir()} == {"1.png", ".mangacolor.jsonl"}
    assert colored(source).colored == 2


def test_more_than_a_tiff_can_hold_is_told(
    source: Path, colored: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff, "_MOST", 4_000)
    summary = colored(source)
    assert "ends at 4 GB" in summary.failed["2.tif"]
    assert (summary.colored, leftovers(summary.output)) == (2, [])


def repacked(path: Path, paint: int | None = None) -> None:
    """Saves a book as another program does, and paints on one of its pages."""
    pages = [Image.fromarray(page) for page in pages_of(path)]
    if paint is not None:
        pages[paint].paste("magenta", (5, 5, 45, 45))
    pages[0].save(
        path, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate"
    )


@pytest.mark.parametrize("paint", [None, 0, 3])
def test_a_book_was_edited_if_pixels_of_any_page_were(
    source: Path, colored: Callable[..., Any], paint: int | None
) -> None:
    made = colored(source).output / "2.tif"
    repacked(made, paint)
    content = made.read_bytes()
    events: list[Event] = []
    colored(source, BatchConfig(device="cpu", size=192), tell=events.append)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert bool(told) == (paint is not None)
    assert (made.read_bytes() == content) == (paint is not None)


def test_a_book_with_a_page_added_was_edited(source: Path, colored: Callable[..., Any]) -> None:
    made = colored(source).output / "2.tif"
    pages = [Image.fromarray(page) for page in pages_of(made)]
    pages[0].save(made, "TIFF", save_all=True, append_images=[*pages[1:], pages[0]])
    colored(source, BatchConfig(device="cpu", size=192))
    assert len(pages_of(made)) == 7


def test_reasons_are_those_of_each_page(
    areas_bundle: Path, cover: Path, source: Path, tmp_path: Path
) -> None:
    report = tmp_path / "r.html"
    config = BatchConfig(device="cpu", size=128)
    color_chapter(source, [cover], areas_bundle, config, report=report)
    html = report.read_text()
    assert html.count("<figure") == 8
    assert html.count('class="facts"') == 8


def test_a_thumbnail_in_a_tiff_is_no_animation(source: Path, colored: Callable[..., Any]) -> None:
    page = Image.fromarray(draw_page(1))
    thumbnail = page.resize((12, 18))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    page.save(source / "4.tif", save_all=True, append_images=[thumbnail])
    assert read_page(source / "4.tif").pictures == 2
    events: list[Event] = []
    colored(source, tell=events.append)
    assert [event.text for event in events if isinstance(event, Notice)] == []
