"""What the graphs see while int8 learns the ranges of their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mangacolor.bundle import COLOR_FILE, STYLE_FILE
from mangacolor.config import ExportConfig
from mangacolor.data.lineart import draw_ink
from mangacolor.errors import InputError
from mangacolor.export.cases import PAGE, REFERENCE, draw_reference, make_hints
from mangacolor.export.int8 import Feed
from mangacolor.files import find_pictures
from mangacolor.images.geometry import UInt8, round_up, to_signed, to_uint8
from mangacolor.images.page import read_color, read_page
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE
from mangacolor.runtime.prepare import to_lineart, to_references
from mangacolor.runtime.providers import open_session

__all__ = ["MOST_PAGES", "make_feeds"]

# More pages take longer and change the ranges no more; these are spread over the folder.
MOST_PAGES = 24


def make_feeds(folder: Path, graphs: Path, multiple: int, config: ExportConfig) -> list[Feed]:
    """Inputs of the colour graph, exactly as `batch` gives them.

    Pages in colour have their line art drawn, and are the references of one another; without any,
    drawn pictures are the references. A white and a black page are added: without them the ranges
    fit blank paper badly.

    Args:
        folder: of pages, in colour or not.
        graphs: folder with both graphs in float32.
        multiple: of the sides of line art.
        config: page and reference size.

    Raises:
        InputError: no pages, or one that cannot be read.
    """
    pages = find_pictures(folder)
    if not pages:
        raise InputError(f"{folder} has no pages to calibrate with.", "Name a folder of pictures.")
    pages = pages[:: -(-len(pages) // MOST_PAGES)]
    lineart, references = [], []
    for path in pages:
        page = read_page(path)
        color = read_color(path) if page.colored else None
        grey = page.grey if color is None else _drawn(color)
        fitted = to_lineart(grey, config.page_size, multiple, 2 * multiple)
        lineart.append(fitted.signed[None])
        if color is not None:
            references.append(to_references([color], config.reference_size, REFERENCE_MULTIPLE))
    references.append(draw_reference(*REFERENCE, 100)[None, None])
    height, width = (round_up(side, multiple) for side in PAGE)
    lineart += [np.full((1, 1, height, width), value, np.float32) for value in (1, -1)]

    style, painter = (open_session(graphs / name, "cpu") for name in (STYLE_FILE, COLOR_FILE))
    names = [item.name for item in painter.get_inputs()]
    styles = [style.run(None, {"references": reference}) for reference in references]
    # The next one's, so that no page has only its own colours to look up.
    return [
        dict(zip(names, [page, *hints, *styles[(index + 1) % len(styles)]], strict=True))
        for index, page in enumerate(lineart)
        for hints in ([[make_hints(page)] if "hints" in names else []])
    ]


def _drawn(page: UInt8) -> UInt8:
    """Line art of a page in colour, uint8 (H, W, 3) -> uint8 (H, W)."""
    with torch.no_grad():
        signed = torch.from_numpy(to_signed(page).transpose(2, 0, 1)[None].copy())
        return to_uint8(draw_ink(signed)[0, 0].numpy())
