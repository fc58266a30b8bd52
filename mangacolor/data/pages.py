"""Windows on composed pages: several pictures as panels with frames and gutters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mangacolor.data.places import STEP, Places, View, forget_covered, unknown_places
from mangacolor.images.panels import Box
from mangacolor.lettering.make import draw_balloon

__all__ = ["compose_page"]


def compose_page(
    draw_picture: Callable[[int, int], View], side: int, rng: np.random.Generator
) -> View:
    """A square window on a page of manga, in colour.

    Args:
        draw_picture: gives an RGB picture of the asked width and height and its places, another
            each time.
        side: of the window, pixels.
        rng: source of randomness.

    Returns:
        RGB picture of side x side: white paper, panels with black frames, a few balloons. Places
        are unknown on paper and where a balloon covers a panel.
    """
    page = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(page)
    places = unknown_places(side, side)
    gutter = int(rng.integers(max(2, side // 40), max(3, side // 16)))
    # The window may end inside the outer panels: they reach over its edge or keep a margin.
    margin = [int(rng.integers(-side // 6, gutter + 1)) for _ in range(4)]
    whole = (margin[0], margin[1], side - margin[2], side - margin[3])
    for x0, y0, x1, y1 in _split(whole, gutter, rng, depth=0, least=side // 4):
        panel, panel_places = draw_picture(x1 - x0, y1 - y0)
        page.paste(panel, (x0, y0))
        _lay(places, panel_places, (x0, y0, x1, y1))
        if rng.random() < 0.9:
            line = int(rng.integers(1, 3))
            draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline="black", width=line)
    bare = page.copy()
    for _ in range(int(rng.integers(0, 3))):
        draw_balloon(page, rng)
    forget_covered(places, bare, page)
    return page, places


def _lay(places: Places, panel: Places, box: Box) -> None:
    """Puts a panel's places into the page's; a cell is where its centre is."""
    x0, y0, x1, y1 = box
    rows, from_rows = _inside(places.shape[1], y0, y1)
    columns, from_columns = _inside(places.shape[2], x0, x1)
    places[:, rows[:, None], columns] = panel[:, from_rows[:, None], from_columns]


def _inside(cells: int, start: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cells of a side whose centres lie between two pixels, and their numbers from there."""
    centres = np.arange(cells) * STEP + STEP // 2
    found = np.flatnonzero((centres >= start) & (centres < end))
    return found, (centres[found] - start) // STEP


def _split(box: Box, gutter: int, rng: np.random.Generator, depth: int, least: int) -> list[Box]:
    """Cuts a box into panels, rows and columns in turn or not."""
    x0, y0, x1, y1 = box
    across = bool(rng.random() < 0.5 + 0.3 * np.sign(y1 - y0 - (x1 - x0)))
    length = (y1 - y0) if across else (x1 - x0)
    if depth == 2 or length < 2 * least + gutter or rng.random() < 0.3 * depth:
        return [box]
    cut = int(rng.integers(least, length - least - gutter + 1))
    if across:
        first, second = (x0, y0, x1, y0 + cut), (x0, y0 + cut + gutter, x1, y1)
    else:
        first, second = (x0, y0, x0 + cut, y1), (x0 + cut + gutter, y0, x1, y1)
    return [
        *_split(first, gutter, rng, depth + 1, least),
        *_split(second, gutter, rng, depth + 1, least),
    ]
