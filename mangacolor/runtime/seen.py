"""A page as it is matched: its areas, and the views of its panels that they are described in."""

from __future__ import annotations

import dataclasses

import numpy as np

from mangacolor.images.areas import AREA_PIXELS, Labels, find_areas
from mangacolor.images.dots import smooth_dots
from mangacolor.images.geometry import Float32, UInt8, fit_seen, reduce, resize
from mangacolor.images.kinds import Kind
from mangacolor.images.outside import with_gutters, with_missed
from mangacolor.images.panels import find_panels
from mangacolor.images.photographed import find_sheet, flattened, laid_back
from mangacolor.images.quadrilaterals import Corners
from mangacolor.images.surfaces import MULTIPLE, OUTLINE
from mangacolor.images.unclosed import with_ground, with_white_words
from mangacolor.images.views import View, cut_views, with_kinds
from mangacolor.runtime.area_model import AreaModel
from mangacolor.runtime.looks import PAGE_DETAIL, look_at
from mangacolor.runtime.surfaces import see_surfaces
from mangacolor.runtime.votes import Compared

__all__ = ["SeenPage", "see_page", "with_views"]

# What is nowhere darker than this has nothing drawn on it.
_BLANK = 225
# A page of which so much is screentone is a printed one.
_TONED = 0.02
# A strip is looked at as so many pages at most.
_MOST_PAGES, _PAGE_ASPECT = 4, 1.5


@dataclasses.dataclass(frozen=True)
class SeenPage:
    """A page's areas and the views that they are described in.

    Attributes:
        areas: int32 (h, w), of `find_areas` or of the model's network of surfaces.
        views: of its panels.
        kinds: float32 (areas.max() + 1, len(Kind)), how probably each area is of a kind; empty if
            that is not known.
        looked: what `look_at` found, so that it need not look again.
        tone: uint8 (h, w), the page at the areas' size, its screentone smoothed and dots left;
            None if that is not known.
        compared: keeps what comes of comparing it; None where that is not worth its memory.
        photographed: whether it is a sheet within the picture, seen as if it were scanned.
    """

    areas: Labels
    views: list[View]
    kinds: Float32 = dataclasses.field(default_factory=lambda: np.zeros((0, 0), np.float32))
    looked: tuple[list[Float32], list[Float32]] | None = None
    tone: UInt8 | None = None
    compared: Compared | None = None
    photographed: bool = False

    def looked_at(self, model: AreaModel) -> SeenPage:
        """The same with what is found by looking at it."""
        if self.looked is not None:
            return self
        return dataclasses.replace(self, looked=look_at(model, self.views))


def see_page(page: UInt8, model: AreaModel | None = None, printed: UInt8 | None = None) -> SeenPage:
    """Finds a page's areas and its panels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed.
        model: finds the areas if it has a network of surfaces; else they are those that ink closes.
        printed: the same page with its screentone, which that network is used to.
    """
    printed = page if printed is None else printed
    sheet = None if model is None else find_sheet(page)
    if sheet is not None:
        return _see_photograph(page, printed, sheet, model)
    return _see_scan(page, printed, model)


def _see_photograph(
    page: UInt8, printed: UInt8, sheet: Corners, model: AreaModel | None
) -> SeenPage:
    """The same of a page that lies on something: as if it were scanned."""
    seen = _see_scan(flattened(page, sheet), flattened(printed, sheet), model)
    if not seen.kinds.size:
        return _see_scan(page, printed, model)
    around = len(seen.kinds)
    kinds = np.concatenate([seen.kinds, np.zeros((1, len(Kind)), np.float32)])
    kinds[around, Kind.GUTTER] = 1
    height, width = page.shape
    areas = laid_back(seen.areas, sheet, *fit_seen(height, width, AREA_PIXELS, MULTIPLE), around)
    # Colour is laid under what the photograph shows.
    tone = reduce(page, *areas.shape)
    return SeenPage(areas, seen.views, kinds, tone=tone, photographed=True)


def _see_scan(page: UInt8, printed: UInt8, model: AreaModel | None) -> SeenPage:
    """The same of a picture that is the page."""
    height, width = page.shape
    strip = min(_MOST_PAGES, max(height, width) / min(height, width) / _PAGE_ASPECT)
    pixels = round(AREA_PIXELS * max(1.0, strip))
    found = None
    if model is not None:
        view = resize(printed, *fit_seen(height, width, pixels, MULTIPLE))
        toned = printed is not page and np.mean(printed != page) >= _TONED
        found = see_surfaces(model, view, view.size, outline=OUTLINE * toned)
    if found is not None:
        return with_views(page, found.areas, found.kinds, as_found=True)
    page = smooth_dots(page)
    return with_views(page, find_areas(page, pixels))


def with_views(
    page: UInt8, areas: Labels, kinds: Float32 | None = None, *, as_found: bool = False
) -> SeenPage:
    """A page of which the areas are known, with its panels.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper, its screentone smoothed; dots that are left part
            nothing where a network found the areas.
        areas: int32 (h, w).
        kinds: float32 (areas.max() + 1, len(Kind)), of such a network.
        as_found: nobody cut or joined them: blank ground is made one.
    """
    tone = reduce(page, *areas.shape)
    boxes = find_panels(page)
    if kinds is not None:
        boxes = with_missed(boxes, kinds, areas, page.shape)
        kinds = with_gutters(kinds, areas, boxes, page.shape)
        if as_found:
            areas, kinds = with_ground(areas, kinds, tone, boxes, page.shape)
            kinds = with_white_words(areas, kinds, tone)
    views = cut_views(page, areas, boxes, split=True, tone=tone, detail=PAGE_DETAIL)
    if kinds is None:
        return SeenPage(areas, views)
    if tone.min() > _BLANK:
        # Nothing is drawn: whatever it may be, it is paper.
        kinds = np.zeros_like(kinds)
        kinds[1:, Kind.GUTTER] = 1
    return SeenPage(areas, with_kinds(views, kinds), kinds, tone=tone)
