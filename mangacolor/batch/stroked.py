"""What strokes of colour say of the pages of a chapter, learned by the model that follows them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.batch.strokes import Strokes
from mangacolor.chapter.plan import Task
from mangacolor.config import Look
from mangacolor.errors import MangacolorError
from mangacolor.images.areas import Labels
from mangacolor.images.geometry import UInt8, resize
from mangacolor.images.strokes import count_idle, find_rivals, find_stroked
from mangacolor.runtime.color import ColorModel, References
from mangacolor.runtime.parted import Division, Part

__all__ = ["Stroked", "learn_strokes"]

# Area to colour.
Told = dict[int, tuple[int, int, int]]

# Least difference of channels of what is in colour.
_COLORED = 24


@dataclasses.dataclass(frozen=True)
class Stroked:
    """What the strokes on a page say.

    Attributes:
        told: areas to their colours, once the page is parted.
        parts: areas with strokes of several colours, which are several.
    """

    told: Told = dataclasses.field(default_factory=dict)
    parts: tuple[Part, ...] = ()


def _count_white(picture: UInt8, areas: Labels, told: Told) -> int:
    """Of how many areas the colour that they are given is not to be seen: they stay paper, or ink.

    Args:
        picture: uint8 (H, W, 3) sRGB, the page in colour.
        areas: int32 (h, w).
        told: what they were given.
    """
    h, w = areas.shape
    small = resize(picture, h, w).astype(np.int16)
    chroma = small.max(axis=2) - small.min(axis=2)
    most = np.zeros(int(areas.max()) + 1, np.int16)
    np.maximum.at(most, areas.ravel(), chroma.ravel())
    return sum(
        max(color) - min(color) >= _COLORED and most[area] < _COLORED / 2
        for area, color in told.items()
    )


def learn_strokes(
    model: ColorModel,
    references: References,
    tasks: Sequence[Task],
    strokes: Strokes,
    tell: Listener,
) -> tuple[References, dict[str, Stroked]]:
    """Reads the strokes, so that every page can follow those of any other.

    Args:
        model: an open one that follows strokes.
        references: of the chapter.
        tasks: all its pages.
        strokes: on some of them.
        tell: gets a `Notice` for strokes that mean nothing.

    Returns:
        The references with what the strokes teach, and by a page's name what they say of it.
    """
    found: dict[str, Stroked] = {}
    learned = references
    for task in tasks:
        if task.name not in strokes.files:
            continue
        try:
            sheet = prepare(Sheet(task), "", model, Look(recolor=True))
            if sheet.book is not None:
                tell(Notice(f"{task.name} is a file of several pages; its strokes are left out"))
                continue
            # Strokes are followed by models that know areas, and nothing is kept as it was.
            if sheet.ready is None or sheet.ready.seen is None:
                continue
            drawn = strokes.on(task.name, sheet.ready.grey.shape)
            parts = tuple(Division(x) for x in find_rivals(drawn, sheet.ready.seen.areas))
            ready = model.parted(sheet.ready, parts)
            assert ready.seen is not None
            areas = ready.seen.areas
            told, idle = find_stroked(drawn, areas), count_idle(drawn, areas)
            # After the references alone: no stroke decides on another page's strokes.
            (colored,) = model.color([ready], references, [told])
            idle += _count_white(colored.picture, areas, told)
            if idle:
                what = "The stroke" if idle == 1 else f"{idle} strokes"
                what += f" in {strokes.files[task.name]}"
                lies = "lies" if idle == 1 else "lie"
                tell(Notice(f"{what} {lies} on lines or between panels, and colour nothing"))
            (plain,) = model.color([colored.page], references)
            learned = model.learn(plain, told, learned)
        except MangacolorError as error:
            # A page that cannot be read says so in its turn.
            tell(Notice(f"{error.message} Its strokes are left out"))
            continue
        found[task.name] = Stroked(told, parts)
    return learned, found
