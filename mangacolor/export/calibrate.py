"""What the graphs see while int8 learns the ranges of their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from mangacolor.bundle import COLOR_FILE, STYLE_FILE
from mangacolor.config import ExportConfig
from mangacolor.data.lineart import draw_ink
from mangacolor.errors import InputError
from mangacolor.export.cases import PAGE, REFERENCE, draw_reference, make_hints
from mangacolor.export.int8 import Feed
from mangacolor.files import find_pictures
from mangacolor.images.geometry import (
    Float32,
    UInt8,
    pad_to_multiple,
    resize,
    round_up,
    to_signed,
)
from mangacolor.images.page import read_color
from mangacolor.images.strips import working_size
from mangacolor.nets.style_encoder import REFERENCE_MULTIPLE

__all__ = ["MOST_PAGES", "make_feeds"]

# More pages take longer and change the ranges no more; these are spread over the folder.
MOST_PAGES = 24
# Mean spread between a pixel's channels, of 255, from which a page is in colour.
_COLORED = 4.0


def make_feeds(folder: Path, graphs: Path, multiple: int, config: ExportConfig) -> list[Feed]:
    """Inputs of the colour graph, at the size and padding that `batch` gives pages.

    Unlike there, screentone is not smoothed.

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
        page = read_color(path)
        lineart.append(_lineart(page, multiple, config.page_size))
        if _is_colored(page):
            references.append(_reference(page, config.reference_size))
    references.append(draw_reference(*REFERENCE, 100)[None, None])
    height, width = (round_up(side, multiple) for side in PAGE)
    lineart += [np.full((1, 1, height, width), value, np.float32) for value in (1, -1)]

    style = _open(graphs / STYLE_FILE)
    color = _open(graphs / COLOR_FILE)
    names = [item.name for item in color.get_inputs()]
    styles = [style.run(None, {"references": reference}) for reference in references]
    # The next one's, so that no page has only its own colours to look up.
    return [
        dict(zip(names, [page, *hints, *styles[(index + 1) % len(styles)]], strict=True))
        for index, page in enumerate(lineart)
        for hints in ([[make_hints(page)] if "hints" in names else []])
    ]


def _is_colored(page: UInt8) -> bool:
    return float(np.ptp(page, axis=2).mean()) > _COLORED


def _lineart(page: UInt8, multiple: int, size: int) -> Float32:
    """uint8 (H, W, 3) -> float32 (1, 1, h, w), padded white."""
    small = resize(page, *working_size(page.shape[0], page.shape[1], size))
    padded = to_signed(pad_to_multiple(small, multiple, 2 * multiple)).transpose(2, 0, 1)[None]
    if _is_colored(page):
        with torch.no_grad():
            return draw_ink(torch.from_numpy(padded)).numpy()
    return np.ascontiguousarray(padded.mean(axis=1, keepdims=True))


def _reference(page: UInt8, size: int) -> Float32:
    """uint8 (H, W, 3) -> float32 (1, 1, 3, h, w)."""
    h, w = (
        round_up(side, REFERENCE_MULTIPLE)
        for side in working_size(page.shape[0], page.shape[1], size)
    )
    fitted = pad_to_multiple(resize(page, h, w), REFERENCE_MULTIPLE, 2 * REFERENCE_MULTIPLE)
    return np.ascontiguousarray(to_signed(fitted).transpose(2, 0, 1)[None, None])


def _open(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
