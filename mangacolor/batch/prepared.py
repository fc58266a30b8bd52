"""Pages made ready for the engine, and those that need none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from mangacolor.batch.book import Book
from mangacolor.batch.plan import Task, mark_of
from mangacolor.bundle import Bundle
from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.page import Page, read_page
from mangacolor.runtime.areas import SeenPage, see_page
from mangacolor.runtime.prepare import to_lineart

__all__ = ["Kept", "Prepared", "Stays", "prepare", "prepare_page", "see_by_ink"]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A page ready for the engine.

    Attributes:
        task, mark: which page, and its fingerprint.
        page: as read.
        shaded: uint8 (H, W), the page with its screentone smoothed, which the network sees.
        lineart: float32 (1, h, w), fitted and padded white.
        fitted: height and width of the page within `lineart`.
        size: longer side that was asked for.
        seen: its areas, for a model of areas.
    """

    task: Task
    mark: str
    page: Page
    shaded: UInt8
    lineart: Float32
    fitted: tuple[int, int]
    size: int
    seen: SeenPage | None = None


# A page whose screentone is smoothed, and the page as it is printed, to its areas.
See = Callable[[UInt8, UInt8], SeenPage]


def see_by_ink(shaded: UInt8, printed: UInt8) -> SeenPage:
    """Finds areas without a network."""
    return see_page(shaded)


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
    task: Task, job: str, bundle: Bundle, size: int, recolor: bool = True, see: See = see_by_ink
) -> Prepared | Kept | Book:
    """Reads a page and makes its line art; a file of several pages is a `Book`.

    Args:
        task: which page.
        job: digest of references, model and settings.
        bundle: says which sizes the network takes.
        size: longer side at which it is coloured.
        see: finds the areas of a page whose screentone is smoothed, see `Engine.see_page`.
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
    return prepare_page(task, mark, page, bundle, size, see)


def prepare_page(
    task: Task, mark: str, page: Page, bundle: Bundle, size: int, see: See = see_by_ink
) -> Prepared:
    """What `prepare` makes of a page that is read already."""
    shaded, lineart, fitted = to_lineart(page.grey, size, bundle.size_multiple, bundle.minimum_size)
    seen = see(shaded, page.grey) if bundle.style == "areas" else None
    return Prepared(task, mark, page, shaded, lineart, fitted, size, seen)
