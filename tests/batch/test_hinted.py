"""Strokes of colour: the area under one takes it, and areas like it on other pages follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.batch.events import Event, Notice
from mangacolor.batch.run import color_chapter
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from mangacolor.images.strokes import find_stroked, read_strokes
from mangacolor.runtime.areas import color_areas, learn_areas, see_page, with_told
from mangacolor.runtime.reference_areas import joined, read_references
from tests.batch.by_place import COLORS, ByPlace, drawn

GOLD = (255, 215, 0)
CONFIG = BatchConfig(size=128, device="cpu")


def stroke(
    line: list[tuple[int, int]], size: tuple[int, int] = (480, 200), width: int = 5
) -> Image.Image:
    picture = Image.new("RGBA", size)
    ImageDraw.Draw(picture).line(line, fill=(*GOLD, 255), width=width)
    return picture


@pytest.mark.parametrize("width", [1, 5])
@pytest.mark.parametrize("scale", [1, 4])
def test_a_stroke_means_the_area_in_which_most_of_it_lies(width: int, scale: int) -> None:
    areas = see_page(np.asarray(drawn(["white"] * 3).convert("L"))).areas
    # From outside into the middle circle.
    line = [(170 * scale, 100 * scale), (290 * scale, 100 * scale)]
    strokes = np.asarray(stroke(line, (480 * scale, 200 * scale), width))
    assert find_stroked(strokes, areas) == {int(areas[100, 240]): GOLD}


def test_of_two_strokes_in_an_area_the_longer_counts() -> None:
    areas = see_page(np.asarray(drawn(["white"] * 3).convert("L"))).areas
    picture = stroke([(200, 90), (280, 90)])
    ImageDraw.Draw(picture).line([(230, 120), (245, 120)], fill="red", width=5)
    assert find_stroked(np.asarray(picture), areas) == {int(areas[100, 240]): GOLD}


def test_areas_alike_on_other_pages_follow() -> None:
    model = ByPlace()
    references = read_references(model, [np.asarray(drawn(list(COLORS)))])
    # The same three circles in another order of colours: the page corrects the cover.
    page = see_page(np.asarray(drawn(["white"] * 3).convert("L")))
    told = {int(page.areas[100, 240]): GOLD}
    colored = with_told(color_areas(model, page, references), told)
    assert tuple(colored.colors[page.areas[100, 240]]) == GOLD
    learned = learn_areas(model, page, colored, told)
    assert len(learned.tokens) == 1
    other = color_areas(model, page, learned)
    assert np.abs(other.colors[page.areas[100, 240]].astype(int) - GOLD).max() <= 1
    both = joined([references, learned])
    assert len(both.tokens) == len(references.tokens) + 1
    assert joined([references, learn_areas(model, page, colored, {})]).tokens.shape == (
        references.tokens.shape
    )


def chapter(folder: Path) -> tuple[Path, Path, Path]:
    """Two pages, their reference, and an empty folder for strokes."""
    pages, hints = folder / "pages", folder / "hints"
    pages.mkdir()
    hints.mkdir()
    for name in ("1.png", "2.png"):
        drawn(["white"] * 3).convert("L").save(pages / name)
    drawn(list(COLORS)).save(folder / "cover.png")
    return pages, folder / "cover.png", hints


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_chapter_follows_its_strokes(areas_bundle: Path, tmp_path: Path, mode: str) -> None:
    pages, cover, hints = chapter(tmp_path)
    events: list[Event] = []
    plain = color_chapter(pages, [cover], areas_bundle, CONFIG, report=events.append)
    before = np.asarray(Image.open(plain.output / "1.png").convert("RGB"))
    stroke([(200, 100), (280, 100)]).convert(mode).save(hints / "1.png")
    summary = color_chapter(pages, [cover], areas_bundle, CONFIG, hints=hints, report=events.append)
    # What is painted differently is another job: both pages are done again.
    assert summary.colored == 2 and not summary.failed
    result = np.asarray(Image.open(summary.output / "1.png").convert("RGB")).astype(int)
    assert np.abs(result[100, 240] - GOLD).max() <= 12
    assert np.abs(before[100, 240].astype(int) - GOLD).max() > 12
    assert not [event for event in events if isinstance(event, Notice)]
    again = color_chapter(pages, [cover], areas_bundle, CONFIG, hints=hints)
    assert again.colored == 0 and again.skipped == 2


@pytest.mark.parametrize("entry", [0, 3])
def test_strokes_in_a_palette_have_the_colours_of_the_palette(tmp_path: Path, entry: int) -> None:
    path = tmp_path / "hints.png"
    picture = Image.new("P", (480, 200), entry)
    palette = [0, 0, 0, 9, 9, 9, *GOLD, 255, 255, 255]
    picture.putpalette(palette)
    ImageDraw.Draw(picture).line([(200, 100), (280, 100)], fill=2, width=5)
    # As painting programs save few colours: one of the palette is nothing.
    picture.save(path, transparency=entry)
    with Image.open(path) as saved:
        assert saved.mode == "P"
    areas = see_page(np.asarray(drawn(["white"] * 3).convert("L"))).areas
    strokes = read_strokes(path.read_bytes(), "hints.png")
    assert find_stroked(strokes, areas) == {int(areas[100, 240]): GOLD}
    picture.save(path)
    with pytest.raises(InputError, match="no transparent pixels"):
        read_strokes(path.read_bytes(), "hints.png")


def test_strokes_that_fit_no_page_are_told_and_the_chapter_is_coloured(
    areas_bundle: Path, tmp_path: Path
) -> None:
    pages, cover, hints = chapter(tmp_path)
    stroke([(20, 20), (30, 30)], (200, 200)).save(hints / "1.png")
    drawn(["white"] * 3).save(hints / "2.png")
    stroke([(20, 20), (30, 30)]).save(hints / "3.png")
    events: list[Event] = []
    summary = color_chapter(pages, [cover], areas_bundle, CONFIG, hints=hints, report=events.append)
    assert summary.colored == 2
    told = [event.text for event in events if isinstance(event, Notice)]
    assert len(told) == 3
    for text, words in zip(
        told, ("3.png", "other proportions", "no transparent pixels"), strict=True
    ):
        assert words in text


def test_strokes_that_nothing_can_follow_are_refused(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover, hints = chapter(tmp_path)
    with pytest.raises(UsageError, match="name of a page"):
        color_chapter(pages, [cover], areas_bundle, CONFIG, hints=hints)
    with pytest.raises(UsageError, match="no folder"):
        color_chapter(pages, [cover], areas_bundle, CONFIG, hints=tmp_path / "none")
    empty = Image.new("RGBA", (9, 9))
    empty.save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="no strokes"):
        read_strokes((tmp_path / "empty.png").read_bytes(), "empty.png")
