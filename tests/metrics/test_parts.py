"""The laws of parts in their own hue."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.metrics.judged import share_right
from mangacolor.metrics.parts import find_parts, is_of_cast

H, W = 700, 500
RED, BLUE, GREEN, WHITE = (220, 60, 60), (60, 90, 220), (70, 170, 80), (250, 250, 250)
# Two characters' hair and coats, a creature's fur, eye white, a place and a balloon.
COLORS = {
    16: RED,
    17: BLUE,
    40: GREEN,
    41: (240, 200, 90),
    256: (150, 100, 60),
    20: WHITE,
    360: (90, 160, 250),
    1: WHITE,
}
BOXES = {
    360: (0, 0, W, H),
    16: (20, 20, 200, 150),
    17: (220, 20, 300, 100),
    40: (20, 200, 450, 420),
    41: (320, 30, 480, 180),
    256: (40, 450, 90, 500),
    20: (200, 450, 300, 520),
    1: (320, 450, 480, 600),
}


def drawing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth in flat colours under lines, page, labels."""
    truth, labels = Image.new("RGB", (W, H)), Image.new("I", (W, H))
    page = Image.new("L", (W, H), 255)
    for label, box in BOXES.items():
        ImageDraw.Draw(truth).rectangle(box, COLORS[label], "black")
        ImageDraw.Draw(page).rectangle(box, None, 0)
        ImageDraw.Draw(labels).rectangle(box, label)
    return np.array(truth), np.array(page), np.array(labels).astype(np.uint16)


TRUTH, PAGE, LABELS = drawing()
HUED = {16, 17, 40, 41, 256}


def right(result: np.ndarray, page: np.ndarray = PAGE) -> dict[int, bool]:
    return {part.label: part.right for part in find_parts(result, page, LABELS, COLORS)}


def painted(**changes: tuple[int, int, int]) -> np.ndarray:
    """The truth with parts in other colours, by `l16=...`."""
    result = TRUTH.copy()
    for name, color in changes.items():
        result[int(name[1:]) == LABELS] = color
    return result


def test_the_truth_is_right_and_grey_is_not() -> None:
    assert right(TRUTH) == dict.fromkeys(HUED, True)
    assert share_right(find_parts(TRUTH, PAGE, LABELS, COLORS)) == 1
    grey = np.repeat(PAGE[..., None], 3, axis=2)
    assert right(grey) == dict.fromkeys(HUED, False)
    assert share_right(find_parts(grey, PAGE, LABELS, COLORS)) == 0


def test_two_parts_that_change_colours_are_wrong_and_no_others() -> None:
    found = right(painted(l16=BLUE, l17=RED))
    assert found == {label: label not in (16, 17) for label in HUED}


def test_weak_colour_of_the_right_hue_is_not_enough() -> None:
    def towards_grey(share: float) -> tuple[int, int, int]:
        r, g, b = (round(c + (110 - c) * share) for c in RED)
        return r, g, b

    assert right(painted(l16=towards_grey(0.4)))[16]
    assert not right(painted(l16=towards_grey(0.8)))[16]


def test_shade_is_no_matter() -> None:
    assert right((TRUTH * 0.75).astype(np.uint8)) == dict.fromkeys(HUED, True)


def test_what_is_solid_black_or_too_small_is_left_out() -> None:
    black = PAGE.copy()
    black[LABELS == 40] = 10
    assert set(right(TRUTH, black)) == HUED - {40}
    # Of 1.4 megapixels 150 would be 37 here.
    colors = {**COLORS, 100: RED, 101: RED}
    labels = LABELS.copy()
    labels[600:606, 100:106], labels[600:607, 150:156] = 100, 101
    found = {part.label for part in find_parts(TRUTH, PAGE, labels, colors)}
    assert found == HUED | {101}


@pytest.mark.parametrize("scale", [0.5, 0.77, 2.0])
def test_the_scale_of_the_picture_hardly_matters(scale: float) -> None:
    size = (round(W * scale), round(H * scale))
    result = painted(l16=BLUE)

    def resized(picture: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR))

    labels = np.asarray(Image.fromarray(LABELS).resize(size, Image.Resampling.NEAREST))
    small = find_parts(resized(result), resized(PAGE), labels, COLORS)
    expected = find_parts(result, PAGE, LABELS, COLORS)
    assert share_right(small) == pytest.approx(share_right(expected), abs=0.02)
    assert [part.label for part in small] == [part.label for part in expected]


def test_order_decides_nothing_and_size_does_by_its_root() -> None:
    parts = [
        part
        for result in (TRUTH, painted(l40=RED), painted(l17=RED, l256=BLUE))
        for part in find_parts(result, PAGE, LABELS, COLORS)
    ]
    expected = share_right(parts)
    for seed in range(5):
        random.Random(seed).shuffle(parts)
        assert share_right(parts) == expected
    large, small = parts[0]._replace(size=900, right=True), parts[0]._replace(size=100, right=False)
    assert share_right([large, small]) == pytest.approx(30 / 40)
    assert math.isnan(share_right([]))


def test_only_casts_and_creatures_are_counted() -> None:
    assert [is_of_cast(label) for label in (0, 2, 15, 16, 319, 320, 400)] == [
        *(False, False, False, True, True, False, False)
    ]
    assert find_parts(TRUTH, PAGE, np.zeros_like(LABELS), COLORS) == []


def test_pictures_of_other_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        find_parts(TRUTH[1:], PAGE, LABELS, COLORS)
