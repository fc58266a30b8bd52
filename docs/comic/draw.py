"""Draws the pictures of this folder: `python docs/comic/draw.py [FOLDER OF MODELS]`."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from mangacolor.comic.chapter import lay_page
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.page import DrawnPage, draw_page, finish
from mangacolor.comic.pairs import draw_pair
from mangacolor.comic.panel import draw_panel, open_canvas
from mangacolor.comic.series import Series
from mangacolor.comic.wardrobe import find_figures

HERE = Path(__file__).parent


def panel(seed: int, side: int, shot: str | None, number: int = 0) -> tuple[Series, DrawnPage]:
    """A panel with one of a series' cast."""
    series, random = Series(seed), Random(f"{seed} {number}")
    canvas = open_canvas(series, side, side)
    draw_panel(canvas, series, random, [series.cast[number % len(series.cast)]], shot)
    return series, finish(series, canvas.layers(), None, True, True)


def grid(pictures: list[np.ndarray], columns: int, side: tuple[int, int]) -> Image.Image:
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * side[0], rows * side[1]), "white")
    for i, picture in enumerate(pictures):
        scaled = Image.fromarray(picture).convert("RGB").resize(side, Image.Resampling.LANCZOS)
        whole.paste(scaled, (i % columns * side[0], i // columns * side[1]))
    return whole


def save(picture: Image.Image, name: str) -> None:
    """As WebP of at most 300 KB."""
    for quality in range(88, 20, -6):
        picture.save(HERE / name, quality=quality, method=6)
        if (HERE / name).stat().st_size <= 300_000:
            return


def cast_sheet() -> Image.Image:
    pictures = []
    for i in range(24):
        shot = ("close", "bust", "bust", "waist", "full", "bust")[i % 6]
        page = panel(800 + i, 400, shot, i)[1]
        pictures.append(page.lineart if i % 4 == 3 else page.color)
    return grid(pictures, 6, (240, 240))


def layers() -> Image.Image:
    series, page = panel(811, 480, "bust", 1)
    rng = np.random.default_rng(0)
    colors = rng.integers(40, 255, (series.palette.names.__len__() + 2000, 3), dtype=np.uint8)
    shown = [page.ink, page.tone, page.lineart, page.flat, page.color, colors[page.labels]]
    return grid(shown, 6, (260, 260))


def pairs() -> Image.Image:
    pictures = []
    for seed in range(12):
        pair = draw_pair(900 + seed, 256)
        target, reference = pair.target, pair.references[0]
        pictures += [target.lineart, reference.color, target.color]
    return grid(pictures, 9, (170, 170))


def manga() -> Image.Image:
    """Two pages laid as manga, and pieces of others at their full size."""
    pages, pieces = [], []
    for seed in (11, 12, 13, 17, 19, 23):
        series = Series(seed * 1_000_003)
        pages.append(lay_page(series, 1, draw_page(series, 1, 1143, 1600)))
        pieces.append(pages[-1][700:1050, 400:750])
    whole = Image.new("L", (1400, 1050), 255)
    for i, page in enumerate(pages[:2]):
        whole.paste(
            Image.fromarray(page).resize((490, 686), Image.Resampling.LANCZOS), (i * 525, 0)
        )
    for i, piece in enumerate(pieces):
        x, y = ((1050, 0), (1050, 350), (0, 700), (350, 700), (700, 700), (1050, 700))[i]
        whole.paste(Image.fromarray(piece), (x, y))
    return whole


def actors(folder: Path) -> Image.Image:
    """Pages whose cast are models, in colour and laid as manga."""
    figures, pictures = find_figures(folder), []
    for seed in (6, 9):
        series = Series(seed, figures)
        page = draw_page(series, 1, 857, 1200)
        pictures += [page.color, lay_page(series, 1, page)]
    return grid(pictures, 4, (400, 560))


def main() -> None:
    series = Series(5_000_015)
    pages = [draw_page(series, number, 1000, 1400) for number in range(2)]
    save(grid([pages[0].lineart, pages[0].color], 2, (600, 840)), "page.webp")
    chapter = [draw_cover(series, 1000, 1400).color, pages[1].lineart, pages[1].color]
    save(grid(chapter, 3, (450, 630)), "chapter.webp")
    covers = [draw_cover(Series(60 + seed), 500, 700).color for seed in range(8)]
    save(grid(covers, 8, (200, 280)), "covers.webp")
    save(cast_sheet(), "cast.webp")
    save(layers(), "layers.webp")
    save(pairs(), "pairs.webp")
    save(manga(), "manga.webp")
    if len(sys.argv) > 1:
        save(actors(Path(sys.argv[1])), "actors.webp")


if __name__ == "__main__":
    main()
