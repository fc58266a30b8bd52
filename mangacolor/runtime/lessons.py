"""What the areas of a page teach the other pages of its chapter, once their colours are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import Labels, area_colors
from mangacolor.images.geometry import RGB, Float32, UInt8, to_signed
from mangacolor.images.shades import to_lab
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.colored_areas import ColoredAreas
from mangacolor.runtime.looks import look_at
from mangacolor.runtime.reference_areas import ReferenceAreas, nothing
from mangacolor.runtime.seen import SeenPage

__all__ = ["find_changed", "learn_areas", "within"]

# Distance in CIELAB from which an area has another colour than it had.
_CHANGED = 10.0
# Two pictures whose proportions differ by more are not of one page.
_SKEWED = 1.05
# Colours that are less apart, of 255 a channel, are one.
_ONE_COLOR = 30


def learn_areas(
    model: AreaModel, page: SeenPage, colored: ColoredAreas, told: Mapping[int, Sequence[int]]
) -> ReferenceAreas:
    """What other pages can learn from areas that a person gave a colour.

    Args:
        model: the networks.
        page: whose areas.
        colored: their colours before that.
        told: area to colour.
    """
    colors = colored.colors.copy()
    for area, color in told.items():
        colors[area] = color
    wanted = np.zeros(len(colors), np.bool_)
    wanted[list(told)] = True
    shown = [wanted[view.numbers] for view in page.views]
    if not any(here.any() for here in shown):
        return nothing()
    # All of the page is looked at: what its areas have in common is taken off.
    tokens, found, seen, kinds, numbers = [], [], [], [], []
    looked = page.looked or look_at(model, page.views)
    for view, here, features, looks in zip(page.views, shown, *looked, strict=True):
        if here.any():
            shades = colors[view.numbers]
            tokens.append(model.read(features, view.facts, to_signed(shades))[here])
            found.append(shades[here])
            seen.append(looks[here])
            kinds.append(view.kinds[here] if view.kinds.size else view.kinds)
            numbers.append(view.numbers[here])
    count = sum(map(len, tokens))
    taught = np.concatenate(seen)
    return ReferenceAreas(
        np.concatenate(tokens),
        np.concatenate(found),
        # They are of no reference, and count more than what is.
        places=np.full((count, 3), -1, np.float32),
        sizes=np.ones(count, np.float32),
        looks=taught,
        kinds=np.concatenate(kinds),
        panels=np.full(count, -1, np.int32),
        limits=_limits(page, looked[1], taught, np.concatenate(numbers), colored.colors, colors),
    )


def _limits(
    page: SeenPage,
    looks: Sequence[Float32],
    taught: Float32,
    numbers: npt.NDArray[np.int32],
    before: UInt8,
    after: UInt8,
) -> Float32:
    """How much areas of a page look like those that were told a colour and are something else.

    What had another colour than an area is something else, unless it was told the same.

    Args:
        page: its areas.
        looks: of its views.
        taught: float32 (n, L), those of what was told.
        numbers: int32 (n,), of these areas.
        before, after: uint8 (areas.max() + 1, 3), colours.

    Returns:
        float32 (n,); minus infinity where nothing else is known.
    """
    others = np.concatenate([view.numbers for view in page.views])
    was, now = (colors.astype(np.int16) for colors in (before, after))
    cosine = taught @ np.concatenate(looks).T
    apart = np.ones(cosine.shape, np.bool_)
    for colors in (was, now):
        differ = np.abs(colors[numbers][:, None] - colors[others]).max(axis=2)
        apart &= differ > _ONE_COLOR
    known = (np.linalg.norm(taught, axis=1) > 0)[:, None]
    limits: Float32 = np.where(apart & known, cosine, np.float32(-np.inf)).max(axis=1)
    return limits


def find_changed(areas: Labels, grey: UInt8, before: UInt8, after: UInt8) -> dict[int, RGB] | None:
    """The areas of a page that a person changed, and their colours.

    What was left is no lesson: it is what the references say, right or wrong.

    Args:
        areas: int32 (h, w), of the page.
        grey: uint8 (H, W), 0 ink ... 255 paper.
        before: uint8 (H, W, 3) sRGB, the page as it was coloured.
        after: uint8 (H', W', 3) sRGB, as the person has it, at any size.

    Returns:
        Area to colour; None if that is not the whole page.
    """
    (h, w), (high, wide) = before.shape[:2], after.shape[:2]
    skewed = (w * high) / (h * wide)
    if max(skewed, 1 / skewed) > _SKEWED:
        return None
    was, now = (area_colors(areas, grey, picture) for picture in (before, after))
    changed = np.linalg.norm(to_lab(was) - to_lab(now), axis=1) >= _CHANGED
    # What is not in an area is lines.
    changed[0] = False
    changed &= np.bincount(areas.ravel(), minlength=len(changed)) > 0
    found = {}
    for area in np.flatnonzero(changed):
        r, g, b = (int(x) for x in now[area])
        found[int(area)] = (r, g, b)
    return found


def within(
    shown: ReferenceAreas, areas: Labels, some: Collection[int], number: int
) -> ReferenceAreas:
    """What a picture in colour of a page offers in some of the page's areas.

    Args:
        shown: of the picture, alone.
        areas: int32 (h, w), of the page.
        some: of these.
        number: that the picture is to have among the references.
    """
    (h, w), points = areas.shape, shown.places[:, 1:]
    x, y = (points * (w, h)).astype(np.int64).T
    at = areas[np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)]
    kept = np.isin(at, list(some))
    return ReferenceAreas(
        shown.tokens[kept],
        shown.colors[kept],
        places=np.insert(points[kept], 0, number, axis=1).astype(np.float32),
        sizes=shown.sizes[kept],
        looks=shown.looks[kept],
        kinds=shown.kinds[kept] if shown.kinds.size else shown.kinds,
        panels=shown.panels[kept],
    )
