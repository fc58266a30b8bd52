"""What the areas of a page teach the other pages of its chapter, once their colours are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mangacolor.images.areas import area_colors
from mangacolor.images.geometry import UInt8, to_signed
from mangacolor.images.shades import to_lab
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.colored_areas import ColoredAreas
from mangacolor.runtime.looks import look_at
from mangacolor.runtime.reference_areas import ReferenceAreas, nothing
from mangacolor.runtime.seen import SeenPage

__all__ = ["learn_areas", "learn_page"]

# Distance in CIELAB from white up to which a colour is paper, and lightness below which it is ink.
_PAPER, _INK = 8.0, 25.0
# Two pictures whose proportions differ by more are not of one page.
_SKEWED = 1.02


def learn_areas(
    model: AreaModel, page: SeenPage, colored: ColoredAreas, told: Mapping[int, Sequence[int]]
) -> ReferenceAreas:
    """What other pages can learn from areas that a person gave a colour.

    Args:
        model: the networks.
        page: whose areas.
        colored: their colours as far as they are known, those of `told` among them.
        told: area to colour.
    """
    wanted = np.zeros(len(colored.colors), np.bool_)
    wanted[list(told)] = True
    return _learn(model, page, colored.colors, wanted)


def learn_page(model: AreaModel, page: SeenPage, grey: UInt8, color: UInt8) -> ReferenceAreas:
    """What other pages can learn from the ink of one whose colours are known.

    Its picture in colour is a reference as any other; other pages are of ink, and look more like
    its own.

    Args:
        model: the networks.
        page: its areas.
        grey: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (H', W', 3) sRGB, the same page at any size.

    Returns:
        The areas that are painted; nothing if the pictures cannot be of one page.
    """
    (h, w), (high, wide) = grey.shape, color.shape[:2]
    skewed = (w * high) / (h * wide)
    if max(skewed, 1 / skewed) > _SKEWED:
        return nothing()
    colors = area_colors(page.areas, grey, color)
    lab = to_lab(colors)
    far = np.linalg.norm(lab - np.array([100, 0, 0], np.float32), axis=1)
    return _learn(model, page, colors, (far >= _PAPER) & (lab[:, 0] >= _INK))


def _learn(
    model: AreaModel, page: SeenPage, colors: UInt8, wanted: npt.NDArray[np.bool_]
) -> ReferenceAreas:
    shown = [wanted[view.numbers] for view in page.views]
    if not any(here.any() for here in shown):
        return nothing()
    # All of the page is looked at: what its areas have in common is taken off.
    tokens, found, seen, kinds = [], [], [], []
    for view, here, features, looks in zip(
        page.views, shown, *(page.looked or look_at(model, page.views)), strict=True
    ):
        if here.any():
            shades = colors[view.numbers]
            tokens.append(model.read(features, view.facts, to_signed(shades))[here])
            found.append(shades[here])
            seen.append(looks[here])
            kinds.append(view.kinds[here] if view.kinds.size else view.kinds)
    count = sum(map(len, tokens))
    return ReferenceAreas(
        np.concatenate(tokens),
        np.concatenate(found),
        # They are of no reference, and count more than what is.
        places=np.full((count, 3), -1, np.float32),
        sizes=np.ones(count, np.float32),
        looks=np.concatenate(seen),
        kinds=np.concatenate(kinds),
        panels=np.full(count, -1, np.int32),
    )
