"""Areas of references, described once a chapter: what those of pages are compared with."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import AREA_PIXELS, Labels, area_colors, find_areas
from mangacolor.images.geometry import Float32, UInt8, fit_seen, resize, to_grey, to_signed
from mangacolor.images.outside import with_missed
from mangacolor.images.panels import Box, find_panels
from mangacolor.images.pieces import inner_points
from mangacolor.images.tones import smooth_tones
from mangacolor.images.views import cut_views, with_kinds
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.looks import REFERENCE_DETAILS, look_at
from mangacolor.runtime.surfaces import kinds_of, see_surfaces

__all__ = ["ColorGroups", "ReferenceAreas", "gathered", "joined", "nothing", "read_references"]

# Areas of all references together, the largest: those that attention sees, for training showed some
# hundreds, and those whose looks a page is compared with.
MOST_REFERENCE_AREAS, MOST_LOOKS = 1024, 32768
# Largest distance of two colours, of 255 a channel, that vote together, and the side of the cubes
# of colours whose votes are counted at once.
_ONE_COLOR, _CUBE = 36.0, 16


class ColorGroups(NamedTuple):
    """The colours of areas in groups, so that votes are counted by groups.

    Attributes:
        order: int (T,), the areas, group by group.
        starts: int (B,), where in it each group begins.
        group: int (T,), of each area.
        near: float32 (B, B), 1 for groups whose colours are nearly one.
    """

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]
    near: Float32


@dataclasses.dataclass(frozen=True)
class ReferenceAreas:
    """What a chapter's references offer.

    Attributes:
        tokens: float32 (T, D), for attention.
        colors: uint8 (T, 3) sRGB.
        left_out: areas beyond the largest so many.
        places: float32 (T, 3), number of the reference, and a point in the area, across and down
            as shares of its sides; empty if it is not known.
        sizes: float32 (T,), of the view in which each was seen; empty if it is not known.
        looks: float32 (T, L), of `look_at`; empty if they are not compared.
        kinds: float32 (T, len(Kind)), how probably each is of a kind; empty if that is not known.
        panels: int32 (T,), number of the view in which each was seen, of all views of all
            references, or -1; empty if it is not known.
        remembered: int32 (T,), number of the page that a model remembers each of, -1 for what is
            given now; empty if it remembers nothing.
        limits: float32 (T,), how much an area must look like one that was told its colour, at
            least, to be that: as much as something else does; minus infinity where nothing limits
            it; empty if nothing was told.
    """

    tokens: Float32
    colors: UInt8
    left_out: int = 0
    places: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 3), np.float32))
    sizes: Float32 = dataclasses.field(default_factory=lambda: np.zeros(0, np.float32))
    looks: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))
    panels: npt.NDArray[np.int32] = dataclasses.field(default_factory=lambda: np.zeros(0, np.int32))
    remembered: npt.NDArray[np.int32] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int32)
    )
    limits: Float32 = dataclasses.field(default_factory=lambda: np.zeros(0, np.float32))

    @functools.cached_property
    def pictures(self) -> npt.NDArray[np.int64]:
        """Which picture each is of: a reference, or behind them a remembered page; -1 of none."""
        owners = np.maximum(self.places[:, 0], -1).astype(np.int64)
        if len(self.remembered) != len(owners):
            return owners
        behind = self.remembered + owners.max(initial=-1) + 1
        return np.where(self.remembered >= 0, behind, owners)

    @functools.cached_property
    def palette(self) -> ColorGroups:
        """Its colours in groups."""
        return _grouped(self.colors)

    @functools.cached_property
    def attended(self) -> npt.NDArray[np.intp]:
        """What attention sees where no looks tell which areas are most alike: the largest.

        int (at most MOST_REFERENCE_AREAS,), in their order.
        """
        if len(self.sizes) <= MOST_REFERENCE_AREAS:
            return np.arange(len(self.tokens))
        return np.sort(np.argsort(-self.sizes, kind="stable")[:MOST_REFERENCE_AREAS])


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
    """Its areas by ink, and those of the network, for which borders of colour count, too.

    What of both is the same thing is offered twice, as large or small as pages may have it.
    """
    height, width = picture.shape[:2]
    size = fit_seen(height, width, AREA_PIXELS)
    large = resize(picture, *size) if size[0] > height else picture
    found = see_surfaces(model, to_grey(large), color=large)
    of_ink, of_network = REFERENCE_DETAILS
    if found is not None:
        # Small pictures are enlarged, as pages are, for both ways of finding areas.
        worn = large if worn is picture else resize(worn, *large.shape[:2])
        picture = large
    areas, boxes = find_areas(smooth_tones(to_grey(picture))), find_panels(picture)
    if found is None:
        return _described(model, picture, worn, areas, None, boxes, of_ink)
    boxes = with_missed(boxes, found.kinds, found.areas, picture.shape[:2])
    by_ink = _described(model, picture, worn, areas, kinds_of(found, areas), boxes, of_ink)
    by_network = _described(model, picture, worn, found.areas, found.kinds, boxes, of_network)
    return joined([by_ink, by_network])


def _described(
    model: AreaModel,
    picture: UInt8,
    worn: UInt8,
    areas: Labels,
    kinds: Float32 | None,
    boxes: Sequence[Box],
    detail: float,
) -> ReferenceAreas:
    grey = to_grey(picture)
    palette = area_colors(areas, grey, picture)
    given = palette if worn is picture else area_colors(areas, grey, worn)
    points = inner_points(areas, len(palette))
    views = cut_views(picture, areas, boxes, detail=detail)
    if not views:
        return nothing()
    features, looks = look_at(model, views)
    if kinds is not None:
        views = with_kinds(views, kinds)
    numbers = [view.numbers for view in views]
    every = np.concatenate(numbers)
    return ReferenceAreas(
        np.concatenate(
            [
                model.read(described, view.facts, to_signed(palette[view.numbers]))
                for described, view in zip(features, views, strict=True)
            ]
        ),
        given[every],
        places=np.insert(points[every], 0, 0, axis=1),
        sizes=np.concatenate([(x.sizes / x.sizes.sum()).astype(np.float32) for x in views]),
        looks=np.concatenate(looks),
        kinds=np.concatenate([view.kinds for view in views]),
        panels=np.repeat(np.arange(len(views)), [len(x) for x in numbers]).astype(np.int32),
    )


def nothing() -> ReferenceAreas:
    """What a picture without areas offers."""
    return ReferenceAreas(np.zeros((0, 1), np.float32), np.zeros((0, 3), np.uint8))


def gathered(parts: Sequence[ReferenceAreas]) -> ReferenceAreas:
    """What several references offer together, the largest areas of them all.

    Args:
        parts: what each offers, of `read_references`.
    """
    some = [(number, part) for number, part in enumerate(parts) if len(part.tokens)]
    if not some:
        return nothing()
    places = [np.insert(part.places[:, 1:], 0, number, axis=1) for number, part in some]
    whole = ReferenceAreas(
        np.concatenate([part.tokens for _, part in some]),
        np.concatenate([part.colors for _, part in some]),
        places=np.concatenate(places),
        sizes=np.concatenate([part.sizes for _, part in some]),
        looks=np.concatenate([part.looks for _, part in some]),
        kinds=_kinds_of([part for _, part in some]),
        panels=_panels_of([part for _, part in some]),
    )
    once = _once(whole)
    kept = np.sort(once[np.argsort(-whole.sizes[once], kind="stable")[:MOST_LOOKS]])
    left_out = sum(part.left_out for part in parts) + len(once) - len(kept)
    return ReferenceAreas(
        whole.tokens[kept],
        whole.colors[kept],
        left_out,
        whole.places[kept],
        whole.sizes[kept],
        whole.looks[kept],
        whole.kinds[kept] if whole.kinds.size else whole.kinds,
        whole.panels[kept] if whole.panels.size else whole.panels,
    )


def joined(references: Sequence[ReferenceAreas]) -> ReferenceAreas:
    """Several as one; what is empty adds nothing."""
    some = [x for x in references if len(x.tokens)] or list(references[:1])
    return ReferenceAreas(
        np.concatenate([x.tokens for x in some]),
        np.concatenate([x.colors for x in some]),
        sum(x.left_out for x in references),
        np.concatenate([x.places for x in some]),
        np.concatenate([x.sizes for x in some]),
        np.concatenate([x.looks for x in some]),
        _kinds_of(some),
        _panels_of(some),
        _remembered_of(some),
        _limits_of(some),
    )


def _limits_of(parts: Sequence[ReferenceAreas]) -> Float32:
    """How much alike the areas of all must be; nothing where nobody says so."""
    if not any(part.limits.size for part in parts):
        return np.zeros(0, np.float32)
    none = np.float32(-np.inf)
    return np.concatenate(
        [x.limits if x.limits.size else np.full(len(x.tokens), none) for x in parts]
    ).astype(np.float32)


def _remembered_of(parts: Sequence[ReferenceAreas]) -> npt.NDArray[np.int32]:
    """Numbers of pages that are remembered, none twice, -1 for what is not; nothing if none is."""
    if not any(part.remembered.size for part in parts):
        return np.zeros(0, np.int32)
    found, first = [], 0
    for part in parts:
        own = part.remembered if part.remembered.size else np.full(len(part.tokens), -1, np.int32)
        found.append(np.where(own < 0, -1, own + first).astype(np.int32))
        first += int(own.max(initial=-1)) + 1
    return np.concatenate(found)


def _panels_of(parts: Sequence[ReferenceAreas]) -> npt.NDArray[np.int32]:
    """Numbers of the views of all, none twice; nothing where those of some are not known."""
    if any(len(part.panels) != len(part.tokens) for part in parts):
        return np.zeros(0, np.int32)
    counts = [int(part.panels.max(initial=-1)) + 1 for part in parts]
    before = np.cumsum([0, *counts[:-1]])
    return np.concatenate(
        [
            np.where(part.panels < 0, -1, part.panels + first)
            for part, first in zip(parts, before, strict=True)
        ]
    ).astype(np.int32)


def _kinds_of(parts: Sequence[ReferenceAreas]) -> Float32:
    """Kinds of the areas of all; nothing where those of some are not known."""
    known = [part.kinds for part in parts]
    some = all(len(kinds) == len(part.tokens) for kinds, part in zip(known, parts, strict=True))
    return np.concatenate(known) if some else np.zeros((0, 0), np.float32)


def _once(areas: ReferenceAreas) -> npt.NDArray[np.intp]:
    """The areas without those that are there before, as of a picture that is given twice."""
    first: dict[bytes, int] = {}
    for i in range(len(areas.tokens)):
        same = areas.tokens[i].tobytes() + areas.looks[i].tobytes() + areas.colors[i].tobytes()
        first.setdefault(same, i)
    return np.fromiter(first.values(), np.intp, len(first))


def _grouped(colors: UInt8) -> ColorGroups:
    """Colours in cubes, of which those vote together whose means are nearly one."""
    cubes = colors.astype(np.int64) // _CUBE
    keys = (cubes[:, 0] * 256 + cubes[:, 1]) * 256 + cubes[:, 2]
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    sums = np.stack([np.bincount(group, channel, len(counts)) for channel in colors.T], axis=1)
    mean = (sums / counts[:, None]).astype(np.float32)
    square = (mean * mean).sum(axis=1)
    apart = square[:, None] + square[None] - 2 * mean @ mean.T
    near: Float32 = (apart <= _ONE_COLOR**2).astype(np.float32)
    order = np.argsort(group, kind="stable")
    return ColorGroups(order, np.cumsum(counts) - counts, group, near)
