"""A page on its way through `batch`: one type from reader to writer."""

from __future__ import annotations

import dataclasses

from mangacolor.chapter.book import Book
from mangacolor.chapter.plan import Task, mark_of
from mangacolor.config import Look
from mangacolor.errors import InputError
from mangacolor.images.page import Page, read_page
from mangacolor.runtime.color import ColoredPage, ColorModel, ReadyPage

__all__ = ["Sheet", "prepare"]


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet:
    """A page, of most files the only one, and what has become of it so far.

    Attributes:
        task: its file.
        number: which of the file's pages, from 0.
        book: the file, where it has several.
        mark: its file's fingerprint.
        page: as read.
        content: its file's; empty for a page of several, which goes into the file by itself.
        ready: as the networks want it; None of a page that is kept as it is.
        colored: in colour.
        painted: it was coloured.
        small: longer side at which it was coloured, or of one that is done already is as good as
            memory allows; 0 where memory was enough.
        error: why it failed.
    """

    task: Task
    number: int = 0
    book: Book | None = None
    mark: str = ""
    page: Page | None = None
    content: bytes = dataclasses.field(default=b"", repr=False)
    ready: ReadyPage | None = None
    colored: ColoredPage | None = None
    painted: bool = False
    small: int = 0
    error: Exception | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.task.name if self.book is None else self.book.name_of(self.number)

    @property
    def is_last(self) -> bool:
        """Whether no other page of its file comes after it."""
        return self.book is None or self.number + 1 == len(self.book.frames)

    @property
    def waits(self) -> bool:
        """Whether it is to be coloured."""
        return self.ready is not None and not self.painted and self.error is None

    @property
    def stays(self) -> bool:
        """Whether it is done already, and memory is not enough for more."""
        return self.small > 0 and not self.painted

    @property
    def notices(self) -> list[str]:
        """What the user should know of one that is to be coloured."""
        found, page = [], self.page
        if not self.waits:
            return []
        # What a TIFF has beside pages are thumbnails.
        if page and page.format != "TIFF" and page.pictures > page.pages:
            others = page.pictures - 1
            what = "1 other picture is" if others == 1 else f"{others} other pictures are"
            found.append(f"{self.name} is an animation; its {what} left out")
        seen = self.ready and self.ready.seen
        if seen and seen.photographed:
            words = "is a photograph: what lies around the sheet stays as it is"
            found.append(f"{self.name} {words}")
        left_out = sum(view.left_out for view in seen.views) if seen else 0
        if left_out:
            words = f"has more areas than are matched; the {left_out} smallest take a neighbour's"
            found.append(f"{self.name} {words} colour")
        return found

    def emptied(self) -> Sheet:
        """The same without what is large: all is done of it."""
        return dataclasses.replace(self, page=None, content=b"", ready=None, colored=None)


def prepare(
    sheet: Sheet,
    job: str,
    model: ColorModel,
    look: Look,
) -> Sheet:
    """Reads a page and makes it ready; what is given says whether its file has several.

    Args:
        sheet: which page; the first of its file, or any of a book.
        job: digest of references, model and settings.
        model: that will colour it.
        look: how it is to be coloured; without `recolor` a page that is in colour is kept.

    Raises:
        InputError: the page cannot be read, or its file has several, of which a format would lose
            all but one.
    """
    task, content = sheet.task, b""
    if sheet.book is not None:
        page = sheet.book.read(sheet.number)
    else:
        content = task.read()
        sheet = dataclasses.replace(sheet, mark=mark_of(task, job, content))
        page = read_page(content, task.name)
        if page.pages > 1:
            sheet = dataclasses.replace(sheet, book=Book(task, sheet.mark, content))
            page, content = dataclasses.replace(page, name=sheet.name), b""
    if sheet.book is not None and look.format != "keep":
        raise InputError(
            f"{task.name} has several pages; {look.format} files have one.",
            "Leave --format out for it, or save each page by itself.",
        )
    # Of a page of several nothing is at hand to be kept but its colours.
    kept = page.colored and not look.recolor and (sheet.book is None or page.own is not None)
    ready = None if kept else model.ready(page.grey, look)
    content = content if kept else b""
    return dataclasses.replace(sheet, page=page, content=content, ready=ready)
