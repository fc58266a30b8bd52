"""A coloured page from the engine to its place: composed, encoded, written, noted."""

from __future__ import annotations

import functools
from collections import deque

from mangacolor.batch.colorist import Colored, Colorist
from mangacolor.batch.events import Notice
from mangacolor.batch.failures import writing
from mangacolor.batch.prepared import Ended
from mangacolor.batch.why import Reasons
from mangacolor.chapter.book import BookPage, Sheet, leaf_of
from mangacolor.chapter.journal import Journal
from mangacolor.chapter.layered import Layered
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError
from mangacolor.files import atomic_write
from mangacolor.images.areas import Labels, find_areas
from mangacolor.images.formats import encode_as, encode_copy
from mangacolor.images.geometry import UInt8
from mangacolor.images.looks import looks_of
from mangacolor.images.page import Page, read_color
from mangacolor.runtime.color import ColoredPage

__all__ = ["Placing"]


class Placing:
    """What is done with pages of a chapter after the engine; several threads may ask side by side.

    Args:
        colorist: coloured them.
        config: of the chapter.
        journal: of what is in place.
        reasons: gets what each page was coloured after.
        layered: writes layers, too.

    Attributes:
        told: what is to be reported in the thread that runs it.
    """

    def __init__(
        self,
        colorist: Colorist,
        config: BatchConfig,
        journal: Journal,
        reasons: Reasons | None,
        layered: Layered | None,
    ) -> None:
        self.told: deque[Notice] = deque()
        self._colorist, self._config, self._journal = colorist, config, journal
        self._reasons, self._layered = reasons, layered

    def finish(self, colored: Colored) -> str:
        """Composes, encodes and writes one page; gives its file's fingerprint."""
        prepared, full = colored.page, self._colorist.composed(colored)
        sheet, name, mark = prepared.sheet, prepared.sheet.task.name, prepared.mark
        if self._reasons is not None:
            self._reasons.note(name, colored.colored.areas, full, sheet.number)
        if self._layered is not None:
            areas = _areas_of(colored.colored)
            self._write_layers(sheet, mark, prepared.page, full, areas)
        size = self._colorist.size_of(prepared)
        smaller = size if size < self._colorist.asked else 0
        if sheet.book is not None:
            self._join(sheet, mark, prepared.page, full, painted=True, smaller=smaller)
            return mark
        target = sheet.task.target(mark)
        asked = self._config.format
        kind = prepared.page.format if asked == "keep" else asked.upper()
        content = encode_as(prepared.page, full, self._config.quality, asked)
        with writing():
            self._journal.begin(name, content)
            atomic_write(target, content)
            # The colours of a GIF are not those that it was made of.
            looks = "" if kind == "GIF" else looks_of(full, kind)
            self._journal.add(name, mark, target, smaller, looks)
        return mark

    def copy(self, kept: Ended) -> str:
        """Writes one page as it was; gives its file's fingerprint."""
        sheet, name, mark = kept.sheet, kept.sheet.task.name, kept.mark
        if sheet.book is not None and kept.page is not None and kept.page.own is not None:
            self._join(sheet, mark, kept.page, kept.page.own.color, painted=False)
            return mark
        target = sheet.task.target(mark)
        content = encode_copy(kept.content, name, self._config.quality, self._config.format)
        with writing():
            self._journal.begin(name, content)
            atomic_write(target, content)
            looks = looks_of(read_color(kept.content, name), "")
            self._journal.add(name, mark, target, looks=looks)
            if self._layered is not None:
                self._layered.skip(self._journal, name, mark)
        return mark

    def _join(
        self, sheet: Sheet, mark: str, page: Page, color: UInt8, *, painted: bool, smaller: int = 0
    ) -> None:
        """Puts a page into its file; with the last of them the file is in place."""
        book, name = sheet.book, sheet.task.name
        if book is None:
            return
        leaf = BookPage(leaf_of(page, color), looks_of(color, "TIFF"), painted, smaller)
        with writing():
            if not book.add(sheet.number, leaf, functools.partial(self._journal.begin, name)):
                return
            target = sheet.task.target(mark)
            self._journal.add(name, mark, target, book.smaller, book.looks)
            if self._layered is not None:
                self._layered.skip(self._journal, name, mark)

    def _write_layers(
        self, sheet: Sheet, mark: str, page: Page, full: UInt8, areas: Labels
    ) -> None:
        """Writes a page's layers; without a file that can hold them it is done all the same."""
        if self._layered is None:
            return
        name, number = sheet.task.name, None if sheet.book is None else sheet.number
        try:
            with writing():
                self._layered.write(self._journal, name, mark, page, full, areas, number)
        except InputError as error:
            self._layered.skip(self._journal, name, mark)
            self.told.append(
                Notice(f"{sheet.name} is without layers: {error.message} {error.hint}")
            )


def _areas_of(colored: ColoredPage) -> Labels:
    """A coloured page's areas, as they are or as its layers need them."""
    return find_areas(colored.page.shaded) if colored.areas is None else colored.areas.areas
