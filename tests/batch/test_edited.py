"""Pages that somebody corrected are kept, and the others are coloured after them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.batch.corrected import learn_corrected
from mangacolor.batch.events import Event, Notice
from mangacolor.chapter.journal import Journal
from mangacolor.config import BatchConfig
from mangacolor.runtime.color import References
from tests.asking import color_chapter
from tests.batch.by_place import COLORS, drawn

CONFIG = BatchConfig(size=128, device="cpu")


class Chapter:
    """Three pages, coloured once."""

    def __init__(self, folder: Path, bundle: Path, output: str = "out") -> None:
        self.pages, self.cover, self.bundle = folder / "pages", folder / "cover.png", bundle
        self.pages.mkdir()
        for name in ("1.png", "2.png", "3.png"):
            drawn(["white"] * 3).convert("L").save(self.pages / name)
        drawn(list(COLORS)).save(self.cover)
        self.notices: list[str] = []
        self.output = folder / output
        self.color()

    def color(self, **options: bool) -> tuple[int, int]:
        """Pages coloured, and pages that were done already."""
        self.notices = []

        def tell(event: Event) -> None:
            if isinstance(event, Notice):
                self.notices.append(event.text)

        summary = color_chapter(
            self.pages,
            [self.cover],
            self.bundle,
            CONFIG,
            out=self.output,
            tell=tell,
            **options,
        )
        assert not summary.failed
        return summary.colored, summary.skipped


@pytest.fixture
def chapter(tmp_path: Path, areas_bundle: Path) -> Chapter:
    return Chapter(tmp_path, areas_bundle)


@pytest.mark.parametrize("model", ["areas_bundle", "fake_bundle"])
def test_an_edited_page_is_kept_and_learned_from(
    tmp_path: Path, model: str, request: pytest.FixtureRequest
) -> None:
    # Without areas it is a picture like others.
    chapter = Chapter(tmp_path, request.getfixturevalue(model))
    edited = chapter.output / "2.png"
    drawn(["gold", "gold", "purple"]).save(edited)
    content = edited.read_bytes()
    assert chapter.color() == (2, 1)
    assert chapter.notices == ["2.png was edited: kept, and what was changed in it is learned"]
    assert edited.read_bytes() == content
    # It says so each time, and has nothing left to do.
    assert chapter.color() == (0, 3)
    assert len(chapter.notices) == 1
    # Edited again, it teaches again.
    drawn(["navy", "gold", "purple"]).save(edited)
    assert chapter.color() == (2, 1)


def test_what_was_changed_is_learned_and_what_was_left_is_not(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[tuple[int, int]] = []

    def spy(model: Any, references: References, *rest: Any) -> References:
        found = learn_corrected(model, references, *rest)
        assert references.areas is not None and found.areas is not None
        told = found.areas.pictures[len(references.areas.tokens) :] < 0
        learned.append((int(told.sum()), int((~told).sum())))
        return found

    monkeypatch.setattr("mangacolor.batch.started.learn_corrected", spy)
    edited = chapter.output / "2.png"
    made = Image.open(edited).convert("RGB")
    # One circle, by its ink and by its colour.
    ImageDraw.floodfill(made, (240, 100), (255, 215, 0), thresh=60)
    made.save(edited)
    chapter.color()
    assert learned.pop() == (1, 1)
    drawn(["navy", "gold", "white"]).crop((0, 0, 300, 200)).save(edited)
    chapter.color()
    assert learned.pop() == (0, 0)
    assert chapter.notices[-1] == "2.png teaches nothing: it is no more of its page's shape"


def test_no_learn_keeps_it_and_leaves_the_others(chapter: Chapter) -> None:
    drawn(["gold"] * 3).save(chapter.output / "2.png")
    content = (chapter.output / "2.png").read_bytes()
    assert chapter.color(learn=False) == (0, 3)
    assert (chapter.output / "2.png").read_bytes() == content


def test_overwrite_colours_it_again(chapter: Chapter) -> None:
    drawn(["gold"] * 3).save(chapter.output / "2.png")
    content = (chapter.output / "2.png").read_bytes()
    assert chapter.color(overwrite=True) == (3, 0)
    assert (chapter.output / "2.png").read_bytes() != content


def test_a_page_that_was_touched_or_copied_is_not_edited(chapter: Chapter) -> None:
    page = chapter.output / "2.png"
    os.utime(page, (1, 1))
    (chapter.output / "3.png").unlink()
    assert chapter.color() == (1, 2)
    assert chapter.notices == []


def damaged(how: str) -> bytes:
    """An edited page as programs and people save it."""
    picture, buffer = drawn(["gold"] * 3), io.BytesIO()
    # JPEG, whatever the page's name says.
    format_ = "JPEG" if "jpeg" in how else "PNG"
    exif = Image.Exif()
    if "resized" in how:
        picture = picture.resize((99, 40))
    if "turned" in how:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    if "exif" in how:
        # Turned by a mark alone, as a camera does it.
        exif[0x0112] = 6
    if "grey" in how:
        picture = picture.convert("L")
    if "palette" in how:
        picture = picture.quantize(16)
    if "transparent" in how:
        picture.putalpha(200)
    picture.save(buffer, format_, exif=exif)
    content = buffer.getvalue()
    return b"" if "empty" in how else content[:300] if "broken" in how else content


COLORFUL = ("resized", "turned", "jpeg", "jpeg resized turned exif", "palette", "transparent")


@pytest.mark.parametrize("how", [*COLORFUL, "grey", "jpeg grey", "broken", "empty"])
def test_whatever_was_done_to_an_edited_page_nothing_is_lost(chapter: Chapter, how: str) -> None:
    page = chapter.output / "2.png"
    page.write_bytes(damaged(how))
    learned = (
        "kept, and what was changed in it is learned" if how in COLORFUL else "not learned from"
    )
    for first in (True, False):
        chapter.color()
        assert page.read_bytes() == damaged(how)
        # A page that lies on its side is not compared with its own ink.
        assert len(chapter.notices) == 1 + (first and "turned" in how and "exif" not in how)
        assert learned in chapter.notices[0]


def test_a_page_that_was_saved_under_another_name_beside_it_is_left_there(chapter: Chapter) -> None:
    other = chapter.output / "2 copy.jpg"
    drawn(["gold"] * 3).save(other)
    content = other.read_bytes()
    assert chapter.color(overwrite=True) == (3, 0)
    assert other.read_bytes() == content


@pytest.mark.parametrize("how", ["jpeg resized turned exif", "grey", "broken"])
def test_the_same_in_an_archive(tmp_path: Path, areas_bundle: Path, how: str) -> None:
    chapter = Chapter(tmp_path, areas_bundle, "out.cbz")

    def pages() -> dict[str, bytes]:
        with zipfile.ZipFile(chapter.output) as file:
            return {name: file.read(name) for name in file.namelist()}

    edited = {**pages(), "2.png": damaged(how)}
    with zipfile.ZipFile(chapter.output, "w") as file:
        for name, content in edited.items():
            file.writestr(name, content)
    chapter.color()
    assert chapter.notices[0].startswith("2.png was edited: kept")
    assert pages()["2.png"] == damaged(how)
    assert set(pages()) == set(edited)


def test_who_is_killed_between_a_page_and_its_line_has_edited_nothing(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = np.asarray(Image.open(chapter.output / "1.png"))
    # A better scan came in: the page is written anew, and does not get its line.
    drawn(["white", "white", "black"]).convert("L").save(chapter.pages / "1.png")
    with monkeypatch.context() as patch:

        def killed(*arguments: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(Journal, "add", killed)
        with pytest.raises(KeyboardInterrupt):
            chapter.color()
    assert (np.asarray(Image.open(chapter.output / "1.png")) != before).any()
    assert chapter.color() == (1, 2)
    assert chapter.notices == []
    assert (np.asarray(Image.open(chapter.output / "1.png")) != before).any()
