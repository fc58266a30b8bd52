"""Pages of real manga in colour: whether one surface has one colour, and two have two.

`manga-points.json` has points set by hand on surfaces, and pairs of surfaces that must differ.
`same` is the share of pairs of points of one surface that have one colour, `differ` that of pairs
across surfaces that have two. Each time more is cut off the pages' edges, so that neither hangs on
where pixels happen to lie: both move by hundredths with it.
"""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mangacolor.batch.request import Request
from mangacolor.batch.run import color_chapter
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.series import Series
from mangacolor.config import BatchConfig
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color, read_page

__all__ = ["CUTS", "POINTS", "covers", "probed"]

# Covers of other works that real pages are coloured after, and their size.
COVERS, COVER = (900_001, 900_003, 900_004, 900_006), (700, 1000)
# Pixels that are cut off all edges of a page; of as many references each has others.
CUTS = (0, 6, 12, 18)
# Points on real pages.
POINTS = Path(__file__).parent / "manga-points.json"
# Of a real page: half a window's side, and the largest difference of one colour's chromaticity.
WINDOW, ONE = 7, 0.06
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def color(folder: Path, reference: Path, model: Path, out: Path, cut: int) -> None:
    """Colours a folder of pages by `batch`, their edges cut off."""
    pages = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    with tempfile.TemporaryDirectory() as name:
        for page in pages:
            grey = read_page(page).grey
            h, w = grey.shape
            cv2.imwrite(str(Path(name) / f"{page.stem}.png"), grey[cut : h - cut, cut : w - cut])
        # JPEG would be judged as well.
        config = BatchConfig(device="cpu", format="png")
        color_chapter(Request(Path(name), [reference], config, out=out, overwrite=True), model)


def shade(picture: UInt8, x: int, y: int) -> NDArray[np.float64] | None:
    """Chromaticity of the lit pixels around a point."""
    near = picture[max(0, y - WINDOW) : y + WINDOW + 1, max(0, x - WINDOW) : x + WINDOW + 1]
    pixels = near.reshape(-1, 3).astype(np.float64)
    luma = pixels @ [0.299, 0.587, 0.114]
    lit = pixels[luma >= max(40, np.percentile(luma, 50))]
    return None if len(lit) < 5 else lit.mean(axis=0) / lit.mean() - 1


def covers(folder: Path) -> list[Path]:
    """References of other works: invented covers, as files."""
    found = []
    for seed in COVERS:
        found.append(folder / f"cover-{seed}.png")
        picture = draw_cover(Series(seed), *COVER).color
        cv2.imwrite(str(found[-1]), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return found


def probed(manga: Path, references: Sequence[Path], model: Path, out: Path) -> str:
    """Same and differ of pages, mean of what they are with each of the references."""
    figures = []
    for number, (reference, cut) in enumerate(zip(references, itertools.cycle(CUTS)), 1):
        color(manga, reference, model, out / str(number), cut)
        figures.append(probe(out / str(number), cut))
    same, differ = np.mean(figures, axis=0)
    each = ", ".join(f"{s:.3f} at {d:.3f}" for s, d in figures)
    return f"same {same:.3f}  differ {differ:.3f}   ({each})"


def probe(folder: Path, cut: int) -> tuple[float, float]:
    """Same and differ of coloured pages whose edges were cut off."""
    same, differ = [], []
    for page, surfaces in json.loads(POINTS.read_text()).items():
        found = [path for path in folder.iterdir() if page in path.name]
        if not found:
            continue
        picture = read_color(found[0])
        shades = {
            name: [s for x, y in points if (s := shade(picture, x - cut, y - cut)) is not None]
            for name, points in surfaces.items()
            if name != "differ"
        }
        for points in shades.values():
            pairs = [np.abs(p - q).max() < ONE for p, q in itertools.combinations(points, 2)]
            if pairs:
                same.append(np.mean(pairs))
        for one, other in surfaces.get("differ", []):
            pairs = [np.abs(p - q).max() >= ONE for p in shades[one] for q in shades[other]]
            if pairs:
                differ.append(np.mean(pairs))
    return float(np.mean(same)), float(np.mean(differ))
