"""What a place of a page is: the kinds that networks tell apart, and their numbers."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["UNKNOWN", "Kind"]

# For places of which nobody knows; losses and figures leave them out.
UNKNOWN = 255


class Kind(IntEnum):
    """Kinds of places; the numbers are stored in models and must not change."""

    GUTTER = 0
    BALLOON = 1
    LETTERING = 2
    EFFECT = 3
    BACKDROP = 4
    SKIN = 5
    HAIR = 6
    EYE = 7
    MOUTH = 8
    CLOTHES = 9
    THING = 10
    CREATURE = 11
