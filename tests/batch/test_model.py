"""`mangacolor.open_model`: opened once, for chapter after chapter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mangacolor
from mangacolor.chapter.known import KnownFiles
from mangacolor.errors import InputError, ModelError, UsageError
from mangacolor.runtime.engine import Engine
from tests.conftest import draw_page


@pytest.fixture
def chapters(tmp_path: Path) -> list[Path]:
    """Two chapters of two pages, none of them new."""
    folders = [tmp_path / "one", tmp_path / "two"]
    for i, folder in enumerate(folders):
        folder.mkdir()
        for j in range(2):
            Image.fromarray(draw_page(2 * i + j)).save(folder / f"{j}.png")
            age(folder / f"{j}.png")
    return folders


def age(path: Path) -> None:
    """Makes a file a day old."""
    time = path.stat().st_mtime_ns - 86_400 * 10**9
    os.utime(path, ns=(time, time))


def counted(monkeypatch: pytest.MonkeyPatch, kind: type, name: str) -> list[Any]:
    """The arguments of each call of a method from now on."""
    calls: list[Any] = []
    really = getattr(kind, name)

    def count(*arguments: Any) -> Any:
        calls.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(kind, name, count)
    return calls


def test_one_model_opened_once_colours_several_chapters(
    chapters: list[Path], cover: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counted(monkeypatch, Engine, "open")
    looked = counted(monkeypatch, Engine, "style_of")
    model = mangacolor.open_model(str(fake_bundle), device="cpu")
    assert not opened
    summaries = [model.color_chapter(str(chapter), str(cover)) for chapter in chapters]
    assert [summary.colored for summary in summaries] == [2, 2]
    assert (len(opened), len(looked)) == (1, 1)
    assert sorted(path.name for path in (chapters[1].parent / "two-color").glob("*.png")) == [
        *("0.png", "1.png"),
    ]


def test_other_references_are_looked_at(
    chapters: list[Path], cover: Path, fake_bundle: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 40), (30, 90, 200)).save(tmp_path / "blue.png")
    model = mangacolor.open_model(fake_bundle, device="cpu")
    model.color_chapter(chapters[0], cover, out=tmp_path / "a")
    model.color_chapter(chapters[0], [tmp_path / "blue.png"], out=tmp_path / "b")
    warm, cold = (
        np.asarray(Image.open(tmp_path / out / "0.png").convert("RGB")).mean((0, 1)) for out in "ab"
    )
    assert warm[0] > warm[2] and cold[0] < cold[2]


def test_a_model_that_failed_is_opened_again(
    chapters: list[Path],
    cover: Path,
    fake_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = mangacolor.open_model(fake_bundle, device="cpu")
    opened = counted(monkeypatch, Engine, "open")

    def fail(*arguments: Any) -> None:
        raise ModelError("It failed.")

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "style_of", fail)
        with pytest.raises(ModelError):
            model.color_chapter(chapters[0], cover)
    assert model.color_chapter(chapters[0], cover).colored == 2
    assert len(opened) == 2


def test_settings_for_another_device_are_refused(
    chapters: list[Path], cover: Path, fake_bundle: Path
) -> None:
    model = mangacolor.open_model(fake_bundle, device="cpu")
    with pytest.raises(UsageError, match="device cpu, not cuda"):
        model.color_chapter(chapters[0], cover, mangacolor.BatchConfig(device="cuda"))
    assert not (chapters[0].parent / "one-color").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"size": 63},
        {"size": "large"},
        {"size": True},
        {"quality": 101},
        {"quality": 9.5},
        {"strength": -0.1},
        {"saturation": float("nan")},
        {"dpi": 0},
        {"format": "bmp"},
        {"tones": None},
        {"flats": 1},
        {"memory": 0.0},
    ],
)
def test_settings_that_cannot_be_are_refused(
    chapters: list[Path], cover: Path, fake_bundle: Path, settings: dict[str, Any]
) -> None:
    model = mangacolor.open_model(fake_bundle)
    (name,) = settings
    for work in (model.color_chapter, model.color_library):
        with pytest.raises(UsageError, match=rf"^{name} (is|must be) "):
            work(chapters[0], cover, mangacolor.BatchConfig(**settings))


@pytest.mark.parametrize("asked", [{"device": "abacus"}, {"memory": -1}])
def test_a_device_that_cannot_be_is_refused_at_once(
    fake_bundle: Path, asked: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match=rf"^{next(iter(asked))} is "):
        mangacolor.open_model(fake_bundle, **asked)


def test_pages_that_did_not_change_are_not_read_again(
    chapters: list[Path], cover: Path, fake_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mangacolor.open_model(fake_bundle).color_chapter(chapters[0], cover)
    read = counted(monkeypatch, KnownFiles, "read")
    again = mangacolor.open_model(fake_bundle)
    assert again.color_chapter(chapters[0], cover).skipped == 2
    assert read == []
    # Of the same size, and as old as it was: only the time of its change tells.
    content = (chapters[0] / "0.png").read_bytes()
    Image.fromarray(draw_page(7)).save(chapters[0] / "1.png")
    assert again.color_chapter(chapters[0], cover).colored == 1
    assert {Path(path).name for _, path, _ in read} == {"1.png"}
    (chapters[0] / "0.png").write_bytes(content)
    assert again.color_chapter(chapters[0], cover).skipped == 2


def test_a_page_that_was_just_written_is_not_taken_for_known(tmp_path: Path) -> None:
    known, path = KnownFiles(), tmp_path / "page.png"
    path.write_bytes(b"one")
    assert known.read(path, "page.png") == b"one"
    assert known.find(path) is None
    age(path)
    known.read(path, "page.png")
    assert known.find(path) is not None
    path.write_bytes(b"two")
    assert known.find(path) is None


def test_a_page_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(b"one")
    age(path)
    fstat = os.fstat

    def grow(handle: int) -> os.stat_result:
        facts = fstat(handle)
        with path.open("ab") as file:
            file.write(b"more")
        return facts

    monkeypatch.setattr("mangacolor.chapter.known.os.fstat", grow)
    with pytest.raises(InputError, match=r"page\.png was being written"):
        KnownFiles().read(path, "page.png")


def test_no_torch_is_needed_and_importing_costs_nothing(
    chapters: list[Path], cover: Path, fake_bundle: Path
) -> None:
    code = f"""
import sys
sys.modules["torch"] = None
import mangacolor
assert not {{"onnxruntime", "numpy", "PIL"}} & set(sys.modules)
model = mangacolor.open_model({str(fake_bundle)!r})
print(model.color_chapter({str(chapters[0])!r}, {str(cover)!r}).colored)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2"]


def test_every_public_name_is_there() -> None:
    assert all(getattr(mangacolor, name) for name in mangacolor.__all__)
    with pytest.raises(AttributeError):
        _ = mangacolor.no_such_name


def test_a_folder_of_references_in_a_chapter_is_pages_where_others_are_named(
    chapters: list[Path], cover: Path, fake_bundle: Path
) -> None:
    inner = chapters[0] / "ref"
    inner.mkdir()
    Image.new("RGB", (40, 40), (30, 90, 200)).save(inner / "blue.png")
    model = mangacolor.open_model(fake_bundle, device="cpu")
    output = chapters[0].parent / "one-color"
    assert model.color_chapter(chapters[0]).colored == 2
    assert not (output / "ref").exists()
    model.color_chapter(chapters[0], cover)
    assert (output / "ref" / "blue.png").exists()
