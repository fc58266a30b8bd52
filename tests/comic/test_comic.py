"""The invented comic: its layers belong together, and its characters keep their colours."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from random import Random

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mangacolor.comic.cover import draw_cover
from mangacolor.comic.curves import oval
from mangacolor.comic.frames import lay_frames
from mangacolor.comic.looks import KINDS, random_look
from mangacolor.comic.page import DrawnPage, draw_page, finish, page_frames
from mangacolor.comic.pairs import ComicPair, draw_pair
from mangacolor.comic.palette import BALLOON, PAPER
from mangacolor.comic.panel import open_canvas
from mangacolor.comic.screens import SCREENS, screen
from mangacolor.comic.series import Series

SIZE = 96


def digest(pair: ComicPair) -> str:
    hashed = hashlib.sha256()
    for drawing in (pair.target, *pair.references):
        for layer in drawing:
            hashed.update(layer.tobytes())
    return hashed.hexdigest()


def eroded(mask: NDArray[np.bool_], by: int = 2) -> NDArray[np.bool_]:
    """Where all places around are in the mask as well."""
    inside = np.pad(mask, by)
    for axis in (0, 1):
        inside = np.logical_and.reduce([np.roll(inside, k, axis) for k in range(-by, by + 1)])
    return inside[by:-by, by:-by]


@pytest.fixture(scope="module")
def pages() -> list[tuple[Series, list[DrawnPage]]]:
    drawn = []
    for seed in (1, 2, 5):
        series = Series(seed)
        drawn.append((series, [draw_page(series, number, 500, 700) for number in range(3)]))
    return drawn


def test_seeds_stay_the_same_people() -> None:
    hashed = hashlib.sha256()
    for seed in range(300):
        random = Random(seed)
        look = random_look(random, KINDS[seed % len(KINDS)], 1.0)
        hashed.update(f"{look} {random.random()}".encode())
    assert hashed.hexdigest()[:16] == "61abe88e50273f97"


def test_a_seed_gives_one_drawing_in_every_process() -> None:
    code = (
        "import sys; sys.path[:0] = ['.']\n"
        "from tests.comic.test_comic import digest, SIZE\n"
        "from mangacolor.comic.pairs import draw_pair\n"
        "print(*[digest(draw_pair(seed, SIZE, 2)) for seed in range(6)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [digest(draw_pair(seed, SIZE, 2)) for seed in range(6)]


def test_seeds_differ() -> None:
    assert len({digest(draw_pair(seed, SIZE)) for seed in range(30)}) == 30


@pytest.mark.parametrize("references", [1, 3])
def test_a_pair_is_as_large_as_asked_for(references: int) -> None:
    pair = draw_pair(4, 128, references, 64)
    assert len(pair.references) == references
    for drawing, side in [(pair.target, 128), *((one, 64) for one in pair.references)]:
        assert drawing.color.shape == (side, side, 3)
        assert drawing.lineart.shape == drawing.labels.shape == (side, side)
        assert drawing.color.dtype == drawing.lineart.dtype == np.uint8
        assert drawing.labels.dtype == np.uint16


def test_references_show_whom_they_are_for() -> None:
    shared = []
    for seed in range(40):
        pair = draw_pair(seed, SIZE)
        # Labels of the cast alone: places and backdrops may well differ.
        target, reference = (
            {label for label in np.unique(one.labels).tolist() if 16 <= label < 256}
            for one in (pair.target, pair.references[0])
        )
        shared.append(len(target & reference) / max(1, len(target)))
    assert np.mean(shared) > 0.6


def test_every_place_has_a_label_that_has_a_name(
    pages: list[tuple[Series, list[DrawnPage]]],
) -> None:
    for series, drawn in pages:
        for page in drawn:
            assert set(np.unique(page.labels).tolist()) <= series.palette.names.keys()
            # Gutters and margins are paper; what is drawn is not.
            assert 0.01 < (page.labels == PAPER).mean() < 0.4


def test_a_part_keeps_its_colour_on_all_pages(pages: list[tuple[Series, list[DrawnPage]]]) -> None:
    for series, drawn in pages:
        for page in drawn:
            for label in np.unique(page.labels).tolist():
                flat = np.unique(page.flat[page.labels == label], axis=0)
                assert flat.tolist() == [list(series.palette.colors[label])]


def test_most_of_a_part_is_painted_in_its_colour_or_its_shade(
    pages: list[tuple[Series, list[DrawnPage]]],
) -> None:
    for series, drawn in pages:
        if series.manner.soft:
            continue
        for who in series.cast:
            for part in ("skin", "hair", "top"):
                label = who.label(part)
                seen: Counter[tuple[int, ...]] = Counter()
                for page in drawn:
                    bare = eroded((page.labels == label) & (page.ink == 255), 1)
                    seen.update(map(tuple, page.color[bare].tolist()))
                if seen.total() < 400:
                    continue
                paints = series.palette.paints[label]
                own = [paints.color, paints.shade, paints.light]
                colors = [(c >> 16 & 255, c >> 8 & 255, c & 255) for c in own]
                assert sum(seen[color] for color in colors) > 0.8 * seen.total()


def test_balloons_have_no_colour(pages: list[tuple[Series, list[DrawnPage]]]) -> None:
    found = 0
    for _, drawn in pages:
        for page in drawn:
            inside = page.color[eroded(page.labels == BALLOON)].astype(int)
            found += len(inside)
            assert (np.ptp(inside, axis=1) == 0).all()
    assert found > 5000


def test_line_art_is_the_ink_and_more(pages: list[tuple[Series, list[DrawnPage]]]) -> None:
    for _, drawn in pages:
        for page in drawn:
            words = page.labels == BALLOON
            assert (page.lineart[~words] <= page.ink[~words]).all()
            assert page.ink.min() < 40
            assert (page.ink > 250).mean() > 0.5
            # What is ink is dark in the colour picture, too.
            assert page.color[page.ink < 40].mean() < 60


def test_no_paper_shows_between_a_line_and_what_is_black() -> None:
    series = Series(0)
    label = max(series.palette.names) + 1
    series.palette.add(label, "black", (20, 20, 30), black=True)
    canvas = open_canvas(series, 80, 80)
    for x, r in ((30, 20.3), (47, 22.6)):
        canvas.paint(oval(x, 40.4, r, r), label)
    page = finish(series, canvas.layers(), None, toned=True, inked=True)
    assert (page.lineart[eroded(page.labels == label, 1)] == 0).all()
    # Without blacks the lines are still there, and what they enclose is paper.
    bare = finish(series, canvas.layers(), None, toned=False, inked=False).lineart
    assert (bare[eroded(page.labels == label, 6)] == 255).any()


def test_parts_are_parted_by_ink(pages: list[tuple[Series, list[DrawnPage]]]) -> None:
    for _, drawn in pages:
        for page in drawn:
            labels = page.labels.astype(int)
            border = np.zeros(labels.shape, bool)
            border[:, 1:] |= labels[:, 1:] != labels[:, :-1]
            border[1:] |= labels[1:] != labels[:-1]
            near = ~eroded(page.lineart > 170, 2)
            assert near[border].mean() > 0.9


def test_a_cover_shows_everybody() -> None:
    for seed in range(4):
        series = Series(seed)
        cover = draw_cover(series, 300, 420)
        seen = set(np.unique(cover.labels).tolist())
        assert all(who.label("hair") in seen or who.label("hat") in seen for who in series.cast)
        chroma = np.ptp(cover.color.astype(int), axis=2)
        assert chroma.mean() > 15


def test_labels_of_a_series_do_not_overlap() -> None:
    for seed in range(50):
        series = Series(seed)
        owners = [*series.cast, *series.creatures, *series.places]
        named = [name.rsplit(" ", 1)[0] for name in series.palette.names.values()]
        assert len(set(series.palette.names.values())) == len(series.palette.names)
        assert all(any(owner.name in name for name in named) for owner in owners)  # type: ignore[attr-defined]


def test_every_look_can_be_drawn_at_every_turn() -> None:
    for seed in range(120):
        pair = draw_pair(1000 + seed, 64)
        assert (pair.target.lineart < 128).any()
        assert len(np.unique(pair.references[0].labels)) > 3


def test_frames_lie_on_the_page_side_by_side() -> None:
    for seed in range(60):
        frames = lay_frames(Random(seed), 500, 700)
        assert 2 <= len(frames) <= 13
        covered = np.zeros((700, 500), int)
        for frame in frames:
            x0, y0, x1, y1 = frame.box()
            assert -20 <= x0 < x1 <= 520
            assert -20 <= y0 < y1 <= 720
            assert x1 - x0 > 40
            assert y1 - y0 > 40
            covered[max(0, int(y0)) : int(y1), max(0, int(x0)) : int(x1)] += 1
        assert (covered > 0).mean() > 0.7


@pytest.mark.parametrize("kind", SCREENS)
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7])
def test_a_screen_covers_what_it_is_to(kind: str, share: float) -> None:
    density = np.full((160, 160), round(share * 255), np.uint8)
    ink = screen(density, kind, 5.0, 45.0)
    assert 1 - ink.mean() / 255 == pytest.approx(share, abs=0.06)
    assert ink.min() < 100
    assert ink.max() > 200


def test_where_there_is_no_tone_there_is_no_screen() -> None:
    density = np.zeros((40, 40), np.uint8)
    density[10:20, 10:20] = 128
    ink = screen(density, "dots", 4.0, 45.0)
    assert (ink[density == 0] == 255).all()
    assert (ink[density > 0] < 255).any()


def test_figures_break_out_of_their_frames_where_they_are_to() -> None:
    outside = []
    for seed in range(4):
        series = Series(seed)
        inside = np.zeros((420, 300), np.uint8)
        for frame in page_frames(series, 1, 300, 420):
            cv2.fillConvexPoly(inside, np.rint(np.array(frame.corners)).astype(np.int32), 1)
        # What is a pixel or two outside may be its line.
        away = cv2.dilate(inside, np.ones((7, 7), np.uint8)) == 0
        for broken in (0.0, 1.0):
            page = draw_page(series, 1, 300, 420, broken=broken)
            assert np.array_equal(page.flat, series.palette.flat(page.labels))
            cast = (page.labels >= 16) & (page.labels < 256) & away
            assert broken or not cast.any()
            outside.append(cast.sum() if broken else 0)
    assert sum(outside) > 100
