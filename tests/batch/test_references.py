from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.decoded import Decoded
from mangacolor.batch.events import Event, Notice
from mangacolor.batch.references import MOST_PIECES, read_references
from mangacolor.errors import InputError
from mangacolor.images import page


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two colour pictures, a grey one, a broken one and a note."""
    folder = tmp_path / "refs"
    folder.mkdir()
    Image.new("RGB", (40, 50), "tomato").save(folder / "a.png")
    Image.new("RGB", (40, 50), "gold").save(folder / "b.jfif", "JPEG")
    Image.new("RGB", (40, 50), "#888").save(folder / "c.png")
    (folder / "d.jxl").write_bytes(b"\xff\x0a" + bytes(40))
    (folder / "notes.txt").write_text("x")
    return folder


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


@pytest.mark.parametrize("kind", ["folder", "cbz", "cbr"])
def test_many_references_are_those_that_can_be_used(pictures: Path, kind: str) -> None:
    source = pictures
    if kind != "folder":
        source = pictures.with_name(f"refs.{kind}")
        with zipfile.ZipFile(source, "w") as archive:
            for path in pictures.iterdir():
                archive.write(path, path.name)
    events: list[Event] = []
    found = read_references([source], events.append)
    assert len(found) == 2
    told = texts(events)
    assert len(told) == 2
    assert any("c.png has no colour" in text for text in told)
    assert any("d.jxl" in text and "left out" in text for text in told)


def test_none_of_many_that_can_be_read_is_refused_with_the_reason(pictures: Path) -> None:
    for name in ("a.png", "b.jfif", "c.png"):
        (pictures / name).unlink()
    with pytest.raises(InputError, match=r"no pictures that can be read: .*d\.jxl"):
        read_references([pictures], lambda event: None)


def test_a_broken_picture_that_was_named_is_refused(pictures: Path) -> None:
    with pytest.raises(InputError, match=r"d\.jxl"):
        read_references([pictures / "a.png", pictures / "d.jxl"], lambda event: None)


@pytest.mark.parametrize("pieces", [16, 48])
def test_a_strip_is_references_of_a_pages_proportions(tmp_path: Path, pieces: int) -> None:
    rng = np.random.default_rng(0)
    strip = np.repeat(rng.integers(0, 255, (pieces, 1, 3), dtype=np.uint8), 60, axis=0)
    Image.fromarray(strip.repeat(60, axis=1)).save(tmp_path / "strip.png")
    events: list[Event] = []
    found = read_references([tmp_path / "strip.png"], events.append)
    assert 1 < len(found) <= MOST_PIECES
    assert all(max(x.shape[:2]) <= 2.5 * min(x.shape[:2]) for x in (r.read() for r in found))
    assert "strip of" in texts(events)[0]


def test_only_the_first_of_several_pictures_is_a_reference_and_said_so(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 50), color) for color in ("tomato", "gold")]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    events: list[Event] = []
    assert len(read_references([tmp_path / "a.tif"], events.append)) == 1
    assert "first of the 2" in texts(events)[0]


def test_a_path_may_lead_on_into_an_archive(pictures: Path) -> None:
    source = pictures.with_name("refs.cbz")
    with zipfile.ZipFile(source, "w") as archive:
        for name in ("a.png", "x/b.jfif", "x/c.png"):
            archive.write(pictures / Path(name).name, name)
    for within, names in (("a.png", ["a.png"]), ("x", ["x/b.jfif"]), ("x/b.jfif", ["x/b.jfif"])):
        found = read_references([source / within], lambda event: None)
        assert [reference.name for reference in found] == [f"{source}/{name}" for name in names]
    with pytest.raises(InputError, match="no pictures"):
        read_references([source / "none.png"], lambda event: None)


def test_pages_of_a_pdf_are_references(pictures: Path) -> None:
    pytest.importorskip("pypdfium2")
    source = pictures.with_name("refs.pdf")
    pages = [Image.open(pictures / name).convert("RGB") for name in ("a.png", "c.png", "b.jfif")]
    pages[0].save(source, save_all=True, append_images=pages[1:])
    found = read_references([source], lambda event: None)
    assert [reference.name for reference in found] == [f"{source}, page 00{i}.jpg" for i in (1, 3)]
    assert np.abs(found[0].read().astype(int) - (255, 99, 71)).mean() < 8


def test_what_was_looked_at_is_not_decoded_again(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Event] = []
    found = read_references([pictures], first.append)
    decoded = []
    really = page.read_color

    def count(content: bytes, name: str) -> np.ndarray:
        decoded.append(name)
        return really(content, name)

    monkeypatch.setattr("mangacolor.batch.decoded.read_color", count)
    second: list[Event] = []
    assert read_references([pictures], second.append) == found
    assert texts(second) == texts(first)
    # Only what could not be read is tried again.
    assert decoded == [str(pictures / "d.jxl")]
    Image.new("RGB", (40, 50), "navy").save(pictures / "a.png")
    assert read_references([pictures / "a.png"], second.append)[0].read()[0, 0, 2] == 128


def test_decoded_pictures_are_kept_up_to_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []

    def decode(content: bytes, name: str) -> np.ndarray:
        decoded.append(name)
        return np.zeros((10, 10, 3), np.uint8)

    monkeypatch.setattr("mangacolor.batch.decoded.read_color", decode)
    kept = Decoded(700)
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.read(b"", name, name)
    assert decoded == ["a", "b", "c", "b"]
    kept.clear()
    kept.read(b"", "b", "b")
    assert decoded[-2:] == ["b", "b"]
    small = Decoded(299)
    with pytest.raises(ValueError, match="read-only"):
        small.read(b"", "d", "d")[0] = 1
    small.read(b"", "d", "d")
    assert decoded[-2:] == ["d", "d"]
