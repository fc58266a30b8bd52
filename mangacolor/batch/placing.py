"""A coloured page from the engine to its place: composed, encoded, written, noted."""

from __future__ import annotations

import dataclasses
import functools
from collections import deque

from mangacolor.batch.events import Notice
from mangacolor.batch.failures import writing
from mangacolor.batch.sheet import Sheet
from mangacolor.batch.why import Reasons
from mangacolor.chapter.journal import Journal
from mangacolor.chapter.layered import Layered
from mangacolor.config import Look
from mangacolor.errors import InputError
from mangacolor.files import atomic_write
from mangacolor.images.areas import Labels, find_areas
from mangacolor.images.formats import encode_as, encode_copy
from mangacolor.images.geometry import UInt8
from mangacolor.images.looks import looks_of
from mangacolor.images.own_color import keep_own
from mangacolor.images.page import read_color
from mangacolor.runtime.color import ColoredPage

__all__ = ["Placing"]


class Placing:
    """What is done with pages of a chapter after the engine; several threads may ask side by side.

    Args:
        look: how pages come out.
        journal: of what is in place.
        reasons: gets what each page was coloured after.
        layered: writes layers, too.

    Attributes:
        told: what is to be reported in the thread that runs it.
    """

    def __init__(
        self,
        look: Look,
        journal: Journal,
        reasons: Reasons | None,
        layered: Layered | None,
    ) -> None:
        self.told: deque[Notice] = deque()
        self._look, self._journal = look, journal
        self._reasons, self._layered = reasons, layered

    def place(self, sheet: Sheet) -> Sheet:
        """Puts a page in its place; gives it without its pictures, and why it failed if it did."""
        try:
            if sheet.error is None and not sheet.stays:
                (self.finish if sheet.painted else self._copy)(sheet)
        except Exception as error:
            sheet = dataclasses.replace(sheet, error=error)
        return sheet.emptied()

    def finish(self, sheet: Sheet) -> None:
        """Composes, encodes and writes one page that was coloured; raises whatever fails."""
        colored, page, name = sheet.colored, sheet.page, sheet.task.name
        assert colored is not None and page is not None
        full = colored.picture
        if page.own is not None and not self._look.recolor:
            # Its own ink is over its colour by now; what colour it had already comes last.
            full = keep_own(full, page.own.color, page.own.places)
        if self._reasons is not None:
            self._reasons.note(name, colored.areas, full, sheet.number)
        if self._layered is not None:
            self._write_layers(sheet, full, _areas_of(colored))
        if sheet.book is not None:
            self._join(sheet, full)
            return
        asked = self._look.format
        kind = page.format if asked == "keep" else asked.upper()
        # The colours of a GIF are not those that it was made of.
        looks = "" if kind == "GIF" else looks_of(full, kind)
        self._write(sheet, encode_as(page, full, self._look.quality, asked), looks)

    def _copy(self, sheet: Sheet) -> None:
        """Writes one page as it was."""
        name, own = sheet.task.name, None if sheet.page is None else sheet.page.own
        if sheet.book is not None and own is not None:
            self._join(sheet, own.color)
            return
        content = encode_copy(sheet.content, name, self._look.quality, self._look.format)
        self._write(sheet, content, looks_of(read_color(sheet.content, name), ""))
        self._skip_layers(sheet)

    def _write(self, sheet: Sheet, content: bytes, looks: str) -> None:
        name, target = sheet.task.name, sheet.task.target(sheet.mark)
        with writing():
            self._journal.begin(name, content)
            atomic_write(target, content)
            self._journal.add(name, sheet.mark, target, sheet.small, looks)

    def _join(self, sheet: Sheet, color: UInt8) -> None:
        """Puts a page into its file; with the last of them the file is in place."""
        book, page, name = sheet.book, sheet.page, sheet.task.name
        assert book is not None and page is not None
        begin = functools.partial(self._journal.begin, name)
        with writing():
            if book.add(sheet.number, page, color, begin, painted=sheet.painted, small=sheet.small):
                target = sheet.task.target(sheet.mark)
                self._journal.add(name, sheet.mark, target, book.small, book.looks)
                self._skip_layers(sheet)

    def _skip_layers(self, sheet: Sheet) -> None:
        if self._layered is not None:
            with writing():
                self._layered.skip(self._journal, sheet.task.name, sheet.mark)

    def _write_layers(self, sheet: Sheet, full: UInt8, areas: Labels) -> None:
        """Writes a page's layers; without a file that can hold them it is done all the same."""
        assert self._layered is not None and sheet.page is not None
        name, number = sheet.task.name, None if sheet.book is None else sheet.number
        try:
            with writing():
                self._layered.write(
                    self._journal, name, sheet.mark, sheet.page, full, areas, number
                )
        except InputError as error:
            self._layered.skip(self._journal, name, sheet.mark)
            self.told.append(
                Notice(f"{sheet.name} is without layers: {error.message} {error.hint}")
            )


def _areas_of(colored: ColoredPage) -> Labels:
    """A coloured page's areas, as they are or as its layers need them."""
    return find_areas(colored.page.shaded) if colored.areas is None else colored.areas.areas
