"""Pages made ready for the engine, and those that need none."""

from __future__ import annotations

import dataclasses

from mangacolor.batch.book import Book
from mangacolor.batch.plan import Task, mark_of
from mangacolor.config import Look
from mangacolor.images.page import Page, read_page
from mangacolor.runtime.color import ColorModel, ReadyPage

__all__ = ["Kept", "Prepared", "Stays", "prepare"]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A page ready for the engine.

    Attributes:
        task, mark: which page, and its fingerprint.
        page: as read.
        ready: as the networks want it.
    """

    task: Task
    mark: str
    page: Page
    ready: ReadyPage


@dataclasses.dataclass(frozen=True)
class Kept:
    """A page that is in colour already, and its file's content."""

    task: Task
    mark: str
    content: bytes


@dataclasses.dataclass(frozen=True)
class Stays:
    """A page that is done, as small as memory allows."""

    task: Task
    mark: str


def prepare(
    task: Task, job: str, model: ColorModel, look: Look, recolor: bool = True
) -> Prepared | Kept | Book:
    """Reads a page and makes it ready; a file of several pages is a `Book`.

    Args:
        task: which page.
        job: digest of references, model and settings.
        model: that will colour it.
        look: how it is to be coloured.
        recolor: take a page that is in colour for a black-and-white one; else it is `Kept`.

    Raises:
        InputError: the page cannot be read.
    """
    content = task.read()
    mark = mark_of(task, job, content)
    page = read_page(content, task.name)
    if page.pages > 1:
        return Book(task, mark, content)
    if page.colored and not recolor:
        return Kept(task, mark, content)
    return Prepared(task, mark, page, model.ready(page.grey, look))
