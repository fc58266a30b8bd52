"""Pages as `batch` makes them, to be compared with those that lie here.

    python -m tests.batch.golden

writes them anew, for the METHOD that `mangacolor.batch.run` has by now.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from mangacolor.batch.run import METHOD
from mangacolor.config import BatchConfig
from mangacolor.images.geometry import UInt8, fit_size, resize
from mangacolor.images.page import read_page
from mangacolor.images.tones import smooth_tones
from mangacolor.runtime.colored_areas import ColoredAreas
from mangacolor.runtime.compose import compose
from mangacolor.runtime.seen import see_page

__all__ = ["PAGES", "golden", "paint"]

FOLDER = Path(__file__).parent
_DRAWN = FOLDER.parents[2] / "examples" / "chapter" / "page-02.png"
# One invented, with screentone; one of real ink, whose colour is not made flat.
PAGES = {
    "toned": (FOLDER / "toned.webp", BatchConfig()),
    "drawn": (_DRAWN, BatchConfig(tones="smooth", flats=False)),
}
# Longer side of the network's colour, and how many times smaller pictures are kept.
_PAINTED, _SMALLER = 640, 4


def paint(name: str) -> UInt8:
    """The page composed with colour that needs no network, uint8 (h, w, 3), reduced."""
    source, config = PAGES[name]
    page = read_page(source).grey
    shaded = smooth_tones(page)
    areas = see_page(shaded).areas
    count = int(areas.max()) + 1
    # Nobody votes: every area takes the painter's colour.
    colored = ColoredAreas(areas, np.zeros((count, 3), np.uint8), np.zeros(count, np.float32))
    full = compose(page, _blotches(*page.shape), config.look, shaded, colored)
    return resize(full, *(max(1, side // _SMALLER) for side in page.shape))


def golden(name: str) -> Path:
    """Where the picture of a page is kept, for this METHOD."""
    return FOLDER / f"method-{METHOD}-{name}.png"


def _blotches(height: int, width: int) -> UInt8:
    """Something like a network's colour: soft blotches, each of one colour."""
    h, w = fit_size(height, width, _PAINTED)
    cells = np.random.default_rng(0).integers(90, 256, (12, 9, 3), dtype=np.uint8)
    return resize(cells, h, w)


def write() -> None:
    """Keeps the pictures of this METHOD and takes away those of others."""
    for old in FOLDER.glob("method-*.png"):
        old.unlink()
    for name in PAGES:
        Image.fromarray(paint(name)).save(golden(name), optimize=True)
