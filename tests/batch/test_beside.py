"""Beside the pages of an output: what others put there stays, the source's comes along."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mangacolor.batch.events import Event, Notice
from tests.asking import color_chapter
from tests.conftest import draw_page

Run = Callable[..., list[str]]


def page(seed: int) -> bytes:
    target = io.BytesIO()
    Image.fromarray(draw_page(seed)).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def run(fake_bundle: Path, cover: Path) -> Run:
    """Colours, and gives what was told."""

    def color(source: Path, **changes: Any) -> list[str]:
        events: list[Event] = []
        color_chapter(source, [cover], fake_bundle, tell=events.append, **changes)
        return [event.text for event in events if isinstance(event, Notice)]

    return color


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "v.cbz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"a tag"
        archive.writestr("1.png", page(1))
        archive.writestr("notes.txt", "theirs")
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name[0] != "."}


def add(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)


@pytest.mark.parametrize("kind", ["cbz", "folder"])
def test_what_others_put_into_the_output_stays(
    source: Path, run: Run, tmp_path: Path, kind: str
) -> None:
    if kind == "folder":
        source = tmp_path / "folder"
        source.mkdir()
        (source / "1.png").write_bytes(page(1))
    out = tmp_path / "out.cbz"
    run(source, out=out)
    add(out, "ComicInfo.xml", b"mine")
    add(out, "000.png", page(7))
    if kind == "folder":
        (source / "2.png").write_bytes(page(2))
    else:
        add(source, "2.png", page(2))
    told = run(source, out=out)
    assert "ComicInfo.xml and 1 more in out.cbz is not of mangacolor: kept" in told
    found = members(out)
    assert (found["ComicInfo.xml"], found["000.png"]) == (b"mine", page(7))
    assert {"1.png", "2.png"} < found.keys()
    before = out.read_bytes()
    run(source, out=out)
    assert out.read_bytes() == before


def test_what_changes_in_the_source_beside_its_pages_comes_through(source: Path, run: Run) -> None:
    out = source.with_name("v-color.cbz")
    run(source)
    assert members(out)["notes.txt"] == b"theirs"
    add(source, "ComicInfo.xml", b"new")
    assert run(source) == []
    assert members(out)["ComicInfo.xml"] == b"new"
    with zipfile.ZipFile(out) as archive:
        assert archive.comment == b"a tag"
    before = out.read_bytes()
    run(source)
    assert out.read_bytes() == before


def test_a_comic_in_colour_says_so_and_is_not_written_again_for_it(source: Path, run: Run) -> None:
    out = source.with_name("v-color.cbz")
    add(
        source,
        "ComicInfo.xml",
        b"<ComicInfo><BlackAndWhite>Yes</BlackAndWhite><Manga>Yes</Manga></ComicInfo>",
    )
    run(source)
    told = b"<ComicInfo><BlackAndWhite>No</BlackAndWhite><Manga>Yes</Manga></ComicInfo>"
    assert members(out)["ComicInfo.xml"] == told
    before = out.stat().st_mtime_ns
    assert run(source) == []
    assert out.stat().st_mtime_ns == before


def test_what_somebody_changed_is_theirs_and_the_rest_the_sources(source: Path, run: Run) -> None:
    out = source.with_name("v-color.cbz")
    run(source)
    content = members(out)
    with zipfile.ZipFile(out) as archive:
        journal = archive.read(".mangacolor.jsonl")
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**content, "notes.txt": b"mine", ".mangacolor.jsonl": journal}.items():
            archive.writestr(name, data)
    add(source, "more.txt", b"x")
    run(source)
    assert members(out)["notes.txt"] == b"mine"
    assert members(out)["more.txt"] == b"x"


def test_a_member_that_cannot_be_unpacked_is_told_once(source: Path, run: Run) -> None:
    add(source, "lost.txt", b"x" * 50)
    content = bytearray(source.read_bytes())
    content[content.index(b"x" * 50)] = ord("y")
    source.write_bytes(content)
    assert any("lost.txt cannot be unpacked" in line for line in run(source))
    before = source.with_name("v-color.cbz").read_bytes()
    assert run(source) == []
    assert source.with_name("v-color.cbz").read_bytes() == before


@pytest.mark.parametrize("out", ["out", "out.cbz"])
def test_pages_that_were_only_packed_anew_are_not_edited(
    source: Path, run: Run, tmp_path: Path, out: str
) -> None:
    folder, output = tmp_path / "in", tmp_path / out
    folder.mkdir()
    for i in (1, 2):
        (folder / f"{i}.png").write_bytes(page(i))
    run(folder, out=output)

    def repacked(content: bytes, quality: int = 0) -> bytes:
        target = io.BytesIO()
        picture = Image.open(io.BytesIO(content))
        picture.save(target, "JPEG" if quality else "PNG", quality=quality or None, dpi=(72, 72))
        return target.getvalue()

    if output.is_dir():
        for path in output.glob("*.png"):
            path.write_bytes(repacked(path.read_bytes()))
        before = {path.name: path.read_bytes() for path in output.glob("*.png")}
    else:
        with zipfile.ZipFile(output) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        before = {n: repacked(data) for n, data in content.items() if n.endswith(".png")}
        with zipfile.ZipFile(output, "w") as archive:
            for name, data in {**content, **before}.items():
                archive.writestr(name, data)
    assert run(folder, out=output) == []
    after = (
        {path.name: path.read_bytes() for path in output.glob("*.png")}
        if output.is_dir()
        else members(output)
    )
    assert after == before


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_no_unicode_go_into_an_archive(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    name = os.fsdecode(b"p\xfe.png")
    (folder / "0.png").write_bytes(page(0))
    try:
        (folder / name).write_bytes(page(1))
    except OSError:
        pytest.skip("the file system refuses them")
    out = tmp_path / "out.cbz"
    assert run(folder, out=out) == []
    assert len(members(out)) == 2
    before = out.read_bytes()
    assert run(folder, out=out) == []
    assert out.read_bytes() == before


def test_what_the_source_has_no_more_goes(source: Path, run: Run) -> None:
    out = source.with_name("v-color.cbz")
    run(source)
    content = members(source)
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("1.png", content["1.png"])
    assert run(source) == []
    assert set(members(out)) == {"1.png"}
