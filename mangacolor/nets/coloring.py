"""What the networks that colour hand on to each other, and its sizes."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

__all__ = ["COPY_STRIDE", "FUSION_BLOCKS", "REFERENCE_MULTIPLE", "Painting", "Style"]

FUSION_BLOCKS = 4
# Tokens stand for 8x8 pixels of the reference, and colours are copied at 1/8 of the page.
COPY_STRIDE = 8
# Five halvings; also the smallest reference that reflection padding allows is twice this.
REFERENCE_MULTIPLE = 32


class Style(NamedTuple):
    """What the references give to the colorizer.

    Attributes:
        codes: float (N, L, code_size); L is 1 for `code` and 4, deepest first, otherwise.
        keys: float (N, K, key_size), one per 8x8 pixels of every reference, unit vectors when the
            style leaves the generator; None unless colours are looked up place by place.
        values: float (N, K, V), what is looked up there: the mean colour of those pixels, V = 3,
            in [-1, 1], or features of them, V = key_size; None likewise.
    """

    codes: Tensor
    keys: Tensor | None = None
    values: Tensor | None = None


class Painting(NamedTuple):
    """What the colorizer makes of a picture.

    Attributes:
        pyramid: four float (N, 3, h/k, w/k), k = 8, 4, 2, 1, sRGB in [-1, 1].
        copied: float (N, 3, h/8, w/8), the colours looked up in the references, before the
            decoder refines them; None unless colours are looked up.
        scores: float (N, Q, K), how well each of K places of the references fits each of Q places
            of the page, 8x8 pixels each, row by row, before the softmax; None unless something is
            looked up.
    """

    pyramid: tuple[Tensor, ...]
    copied: Tensor | None = None
    scores: Tensor | None = None
