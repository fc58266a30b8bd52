"""What the graphs see while int8 learns the ranges of their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mangacolor.config import ExportConfig, Look
from mangacolor.data.lineart import draw_ink
from mangacolor.errors import InputError
from mangacolor.export.cases import PAGE, REFERENCE, draw_reference
from mangacolor.export.int8 import Feed
from mangacolor.files import find_pictures
from mangacolor.images.geometry import Float32, UInt8, to_signed, to_uint8
from mangacolor.images.page import read_color, read_page
from mangacolor.nets.build import Generator
from mangacolor.runtime.checkpoint import TorchNetworks
from mangacolor.runtime.color import color_page
from mangacolor.runtime.kinds import kind_of
from mangacolor.runtime.networks import StyleTensors

__all__ = ["MOST_PAGES", "make_feeds"]

# More pages take longer and change the ranges no more; these are spread over the folder.
MOST_PAGES = 24


def make_feeds(folder: Path, generator: Generator, config: ExportConfig) -> list[Feed]:
    """Inputs of the colour graph, exactly as `batch` gives them where its painter works.

    Pages in colour have their line art drawn, and are the references of one another; without any,
    a drawn picture is the reference. A white and a black page are added: without them the ranges
    fit blank paper badly.

    Args:
        folder: of pages, in colour or not.
        generator: in float32.
        config: page and reference size.

    Raises:
        InputError: no pages, or one that cannot be read.
    """
    pages = find_pictures(folder)
    if not pages:
        raise InputError(f"{folder} has no pages to calibrate with.", "Name a folder of pictures.")
    pages = pages[:: -(-len(pages) // MOST_PAGES)]
    greys, colored = [], []
    for path in pages:
        page = read_page(path)
        color = read_color(path) if page.colored else None
        greys.append(page.grey if color is None else _drawn(color))
        if color is not None:
            colored.append(color)
    drawn = to_uint8(draw_reference(*REFERENCE, 100).transpose(1, 2, 0))
    networks = _Recording(generator, torch.device("cpu"), config)
    model = kind_of(generator.config.style)(networks)
    seen = [model.see_all([picture]) for picture in [*colored, np.ascontiguousarray(drawn)]]
    greys += [np.full(PAGE, value, np.uint8) for value in (255, 0)]
    for index, grey in enumerate(greys):
        # The next one's, so that no page has only its own colours to look up.
        color_page(model, grey, seen[(index + 1) % len(seen)], Look(flats=False))
    return networks.feeds


class _Recording(TorchNetworks):
    """Networks that keep what their painter is given."""

    def __init__(self, generator: Generator, device: torch.device, config: ExportConfig) -> None:
        super().__init__(generator, device, config)
        self.feeds: list[Feed] = []

    def color(self, lineart: Float32, style: StyleTensors, hints: Float32 | None = None) -> Float32:
        tensors = {name: x.cpu().numpy() for name, x in style.items() if x is not None}
        told = {} if hints is None else {"hints": hints}
        self.feeds.append({"lineart": lineart, **tensors, **told})
        return super().color(lineart, style, hints)


def _drawn(page: UInt8) -> UInt8:
    """Line art of a page in colour, uint8 (H, W, 3) -> uint8 (H, W)."""
    with torch.no_grad():
        signed = torch.from_numpy(to_signed(page).transpose(2, 0, 1)[None].copy())
        return to_uint8(draw_ink(signed)[0, 0].numpy())
