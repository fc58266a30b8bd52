"""Held-back panels of a series: the same pictures, pens and references for every model."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from mangacolor.config import FinetuneConfig
from mangacolor.data.split import Split
from mangacolor.evaluate.measure import area_accuracy_of, stored
from mangacolor.evaluate.painters import painter_of
from mangacolor.evaluate.scaled import read_scaled
from mangacolor.files import atomic_path
from mangacolor.metrics.tally import Tally
from mangacolor.nets.build import Generator
from mangacolor.runtime.checkpoint import open_generator

__all__ = ["HeldBack", "write_comparison"]

# Side of a picture and gap in the comparison, in pixels, and its rows.
CELL, GAP, ROWS = 256, 8, 8
TITLES = ("reference", "line art", "before", "after", "truth")


class Panel(NamedTuple):
    """One held-back panel: float32 (1, C, h, w) in [-1, 1] each."""

    truth: Tensor
    lineart: Tensor
    reference: Tensor


class HeldBack:
    """The panels that a series is judged by, decoded and kept.

    Line art is the real one where there is one; else it is drawn with one fixed pen.

    Args:
        series: held-back panels and their references.
        config: sizes.
        device: that models lie on.
    """

    def __init__(self, series: Split, config: FinetuneConfig, device: torch.device) -> None:
        self.device = device
        # Many panels have the same page as their reference.
        references = {
            example: read_scaled(example, config.reference_size)[0]
            for example in dict.fromkeys(series.references)
        }
        self.panels = [
            Panel(*read_scaled(example, config.panel_size), references[reference])
            for example, reference in zip(series.held, series.references, strict=True)
        ]

    @torch.no_grad()
    def paint(self, generator: Generator) -> list[Tensor]:
        """Colours every panel: float32 (1, 3, h, w) on the CPU.

        Raises:
            ModelError: a result is not finite.
        """
        paint = painter_of(open_generator(generator, self.device))
        return [paint(panel.lineart, [panel.reference]) for panel in self.panels]

    def area_accuracy(self, results: list[Tensor]) -> float:
        """The mean share of a panel that is in areas of the right colour; NaN without colour."""
        shares = [
            area_accuracy_of(*(stored((x.clamp(-1, 1) + 1) / 2) for x in pictures))
            for panel, result in zip(self.panels, results, strict=True)
            for pictures in ((result, panel.truth, panel.lineart),)
        ]
        return float(np.mean([x for x in shares if not math.isnan(x)] or [math.nan]))

    def tally(self, results: list[Tensor]) -> Tally:
        """The figures of one colouring of every panel."""
        tally = Tally()
        for panel, result in zip(self.panels, results, strict=True):
            tally.add(result, panel.truth)
        return tally


def write_comparison(
    path: Path, panels: list[Panel], before: list[Tensor], after: list[Tensor]
) -> None:
    """Writes a PNG with a row per panel: reference, line art, before, after, truth.

    Args:
        path: of the PNG; written whole or not at all.
        panels: up to `ROWS` of them are shown, evenly spread.
        before, after: a colouring of each panel, float (1, 3, h, w) in [-1, 1].
    """
    count = min(ROWS, len(panels))
    shown = [int((i + 0.5) * len(panels) / count) for i in range(count)]
    rows = [
        [_cell(x) for x in (p.reference, p.lineart, before[i], after[i], p.truth)]
        for i in shown
        for p in (panels[i],)
    ]
    heights = [max(cell.height for cell in row) for row in rows]
    top = 3 * GAP
    width = len(TITLES) * (CELL + GAP) + GAP
    sheet = Image.new("RGB", (width, top + sum(heights) + GAP * (count + 1)), "white")
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(TITLES):
        middle = GAP + column * (CELL + GAP) + CELL // 2
        draw.text((middle, GAP), title, "black", ImageFont.load_default(16), anchor="mt")
    y = top + GAP
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            x = GAP + column * (CELL + GAP) + (CELL - cell.width) // 2
            sheet.paste(cell, (x, y + (height - cell.height) // 2))
        y += height + GAP
    with atomic_path(path) as part:
        sheet.save(part, format="PNG", compress_level=1)


def _cell(picture: Tensor) -> Image.Image:
    """A picture scaled down to a cell."""
    values = (picture[0].expand(3, -1, -1).clamp(-1, 1) + 1) * 127.5
    image = Image.fromarray(values.round().byte().permute(1, 2, 0).numpy())
    image.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    return image
