"""Pages that somebody corrected are kept, and the others are coloured after them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mangacolor.batch.events import Event, Notice
from mangacolor.batch.journal import Journal
from mangacolor.batch.run import color_chapter
from mangacolor.config import BatchConfig
from tests.batch.by_place import COLORS, drawn

CONFIG = BatchConfig(size=128, device="cpu")


class Chapter:
    """Three pages, coloured once."""

    def __init__(self, folder: Path, bundle: Path) -> None:
        self.pages, self.cover, self.bundle = folder / "pages", folder / "cover.png", bundle
        self.pages.mkdir()
        for name in ("1.png", "2.png", "3.png"):
            drawn(["white"] * 3).convert("L").save(self.pages / name)
        drawn(list(COLORS)).save(self.cover)
        self.notices: list[str] = []
        self.output = folder / "out"
        self.color()

    def color(self, **options: bool) -> tuple[int, int]:
        """Pages coloured, and pages that were done already."""
        self.notices = []

        def report(event: Event) -> None:
            if isinstance(event, Notice):
                self.notices.append(event.text)

        summary = color_chapter(
            self.pages,
            [self.cover],
            self.bundle,
            CONFIG,
            out=self.output,
            report=report,
            **options,  # type: ignore[arg-type]
        )
        assert not summary.failed
        return summary.colored, summary.skipped


@pytest.fixture
def chapter(tmp_path: Path, areas_bundle: Path) -> Chapter:
    return Chapter(tmp_path, areas_bundle)


def test_an_edited_page_is_kept_and_learned_from(chapter: Chapter) -> None:
    edited = chapter.output / "2.png"
    drawn(["gold", "gold", "purple"]).save(edited)
    content = edited.read_bytes()
    assert chapter.color() == (2, 1)
    assert chapter.notices == ["2.png was edited: kept, and used as a reference"]
    assert edited.read_bytes() == content
    # It says so each time, and has nothing left to do.
    assert chapter.color() == (0, 3)
    assert len(chapter.notices) == 1
    # Edited again, it teaches again.
    drawn(["navy", "gold", "purple"]).save(edited)
    assert chapter.color() == (2, 1)


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


@pytest.mark.parametrize("how", ["grey", "resized", "turned", "broken"])
def test_whatever_was_done_to_an_edited_page_nothing_is_lost(chapter: Chapter, how: str) -> None:
    page = chapter.output / "2.png"
    picture = drawn(["gold"] * 3)
    if how == "grey":
        picture = picture.convert("L")
    elif how == "resized":
        picture = picture.resize((99, 40))
    elif how == "turned":
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    picture.save(page)
    if how == "broken":
        page.write_bytes(page.read_bytes()[:300])
    content = page.read_bytes()
    chapter.color()
    assert page.read_bytes() == content
    learned = "used as a reference" if how in ("resized", "turned") else "not learned from"
    assert learned in chapter.notices[0]


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
