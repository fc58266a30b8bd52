"""Who is whose reference."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from random import Random
from typing import Literal

import numpy as np

from mangacolor.data.layouts import Example, by_series

__all__ = ["PROTOCOLS", "Protocol", "reference_lists", "references"]

Protocol = Literal["own", "series", "other"]
PROTOCOLS: tuple[Protocol, ...] = ("own", "series", "other")


def references(examples: list[Example], protocol: Protocol, seed: int) -> dict[int, int]:
    """Which example is whose reference; examples without one are left out.

    `own`: every picture itself. `series`: another picture of its series, so pictures that are
    alone in theirs are left out. `other`: a picture of another series, nobody gets its own.
    """
    if protocol == "own":
        return {index: index for index in range(len(examples))}
    rng = np.random.default_rng(seed)
    # By name, so that the order in which files were found decides nothing.
    order = sorted(range(len(examples)), key=lambda index: examples[index].name)
    if protocol == "series":
        groups = by_series([examples[index] for index in order])
        chosen = {}
        for group in groups.values():
            members = [order[position] for position in group]
            shift = int(rng.integers(1, len(members))) if len(members) > 1 else 0
            for position, index in enumerate(members):
                if shift:
                    chosen[index] = members[(position + shift) % len(members)]
        return chosen
    chosen = {}
    before = _before(by_series([examples[index] for index in order]))
    for index in order:
        own = before[examples[index].series]
        others = len(order) - len(own)
        if others:
            number = int(rng.integers(others))
            chosen[index] = order[number + bisect.bisect_right(own, number)]
    return chosen


def reference_lists(
    examples: list[Example], protocol: Protocol, seed: int, count: int
) -> dict[int, tuple[int, ...]]:
    """The same with up to `count` references each, the one of `references` first.

    `own`: the picture itself alone. `series`: as many other pictures of the series as there are.
    `other`: pictures of any other series.
    """
    first = references(examples, protocol, seed)
    if protocol == "own" or count == 1:
        return {index: (other,) for index, other in first.items()}
    order = sorted(range(len(examples)), key=lambda index: examples[index].name)
    places = by_series([examples[index] for index in order])
    before = _before(places)
    chosen = {}
    for place, index in enumerate(order):
        if index not in first:
            continue
        mine = examples[index].series
        # Of each picture's own, so that no other picture's number of candidates matters.
        random = Random(f"{seed} {place}")
        if protocol == "series":
            size = len(places[mine])
            drawn = [
                order[places[mine][i]] for i in random.sample(range(size), min(size, count + 1))
            ]
        else:
            own, size = before[mine], len(order) - len(before[mine])
            numbers = random.sample(range(size), min(size, count))
            drawn = [order[number + bisect.bisect_right(own, number)] for number in numbers]
        more = [other for other in drawn if other not in (index, first[index])]
        chosen[index] = (first[index], *more[: count - 1])
    return chosen


def _before(places: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """How many others come before each picture of a series, in rising order: the n-th other of a
    series stands as many places later as there are pictures of it that have at most n before.
    """
    return {series: [place - i for i, place in enumerate(mine)] for series, mine in places.items()}
