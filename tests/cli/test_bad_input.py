"""What people give that cannot be coloured, or is far from ordinary: one line, and nothing lost."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mangacolor.chapter.chapters import find_chapters
from mangacolor.chapter.known import KnownFiles
from mangacolor.chapter.outputs import output_of
from mangacolor.chapter.plan import Aim
from mangacolor.chapter.planning import make_plan
from mangacolor.errors import InputError
from mangacolor.images import archive as archives
from mangacolor.images.archive import Archive, open_archive
from tests.batch.drawn_pdf import LOCKED, vector_pdf
from tests.cli.conftest import Cli
from tests.conftest import draw_color_page, draw_page

Batch = Callable[..., tuple[int, str, str]]


@pytest.fixture
def batch(cli: Cli, cover: Path, fake_bundle: Path) -> Batch:
    """`mangacolor batch PATH --ref COVER ...`: exit code, stdout, stderr."""

    def run(path: Path, *more: object) -> tuple[int, str, str]:
        return cli("batch", path, "--ref", cover, "--model", fake_bundle, *more)

    return run


def one_line(err: str) -> str:
    """The error, which is one line, with a line of hint."""
    lines = err.splitlines()
    errors = [line for line in lines if line.startswith("error: ")]
    assert len(errors) == 1, err
    assert "Traceback" not in err
    assert lines[lines.index(errors[0]) + 1 :] == [x for x in lines if x.startswith("hint: ")]
    return errors[0]


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def page(seed: int = 0, size: tuple[int, int] | None = None) -> bytes:
    target = io.BytesIO()
    picture = Image.fromarray(draw_page(seed))
    (picture.resize(size) if size else picture).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize("where", ["out", "deep/er", "."])
def test_an_output_inside_the_input(
    batch: Batch, chapter: Path, tmp_path: Path, where: str
) -> None:
    before = files_below(tmp_path)
    code, _, err = batch(chapter, "--out", chapter / where)
    assert code == 2
    assert "input" in one_line(err)
    assert files_below(tmp_path) == before


def test_an_input_of_nothing_but_colour(batch: Batch, tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    for i in range(2):
        draw_color_page(i).save(source / f"{i}.png")
    code, out, _ = batch(source)
    assert code == 0
    assert "0 coloured, 2 copied" in out
    assert "--recolor" in out
    for path in source.iterdir():
        assert (tmp_path / "c-color" / path.name).read_bytes() == path.read_bytes()


def test_a_pdf_with_a_password(batch: Batch, tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    (tmp_path / "x.pdf").write_bytes(vector_pdf(LOCKED))
    before = files_below(tmp_path)
    code, _, err = batch(tmp_path / "x.pdf")
    assert code == 3
    assert "x.pdf is protected by a password" in one_line(err)
    assert files_below(tmp_path) == before


def test_a_chapter_of_one_strip_of_30000_pixels(batch: Batch, tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    tall = np.concatenate([draw_page(i, 3000, 40) for i in range(10)])
    Image.fromarray(tall).save(source / "strip.png")
    code, out, _ = batch(source)
    assert (code, "1 coloured" in out) == (0, True)
    with Image.open(tmp_path / "c-color" / "strip.png") as strip:
        assert strip.size == (40, 30_000)
        assert (np.asarray(strip.convert("L"))[tall == 0] < 40).all()


def test_ten_thousand_pages_are_planned_without_reading_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, packed, content = tmp_path / "library", tmp_path / "x.cbz", page(size=(4, 6))
    with zipfile.ZipFile(packed, "w") as file:
        for i in range(10_000):
            file.writestr(f"{i}.png", content)
    for i in range(100):
        (root / f"chapter {i}").mkdir(parents=True)
        for j in range(100):
            (root / f"chapter {i}" / f"{j}.png").write_bytes(content)

    def read(*arguments: Any) -> bytes:
        raise AssertionError("a page was read")

    monkeypatch.setattr(KnownFiles, "read", read)
    monkeypatch.setattr(Archive, "read", read)
    for source in (root, packed):
        with make_plan(Aim(source, output_of(source, None), "job")) as plan:
            assert len(plan.todo) == 10_000
            names = [task.name for task in plan.todo]
        assert names[-1].rpartition("/")[2] in ("99.png", "9999.png")
    assert [chapter.name for chapter in find_chapters([root]).found] == [
        f"chapter {i}" for i in range(100)
    ]


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_a_name_that_leads_out_fails_and_nothing_is_written_there(
    batch: Batch, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    source = zipped(tmp_path / "in" / "x.cbz", **{"../evil.png": page(), "1.png": page(1)})
    code, out, err = batch(source)
    assert code == 7
    assert "1 coloured" in out
    assert "evil.png has a name that leads out of the archive" in err
    assert files_below(tmp_path) == {"cover.png", "in", "in/x.cbz", "in/x-color.cbz"}
    with zipfile.ZipFile(tmp_path / "in" / "x-color.cbz") as made:
        assert not [name for name in made.namelist() if ".." in name]


def test_bombs_meet_the_limits_that_are_stated(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"{archives.MAX_MEMBERS:,} files and" in readme
    assert f"{archives.MAX_BYTES // 1024**3} GiB an archive" in readme
    assert f"{archives.MAX_MEMBER_BYTES // 1024**2} MiB a file" in readme
    assert f"{(Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels a page" in readme
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 10_000)
    source = zipped(tmp_path / "x.cbz", **{"1.png": page(), "2.png": b"\0" * 10_001})
    code, out, err = batch(source)
    assert (code, "1 coloured" in out) == (7, True)
    assert "2.png unpacks to more than 10,000 bytes" in err
    monkeypatch.setattr(archives, "MAX_MEMBERS", 1)
    code, _, err = batch(source, "--out", tmp_path / "other.cbz")
    assert code == 3
    assert "x.cbz has 2 members; 1 is the limit" in one_line(err)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    code, _, err = batch(source, "--out", tmp_path / "other.cbz")
    assert code == 3
    assert "bytes; 10,000 is the limit" in one_line(err)


def test_a_picture_that_claims_to_be_immense_fails_alone(batch: Batch, chapter: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + end

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    whole = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    (chapter / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + whole)
    code, out, err = batch(chapter)
    assert (code, "3 coloured" in out) == (7, True)
    assert "bomb.png is too large: more than" in err


def test_members_that_are_encrypted_or_broken_fail_alone(batch: Batch, tmp_path: Path) -> None:
    source = zipped(tmp_path / "x.cbz", **{f"{i}.png": page(i) for i in range(3)})
    content = bytearray(source.read_bytes())
    # The second is said to be encrypted, the third's content does not fit its sum.
    with zipfile.ZipFile(source) as file:
        places = [info.header_offset for info in file.infolist()]
    content[places[1] + 6] |= 1
    entries = [i for i in range(len(content)) if content[i : i + 4] == b"PK\x01\x02"]
    content[entries[1] + 8] |= 1
    content[places[2] + 40] ^= 255
    source.write_bytes(content)
    code, out, err = batch(source)
    assert (code, "1 coloured" in out) == (7, True)
    assert "1.png is encrypted" in err
    assert "2.png cannot be unpacked" in err


@pytest.mark.parametrize(("name", "coding"), [("第1話/表紙.png", "cp932"), ("ÇàÆ.png", "cp437")])
def test_names_of_other_systems_are_told_as_they_were_meant(
    batch: Batch, tmp_path: Path, name: str, coding: str
) -> None:
    class Raw(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return name.encode(coding), self.flag_bits & ~0x800

    with zipfile.ZipFile(tmp_path / "x.cbz", "w") as file:
        file.writestr(Raw("x"), page())
    code, _, err = batch(tmp_path / "x.cbz")
    assert code == 0
    assert f"{name}: done" in err
    with open_archive(tmp_path / "x-color.cbz") as made:
        assert [member.name for member in made.members] == [name]


def test_a_file_that_is_still_being_written_fails_and_is_done_later(
    batch: Batch, chapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing = chapter / "page 2.png"
    really = KnownFiles.read

    def read(known: KnownFiles, path: Path, name: str) -> bytes:
        if path == growing:
            raise InputError(f"{name} was being written while it was read.", "Run again.")
        return really(known, path, name)

    with monkeypatch.context() as patch:
        patch.setattr(KnownFiles, "read", read)
        code, out, err = batch(chapter)
    assert (code, "2 coloured" in out) == (7, True)
    assert "page 2.png was being written while it was read" in err
    code, out, _ = batch(chapter)
    assert (code, "1 coloured, 2 skipped" in out) == (0, True)
