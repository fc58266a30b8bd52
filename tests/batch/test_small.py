"""Pages coloured small for want of memory are done again; outputs that changed are noticed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.events import Event, Notice, Smaller
from mangacolor.config import BatchConfig
from mangacolor.errors import MemoryLimitError
from mangacolor.runtime.engine import Engine
from tests.asking import color_chapter

CONFIG = BatchConfig(device="cpu", size=256)


class Memory:
    """Engines fail above a longer side."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most, self.tried = 10**6, list[int]()
        real = Engine.color

        def color(engine: Engine, lineart: np.ndarray, *more: Any) -> np.ndarray:
            self.tried.append(max(lineart.shape[2:]))
            if self.tried[-1] > self.most:
                raise MemoryLimitError("The colour graph ran out of memory.")
            return real(engine, lineart, *more)

        monkeypatch.setattr(Engine, "color", color)


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    return Memory(monkeypatch)


@pytest.fixture
def colored(fake_bundle: Path, cover: Path) -> Callable[..., Any]:
    def run(source: Path, **changes: Any) -> Any:
        return color_chapter(source, [cover], fake_bundle, CONFIG, **changes)

    return run


@pytest.fixture(params=["folder", "archive", "pdf"])
def source(request: pytest.FixtureRequest, chapter: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A chapter of each kind, and its output."""
    if request.param == "folder":
        return chapter, tmp_path / "out"
    if request.param == "pdf":
        pytest.importorskip("pypdfium2")
        return chapter, tmp_path / "out.pdf"
    with zipfile.ZipFile(tmp_path / "x.cbz", "w") as archive:
        for path in chapter.iterdir():
            archive.write(path, path.name)
    return tmp_path / "x.cbz", tmp_path / "out.cbz"


def content_of(output: Path) -> dict[str, bytes]:
    if output.is_file():
        return {output.name: output.read_bytes()}
    return {path.name: path.read_bytes() for path in output.glob("[!.]*")}


def test_pages_that_are_small_are_done_again_when_there_is_memory(
    source: tuple[Path, Path], colored: Callable[..., Any], memory: Memory
) -> None:
    path, out = source
    memory.most = 200
    assert colored(path, out=out).colored == 3
    assert memory.tried == [256, 192, 192, 192]
    memory.most, memory.tried = 10**6, []
    summary = colored(path, out=out)
    assert (summary.colored, summary.skipped) == (3, 0)
    assert memory.tried == [256] * 3
    assert colored(path, out=out).skipped == 3


def test_while_memory_is_short_they_stay_and_one_try_is_all_it_costs(
    source: tuple[Path, Path], colored: Callable[..., Any], memory: Memory
) -> None:
    path, out = source
    memory.most = 200
    colored(path, out=out)
    before, memory.tried = content_of(out), []
    events: list[Event] = []
    summary = colored(path, out=out, tell=events.append)
    assert (summary.colored, summary.skipped, summary.failed) == (0, 3, {})
    assert memory.tried == [256]
    assert len([event for event in events if isinstance(event, Smaller)]) == 1
    if out.is_dir():
        assert content_of(out) == before
    # A little more memory makes them larger, but not yet as large as asked for.
    memory.most, memory.tried = 230, []
    assert colored(path, out=out).skipped == 3


def test_a_limit_leaves_small_pages_what_they_are(
    source: tuple[Path, Path], colored: Callable[..., Any], memory: Memory
) -> None:
    path, out = source
    memory.most = 200
    colored(path, out=out)
    memory.most, memory.tried = 10**6, []
    assert colored(path, out=out, limit=1).colored == 1
    if out.suffix == ".cbz":
        with zipfile.ZipFile(out) as archive:
            for name in ("page 1.png", "page 2.png", "page 10.png"):
                with Image.open(io.BytesIO(archive.read(name))) as page:
                    assert np.ptp(np.asarray(page.convert("RGB")).astype(int), axis=2).max() > 50
    assert colored(path, out=out).colored == 2
    assert memory.tried == [256] * 3


def test_a_page_of_an_archive_that_was_painted_over_is_kept_and_learned_from(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    source, out = tmp_path / "x.cbz", tmp_path / "out.cbz"
    with zipfile.ZipFile(source, "w") as archive:
        for path in chapter.iterdir():
            archive.write(path, path.name)
    colored(source, out=out)
    painted = io.BytesIO()
    Image.new("RGB", (60, 90), (30, 60, 220)).save(painted, "PNG")
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["page 2.png"] = painted.getvalue()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    for coloring in (2, 0):
        events: list[Event] = []
        summary = colored(source, out=out, tell=events.append)
        assert summary.colored == coloring
        told = [event.text for event in events if isinstance(event, Notice)]
        assert told == ["page 2.png was edited: kept, and what was changed in it is learned"]
        with zipfile.ZipFile(out) as archive:
            assert archive.read("page 2.png") == painted.getvalue()


def test_a_page_that_was_taken_out_of_an_archive_is_done_again(
    chapter: Path, colored: Callable[..., Any], tmp_path: Path
) -> None:
    source, out = tmp_path / "x.cbz", tmp_path / "out.cbz"
    with zipfile.ZipFile(source, "w") as archive:
        for path in chapter.iterdir():
            archive.write(path, path.name)
    colored(source, out=out)
    with zipfile.ZipFile(out) as archive:
        members = {n: archive.read(n) for n in archive.namelist() if n != "page 2.png"}
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert (colored(source, out=out).colored, colored(source, out=out).skipped) == (1, 3)
