"""What is laid over a drawing: on things and not on paper and words, and always the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import cv2
import numpy as np
import pytest

from mangacolor.comic.kinds import kinds_of
from mangacolor.comic.page import DrawnPage, draw_page
from mangacolor.comic.series import Series
from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.manga.hand import make_hand
from mangacolor.manga.lay import Laid, lay_manga


@pytest.fixture(scope="module")
def drawn() -> tuple[DrawnPage, np.ndarray]:
    series = Series(3)
    return draw_page(series, 1, 400, 560), kinds_of(series.palette.names, series.palette.colors)


def lay(drawn: tuple[DrawnPage, np.ndarray], seed: int, words: bool = False, **other: Any) -> Laid:
    page, kinds = drawn
    rng = np.random.default_rng(seed)
    hand = dataclasses.replace(make_hand(rng, 1400), **other)
    return lay_manga(page.lines(), page.labels, kinds, rng, hand, words)


def test_a_seed_gives_one_page(drawn: tuple[DrawnPage, np.ndarray]) -> None:
    one, two, other = (lay(drawn, seed).page for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_what_is_laid_changes_no_labels(drawn: tuple[DrawnPage, np.ndarray]) -> None:
    page, kinds = drawn
    before, ink = page.labels.copy(), page.lines()
    laid = lay(drawn, 4)
    assert np.array_equal(page.labels, before)
    assert np.array_equal(laid.labels, before)
    letters = laid.kinds == Kind.LETTERING
    assert np.all(kinds[before][letters] == Kind.BALLOON)
    assert np.array_equal(laid.kinds[~letters], kinds[before][~letters])
    assert np.array_equal(page.lines(), ink)


@pytest.mark.parametrize("seed", range(4))
def test_paper_and_balloons_stay_as_they_are(
    drawn: tuple[DrawnPage, np.ndarray], seed: int
) -> None:
    laid = lay(drawn, seed, scan=None, swell=0.0, faint=0.0, folds=0.0)
    bare = np.isin(laid.kinds, (Kind.GUTTER, Kind.BALLOON, Kind.LETTERING))
    assert bare.any()
    # But for gaps in the frames, where it is lighter.
    assert np.all(laid.page[bare] >= drawn[0].lines()[bare])
    words = np.isin(laid.kinds, (Kind.BALLOON, Kind.LETTERING, Kind.EFFECT))
    assert np.array_equal(laid.page[words], drawn[0].lines()[words])


def test_letters_in_balloons_are_their_own_kind_and_outlines_are_not() -> None:
    labels = np.zeros((60, 80), np.uint16)
    labels[10:50, 10:70] = 1
    ink = np.full(labels.shape, 255, np.uint8)
    cv2.rectangle(ink, (11, 11), (68, 48), 0, 2)
    cv2.putText(ink, "No", (28, 38), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    kinds = np.array([Kind.GUTTER, Kind.BALLOON], np.uint8)
    laid = lay_manga(ink, labels, kinds, np.random.default_rng(1), words=False)
    letters = laid.kinds == Kind.LETTERING
    assert letters[20:42, 26:56].any()
    letters[20:42, 26:56] = False
    assert not letters.any()


def test_words_that_are_drawn_anew_are_things_of_their_own(
    drawn: tuple[DrawnPage, np.ndarray],
) -> None:
    before, found = drawn[0].labels, set()
    for seed in range(7, 11):
        laid = lay(drawn, seed, words=True, captions=30.0, letters=14.0, scan=None)
        fresh = laid.labels != before
        assert 0.002 < fresh.mean() < 0.7
        assert laid.labels[fresh].min() > before.max()
        found |= set(np.unique(laid.kinds[fresh]).tolist())
        # Around them nothing changes, but for soft edges and the thinnest of strokes.
        without = lay(drawn, seed, captions=30.0, letters=14.0, scan=None)
        near = cv2.dilate(fresh.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        assert (without.page[~near] != laid.page[~near]).mean() < 1e-4
    assert found == {Kind.LETTERING, Kind.EFFECT}


def test_most_pages_are_toned(drawn: tuple[DrawnPage, np.ndarray]) -> None:
    darker = [np.mean(drawn[0].lines().astype(float) - lay(drawn, seed).page) for seed in range(8)]
    assert sum(d > 5 for d in darker) >= 5


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (7, 5), (384, 384)])
def test_crops_of_any_size_are_laid(shape: tuple[int, int]) -> None:
    labels = np.full(shape, 1, np.int32)
    labels[shape[0] // 2 :] = 2
    kinds = np.array([UNKNOWN, Kind.CLOTHES, Kind.HAIR], np.uint8)
    for seed in range(6):
        ink = np.full(shape, 255, np.uint8)
        laid = lay_manga(ink, labels, kinds, np.random.default_rng(seed))
        assert laid.page.shape == shape
        assert laid.page.dtype == laid.kinds.dtype == np.uint8


def test_each_name_has_its_kind() -> None:
    names = {
        0: "paper",
        1: "balloon",
        2: "sound effect",
        3: "A skin",
        4: "A hair tips",
        5: "A iris",
        6: "A mouth",
        7: "A top",
        8: "A prop",
        9: "A legs",
        11: "place 2 second wall",
        12: "creature 1 eye white",
        13: "backdrop 4",
    }
    kinds = kinds_of(names)
    expected = [0, 1, 3, 5, 6, 7, 8, 9, 10, 9, UNKNOWN, 4, 11, 4]
    assert kinds.tolist() == expected
    colors = dict.fromkeys(names, (1, 2, 3))
    assert kinds_of(names, colors)[9] == Kind.SKIN


@pytest.mark.parametrize("seed", range(5))
def test_tone_shadow_and_hatching_leave_lines_visible(
    drawn: tuple[DrawnPage, np.ndarray], seed: int
) -> None:
    nothing_else: dict[str, Any] = {
        "gaps": 0.0,
        "faint": 0.0,
        "swell": 0.0,
        "open_hair": 0.0,
        "folds": 0.0,
    }
    laid = lay(drawn, seed, moved=0.0, halo=0.0, scan=None, **nothing_else)
    line = drawn[0].lines()
    # Nothing lies over ink, and where a line is the page is as dark as it.
    assert np.all(laid.page <= line)
    toned = lay(
        drawn,
        seed,
        moved=0.0,
        halo=0.0,
        scan=None,
        black=0.0,
        patterned=0.0,
        **nothing_else,
        hair=(0.5, 0.5, 0.0, 0.0, 0.0),
        washed=1.0,
        hatched=0.0,
        cast=0.0,
        shaded=0.0,
    )
    # A wash is never as dark as ink: lines between parts can be told from it.
    beside = cv2.erode(line, np.ones((5, 5), np.uint8)) == 255
    assert toned.page[line < 40].max() < 40
    assert np.quantile(toned.page[beside], 0.02) >= 10
