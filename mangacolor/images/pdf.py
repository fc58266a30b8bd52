"""Chapters in one PDF: its pages as pictures.

PDFium is behind it, see `pdfium`; what lies on its pages, see `sheets`; how one is written, see
`pdf_written`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from mangacolor.errors import InputError
from mangacolor.files import sha256_of
from mangacolor.images.pdf_pictures import looks_like, suffix_of, sum_of, upright
from mangacolor.images.pdf_written import RECORD
from mangacolor.images.pdfium import LOCK, check_pdf, facts_of, failures_told, pdfium
from mangacolor.images.sheets import POINTS, only_picture, resolution_of

__all__ = ["Pdf", "check_pdf", "is_pdf", "open_pdf"]

MAX_PAGES = 20_000


@dataclasses.dataclass(frozen=True)
class Pdf:
    """An open PDF; `read` may be called from several threads.

    Attributes:
        path: the file.
        dpi: at which pages are drawn that are more than one picture.
        names: what its pages are called, in order: `page 001.jpg` where `read` gives a JPEG,
            else `.png`.
        record: what is attached to it if it was written here.
        digest: hex SHA-256 of the file; empty where it is not looked for.
    """

    path: Path
    dpi: float
    names: tuple[str, ...]
    record: str | None
    digest: str
    _document: Any

    def read(self, number: int) -> bytes:
        """A page as a picture's file: its own picture as it is, where the page is one; else drawn.

        Args:
            number: of the page, from 0.

        Raises:
            InputError: it is broken, or would be too large.
        """
        with self._page(number) as page:
            shown = only_picture(page)
            content = b"" if shown is None else upright(shown)
            if content and looks_like(page, content):
                return content
            across = self._resolution(page, number)
            drawn = page.render(scale=across / POINTS).to_pil()
        target = io.BytesIO()
        dpi = (across, across)
        # One whose picture could not be taken is called a JPEG all the same.
        if self.names[number].endswith(".jpg"):
            drawn.convert("RGB").save(target, "JPEG", quality=95, subsampling="4:4:4", dpi=dpi)
        else:
            drawn.save(target, "PNG", compress_level=1, dpi=dpi)
        return target.getvalue()

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page in points; raises InputError if it is broken."""
        with self._page(number) as page:
            width, height = page.get_size()
        return float(width), float(height)

    def sum(self, number: int) -> int:
        """CRC-32 of the JPEG that is a page; 0 if it is none, or is broken."""
        try:
            with failures_told(self._name(number)), LOCK:
                return sum_of(self._document, number)
        except InputError:
            return 0

    def facts(self) -> dict[str, Any]:
        """What it has beside its pages, by name: bookmarks, title, page labels, ..."""
        with failures_told(self.path.name), LOCK:
            return facts_of(self._document)

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        """A page of PDFium's, and nobody else's turn."""
        told = failures_told(self._name(number))
        with told, LOCK, contextlib.closing(self._document[number]) as page:
            yield page

    def _name(self, number: int) -> str:
        return f"{self.path.name}, page {number + 1}"

    def _resolution(self, page: Any, number: int) -> float:
        """Pixels an inch at which a page is drawn."""
        most = Image.MAX_IMAGE_PIXELS or 0
        for dpi in (resolution_of(page, self.dpi), self.dpi):
            width, height = (round(side * dpi / POINTS) for side in page.get_size())
            if not most or 0 < width * height <= most:
                return dpi
        raise InputError(
            f"{self._name(number)} would have {width}x{height} pixels at {self.dpi:g} dpi;"
            f" {most:,} is the limit.",
            "Take a smaller --dpi.",
        )


def is_pdf(path: Path) -> bool:
    """Whether a file is a PDF by what is in it."""
    try:
        with path.open("rb") as file:
            return file.read(5) == b"%PDF-"
    except OSError:
        return False


@contextlib.contextmanager
def open_pdf(path: Path, dpi: float, *, ours: bool = False) -> Iterator[Pdf]:
    """Opens a PDF for reading.

    Args:
        path: the file.
        dpi: at which pages are drawn that are more than one picture.
        ours: it was written here, if at all: neither its digest nor what its pages are is looked
            for, which would be to read all of it.

    Raises:
        MissingPackageError: pypdfium2 is not installed.
        InputError: it cannot be read, is broken, has a password, no pages or too many.
    """
    package = pdfium()
    try:
        digest = "" if ours else sha256_of(path)
        with LOCK:
            document = package.PdfDocument(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except package.PdfiumError as error:
        if "assword" in str(error):
            raise InputError(
                f"{path} is protected by a password.", "Save it without one, and colour that."
            ) from error
        raise InputError(f"{path} is a broken PDF.", "Copy or download it again.") from error
    try:
        with failures_told(str(path)), LOCK:
            count, record = len(document), _record(document)
        if not 0 < count <= MAX_PAGES:
            raise InputError(f"{path} has {count:,} pages; 1 to {MAX_PAGES:,} can be coloured.")
        with LOCK:
            suffixes = [".jpg" if ours else suffix_of(document, i) for i in range(count)]
        digits = max(3, len(str(count)))
        names = (f"page {number:0{digits}}{suffix}" for number, suffix in enumerate(suffixes, 1))
        yield Pdf(path, dpi, tuple(names), record, digest, document)
    finally:
        with LOCK:
            document.close()


def _record(document: Any) -> str | None:
    for i in range(document.count_attachments()):
        attached = document.get_attachment(i)
        if attached.get_name() == RECORD:
            return bytes(attached.get_data()).decode(errors="replace")
    return None
