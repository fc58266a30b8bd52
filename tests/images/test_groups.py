from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.groups import Change, find_groups, name_of, recolored

RED, BLUE, GREEN = (200, 40, 40), (60, 90, 190), (90, 160, 80)


def drawn() -> np.ndarray:
    """uint8 (400, 600, 3): two heads, red with blue, far from each other on green."""
    picture = Image.new("RGB", (600, 400), GREEN)
    pen = ImageDraw.Draw(picture)
    for x in (60, 400):
        pen.rectangle((x, 100, x + 120, 180), fill=RED, outline="black", width=4)
        pen.rectangle((x, 178, x + 120, 260), fill=BLUE, outline="black", width=4)
    return np.asarray(picture)


def test_what_is_close_is_a_group_and_what_is_behind_is_the_background() -> None:
    left, right, behind = find_groups(drawn())
    assert behind.background
    assert behind.shades[0].color == GREEN
    assert left.box[2] < 0.5 < right.box[0]
    for group in (left, right):
        assert not group.background
        assert {shade.color for shade in group.shades} == {RED, BLUE}


def test_points_lie_in_their_areas_and_shares_are_those_of_the_picture() -> None:
    picture = drawn()
    h, w = picture.shape[:2]
    for group in find_groups(picture):
        for shade in group.shades:
            for x, y in shade.points:
                assert tuple(picture[int(y * h), int(x * w)]) == shade.color
    total = sum(shade.share for group in find_groups(picture) for shade in group.shades)
    assert total == pytest.approx(1.0)


def test_a_change_changes_its_areas_alone_and_no_ink() -> None:
    picture = drawn()
    left = find_groups(picture)[0]
    red = next(shade for shade in left.shades if shade.color == RED)
    result = recolored(picture, [Change(red.points, RED, (30, 200, 220))])
    here = (picture == RED).all(axis=2)
    here[:, 300:] = False
    assert (result[here] == (30, 200, 220)).all()
    ink = (picture == 0).all(axis=2)
    assert (result[~here] == picture[~here]).all()
    assert (result[ink] == 0).all()


def test_pictures_without_areas_offer_nothing() -> None:
    assert find_groups(np.full((3, 3, 3), 255, np.uint8)) == []


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ((255, 255, 255), "white"),
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((220, 20, 20), "red"),
        ((20, 30, 70), "dark blue"),
        ((190, 230, 250), "pale blue"),
        ((120, 75, 40), "brown"),
        ((80, 160, 70), "green"),
    ],
)
def test_colours_have_plain_names(color: tuple[int, int, int], name: str) -> None:
    assert name_of(color) == name
