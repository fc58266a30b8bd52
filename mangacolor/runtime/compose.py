"""A coloured page from the page and the network's colour for it."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, NamedTuple

import numpy as np

from mangacolor.config import Look
from mangacolor.images.areas import Labels, area_colors, find_areas
from mangacolor.images.filled import lay_filled
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.ink import lay_ink
from mangacolor.images.kinds import are_words
from mangacolor.images.laying import LastLaid
from mangacolor.images.paper import find_paper
from mangacolor.images.pieces import Bool
from mangacolor.images.tones import smooth_tones
from mangacolor.runtime.colored_areas import GIVEN, ColoredAreas, palette_of

__all__ = ["Known", "compose", "find_cuts"]

# What is higher than so many of its widths is a strip, and least and largest height of its pieces.
_STRIP, _PIECE = 2.5, (1.0, 2.0)
# Least share of a page that is worth a second look.
_LEAST_DOUBTFUL = 0.005


@dataclasses.dataclass
class Known:
    """What is known of a page that is composed again and again in other colours.

    Attributes:
        shade: its screentone smoothed, that of dark surfaces, too.
        papers: what of its pieces stays paper, by their first row and whether balloons count.
        laid: how pieces were laid last; None where that is not worth its memory.
        tone: uint8 (h, w), the page as areas were found on it, at their size.
        small: `shade` at the areas' size.
    """

    shade: UInt8 | None = None
    papers: dict[tuple[int, bool], UInt8] = dataclasses.field(default_factory=dict)
    laid: dict[int, LastLaid] | None = None
    tone: UInt8 | None = None
    small: UInt8 | None = None

    def paper(self, top: int, small: UInt8, *, balloons: bool) -> UInt8:
        """What of the piece from row `top` on ink says is paper."""
        if (top, balloons) not in self.papers:
            self.papers[top, balloons] = find_paper(small, balloons=balloons)
        return self.papers[top, balloons]

    def reduced(self, shade: UInt8, shaded: UInt8, h: int, w: int) -> UInt8:
        """`shade` at the areas' size."""
        if self.tone is not None and shade is shaded and self.tone.shape == (h, w):
            return self.tone
        if self.small is None or self.small.shape != (h, w):
            self.small = resize(shade, h, w)
        return self.small


def compose(
    page: UInt8,
    color: UInt8 | None,
    look: Look,
    shaded: UInt8 | None = None,
    colored: ColoredAreas | None = None,
    known: Known | None = None,
) -> UInt8:
    """Lays colour under a page's ink; paper, balloons and lettering stay as they are.

    A long strip is done in pieces.

    Args:
        page: uint8 (H, W), 0 ink ... 255 paper.
        color: uint8 (h, w, 3) sRGB, as the painter gave it, without padding; None where areas
            have all the colours that are wanted.
        look: tones, flats, strength and saturation.
        shaded: what `smooth_tones` gave for the page, if that is known.
        colored: the page's areas in the references' colours, of a model of areas.
        known: what no colour decides on; what is not known yet is put there.

    Returns:
        uint8 (H, W, 3) sRGB.
    """
    shaded = smooth_tones(page) if shaded is None else shaded
    # Where screens are so dark that lines are lost in them, colour need not stop at lines.
    known = Known() if known is None else known
    if known.shade is None:
        known.shade = smooth_tones(shaded, dark=True) if shaded is not page else page
    shade = known.shade
    under = shaded if look.tones == "smooth" else page
    flat = None
    if look.flats and colored is not None:
        small = known.reduced(shade, shaded, *colored.areas.shape)
        palette = colored.laid if color is None else palette_of(colored, small, color)
        flat = _Flat(colored.areas, palette, small)
    height = len(page)
    cuts = find_cuts(page)
    result = np.empty((*page.shape, 3), np.uint8) if len(cuts) > 1 else None
    for top, bottom in cuts:
        rows = slice(top, bottom)
        part = None if color is None else color[_rows_of(color, top, bottom, height)]
        piece = None
        if flat is not None:
            at = _rows_of(flat.areas, top, bottom, height)
            piece = _Flat(flat.areas[at], flat.palette, flat.small[at])
            bare = _find_bare(piece, colored, known, top)
            # Whoever keeps it may stop to do so meanwhile.
            kept = known.laid
            laid = None if kept is None else kept.setdefault(top, LastLaid())
            piece = piece._replace(paper=bare, laid=laid)
        made = _compose(under[rows], shade[rows], part, look, piece)
        if result is None:
            # What was laid last is kept, and is nobody else's to change.
            return made if known.laid is None else made.copy()
        result[rows] = made
    assert result is not None
    return result


class _Flat(NamedTuple):
    """Areas, their colours, the page, its screentone smoothed, at their size, its paper, and how it
    was laid before."""

    areas: Labels
    palette: UInt8
    small: UInt8
    paper: UInt8 | Bool | None = None
    laid: LastLaid | None = None


def _find_bare(piece: _Flat, colored: ColoredAreas | None, known: Known, top: int) -> UInt8 | Bool:
    """What of a piece stays paper, as `lay_filled` takes it.

    Of paper that a person coloured ink decides: hair whose outline is open may be one with the
    margin beside it.
    """
    paper = None if colored is None else colored.paper
    if colored is None or paper is None:
        return known.paper(top, piece.small, balloons=True)
    areas = piece.areas
    doubtful = paper & (colored.matches == GIVEN)
    sure = paper & ~doubtful
    if not doubtful.any():
        return sure
    shares = np.bincount(areas.ravel(), minlength=len(paper)) / areas.size
    if shares[doubtful].sum() < _LEAST_DOUBTFUL:
        return sure
    words = bool(shares[doubtful & are_words(colored.kinds)].sum() >= _LEAST_DOUBTFUL)
    ink = resize(known.paper(top, piece.small, balloons=words), *areas.shape)
    bare = sure[areas].view(np.uint8) * np.uint8(255)
    return np.where(doubtful[areas], ink, bare).astype(np.uint8)


def _rows_of(picture: Any, top: int, bottom: int, height: int) -> slice:
    """The rows of the same view at any size, at least one."""
    first, last = (round(row * len(picture) / height) for row in (top, bottom))
    return slice(first, max(first + 1, last))


def find_cuts(page: UInt8) -> list[tuple[int, int]]:
    """Cuts a long strip into pieces of a page's proportions, where there is least drawn.

    Args:
        page: uint8 (H, W).

    Returns:
        First row and row after the last of each piece; of a page, all rows.
    """
    height, width = page.shape
    if height <= _STRIP * width:
        return [(0, height)]
    # How much each row has of edges from side to side: none between panels.
    drawn = np.array([np.abs(np.diff(row.astype(np.int16))).sum() for row in page])
    cuts = [0]
    while height - cuts[-1] > _STRIP * width:
        low = cuts[-1] + max(1, round(_PIECE[0] * width))
        window = drawn[low : cuts[-1] + round(_PIECE[1] * width) + 1]
        # Of rows alike the middle one, not the first.
        best = np.flatnonzero(window == window.min())
        cuts.append(low + int(best[len(best) // 2]))
    return list(itertools.pairwise([*cuts, height]))


def _compose(
    page: UInt8, shade: UInt8, color: UInt8 | None, look: Look, flat: _Flat | None
) -> UInt8:
    """One piece, of a page without screentone or with it."""
    strength, saturation = look.strength, look.saturation
    if color is not None and not look.flats:
        paper = find_paper(shade)
        return lay_ink(page, color, paper, shade=shade, strength=strength, saturation=saturation)
    painted = flat is None
    if flat is None:
        assert color is not None
        areas = find_areas(shade)
        small = resize(shade, *areas.shape)
        flat = _Flat(areas, area_colors(areas, small, color), small)
    return lay_filled(
        page,
        flat.areas,
        flat.palette,
        find_paper(flat.small) if flat.paper is None else flat.paper,
        shade=shade,
        small=flat.small,
        strength=strength,
        saturation=saturation,
        # What a network painted over a tone is as dark as it.
        shaded=painted,
        laid=flat.laid,
    )
