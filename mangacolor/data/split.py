"""The few coloured pages of one series, parted into what is trained on and what is held back."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example
from mangacolor.errors import InputError
from mangacolor.images.colored import has_colors
from mangacolor.images.geometry import UInt8
from mangacolor.images.panels import Box, find_panels
from mangacolor.images.strips import cut_evenly

__all__ = ["Split", "split_series"]

# The one series that all pages are of.
_NAME = "series"
# From this many pages on, whole pages are held back; with fewer, single panels.
_ENOUGH_PAGES = 6


@dataclasses.dataclass(frozen=True)
class Split:
    """Examples of one series; panels are boxes on their pages, nothing is written.

    Attributes:
        train: panels and whole pages to train on; no held-back panel is on any of them.
        held: panels to judge by.
        references: for each of `held` the picture of `train` that it is coloured after.
        pages, panels: coloured pages, and panels found on them.
        grey: names of pages that were left out because they have no colour.
        taught_pages, held_pages: the pages of both, whole; none where pages are too few to hold
            whole ones back.
    """

    train: list[Example]
    held: list[Example]
    references: list[Example]
    pages: int
    panels: int
    grey: list[str]
    taught_pages: list[Example] = dataclasses.field(default_factory=list)
    held_pages: list[Example] = dataclasses.field(default_factory=list)

    def without_repeats(self) -> Split:
        """The same without panels of pages that are there as a whole."""
        whole = {example.color for example in self.train if example.box is None}
        rest = [x for x in self.train if x.box is None or x.color not in whole]
        return dataclasses.replace(self, train=rest)


@dataclasses.dataclass(frozen=True)
class _SplitPanel:
    """A panel by its example, the number of its page, and whether it has colour."""

    example: Example
    page: int
    colored: bool


def split_series(pages: list[Example], held_share: float) -> Split:
    """Cuts pages into panels and holds some back; always the same ones.

    With `_ENOUGH_PAGES` or more, the last pages are held back with all their panels. With fewer,
    single panels are, spread evenly, and the pages that they lie on are trained on panel by panel
    only.

    Args:
        pages: whole pages in reading order, whatever series they name.
        held_share: share of pages, or of panels, that is held back; at least one is.

    Raises:
        InputError: a page cannot be read, no page has colour, or there are not two panels.
    """
    panels: list[_SplitPanel] = []
    colored: list[Example] = []
    grey = []
    for page in pages:
        picture, _ = read_example(page)
        if not has_colors(picture):
            grey.append(page.name)
            continue
        panels.extend(_panels(page, picture, len(colored)))
        colored.append(dataclasses.replace(page, series=_NAME))
    judges = _hold_back(panels, len(colored), held_share)
    _check(pages, colored, panels, judges)
    whole_held = len(colored) >= _ENOUGH_PAGES
    touched = {panel.page for panel in judges}
    rest = [
        panel
        for panel in panels
        if panel not in judges and not (whole_held and panel.page in touched)
    ]
    counts = np.bincount([panel.page for panel in panels], minlength=len(colored))
    # A page of one panel is its panel.
    whole = {
        number: page
        for number, page in enumerate(colored)
        if number not in touched and counts[number] > 1
    }
    return Split(
        train=[*(panel.example for panel in rest), *whole.values()],
        held=[panel.example for panel in judges],
        references=[_reference(panel, rest, whole) for panel in judges],
        pages=len(colored),
        panels=len(panels),
        grey=grey,
        taught_pages=[x for i, x in enumerate(colored) if whole_held and i not in touched],
        held_pages=[x for i, x in enumerate(colored) if whole_held and i in touched],
    )


def _panels(page: Example, picture: UInt8, number: int) -> list[_SplitPanel]:
    return [
        _SplitPanel(
            dataclasses.replace(page, name=f"{page.name}#{i + 1}", series=_NAME, box=box),
            number,
            has_colors(picture[box[1] : box[3], box[0] : box[2]]),
        )
        for i, box in enumerate(_boxes(picture))
    ]


def _boxes(picture: UInt8) -> list[Box]:
    """Panels of a page, or of each piece of a strip."""
    found: list[Box] = []
    x = y = 0
    for piece in cut_evenly(picture):
        boxes = find_panels(piece)
        found += [(x + x0, y + y0, x + x1, y + y1) for x0, y0, x1, y1 in boxes]
        x += piece.shape[1] if piece.shape[1] < picture.shape[1] else 0
        y += piece.shape[0] if piece.shape[0] < picture.shape[0] else 0
    return found


def _hold_back(panels: list[_SplitPanel], pages: int, share: float) -> list[_SplitPanel]:
    """Panels to judge by; only coloured ones, since a grey one says nothing of colour.

    Of many pages the last: what helps pages between those that it was taught on need not help
    another chapter.
    """
    judges = [panel for panel in panels if panel.colored]
    if pages < _ENOUGH_PAGES:
        # One must be left to train on.
        return _spread(judges, min(max(1, round(share * len(judges))), len(panels) - 1))
    count = min(max(1, round(share * pages)), pages - 1)
    kept = sorted({panel.page for panel in judges})[-count:]
    return [panel for panel in judges if panel.page in kept]


T = TypeVar("T")


def _spread(things: Sequence[T], count: int) -> list[T]:
    """So many of them, evenly spread."""
    count = min(count, len(things))
    return [things[int((i + 0.5) * len(things) / count)] for i in range(count)]


def _reference(panel: _SplitPanel, rest: list[_SplitPanel], whole: dict[int, Example]) -> Example:
    """The whole page to train on that is furthest away, or else the nearest panel, coloured if
    there is one.

    Furthest away, for a chapter is coloured after its cover or pages of another one: the page
    beside shows all that a panel needs, so that nothing that is learned would be worth anything.
    """
    pages = [number for number in whole if number != panel.page]
    if pages:
        return whole[max(pages, key=lambda number: abs(number - panel.page))]
    candidates = [other for other in rest if other.colored] or rest
    return min(candidates, key=lambda other: abs(other.page - panel.page)).example


def _check(
    pages: list[Example],
    colored: list[Example],
    panels: list[_SplitPanel],
    judges: list[_SplitPanel],
) -> None:
    where = pages[0].color.parent if pages else "the folder"
    if not colored:
        raise InputError(
            f"None of the {len(pages)} pages in {where} has colour.",
            "Give a folder with coloured pages of the series.",
        )
    if len(panels) < 2 or not judges:
        raise InputError(
            f"Only one panel was found in {where}: one to learn from and one to judge by are "
            "needed.",
            "Add another coloured page of the series.",
        )
