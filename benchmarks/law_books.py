"""Pages by which the laws of matching are judged, and what may be their references."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
import torch

from mangacolor.comic.chapter import ASPECT
from mangacolor.comic.cover import draw_cover
from mangacolor.comic.page import DrawnPage, draw_page
from mangacolor.comic.series import Series
from mangacolor.data.layouts import Example, by_series, find_examples
from mangacolor.data.lineart import PENS, draw_ink
from mangacolor.images.geometry import UInt8, resize, to_signed, to_uint8
from mangacolor.images.page import read_color, read_page

__all__ = ["Book", "Picture", "find_books"]

HEIGHT = 1100
# Pages that follow one that is corrected.
FOLLOWERS = 2


@dataclasses.dataclass(eq=False)
class Picture:
    """A picture in colour, and its ink: its own, or drawn by a pen.

    Attributes:
        color: uint8 (H, W, 3) sRGB.
        lineart: file of its own ink, or the ink itself; None if a pen is to draw it.
        pen: number of the pen.
    """

    color: UInt8
    lineart: Path | UInt8 | None
    pen: int

    def reduced(self, height: int) -> Picture:
        """The same at a height, pixels, if it is larger: a pen draws before that."""
        if self.color.shape[0] <= height:
            return self
        width = max(1, round(self.color.shape[1] * height / self.color.shape[0]))
        color, ink = resize(self.color, height, width), resize(self.ink(), height, width)
        return dataclasses.replace(self, color=color, lineart=ink)

    def ink(self) -> UInt8:
        return self._ink

    @functools.cached_property
    def _ink(self) -> UInt8:
        if isinstance(self.lineart, Path):
            return read_page(self.lineart).grey
        if self.lineart is not None:
            return self.lineart
        signed = torch.from_numpy(to_signed(self.color)).permute(2, 0, 1)[None]
        dice = torch.rand(1, PENS, generator=torch.Generator().manual_seed(self.pen))
        return to_uint8(draw_ink(signed, dice)[0, 0].numpy())


@dataclasses.dataclass(eq=False)
class Book:
    """Pictures of one series, and of others behind them.

    Attributes:
        pictures: near ones are of one scene.
        judged: which are coloured; the first is the one that is corrected.
        followers: which are coloured again after that.
        near: whether the nearest of a page come first as its references, or the first ones.
        stranger: uint8 (H, W, 3), a picture of another set.
        lessons: pictures of the series, none of them judged or a follower, that teach it.
    """

    pictures: list[Picture]
    judged: list[int]
    followers: list[int]
    near: bool = True
    stranger: UInt8 = dataclasses.field(default_factory=lambda: np.zeros((0, 0, 3), np.uint8))
    lessons: list[Picture] = dataclasses.field(default_factory=list)

    def others(self, index: int) -> list[UInt8]:
        """The references of a page, the most helpful first."""
        rest = [i for i in range(len(self.pictures)) if i != index]
        if self.near:
            rest.sort(key=lambda i: abs(i - index))
        return [self.pictures[i].color for i in rest]


def find_books(
    data: Path | None,
    without: list[str],
    pages: int,
    most: int,
    seed: int,
    height: int | None = None,
) -> dict[str, list[Book]]:
    """The sets that are there, by name.

    Args:
        data: folder of them; None is invented pages only.
        without: names of sets to leave out.
        pages: to judge of each.
        most: pictures of a series and of others behind it.
        seed: of the first invented series.
        height: pixels that pages and references are reduced to if they are higher.
    """
    found: dict[str, list[Book]] = {}
    if data is not None:
        comic = _read(data / "comic")
        ink = _read(data / "ink-pairs")
        if ink:
            followers = list(range(1, len(ink)))
            found["ink-pairs"] = [
                Book(
                    (ink + comic)[:most],
                    list(range(len(ink)))[:pages],
                    followers,
                    near=False,
                    lessons=comic,
                )
            ]
        if comic:
            # Pages of the middle have others of their chapter on both sides.
            judged = sorted({(2 * i + 1) * len(comic) // (2 * pages) for i in range(pages)})
            # Few are those about the first of them.
            start = max(0, judged[0] - most // 2) if most < len(comic) else 0
            part = comic[start : start + most]
            judged = [i - start for i in judged if i - start < len(part)]
            found["comic"] = [Book(part, judged, _after(judged, len(part)), lessons=ink)]
        val = data / "open-cartoon" / "val"
        if val.is_dir():
            found["val"] = _cartoons(val, pages, most)
    found["invented"] = [_invented(seed + i, most) for i in range(-(-pages // 2))]
    chosen = {name: books for name, books in found.items() if name not in without}
    if height is not None:
        for book in (book for books in chosen.values() for book in books):
            book.pictures = [picture.reduced(height) for picture in book.pictures]
    names = list(chosen)
    for place, name in enumerate(names):
        for book in chosen[name]:
            # Of real ink and of the comic, which are one series, the next but one is another.
            book.stranger = chosen[names[(place + 2) % len(names)]][0].pictures[0].color
    return chosen


def _after(judged: list[int], count: int) -> list[int]:
    start = judged[0] + 1
    return list(range(start, min(start + FOLLOWERS, count)))


def _read(folder: Path) -> list[Picture]:
    return [_picture(x, i) for i, x in enumerate(find_examples(folder))] if folder.is_dir() else []


def _picture(example: Example, number: int) -> Picture:
    return Picture(read_color(example.color), example.lineart, number)


def _cartoons(folder: Path, pages: int, most: int) -> list[Book]:
    """A book a series, the largest first; behind its own pictures stand some of the next."""
    examples = find_examples(folder)
    groups = sorted(by_series(examples).values(), key=lambda group: -len(group))
    groups = [group for group in groups if len(group) > FOLLOWERS + 1]
    wanted = [index for group in groups for index in group]
    books = []
    for number, group in enumerate(groups[:pages]):
        rest = [i for i in wanted[::-1] if i not in group]
        pictures = [_picture(examples[i], i) for i in [*group[:most], *rest][:most]]
        books.append(Book(pictures, [number % 2], [2, 3]))
    return books


def _invented(seed: int, most: int) -> Book:
    """Two pages, the cover, and other pages of an invented series."""
    series, width = Series(seed), round(HEIGHT * ASPECT)
    cover = draw_cover(series, width, HEIGHT)
    pages = [draw_page(series, number, width, HEIGHT) for number in range(most - 1)]
    drawn: list[DrawnPage] = [cover, *pages]
    pictures = [Picture(np.ascontiguousarray(x.color), x.lineart, 0) for x in drawn]
    return Book(pictures, [1, 2], [3, 4], near=False, lessons=pictures[5:])
