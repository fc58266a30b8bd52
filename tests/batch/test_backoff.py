from __future__ import annotations

import itertools

import pytest

from mangacolor.batch.backoff import GroupSize, Room


def run(size: GroupSize, room: int, groups: int) -> list[int]:
    """Groups of full size, on a device with room for so many pages; gives their sizes."""
    tried = []
    for _ in range(groups):
        tried.append(size.now)
        if size.now > room:
            size.failed(size.now)
        else:
            size.went_well(size.now)
    return tried


def test_what_fails_is_halved_and_what_worked_is_kept() -> None:
    size = GroupSize(8)
    assert run(size, 3, 10) == [8, 4, *[2] * 8]


def test_it_never_falls_below_one_page() -> None:
    size = GroupSize(4)
    size.failed(1)
    assert size.now == 1


def test_when_there_is_room_again_groups_grow_to_what_they_were() -> None:
    size = GroupSize(8)
    run(size, 2, 3)
    assert size.now == 2
    run(size, 8, 100)
    assert size.now == 8


@pytest.mark.parametrize("room", [1, 2, 3])
def test_tries_that_fail_become_rare(room: int) -> None:
    tried = run(GroupSize(4), room, 3000)
    failures = [i for i, count in enumerate(tried) if count > room]
    assert 3 <= len(failures) <= 8
    steps = [later - earlier for earlier, later in itertools.pairwise(failures[2:])]
    assert steps == sorted(steps)


def test_a_last_group_of_few_pages_proves_nothing() -> None:
    size = GroupSize(8)
    size.failed(8)
    for _ in range(100):
        size.went_well(1)
    assert size.now == 4


def test_a_group_from_before_the_failure_does_not_make_it_larger() -> None:
    size = GroupSize(8)
    size.failed(4)
    size.failed(8)
    assert size.now == 2


def test_several_pages_become_fewer_and_one_becomes_smaller_down_to_a_least_size() -> None:
    room = Room(512, 4)
    assert room.failed(4, 512)
    assert (room.together, room.size) == (2, 512)
    sizes = []
    while room.failed(1, room.size):
        sizes.append(room.size)
    assert sizes == sorted(set(sizes), reverse=True)
    assert sizes[0] < 512 and sizes[-1] == room.size >= 128
    assert room.asked == 512


def test_where_no_size_decides_on_a_page_none_is_tried() -> None:
    room = Room(0, 1)
    assert not room.failed(1, 0)
    assert room.size == 0
