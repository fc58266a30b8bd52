"""Pages made ready for the engine, and those that need none."""

from __future__ import annotations

import dataclasses

from mangacolor.chapter.book import Book, Sheet
from mangacolor.chapter.plan import mark_of
from mangacolor.config import Look
from mangacolor.images.page import Page, read_page
from mangacolor.runtime.color import ColorModel, ReadyPage

__all__ = ["Ended", "Prepared", "prepare"]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A page ready for the engine.

    Attributes:
        sheet, mark: which page, and its file's fingerprint.
        page: as read.
        ready: as the networks want it.
    """

    sheet: Sheet
    mark: str
    page: Page
    ready: ReadyPage


@dataclasses.dataclass(frozen=True)
class Ended:
    """A page with which the engine has nothing more to do: it is kept as it is, it is done as small
    as memory allows, or it failed.

    Attributes:
        sheet, mark: which page, and its file's fingerprint.
        page: as read, of one that is in colour already and is kept.
        content: its file's; empty for a page of several, which goes into the file by itself.
        error: why it failed.
    """

    sheet: Sheet
    mark: str = ""
    page: Page | None = None
    content: bytes = b""
    error: Exception | None = None


def prepare(
    sheet: Sheet, job: str, model: ColorModel, look: Look, recolor: bool = True
) -> Prepared | Ended:
    """Reads a page and makes it ready; what is given says whether its file has several.

    Args:
        sheet: which page; the first of its file, or any of a book.
        job: digest of references, model and settings.
        model: that will colour it.
        look: how it is to be coloured.
        recolor: take a page that is in colour for a black-and-white one; else it is kept.

    Raises:
        InputError: the page cannot be read.
    """
    content = b""
    if sheet.book is not None:
        mark, page = sheet.book.mark, sheet.book.read(sheet.number)
    else:
        task = sheet.task
        content = task.read()
        mark = mark_of(task, job, content)
        page = read_page(content, task.name)
        if page.pages > 1:
            sheet = Sheet(task, 0, Book(task, mark, content))
            page, content = dataclasses.replace(page, name=sheet.name), b""
    # Of a page of several nothing is at hand to be kept but its colours.
    if page.colored and not recolor and (sheet.book is None or page.own is not None):
        return Ended(sheet, mark, page, content)
    return Prepared(sheet, mark, page, model.ready(page.grey, look))
