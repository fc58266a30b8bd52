"""What references offer together."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.runtime import reference_areas as offered
from mangacolor.runtime.reference_areas import ReferenceAreas, gathered, joined, nothing


def part(*numbers: int, sizes: list[float] | None = None) -> ReferenceAreas:
    """Areas that are told apart by their numbers, of one picture."""
    count = len(numbers)
    values = np.array(numbers, np.float32)[:, None]
    return ReferenceAreas(
        np.repeat(values, 4, axis=1),
        np.repeat(values, 3, axis=1).astype(np.uint8),
        places=np.concatenate([0 * values, values / 100, values / 200], axis=1),
        sizes=np.array(sizes or [1.0] * count, np.float32),
        looks=np.repeat(values, 2, axis=1),
        kinds=np.eye(len(Kind), dtype=np.float32)[[number % len(Kind) for number in numbers]],
    )


def numbers_of(areas: ReferenceAreas) -> list[int]:
    """Which areas these are, by all that is known of them."""
    numbers = areas.tokens[:, 0].astype(int)
    for number, i in zip(numbers, range(len(numbers)), strict=True):
        alone = part(int(number))
        assert (areas.tokens[i] == alone.tokens[0]).all()
        assert (areas.colors[i] == alone.colors[0]).all()
        assert (areas.looks[i] == alone.looks[0]).all()
        assert (areas.places[i, 1:] == alone.places[0, 1:]).all()
        if areas.kinds.size:
            assert (areas.kinds[i] == alone.kinds[0]).all()
    return [int(number) for number in numbers]


def test_areas_of_several_references_keep_their_place_and_the_number_of_their_reference() -> None:
    whole = gathered([part(1, 2), nothing(), part(3)])
    assert numbers_of(whole) == [1, 2, 3]
    assert whole.places[:, 0].tolist() == [0, 0, 2]
    assert whole.sizes.tolist() == [1, 1, 1]
    assert whole.left_out == 0
    assert len(gathered([nothing(), nothing()]).tokens) == 0
    assert len(gathered([]).tokens) == 0


def test_what_is_given_twice_is_there_once_and_another_colour_of_it_is_another() -> None:
    other = dataclasses.replace(part(2), colors=np.array([[9, 9, 9]], np.uint8))
    whole = gathered([part(1, 2), part(2, 3), other])
    assert whole.tokens[:, 0].tolist() == [1, 2, 3, 2]
    assert whole.places[:, 0].tolist() == [0, 0, 1, 2]
    assert whole.left_out == 0


def test_the_largest_are_kept_in_order_and_how_many_are_not_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offered, "MOST_LOOKS", 3)
    first = dataclasses.replace(part(1, 2, sizes=[0.1, 0.5]), left_out=10)
    whole = gathered([first, part(3, 4, 2, sizes=[0.2, 0.9, 0.5])])
    assert numbers_of(whole) == [2, 3, 4]
    assert whole.sizes.tolist() == pytest.approx([0.5, 0.2, 0.9])
    # The one that is there twice is not left out.
    assert whole.left_out == 11


def test_attention_sees_the_largest_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered, "MOST_REFERENCE_AREAS", 2)
    assert part(1, 2, 3, sizes=[0.3, 0.1, 0.2]).attended.tolist() == [0, 2]
    assert part(1, 2, 3).attended.tolist() == [0, 1]
    assert part(1, 2, sizes=[0.1, 0.3]).attended.tolist() == [0, 1]


def test_kinds_are_known_of_all_or_of_none() -> None:
    without = dataclasses.replace(part(2), kinds=np.zeros((0, 0), np.float32))
    for together in (joined, gathered):
        assert len(together([part(1), part(2)]).kinds) == 2
        assert together([part(1), without]).kinds.size == 0


def test_what_is_empty_adds_nothing() -> None:
    first = dataclasses.replace(part(1, 2), left_out=3)
    whole = joined([nothing(), first, dataclasses.replace(nothing(), left_out=4), part(5)])
    assert numbers_of(whole) == [1, 2, 5]
    assert whole.places[:, 0].tolist() == [0, 0, 0]
    assert whole.sizes.tolist() == [1, 1, 1]
    assert whole.left_out == 7
    assert len(joined([nothing()]).tokens) == 0


def test_colours_that_are_nearly_one_vote_together() -> None:
    colors = [(200, 30, 30), (0, 0, 255), (206, 30, 30), (203, 66, 30), (203, 30, 67), (255, 0, 0)]
    groups = ReferenceAreas(np.zeros((6, 4), np.float32), np.array(colors, np.uint8)).palette
    together = groups.near[np.ix_(groups.group, groups.group)]
    assert (together == together.T).all()
    assert (np.diag(together) == 1).all()
    # Colours that differ in one channel alone are others.
    ends = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    assert (ReferenceAreas(np.zeros((4, 4), np.float32), ends).palette.near == np.eye(4)).all()
    # The first and the third are in one cube, whose mean is at 203; up to 36 from it is near.
    assert groups.group[0] == groups.group[2]
    assert together[0].tolist() == [1, 0, 1, 1, 0, 0]
    assert together[1].tolist() == [0, 1, 0, 0, 0, 0]
    # Areas of a group follow each other from where it starts.
    stops = [*groups.starts[1:], len(colors)]
    for number, (start, end) in enumerate(zip(groups.starts, stops, strict=True)):
        members = groups.order[start:end]
        assert len(members) > 0
        assert (groups.group[members] == number).all()
    assert sorted(groups.order.tolist()) == list(range(6))


def test_panels_of_several_references_are_told_apart() -> None:
    one = dataclasses.replace(part(1, 2, 3), panels=np.array([0, 1, -1], np.int32))
    other = dataclasses.replace(part(4, 5), panels=np.array([0, 0], np.int32))
    assert gathered([one, other]).panels.tolist() == [0, 1, -1, 2, 2]
    assert joined([one, other]).panels.tolist() == [0, 1, -1, 2, 2]
    # What is known of some only is not known of all.
    assert not joined([one, part(4, 5)]).panels.size
