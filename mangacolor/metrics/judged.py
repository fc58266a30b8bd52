"""Things that are right or wrong, large and small, and the share that is right."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Judged", "share_right"]


class Judged(NamedTuple):
    """A part of somebody, or an area, on one page.

    Attributes:
        label: of the part, or the area's number.
        size: in pixels.
        right: whether it has the colour that it should have.
    """

    label: int
    size: float
    right: bool


def share_right(judged: Iterable[Judged]) -> float:
    """The share that is right, each thing with the root of its size for a weight.

    Args:
        judged: of any number of pages; their order decides nothing.

    Returns:
        0 ... 1, higher is better. NaN without any.
    """
    judged = list(judged)
    total = math.fsum(math.sqrt(one.size) for one in judged)
    good = math.fsum(math.sqrt(one.size) for one in judged if one.right)
    return good / total if total else math.nan
