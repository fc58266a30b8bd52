"""A file of several pages, a TIFF: all are coloured and written as one file again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PIL import Image, TiffImagePlugin

from mangacolor.batch.plan import Task
from mangacolor.config import Format
from mangacolor.errors import InputError
from mangacolor.files import atomic_path, atomic_write
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import Page, read_pages

__all__ = ["Book", "check_one_file", "write_book"]


@dataclasses.dataclass(frozen=True)
class Book:
    """A file of several pages.

    Attributes:
        task, mark: which file, and its fingerprint.
        content: the file's.
    """

    task: Task
    mark: str
    content: bytes


def check_one_file(book: Book, format_: Format) -> None:
    """Refuses a format that would lose all pages but one.

    Raises:
        InputError: the file does not keep its own.
    """
    if format_ != "keep":
        raise InputError(
            f"{book.task.name} has several pages; {format_} files have one.",
            "Leave --format out for it, or save each page by itself.",
        )


def write_book(book: Book, paint: Callable[[Page, int], UInt8], *, recolor: bool) -> bool:
    """Colours a book page by page and writes it; one page is in memory at a time.

    Args:
        book: what to colour.
        paint: gives a page, and its number from 0, in colour, uint8 (H, W, 3) sRGB.
        recolor: colour pages that are in colour already, too.

    Returns:
        Whether any page was coloured; else the file is as it was.

    Raises:
        MangacolorError, OSError: a page cannot be read, coloured or written; then there is no file.
    """
    target = book.task.target(book.mark)
    painted = False
    with (
        atomic_path(target) as part,
        TiffImagePlugin.AppendingTiffWriter(str(part), new=True) as pages,
    ):
        for number, page in enumerate(read_pages(book.content, book.task.name)):
            kept = page.own if page.colored and not recolor else None
            painted = painted or kept is None
            _append(pages, page, kept.color if kept is not None else paint(page, number))
    if not painted:
        atomic_write(target, book.content)
    return painted


def _append(pages: TiffImagePlugin.AppendingTiffWriter, page: Page, color: UInt8) -> None:
    dpi = {"dpi": page.dpi} if page.dpi else {}
    Image.fromarray(color).save(pages, "TIFF", compression="tiff_lzw", **dpi)
    pages.newFrame()
