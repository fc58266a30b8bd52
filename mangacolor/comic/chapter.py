"""Writes chapters of invented comics: pages, their truth, labels, cover, licence."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mangacolor.comic.actor import Actor
from mangacolor.comic.cover import draw_cover, title_of
from mangacolor.comic.kinds import kinds_of
from mangacolor.comic.page import DrawnPage, draw_page
from mangacolor.comic.series import Series
from mangacolor.comic.wardrobe import Costume
from mangacolor.errors import InputError
from mangacolor.files import whole_folder
from mangacolor.manga.hand import make_hand
from mangacolor.manga.lay import lay_manga

__all__ = ["ASPECT", "lay_page", "write_chapters"]

# Width of a page over its height, as in printed tankobon volumes.
ASPECT = 5 / 7

CREDIT = """\
{title}

An invented comic, drawn by `mangacolor sample` from the seed {seed}. It shows no person and no
character of anybody's work.

To the extent possible under law, who made it waives all copyright and related or neighbouring
rights to it: CC0 1.0 Universal, https://creativecommons.org/publicdomain/zero/1.0/

The letters are set in fonts of their own licences (SIL OFL 1.1, Apache-2.0), which allow this.

sketch/      pages in black and white: lines, solid blacks, screentone, balloons
color/       the same pages in colour: the truth
labels/      16-bit pictures: which part of whom is seen, see labels.json
cover.png    the cast in colour
labels.json  name and flat colour of each label
"""


def write_chapters(
    folder: Path,
    series: int,
    pages: int,
    seed: int,
    height: int,
    manga: bool = False,
    figures: Sequence[Costume] = (),
    tell: Callable[[str, int], None] = lambda title, pages: None,
) -> list[Path]:
    """Writes a folder of chapters, whole or not at all.

    Args:
        folder: to write; it must not be there, or be empty.
        series: how many, each a chapter in a folder of its own.
        pages: of each.
        seed: of all randomness; the same gives the same bytes on one machine.
        height: of pages, pixels.
        manga: lay over the pages what is printed: tone, hatching, blacks, lines of motion.
        figures: models that are the cast's bodies, see `wardrobe.find_figures`; without any, the
            cast is drawn.
        tell: told each chapter's title and pages when it is done.

    Returns:
        The chapters' folders.

    Raises:
        InputError: the folder has something in it, or is no folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "is not empty" if folder.is_dir() else "is a file"
        raise InputError(f"{folder} {what}.", "Name a new or empty folder.")
    names = []
    with whole_folder(folder) as part:
        for number in range(series):
            one = Series(seed * 1_000_003 + number, figures)
            title = title_of(one)
            name = f"{number + 1:02d}-{title.lower().replace(' ', '-')}"
            _write_chapter(part / name, one, pages, height, manga)
            names.append(name)
            tell(title, pages)
    return [folder / name for name in names]


def lay_page(series: Series, number: int, page: DrawnPage) -> NDArray[np.uint8]:
    """A page laid as printed manga, by one hand for the whole series.

    Args:
        series: whose page; its seed decides, with the number, on all that is laid.
        number: of the page.
        page: as it was drawn; it stays as it is.

    Returns:
        uint8 (H, W), 0 ink ... 255 paper.
    """
    hand = make_hand(np.random.default_rng(series.seed), page.ink.shape[0])
    kinds = kinds_of(series.palette.names, series.palette.colors)
    rng = np.random.default_rng((series.seed, number))
    return lay_manga(page.lines(), page.labels, kinds, rng, hand, words=False).page


def _write_chapter(folder: Path, series: Series, pages: int, height: int, manga: bool) -> None:
    width = round(height * ASPECT)
    for name in ("sketch", "color", "labels"):
        (folder / name).mkdir(parents=True)
    for number in range(pages):
        page = draw_page(series, number, width, height)
        name = f"page-{number + 1:03d}.png"
        sketch = lay_page(series, number, page) if manga else page.lineart
        Image.fromarray(sketch).save(folder / "sketch" / name)
        Image.fromarray(page.color).save(folder / "color" / name)
        Image.fromarray(page.labels.astype(np.uint16)).save(folder / "labels" / name)
    Image.fromarray(draw_cover(series, width, height).color).save(folder / "cover.png")
    labels = [
        {"label": label, "name": name, "color": series.palette.colors[label]}
        for label, name in sorted(series.palette.names.items())
    ]
    title = title_of(series)
    record = {"title": title, "seed": series.seed, "labels": labels}
    (folder / "labels.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    credit = CREDIT.format(title=title, seed=series.seed)
    bodies = {who.figure.credit for who in series.cast if isinstance(who, Actor)}
    if bodies:
        credit += "\n" + "\n".join(["The cast's bodies are models:", *sorted(bodies)]) + "\n"
    (folder / "CREDIT.txt").write_text(credit, encoding="utf-8")
