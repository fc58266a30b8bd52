from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.geometry import resize
from mangacolor.images.ink import lay_ink
from mangacolor.images.paper import find_balloons, find_paper
from mangacolor.lettering.make import draw_balloon

FRAMES = [(40, 40, 460, 380), (500, 40, 860, 380), (40, 420, 860, 1160)]
KEY = (255, 0, 255)


def drawn(seed: int) -> Image.Image:
    """A page of 900x1200: panels, and white faces with dots for eyes."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (900, 1200), "white")
    pen = ImageDraw.Draw(page)
    for x0, y0, x1, y1 in FRAMES:
        pen.rectangle((x0, y0, x1, y1), fill="lightblue", outline="black", width=4)
        for _ in range(5):
            x, y = int(rng.integers(x0 + 10, x1 - 110)), int(rng.integers(y0 + 10, y1 - 110))
            pen.ellipse((x, y, x + 100, y + 90), fill="white", outline="black", width=3)
            pen.ellipse((x + 28, y + 30, x + 40, y + 48), fill="black")
            pen.ellipse((x + 60, y + 30, x + 72, y + 48), fill="black")
            pen.arc((x + 30, y + 50, x + 70, y + 76), 0, 180, fill="black", width=3)
    return page


def lettered(seed: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """A page as grey with balloons, where its pictures are, and each balloon: bool (H, W)."""
    page = drawn(seed)
    balloons: list[np.ndarray] = []
    for number in range(3):
        alone = Image.new("RGB", page.size, KEY)
        for picture in (page, alone):
            draw_balloon(picture, np.random.default_rng(100 * seed + number))
        area = (np.asarray(alone) != KEY).any(axis=2)
        balloons = [other & ~area for other in balloons] + [area]
    inside = np.zeros((1200, 900), np.bool_)
    for x0, y0, x1, y1 in FRAMES:
        inside[y0 : y1 + 1, x0 : x1 + 1] = True
    return np.asarray(page.convert("L")), inside & ~np.logical_or.reduce(balloons), balloons


def at_size(mask: np.ndarray, like: np.ndarray) -> np.ndarray:
    return resize(mask.astype(np.uint8) * 255, *like.shape) > 127


@pytest.mark.parametrize("frame", [4, 1])
def test_gutters_and_margins_are_paper_and_panels_are_not(frame: int) -> None:
    page = Image.new("L", (900, 1200), 255)
    pen = ImageDraw.Draw(page)
    for box in FRAMES:
        pen.rectangle(box, outline=0, width=frame)
    paper = at_size(find_paper(np.asarray(page)) > 0, np.asarray(page))
    assert paper[:36].all()
    assert paper[:, 470:490][:370].all()
    assert paper[390:410].all()
    for x0, y0, x1, y1 in FRAMES:
        assert not paper[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8].any()


def test_slanted_gutters_are_paper() -> None:
    page = Image.new("L", (900, 1200), 255)
    pen = ImageDraw.Draw(page)
    pen.polygon([(40, 40), (500, 40), (380, 1160), (40, 1160)], outline=0, width=4)
    pen.polygon([(540, 40), (860, 40), (860, 1160), (420, 1160)], outline=0, width=4)
    paper = at_size(find_paper(np.asarray(page)) > 0, np.asarray(page))
    for y in (100, 400, 700, 1100):
        middle = round(520 - 120 * (y - 40) / 1120)
        assert paper[y, middle]
        assert not paper[y, middle - 60]
        assert not paper[y, middle + 60]


def test_a_picture_without_frame_is_no_margin() -> None:
    page = Image.new("L", (900, 1200), 255)
    pen = ImageDraw.Draw(page)
    pen.ellipse((200, 200, 700, 900), outline=0, width=4)
    pen.line((300, 500, 600, 500), fill=0, width=3)
    assert not find_paper(np.asarray(page)).any()


def test_a_figure_without_frame_below_a_panel_is_no_margin() -> None:
    page = Image.new("L", (900, 1200), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((40, 40, 860, 420), outline=0, width=4)
    # It ends at the page's edge, and its line has a small gap.
    pen.ellipse((250, 600, 650, 1400), outline=0, width=5)
    pen.ellipse((380, 700, 520, 820), outline=0, width=4)
    pen.rectangle((440, 598, 446, 606), fill=255)
    paper = at_size(find_paper(np.asarray(page)) > 0, np.asarray(page))
    for y, x in ((640, 440), (760, 450), (1000, 440), (1195, 450)):
        assert not paper[y, x]
    for y, x in ((500, 450), (900, 100), (1100, 850)):
        assert paper[y, x]


def test_most_balloons_are_found_and_nothing_else_is() -> None:
    found = total = 0
    for seed in range(8):
        page, pictures, balloons = lettered(seed)
        mask = at_size(find_balloons(page), page)
        # What balloons cut off is theirs to a few pixels.
        assert (mask & pictures).sum() < 0.01 * pictures.sum(), seed
        for balloon in balloons:
            if balloon.sum() > 4000:
                total += 1
                found += (mask & balloon).sum() > 0.8 * balloon.sum()
    assert total > 15
    assert found > 0.6 * total


def test_balloons_that_are_found_have_no_chroma_after_colouring() -> None:
    page, _, balloons = lettered(1)
    rng = np.random.default_rng(0)
    color = rng.integers(60, 200, (80, 60, 3), dtype=np.uint8)
    small = find_paper(page)
    result = lay_ink(page, color, small)
    mask = at_size(small > 0, page)
    for balloon in balloons:
        if (mask & balloon).sum() > 0.8 * balloon.sum():
            inside = balloon & resize(small, *page.shape).astype(bool) & mask
            spread = np.ptp(result[inside].astype(int), axis=1)
            assert np.percentile(spread, 95) <= 2
            assert spread.mean() < 1
    assert (result[:30] == page[:30, :, None]).all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (3000, 40), (64, 64)])
def test_any_size_works(shape: tuple[int, int]) -> None:
    for grey in (0, 255):
        assert find_paper(np.full(shape, grey, np.uint8)).ndim == 2
