"""Who is whose reference, and the pictures at the size at which they are scored."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from mangacolor.color import luma
from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example, by_series
from mangacolor.data.lineart import draw_ink
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.strips import working_size

__all__ = ["PROTOCOLS", "Protocol", "read_scaled", "reference_lists", "references"]

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
    for index in order:
        others = [other for other in order if examples[other].series != examples[index].series]
        if others:
            chosen[index] = int(rng.choice(others))
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
    chosen = {}
    for index in order:
        if index not in first:
            continue
        mine = examples[index].series
        rest = [
            other
            for other in order
            if other not in (index, first[index])
            and (examples[other].series == mine) is (protocol == "series")
        ]
        # Of each picture's own, so that no other picture's number of candidates matters.
        rng = np.random.default_rng([seed, order.index(index)])
        more = rng.permutation(len(rest))[: count - 1]
        chosen[index] = (first[index], *(rest[position] for position in more))
    return chosen


def read_scaled(example: Example, size: int) -> tuple[Tensor, Tensor]:
    """Truth (1, 3, h, w) and line art (1, 1, h, w), signed, with a longer side of `size`; of a
    strip, the `working_size`.
    """
    color, lineart = read_example(example)
    height, width = working_size(color.shape[0], color.shape[1], size)
    truth = _signed(resize(color, height, width))
    if lineart is None:
        return truth, draw_ink(truth)
    return truth, luma(_signed(resize(lineart, height, width)))


def _signed(picture: UInt8) -> Tensor:
    """uint8 (h, w, 3) -> float (1, 3, h, w) in [-1, 1]."""
    return torch.from_numpy(picture.transpose(2, 0, 1).copy())[None].float() / 127.5 - 1
