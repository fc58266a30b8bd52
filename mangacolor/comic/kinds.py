"""What the parts of an invented comic are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mangacolor.comic.palette import RGB
from mangacolor.images.kinds import UNKNOWN, Kind

__all__ = ["kinds_of"]

WHOLE = {"paper": Kind.GUTTER, "balloon": Kind.BALLOON, "sound effect": Kind.EFFECT}
# By how a name starts, or else by the part that it ends with; all else is clothes.
GROUPS = {"backdrop": Kind.BACKDROP, "place": Kind.BACKDROP, "creature": Kind.CREATURE}
PARTS = {
    "skin": Kind.SKIN,
    "hair": Kind.HAIR,
    "hair tips": Kind.HAIR,
    "iris": Kind.EYE,
    "eye white": Kind.EYE,
    "mouth": Kind.MOUTH,
    "glasses": Kind.THING,
    "prop": Kind.THING,
    "accent": Kind.THING,
}


def kinds_of(
    names: Mapping[int, str], colors: Mapping[int, RGB] | None = None
) -> NDArray[np.uint8]:
    """The kind of each label of an invented comic.

    Args:
        names: label to name, as in `labels.json`.
        colors: label to colour; with them bare legs are skin and not clothes.

    Returns:
        uint8 (N,), N above every label: numbers of `Kind`, UNKNOWN where no label has a name.
    """
    kinds = np.full(max(names, default=-1) + 1, UNKNOWN, np.uint8)
    for label, name in names.items():
        kinds[label] = _kind(name)
    if colors:
        skins = {name: colors[k] for k, name in names.items() if name.endswith(" skin")}
        for label, name in names.items():
            if name.endswith(" legs") and colors[label] == skins.get(name[:-4] + "skin"):
                kinds[label] = Kind.SKIN
    return kinds


def _kind(name: str) -> Kind:
    group, _, part = name.partition(" ")
    # The first kind is 0: `or` would pass it over.
    return WHOLE.get(name, GROUPS.get(group, PARTS.get(part, Kind.CLOTHES)))
