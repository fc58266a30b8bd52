"""Strokes of colour: the area under one takes it, and areas like it on other pages follow."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from mangacolor.batch.events import Event, Notice
from mangacolor.batch.strokes import digest_of, find_strokes
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from mangacolor.images.parting import divide_area
from mangacolor.images.strokes import find_rivals, find_stroked, read_strokes
from mangacolor.runtime.areas import color_areas
from mangacolor.runtime.colored_areas import with_told
from mangacolor.runtime.lessons import find_changed, learn_areas, within
from mangacolor.runtime.reference_areas import joined, read_references
from mangacolor.runtime.seen import see_page
from tests.asking import color_chapter
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


def rivals(gap: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A box with a line across that has a gap, its one area, and a stroke in each half."""
    tone = np.full((120, 200), 255, np.uint8)
    tone[20:100, [20, 21, 178, 179]] = 0
    tone[[20, 21, 98, 99], 20:180] = 0
    tone[20:100, 110:112] = 0
    tone[60 - gap // 2 : 60 + gap - gap // 2, 110:112] = 255
    areas = np.ones((120, 200), np.int32)
    areas[20:100, 20:180] = 2
    picture = Image.new("RGBA", (200, 120))
    ImageDraw.Draw(picture).line([(40, 80), (90, 80)], fill=(*GOLD, 255), width=3)
    ImageDraw.Draw(picture).line([(130, 40), (160, 40)], fill="red", width=3)
    return tone, areas, np.asarray(picture)


@pytest.mark.parametrize("gap", [0, 8])
def test_strokes_of_two_colours_part_the_area_that_they_lie_in(gap: int) -> None:
    tone, areas, strokes = rivals(gap)
    (seeds,) = find_rivals(strokes, areas)
    assert len(seeds) == 2
    parted, area, new = divide_area(areas, tone, seeds)
    assert area == 2 and len(new) == 1
    told = find_stroked(strokes, parted)
    assert {told[int(parted[80, 60])], told[int(parted[40, 150])]} == {GOLD, (255, 0, 0)}
    # They meet at the line, and nothing else is touched.
    assert (parted[30:90, 30:104] == parted[80, 60]).mean() > 0.97
    assert (parted[30:90, 118:170] == parted[40, 150]).mean() > 0.97
    assert (parted[areas == 1] == 1).all() and (parted[areas == 2] != 1).all()


def test_strokes_of_one_colour_part_nothing() -> None:
    _, areas, _ = rivals(0)
    picture = Image.new("RGBA", (200, 120))
    draw = ImageDraw.Draw(picture)
    draw.line([(40, 80), (90, 80)], fill=(*GOLD, 255), width=3)
    draw.line([(130, 40), (160, 40)], fill=(GOLD[0], GOLD[1] - 6, 4, 255), width=3)
    draw.line([(2, 2), (190, 2)], fill="red", width=3)
    assert find_rivals(np.asarray(picture), areas) == []


def test_areas_alike_on_other_pages_follow() -> None:
    model = ByPlace()
    references = read_references(model, [np.asarray(drawn(list(COLORS)))])
    # The same three circles in another order of colours: the page corrects the cover.
    page = see_page(np.asarray(drawn(["white"] * 3).convert("L")))
    told = {int(page.areas[100, 240]): GOLD}
    plain = color_areas(model, page, references)
    assert tuple(with_told(plain, told).colors[page.areas[100, 240]]) == GOLD
    learned = learn_areas(model, page, plain, told)
    assert len(learned.tokens) == 1
    other = color_areas(model, page, learned)
    assert np.abs(other.colors[page.areas[100, 240]].astype(int) - GOLD).max() <= 1
    both = joined([references, learned])
    assert len(both.tokens) == len(references.tokens) + 1
    assert joined([references, learn_areas(model, page, plain, {})]).tokens.shape == (
        references.tokens.shape
    )


def test_what_was_changed_in_a_page_is_found_and_the_rest_is_not() -> None:
    before, after = drawn(["gold", "royalblue", "white"]), drawn(["gold", "navy", "purple"])
    ink = np.asarray(drawn(["white"] * 3).convert("L"))
    areas = see_page(ink).areas
    found = find_changed(areas, ink, np.asarray(before), np.asarray(after))
    assert found == {int(areas[100, 240]): (0, 0, 128), int(areas[100, 395]): (128, 0, 128)}
    # At another size it is the same page; a part of it, or it turned, is none.
    small = np.asarray(after.resize((240, 100)))
    assert find_changed(areas, ink, np.asarray(before), small) == found
    for other in (after.crop((0, 0, 240, 200)), after.rotate(90, expand=True)):
        assert find_changed(areas, ink, np.asarray(before), np.asarray(other)) is None
    assert find_changed(areas, ink, np.asarray(before), np.asarray(before)) == {}


def test_of_a_picture_only_what_lies_in_some_areas_is_offered() -> None:
    color = np.asarray(drawn(list(COLORS)))
    shown = read_references(ByPlace(), [color])
    areas = see_page(np.asarray(drawn(["white"] * 3).convert("L"))).areas
    some = within(shown, areas, [int(areas[100, 240])], 7)
    assert some.colors.tolist() == [list(COLORS["royalblue"])]
    assert (some.places[:, 0] == 7).all() and len(some.panels) == 1
    assert len(within(shown, areas, [], 7).tokens) == 0


def chapter(folder: Path) -> tuple[Path, Path, Path]:
    """Two pages, their reference, and an empty folder for strokes."""
    pages, painted = folder / "pages", folder / "strokes"
    pages.mkdir()
    painted.mkdir()
    for name in ("1.png", "2.png"):
        drawn(["white"] * 3).convert("L").save(pages / name)
    drawn(list(COLORS)).save(folder / "cover.png")
    return pages, folder / "cover.png", painted


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_chapter_follows_its_strokes(areas_bundle: Path, tmp_path: Path, mode: str) -> None:
    pages, cover, painted = chapter(tmp_path)
    events: list[Event] = []
    plain = color_chapter(pages, [cover], areas_bundle, CONFIG, tell=events.append)
    before = np.asarray(Image.open(plain.output / "1.png").convert("RGB"))
    stroke([(200, 100), (280, 100)]).convert(mode).save(painted / "1.png")
    summary = color_chapter(
        pages, [cover], areas_bundle, CONFIG, strokes=painted, tell=events.append
    )
    # What is painted differently is another job: both pages are done again.
    assert summary.colored == 2 and not summary.failed
    result = np.asarray(Image.open(summary.output / "1.png").convert("RGB")).astype(int)
    assert np.abs(result[100, 240] - GOLD).max() <= 12
    assert np.abs(before[100, 240].astype(int) - GOLD).max() > 12
    assert not [event for event in events if isinstance(event, Notice)]
    again = color_chapter(pages, [cover], areas_bundle, CONFIG, strokes=painted)
    assert again.colored == 0 and again.skipped == 2


@pytest.mark.parametrize("entry", [0, 3])
def test_strokes_in_a_palette_have_the_colours_of_the_palette(tmp_path: Path, entry: int) -> None:
    path = tmp_path / "strokes.png"
    picture = Image.new("P", (480, 200), entry)
    palette = [0, 0, 0, 9, 9, 9, *GOLD, 255, 255, 255]
    picture.putpalette(palette)
    ImageDraw.Draw(picture).line([(200, 100), (280, 100)], fill=2, width=5)
    # As painting programs save few colours: one of the palette is nothing.
    picture.save(path, transparency=entry)
    with Image.open(path) as saved:
        assert saved.mode == "P"
    areas = see_page(np.asarray(drawn(["white"] * 3).convert("L"))).areas
    strokes = read_strokes(path.read_bytes(), "strokes.png")
    assert find_stroked(strokes, areas) == {int(areas[100, 240]): GOLD}
    picture.save(path)
    with pytest.raises(InputError, match="no transparent pixels"):
        read_strokes(path.read_bytes(), "strokes.png")


def test_strokes_that_fit_no_page_are_told_and_the_chapter_is_coloured(
    areas_bundle: Path, tmp_path: Path
) -> None:
    pages, cover, painted = chapter(tmp_path)
    stroke([(20, 20), (30, 30)], (200, 200)).save(painted / "1.png")
    drawn(["white"] * 3).save(painted / "2.png")
    stroke([(20, 20), (30, 30)]).save(painted / "3.png")
    events: list[Event] = []
    summary = color_chapter(
        pages, [cover], areas_bundle, CONFIG, strokes=painted, tell=events.append
    )
    assert summary.colored == 2
    told = [event.text for event in events if isinstance(event, Notice)]
    assert len(told) == 3
    for text, words in zip(
        told, ("3.png", "other proportions", "no transparent pixels"), strict=True
    ):
        assert words in text


def test_strokes_that_nothing_can_follow_are_refused(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover, painted = chapter(tmp_path)
    with pytest.raises(UsageError, match="name of a page"):
        color_chapter(pages, [cover], areas_bundle, CONFIG, strokes=painted)
    with pytest.raises(UsageError, match="no folder"):
        color_chapter(pages, [cover], areas_bundle, CONFIG, strokes=tmp_path / "none")
    empty = Image.new("RGBA", (9, 9))
    empty.save(tmp_path / "empty.png")
    with pytest.raises(InputError, match="no strokes"):
        read_strokes((tmp_path / "empty.png").read_bytes(), "empty.png")


@pytest.mark.parametrize("opacity", [40, 128, 255])
def test_a_stroke_of_any_opacity_is_one_and_its_soft_edge_none(opacity: int) -> None:
    picture = np.zeros((200, 480, 4), np.uint8)
    picture[90:111, 200:281] = (0, 0, 0, opacity // 3)
    picture[95:106, 205:276] = (*GOLD, opacity)
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    strokes = read_strokes(target.getvalue(), "x.png")
    solid = strokes[..., 3] > 0
    assert solid.sum() == 11 * 71
    assert {tuple(map(int, color)) for color in strokes[solid][:, :3]} == {GOLD}


def test_strokes_are_upright_and_of_their_profile() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"tmpZ", 1).replace(b"gXYZ", b"rXYZ", 1)
    swapped = swapped.replace(b"tmpZ", b"gXYZ", 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    picture = Image.new("RGBA", (40, 60))
    picture.paste((230, 20, 20, 255), (0, 0, 10, 20))
    picture.save(target, "PNG", icc_profile=swapped, exif=exif)
    strokes = read_strokes(target.getvalue(), "x.png")
    assert strokes.shape == (40, 60, 4)
    assert strokes[2, 58, 3] == 255
    red, green, _, _ = (int(value) for value in strokes[2, 58])
    assert green > red + 100


def test_strokes_that_lie_on_nothing_are_told(areas_bundle: Path, tmp_path: Path) -> None:
    pages, cover, painted = chapter(tmp_path)
    # Around the circles is one area; on a line there is none.
    strokes = stroke([(200, 100), (280, 100)])
    strokes.save(painted / "1.png")
    nothing = Image.new("RGBA", (480, 200))
    on_line = np.asarray(Image.open(pages / "2.png").convert("L")) < 40
    only = np.zeros((200, 480, 4), np.uint8)
    only[on_line] = (*GOLD, 255)
    assert nothing.size == (480, 200)
    Image.fromarray(only).save(painted / "2.png")
    events: list[Event] = []
    color_chapter(pages, [cover], areas_bundle, CONFIG, strokes=painted, tell=events.append)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert [text for text in told if "2.png" in text and "colour nothing" in text]
    assert not [text for text in told if "1.png" in text]


def test_strokes_are_found_by_any_form_of_a_name(tmp_path: Path) -> None:
    pages = ["A/\u30da1.png", "A/Page2.PNG", "B/Page2.jpg", "Chapter 3.5/1.png", "3.5", "1.jpg"]
    painted = tmp_path / "strokes"
    for name in ("A/\u30d8\u309a1.png", "b/page2.png", "3.5.png", "chapter 3.5/1.PNG", "page2.png"):
        (painted / name).parent.mkdir(parents=True, exist_ok=True)
        stroke([(0, 0), (9, 9)]).save(painted / name, "PNG")
    events: list[Event] = []
    found = find_strokes(painted, pages, events.append).files
    expected = {
        "A/\u30da1.png": "A/\u30d8\u309a1.png",
        "B/Page2.jpg": "b/page2.png",
        "3.5": "3.5.png",
        "Chapter 3.5/1.png": "chapter 3.5/1.PNG",
    }
    assert {page: path.relative_to(painted).as_posix() for page, path in found.items()} == expected
    (event,) = events
    assert isinstance(event, Notice)
    assert "A/Page2.PNG and B/Page2.jpg have its name" in event.text


def test_strokes_in_another_folder_are_others(tmp_path: Path) -> None:
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
    stroke([(0, 0), (9, 9)]).save(tmp_path / "A" / "1.png")
    before = digest_of(tmp_path)
    (tmp_path / "A" / "1.png").rename(tmp_path / "B" / "1.png")
    assert digest_of(tmp_path) != before
