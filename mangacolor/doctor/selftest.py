"""One small drawn page, coloured as `batch` colours any other."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.config import BatchConfig, Runtime
from mangacolor.errors import ModelError, SetupError
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color

__all__ = ["ColorChapter", "color_a_page"]

# Colours a folder of pages after a cover, by a model and with settings, into a folder: what `batch`
# does, and gives what its summary has.
ColorChapter = Callable[[Path, Path, Path, BatchConfig, Path], Any]

_SIZE = 256
_COLORS = ("tomato", "gold", "seagreen", "royalblue")
# Least difference between a pixel's channels, of 255, that is colour; and most that is still ink.
_COLOR, _INK = 8, 48


def color_a_page(model: Path, device: Runtime, color_chapter: ColorChapter) -> tuple[str, float]:
    """Colours a page of 256x192 in a temporary folder.

    Args:
        model: an exported bundle's folder.
        device: as `batch` has it.
        color_chapter: what `batch` does.

    Returns:
        Where it was coloured, `cpu` or `cuda`, and the seconds from page to page, without opening
        the model.

    Raises:
        ModelError: the model cannot be opened, fails, or gives no colour.
        SetupError: the device cannot be had, or there is no room for temporary files.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="mangacolor-") as name:
            return _color(Path(name), model, device, color_chapter)
    except OSError as error:
        raise SetupError(
            f"Temporary files cannot be written: {error.strerror or error}.",
            "Make room there, or name another place in the environment variable TMPDIR.",
        ) from error


def _color(
    folder: Path, model: Path, device: Runtime, color_chapter: ColorChapter
) -> tuple[str, float]:
    page, cover = _draw(["white"] * len(_COLORS)), _draw(_COLORS)
    pages = folder / "pages"
    pages.mkdir()
    page.convert("L").save(pages / "page.png")
    cover.save(folder / "cover.png")
    config = BatchConfig(size=_SIZE, device=device)
    out = folder / "out"
    summary = color_chapter(pages, folder / "cover.png", model, config, out)
    for reason in summary.failed.values():
        raise SetupError(f"The page could not be coloured: {reason}")
    _check(np.asarray(page.convert("L")), read_color(out / "page.png"))
    return summary.device, summary.seconds


def _draw(colors: list[str] | tuple[str, ...]) -> Image.Image:
    """Four inked circles, each of its colour."""
    picture = Image.new("RGB", (192, 256), "white")
    draw = ImageDraw.Draw(picture)
    for i, color in enumerate(colors):
        x, y = 8 + 92 * (i % 2), 20 + 120 * (i // 2)
        draw.ellipse((x, y, x + 84, y + 96), fill=color, outline="black", width=4)
    return picture


def _check(page: UInt8, colored: UInt8) -> None:
    """Raises ModelError unless it is the page: of its size, with its ink, in colour."""
    problem = ""
    if colored.shape != (*page.shape, 3):
        problem = f"the page came back as {colored.shape}"
    elif colored[page == 0].max() > _INK:
        problem = "its ink is gone"
    elif np.ptp(colored.astype(int), axis=2).max() < _COLOR:
        problem = "it has no colour"
    if problem:
        raise ModelError(
            f"The page of the self-test came out wrong: {problem}.",
            "Leave --model out, or install mangacolor again.",
        )
