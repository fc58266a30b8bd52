from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.panels import Box, find_panels

# Two in the first row, a tall one beside two in the second.
BOXES = [(20, 20, 190, 200), (210, 20, 380, 200), (20, 220, 190, 380), (20, 400, 190, 580)]
BOXES += [(210, 220, 380, 580)]


def draw(boxes: list[Box], paper: str = "white", fill: str | None = "teal") -> Image.Image:
    """A page of 400x600 with a framed circle in each box."""
    page = Image.new("RGB", (400, 600), paper)
    pen = ImageDraw.Draw(page)
    for x0, y0, x1, y1 in boxes:
        ink = "white" if paper == "black" else "black"
        pen.rectangle((x0, y0, x1 - 1, y1 - 1), fill=fill, outline=ink, width=2)
        pen.ellipse((x0 + 40, y0 + 40, x1 - 40, y1 - 40), outline=ink, width=2)
    return page


def close(found: list[Box], boxes: list[Box], slack: int = 3) -> bool:
    return len(found) == len(boxes) and bool(
        np.abs(np.array(found) - np.array(boxes)).max() <= slack
    )


@pytest.mark.parametrize("paper", ["white", "black", "ivory", "#808080"])
@pytest.mark.parametrize("fill", ["teal", None])
def test_drawn_panels_are_found_in_reading_order(paper: str, fill: str | None) -> None:
    page = draw(BOXES, paper, fill)
    assert close(find_panels(np.asarray(page)), BOXES)
    assert close(find_panels(np.asarray(page.convert("L"))), BOXES)


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_a_page_of_another_size_has_the_same_panels(scale: float) -> None:
    size = (round(400 * scale), round(600 * scale))
    page = draw(BOXES).resize(size, Image.Resampling.BICUBIC)
    boxes = [tuple(round(scale * side) for side in box) for box in BOXES]
    assert close(find_panels(np.asarray(page)), boxes, slack=4 if scale < 1 else 9)  # type: ignore[arg-type]


def test_noisy_paper_and_dust_change_nothing() -> None:
    rng = np.random.default_rng(0)
    page = np.asarray(draw(BOXES)).astype(np.int16)
    page = page + rng.integers(-15, 16, page.shape)
    for y, x in zip(rng.integers(0, 598, 60), rng.integers(0, 398, 60), strict=True):
        page[y : y + 2, x : x + 2] = 90
    assert close(find_panels(np.clip(page, 0, 255).astype(np.uint8)), BOXES)


@pytest.mark.parametrize("degrees", [-3, -1, 1, 3])
def test_slanted_gutters_are_cut(degrees: float) -> None:
    page = draw(BOXES).rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    found = find_panels(np.asarray(page))
    assert len(found) == len(BOXES)
    for (x0, y0, x1, y1), (a0, b0, a1, b1) in zip(found, BOXES, strict=True):
        assert abs((x0 + x1) / 2 - (a0 + a1) / 2) < 25
        assert abs((y0 + y1) / 2 - (b0 + b1) / 2) < 25


def test_a_balloon_across_a_gutter_does_not_join_two_panels() -> None:
    page = draw(BOXES)
    ImageDraw.Draw(page).ellipse((150, 90, 250, 130), fill="white", outline="black", width=2)
    found = find_panels(np.asarray(page))
    assert len(found) == len(BOXES)


@pytest.mark.parametrize("degrees", [-3, 2])
def test_balloons_across_slanted_gutters_join_nothing(degrees: float) -> None:
    page = draw(BOXES)
    pen = ImageDraw.Draw(page)
    # One on the gutter between the rows, where that beside it ends; one between two columns.
    for box in ((150, 190, 240, 240), (170, 60, 230, 110)):
        pen.ellipse(box, fill="white", outline="black", width=2)
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")
    assert len(find_panels(np.asarray(turned))) == len(BOXES)


def test_figures_in_a_panel_without_a_frame_are_not_cut_apart() -> None:
    page = draw(BOXES[:4])
    pen = ImageDraw.Draw(page)
    for y in (230, 480):
        pen.ellipse((230, y, 360, y + 90), outline="black", width=3)
    found = find_panels(np.asarray(page))
    assert len(found) == len(BOXES)
    x0, y0, x1, y1 = found[-1]
    assert (x0, x1) == pytest.approx((230, 360), abs=6)
    assert (y0, y1) == pytest.approx((230, 570), abs=6)


def test_slivers_and_page_numbers_are_left_out() -> None:
    page = draw(BOXES)
    pen = ImageDraw.Draw(page)
    pen.rectangle((190, 588, 205, 596), fill="black")
    pen.rectangle((390, 20, 394, 580), fill="black")
    assert close(find_panels(np.asarray(page)), BOXES)


def test_a_page_without_gutters_is_one_panel() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 60, 3), dtype=np.uint8)
    assert find_panels(noise) == [(0, 0, 60, 90)]
    assert find_panels(np.full((90, 60), 255, np.uint8)) == [(0, 0, 60, 90)]
    assert find_panels(np.zeros((1, 1), np.uint8)) == [(0, 0, 1, 1)]


def test_figures_on_a_flat_background_are_one_picture() -> None:
    picture = Image.new("RGB", (200, 200), "tomato")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 20, 80, 80), fill="gold", outline="black", width=2)
    pen.ellipse((120, 110, 190, 190), fill="teal", outline="black", width=2)
    assert find_panels(np.asarray(picture)) == [(0, 0, 200, 200)]


def test_every_box_lies_on_the_page() -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        h, w = rng.integers(30, 200, 2)
        page = Image.new("L", (int(w), int(h)), 255)
        pen = ImageDraw.Draw(page)
        for x, y in rng.integers(-20, 200, (6, 2)):
            pen.rectangle((int(x), int(y), int(x) + 40, int(y) + 30), fill=100, outline=0)
        for x0, y0, x1, y1 in find_panels(np.asarray(page)):
            assert 0 <= x0 < x1 <= w
            assert 0 <= y0 < y1 <= h


@pytest.mark.parametrize("pages", [8, 24])
@pytest.mark.parametrize("lying", [False, True])
def test_a_strip_of_pages_has_the_panels_of_each(pages: int, lying: bool) -> None:
    page = np.asarray(draw(BOXES[1:2] + BOXES[4:], fill=None).convert("L"))
    strip = np.concatenate([page] * pages, axis=int(lying))
    boxes = find_panels(strip)
    assert len(boxes) == 2 * pages
    ends = [box[2 if lying else 3] for box in boxes]
    assert max(ends) > (pages - 0.2) * page.shape[int(lying)]
