"""Lays over a drawing what a mangaka lays over it, part by part, from exact labels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mangacolor.images.kinds import UNKNOWN, Kind
from mangacolor.manga.behind import lay_panels
from mangacolor.manga.fields import Grey
from mangacolor.manga.folds import draw_folds, open_hair
from mangacolor.manga.ground import Grounds
from mangacolor.manga.hand import Hand, make_hand
from mangacolor.manga.layer import InkLayer
from mangacolor.manga.lines import draw_lines
from mangacolor.manga.parts import find_parts
from mangacolor.manga.scan import scan_page
from mangacolor.manga.words import add_words, mark_letters

__all__ = ["Laid", "lay_manga"]

Labels = NDArray[np.uint16] | NDArray[np.int32]

# What is left as it is: paper, words, and the eyes and mouths that a reader looks at.
WORDS = (Kind.BALLOON, Kind.LETTERING, Kind.EFFECT)
BARE = {*WORDS, Kind.GUTTER, Kind.EYE, Kind.MOUTH, UNKNOWN}


class Laid(NamedTuple):
    """A page as it is printed.

    Attributes:
        page: uint8 (H, W), 0 ink ... 255 paper.
        labels: (H, W), what is one thing, as it came but for words that are drawn anew.
        kinds: uint8 (H, W), numbers of `Kind`, or UNKNOWN.
    """

    page: Grey
    labels: Labels
    kinds: Grey


def lay_manga(
    ink: Grey,
    labels: Labels,
    kinds: Grey,
    rng: np.random.Generator,
    hand: Hand | None = None,
    words: bool = True,
) -> Laid:
    """Lays tone, shadow, hatching, blacks and strands over a drawing, and gaps into its lines.

    Args:
        ink: uint8 (H, W), lines and words, 0 ink ... 255 paper.
        labels: uint16 or int32 (H, W), which thing is where.
        kinds: uint8 (N,), the kind of each label.
        rng: source of all randomness.
        hand: how; None draws lots for one.
        words: whether captions and effects are drawn anew over the page, with labels of their own.
    """
    hand = hand or make_hand(rng)
    layer = InkLayer(labels.shape)
    grounds = Grounds(layer, hand, rng)
    for part in find_parts(labels):
        kind = int(kinds[part.label])
        if kind not in BARE:
            grounds.lay(part, Kind(kind))
    there = kinds[labels]
    lay_panels(grounds, there)
    keep = np.isin(there, WORDS)
    line = open_hair(draw_folds(ink, labels, there, hand, rng), there, hand, rng)
    page = layer.over(draw_lines(line, keep, there == Kind.GUTTER, hand, rng))
    mark_letters(ink, there)
    if words:
        page, labels = add_words(page, labels, there, hand, rng)
    if hand.scan:
        page = scan_page(page, hand.scan, rng)
    return Laid(page, labels, there)
