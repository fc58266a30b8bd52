"""Areas of references, described once a chapter: what those of pages are compared with."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence

import numpy as np

from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.geometry import Float32, UInt8, to_grey, to_signed
from mangacolor.images.panels import find_panels
from mangacolor.images.pieces import inner_points
from mangacolor.images.tones import smooth_tones
from mangacolor.images.views import cut_views
from mangacolor.runtime.area_model import AreaModel, described
from mangacolor.runtime.surfaces import see_surfaces

__all__ = ["ReferenceAreas", "gathered", "joined", "read_references"]

# Areas of all references together that a page is compared with: the largest.
MOST_REFERENCE_AREAS = 1024
# Largest distance of two colours, of 255 a channel, that vote together.
_ONE_COLOR = 36.0


@dataclasses.dataclass(frozen=True)
class ReferenceAreas:
    """What a chapter's references offer.

    Attributes:
        tokens: float32 (T, D).
        colors: uint8 (T, 3) sRGB.
        left_out: areas beyond the largest so many.
        places: float32 (T, 3), number of the reference, and a point in the area, across and down
            as shares of its sides; empty if it is not known.
        sizes: float32 (T,), of the view in which each was seen; empty if it is not known.
    """

    tokens: Float32
    colors: UInt8
    left_out: int = 0
    places: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 3), np.float32))
    sizes: Float32 = dataclasses.field(default_factory=lambda: np.zeros(0, np.float32))

    @functools.cached_property
    def together(self) -> Float32:
        """1 for colours that are nearly one, and vote together: float32 (T, T)."""
        return _votes_together(self.colors)


def read_references(
    model: AreaModel, pictures: Iterable[UInt8], worn: Iterable[UInt8] | None = None
) -> ReferenceAreas:
    """Describes the areas of references, one after the other: memory does not grow with them.

    Args:
        model: the networks.
        pictures: uint8 (H, W, 3) sRGB.
        worn: the same pictures in the colours that areas are to have, if these are others: what is
            matched stays what it is.
    """
    both = ((x, x) for x in pictures) if worn is None else zip(pictures, worn, strict=True)
    return gathered([_read_reference(model, picture, other) for picture, other in both])


def _read_reference(model: AreaModel, picture: UInt8, worn: UInt8) -> ReferenceAreas:
    tokens, colors, sizes, places = [], [], [], []
    grey = to_grey(picture)
    found = see_surfaces(model, grey, color=picture)
    areas = find_areas(smooth_tones(grey)) if found is None else found.areas
    palette = area_colors(areas, grey, picture)
    given = palette if worn is picture else area_colors(areas, grey, worn)
    points = inner_points(areas, len(palette))
    for view in cut_views(picture, areas, find_panels(picture)):
        shades = palette[view.numbers]
        features = described(model, view)
        tokens.append(model.read(features, view.facts, to_signed(shades)))
        colors.append(given[view.numbers])
        places.append(np.insert(points[view.numbers], 0, 0, axis=1))
        sizes.append((view.sizes / view.sizes.sum()).astype(np.float32))
    if not tokens:
        return ReferenceAreas(np.zeros((0, 1), np.float32), np.zeros((0, 3), np.uint8))
    return ReferenceAreas(
        np.concatenate(tokens),
        np.concatenate(colors),
        places=np.concatenate(places),
        sizes=np.concatenate(sizes),
    )


def gathered(parts: Sequence[ReferenceAreas]) -> ReferenceAreas:
    """What several references offer together, the largest areas of them all.

    Args:
        parts: what each offers, of `read_references`.
    """
    some = [(number, part) for number, part in enumerate(parts) if len(part.tokens)]
    if not some:
        return ReferenceAreas(np.zeros((0, 1), np.float32), np.zeros((0, 3), np.uint8))
    sizes = np.concatenate([part.sizes for _, part in some])
    kept = np.sort(np.argsort(-sizes, kind="stable")[:MOST_REFERENCE_AREAS])
    places = [np.insert(part.places[:, 1:], 0, number, axis=1) for number, part in some]
    return ReferenceAreas(
        np.concatenate([part.tokens for _, part in some])[kept],
        np.concatenate([part.colors for _, part in some])[kept],
        sum(part.left_out for part in parts) + len(sizes) - len(kept),
        np.concatenate(places)[kept],
        sizes[kept],
    )


def joined(references: Sequence[ReferenceAreas]) -> ReferenceAreas:
    """Several as one; what is empty adds nothing."""
    some = [x for x in references if len(x.tokens)] or list(references[:1])
    return ReferenceAreas(
        np.concatenate([x.tokens for x in some]),
        np.concatenate([x.colors for x in some]),
        sum(x.left_out for x in references),
        np.concatenate([x.places for x in some]),
    )


def _votes_together(colors: UInt8) -> Float32:
    """1 for colours that are nearly one: float32 (T, T)."""
    values = colors.astype(np.float32)
    square = (values * values).sum(axis=1)
    apart = square[:, None] + square[None] - 2 * values @ values.T
    together: Float32 = (apart <= _ONE_COLOR**2).astype(np.float32)
    return together
