"""What several benchmarks need: invented chapters to colour, and any model as a bundle."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mangacolor.comic.chapter import write_chapters
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.series import Series
from mangacolor.config import ExportConfig
from mangacolor.images.page import read_color, read_page

HEIGHT = 1400
RGB = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Page:
    """A page of an invented chapter: its file, itself, its truth, and who is where."""

    path: Path
    grey: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    labels: NDArray[np.uint16]


def draw_chapters(folder: Path, series: int, pages: int, seed: int) -> list[Path]:
    """Chapters in a folder: those that lie there, if they are what is asked for, else drawn ones.

    Raises:
        ValueError: others lie there.
    """
    if not folder.exists():
        return write_chapters(folder, series, pages, seed, HEIGHT)
    found = sorted(path.parent for path in folder.glob("*/labels.json"))
    seeds = [json.loads((path / "labels.json").read_text())["seed"] for path in found]
    counts = {len(list((path / "sketch").glob("*.png"))) for path in found}
    if seeds != [seed * 1_000_003 + number for number in range(series)] or counts != {pages}:
        raise ValueError(f"{folder} has other chapters than those asked for.")
    return found


def read_pages(chapter: Path) -> list[Page]:
    """A chapter's pages, in their order."""
    return [
        Page(
            path,
            read_page(path).grey,
            read_color(chapter / "color" / path.name),
            np.asarray(Image.open(chapter / "labels" / path.name)).astype(np.uint16),
        )
        for path in sorted((chapter / "sketch").glob("page-*.png"))
    ]


def read_parts(chapter: Path) -> tuple[dict[int, str], dict[int, RGB]]:
    """Name and colour of each label of a chapter."""
    labels = json.loads((chapter / "labels.json").read_text(encoding="utf-8"))["labels"]
    names = {item["label"]: item["name"] for item in labels}
    return names, {item["label"]: tuple(item["color"]) for item in labels}


def cover_labels(chapter: Path) -> NDArray[np.uint16]:
    """Who is where on a chapter's cover, which is drawn again to know it."""
    seed = json.loads((chapter / "labels.json").read_text(encoding="utf-8"))["seed"]
    with Image.open(chapter / "cover.png") as cover:
        return draw_cover(Series(seed), *cover.size).labels


def as_bundle(model: Path, folder: Path) -> Path:
    """The model itself if it is exported, else a checkpoint's export, written into a folder."""
    if model.is_dir():
        return model
    from mangacolor.export.onnx import export

    export(model, folder / model.stem, ExportConfig())
    return folder / model.stem
