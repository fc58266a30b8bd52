"""Every bad input: one message, the right exit code, nothing half-written."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.known import KnownFiles
from mangacolor.cli import app as module
from mangacolor.runtime.engine import Engine
from mangacolor.version import __version__
from tests.batch.by_place import COLORS, drawn
from tests.conftest import draw_color_page

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, fake_bundle: Path, cover: Path) -> Callable[..., int]:
    """`mangacolor batch PATH --ref COVER ...` in this process; gives the exit code."""

    def call(path: Path | str, *more: str, ref: Path | None = None) -> int:
        arguments = ["batch", str(path), "--ref", str(ref or cover), *more]
        if "--model" not in more:
            arguments += ["--model", str(fake_bundle)]
        monkeypatch.setattr(sys, "argv", ["mangacolor", *arguments])
        with pytest.raises(SystemExit) as caught:
            module.main()
        return int(caught.value.code or 0)

    return call


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_chapter_is_coloured_and_summed_up(
    run: Run, chapter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(chapter) == 0
    told = capsys.readouterr()
    assert "3 coloured, 0 skipped, 0 failed" in told.out
    assert str(chapter.with_name("chapter-color")) in told.out
    assert "Device: cpu" in told.err
    assert "3/3 page 10.png: done" in told.err
    assert run(chapter) == 0
    assert "0 coloured, 3 skipped, 0 failed" in capsys.readouterr().out


def test_out_names_the_place(run: Run, chapter: Path, tmp_path: Path) -> None:
    assert run(chapter, "--out", str(tmp_path / "there"), "--size", "64", "--device", "cpu") == 0
    assert {"page 1.png", "page 2.png", "page 10.png"} <= tree(tmp_path / "there")


def test_a_page_in_colour_is_copied_and_said_so(
    run: Run, chapter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Image.new("RGB", (60, 90), "white")
    page.paste("tomato", (5, 5, 55, 40))
    page.paste("royalblue", (5, 45, 55, 85))
    page.save(chapter / "page 5.png")
    assert run(chapter) == 0
    told = capsys.readouterr()
    assert "3 coloured, 1 copied, 0 skipped, 0 failed" in told.out
    assert "--recolor" in told.out
    assert "page 5.png: in colour already, copied" in told.err
    assert run(chapter, "--recolor") == 0
    assert "4 coloured, 0 skipped" in capsys.readouterr().out


def test_taste(run: Run, chapter: Path) -> None:
    for more in (["--no-flats"], ["--tones", "smooth"], ["--strength", "1.3", "--saturation", "0"]):
        assert run(chapter, *more) == 0
    with Image.open(chapter.with_name("chapter-color") / "page 1.png") as page:
        assert np.ptp(np.asarray(page.convert("RGB")).astype(int), axis=2).max() <= 1


def test_a_reference_without_colour_is_refused(
    run: Run, chapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grey = tmp_path / "grey.png"
    Image.linear_gradient("L").save(grey)
    assert run(chapter, ref=grey) == 3
    assert f"no colour in {grey}" in capsys.readouterr().err
    assert not chapter.with_name("chapter-color").exists()


REFUSED = {
    "missing path": ("none", [], 3),
    "empty folder": ("empty", [], 3),
    "one picture": ("chapter/page 1.png", [], 3),
    "a text file": ("notes.txt", [], 3),
    "no archive": ("broken.cbz", [], 3),
    "output is the input": ("chapter", ["--out", "chapter"], 2),
    "output inside the input": ("chapter", ["--out", "chapter/out"], 2),
    "foreign files in the output": ("chapter", ["--out", "mine"], 2),
    "no such model": ("chapter", ["--model", "none"], 4),
    "size of zero": ("chapter", ["--size", "0"], 2),
    "no such tones": ("chapter", ["--tones", "gone"], 2),
    "too strong": ("chapter", ["--strength", "3"], 2),
    "no such device": ("chapter", ["--device", "abacus"], 2),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_before_any_work(
    run: Run,
    chapter: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: str,
) -> None:
    path, more, code = REFUSED[case]
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "page 1.png").write_bytes(b"precious")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "broken.cbz").write_bytes(b"PK\x03\x04 cut")
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    assert run(path, *more) == code
    assert tree(tmp_path) == before
    assert (tmp_path / "mine" / "page 1.png").read_bytes() == b"precious"
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    if not case.startswith(("size", "no such device", "no such tones", "too strong")):
        assert told.err.count("error: ") == 1


@pytest.mark.parametrize("content", [None, b"", b"text"])
def test_a_bad_reference_is_refused(
    run: Run, chapter: Path, tmp_path: Path, content: bytes | None
) -> None:
    reference = tmp_path / "表紙.png"
    if content is not None:
        reference.write_bytes(content)
    before = tree(tmp_path)
    assert run(chapter, ref=reference) == 3
    assert tree(tmp_path) == before


def test_strokes_are_followed_by_the_options_older_name_too(
    run: Run, areas_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages, strokes, cover = tmp_path / "pages", tmp_path / "strokes", tmp_path / "cover.png"
    pages.mkdir()
    strokes.mkdir()
    drawn(["white"] * 3).convert("L").save(pages / "1.png")
    drawn(list(COLORS)).save(cover)
    painted = np.zeros((200, 480, 4), np.uint8)
    painted[95:105, 200:280] = (230, 180, 20, 255)
    Image.fromarray(painted).save(strokes / "1.png")
    model = ("--model", str(areas_bundle), "--device", "cpu", "--size", "128")

    def told(*more: str) -> str:
        assert run(pages, *model, *more, ref=cover) == 0
        return capsys.readouterr().out

    assert "1 coloured, 0 skipped" in told()
    # What is painted makes it another job, and both names paint the same.
    assert "1 coloured, 0 skipped" in told("--hints", str(strokes))
    assert "0 coloured, 1 skipped" in told("--strokes", str(strokes))


def bad_pages() -> dict[str, bytes]:
    noise = np.random.default_rng(0).integers(0, 255, (80, 80), dtype=np.uint8)
    jpeg = io.BytesIO()
    Image.fromarray(noise).save(jpeg, "JPEG")
    cut = jpeg.getvalue()[: len(jpeg.getvalue()) // 2]
    return {"not-a-picture.png": b"text", "zero-bytes.png": b"", "truncated.jpg": cut}


@pytest.mark.parametrize("name", bad_pages())
def test_a_page_that_cannot_be_read_is_told_and_the_rest_is_done(
    run: Run, chapter: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (chapter / name).write_bytes(bad_pages()[name])
    assert run(chapter) == 7
    told = capsys.readouterr()
    assert "3 coloured, 0 skipped, 1 failed" in told.out
    assert told.err.count("error: ") == 1
    assert told.err[told.err.index("error: ") :].count(name) == 1
    output = chapter.with_name("chapter-color")
    expected = {".mangacolor.jsonl", "page 1.png", "page 2.png", "page 10.png"}
    assert tree(output) == expected


def test_every_odd_page_works(run: Run, tmp_path: Path, page_of: Callable[..., np.ndarray]) -> None:
    source = tmp_path / "第1話"
    source.mkdir()
    grey = Image.fromarray(page_of(0))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(source / "16 bit.png")
    grey.convert("LA").save(source / "la.png")
    grey.convert("P").save(source / "p.png")
    grey.convert("1").save(source / "one bit.tif")
    grey.convert("RGB").convert("CMYK").save(source / "cmyk.jpg")
    grey.save(source / "rotated.jpg", exif=exif)
    grey.save(source / "頁 1.png")
    grey.save(source / "a.png")
    grey.save(source / "a.jpg")
    assert run(source) == 0
    output = tmp_path / "第1話-color"
    assert tree(output) == tree(source) | {".mangacolor.jsonl"}
    for name in tree(source):
        with Image.open(source / name) as before, Image.open(output / name) as after:
            size = before.size[::-1] if name == "rotated.jpg" else before.size
            assert (after.format, after.size) == (before.format, size)
            result = np.asarray(after.convert("RGB")).astype(int)
        if name != "rotated.jpg":
            assert np.abs(result[1, 1] - (240, 160, 40)).max() <= 14, name
            assert result[80, 46].max() <= 14, name


def test_an_archive_works(run: Run, chapter: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "本.cbz", "w") as archive:
        archive.write(chapter / "page 1.png", "page 1.png")
    assert run(tmp_path / "本.cbz") == 0
    assert (tmp_path / "本-color.cbz").is_file()


def test_cuda_where_there_is_none_is_exit_5(
    run: Run,
    chapter: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import onnxruntime

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    before = tree(tmp_path)
    assert run(chapter, "--device", "cuda") == 5
    assert tree(tmp_path) == before
    assert "pip install" in capsys.readouterr().err


def test_the_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["mangacolor", "--version"])
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert not caught.value.code
    assert capsys.readouterr().out == f"mangacolor {__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_exit_130_and_the_next_run_goes_on(
    run: Run, tmp_path: Path, cover: Path, fake_bundle: Path, page_of: Callable[..., np.ndarray]
) -> None:
    source = tmp_path / "c"
    source.mkdir()
    # Enough that a busy machine has not done them all before the signal comes.
    for number in range(90):
        Image.fromarray(page_of(number, 600, 400)).save(source / f"{number}.png")
    command = [sys.executable, "-m", "mangacolor", "batch", str(source), "--ref", str(cover)]
    process = subprocess.Popen(
        [*command, "--model", str(fake_bundle), "--device", "cpu"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("2/90"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert "Run the same command again" in rest
    assert "Traceback" not in rest
    written = {name for name in tree(tmp_path / "c-color") if not name.startswith(".")}
    assert 2 <= len(written) < 90
    assert run(source) == 0
    assert tree(tmp_path / "c-color") == tree(source) | {".mangacolor.jsonl"}


def test_json_is_one_object_a_line_and_nothing_else(
    run: Run, chapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (chapter / "page 3.png").write_bytes(b"text")
    assert run(chapter, "--json", "--report", str(tmp_path / "r.html")) == 7
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [line["event"] for line in lines] == [
        *("describing", "ready"),
        *["done"] * 2,
        "failed",
        "done",
        "summary",
    ]
    assert [line["name"] for line in lines[2:-1]] == [
        *("page 1.png", "page 2.png", "page 3.png", "page 10.png"),
    ]
    ready, summary = lines[1], lines[-1]
    assert (ready["pages"], ready["skipped"], ready["device"]) == (4, 0, "cpu")
    assert (summary["colored"], list(summary["failed"])) == (3, ["page 3.png"])
    assert summary["pages_per_second"] > 0
    assert (tmp_path / "r.html").is_file()
    assert "Device:" not in told.err


def test_json_ends_with_the_error(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "none", "--json") == 3
    told = capsys.readouterr()
    (line,) = [json.loads(line) for line in told.out.splitlines()]
    assert (line["event"], line["exit_code"]) == ("error", 3)
    assert line["message"] in told.err.replace("\n", " ")


def test_watched_pages_are_coloured_as_they_come_until_ctrl_c(
    run: Run, chapter: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    late = (chapter / "page 2.png").read_bytes()
    (chapter / "page 2.png").unlink()
    for name in ("page 1.png", "page 10.png"):
        os.utime(chapter / name, (1e9, 1e9))
    read: list[str] = []
    really_read = KnownFiles.read

    def note(known: KnownFiles, path: Path, name: str) -> bytes:
        read.append(name)
        return really_read(known, path, name)

    monkeypatch.setattr(KnownFiles, "read", note)
    looks = 0

    def wait(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            (chapter / "page 2.png").write_bytes(late)
        if looks == 6:
            signal.raise_signal(signal.SIGINT)

    opened = []
    really = Engine.open

    def count(*arguments: Any) -> Engine:
        opened.append(arguments)
        return really(*arguments)

    monkeypatch.setattr(Engine, "open", count)
    monkeypatch.setattr("mangacolor.chapter.watch.settled.__defaults__", (wait,))
    assert run(chapter, "--watch") == 130
    told = capsys.readouterr()
    assert "2 coloured, 0 skipped" in told.out
    assert "1 coloured, 2 skipped" in told.out
    assert len(opened) == 1
    # What was coloured before is known: it is not read again.
    assert sorted(read) == ["page 1.png", "page 10.png", "page 2.png"]
    assert {"page 1.png", "page 2.png", "page 10.png"} <= tree(chapter.with_name("chapter-color"))


@pytest.mark.parametrize(
    "more", [["--watch", "--limit", "1"], ["--watch", "--ray"], ["--watch", "another"]]
)
def test_what_does_not_go_together(run: Run, chapter: Path, more: list[str]) -> None:
    assert run(chapter, *more) == 2


def test_ray_and_a_limit_do_not_go_together(run: Run, two_chapters: list[Path]) -> None:
    one, two = two_chapters
    assert run(one, str(two), "--ray", "--limit", "1") == 2


@pytest.fixture
def two_chapters(chapter: Path, tmp_path: Path) -> list[Path]:
    """A chapter of three pages, and one of one page that cannot be read."""
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "1.png").write_bytes(b"text")
    return [chapter, bad]


def test_several_chapters_are_summed_up_in_a_table(
    run: Run, two_chapters: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one, bad = two_chapters
    assert run(one, str(bad), "--out", str(tmp_path / "all")) == 7
    told = capsys.readouterr()
    rows = {line.split()[0]: line.split()[1:6] for line in told.out.splitlines() if line.split()}
    assert rows["all"] == ["3", "0", "0", "0", "1"]
    assert f"Chapter 2/2: {bad}" in told.err
    assert told.err.count("error: ") == 1
    assert f"{bad}: 1.png" in told.err
    assert {"chapter/page 1.png", "chapter/page 2.png"} <= tree(tmp_path / "all")


def test_several_chapters_are_events(
    run: Run, two_chapters: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one, bad = two_chapters
    assert run(one, str(bad), str(tmp_path / "none"), "--json") == 7
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    outlines = [line["event"] for line in lines if line["event"] not in ("done", "failed")]
    assert outlines == [
        *("begun", "describing", "ready", "summary"),
        *("begun", "describing", "ready", "summary"),
        *("begun", "refused", "library"),
    ]
    assert (lines[-1]["colored"], lines[-1]["failed"]) == (3, 1)
    assert list(lines[-1]["refused"]) == [str(tmp_path / "none")]


def test_chapters_of_which_none_can_be_begun_have_the_code_of_the_first(
    run: Run, tmp_path: Path
) -> None:
    assert run(tmp_path / "none", str(tmp_path / "neither")) == 3


def test_a_cover_beside_the_pages_is_the_reference(
    monkeypatch: pytest.MonkeyPatch,
    chapter: Path,
    fake_bundle: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["mangacolor", "batch", str(chapter), "--model", str(fake_bundle)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert caught.value.code == 2
    assert "There is no colour reference" in capsys.readouterr().err
    draw_color_page(1).save(chapter / "cover.png")
    with pytest.raises(SystemExit) as caught:
        module.main()
    assert caught.value.code == 0
    assert "3 coloured, 1 copied" in capsys.readouterr().out


def test_what_a_shell_makes_of_a_pattern_after_ref_is_refused_before_the_work(
    chapter: Path, cover: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    other = cover.with_name("b.png")
    other.write_bytes(cover.read_bytes())
    assert run(other, str(chapter)) == 2
    assert "--ref a.png --ref b.png" in capsys.readouterr().err
    assert not chapter.with_name("chapter-color").exists()


def test_pages_of_a_library_carry_their_chapters_names(
    chapter: Path, run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("c 1", "c 2"):
        shutil.copytree(chapter, tmp_path / "lib" / name)
    assert run(tmp_path / "lib", "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "c 1/page 1.png: to be coloured"
    assert len({*lines[:6]}) == 6
    assert run(tmp_path / "lib", "--dry-run", "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    named = {(e["chapter"], e["name"]) for e in events if e["event"] == "planned"}
    assert len(named) == 6
    assert ("c 2", "page 10.png") in named


def test_a_reader_of_events_that_goes_away_ends_the_run_in_silence(
    chapter: Path, cover: Path, fake_bundle: Path
) -> None:
    command = [sys.executable, "-m", "mangacolor", "batch", str(chapter), "--ref", str(cover)]
    command += ["--model", str(fake_bundle), "--json", "--dry-run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 1
