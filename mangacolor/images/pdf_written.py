"""Pictures as the pages of a PDF: one that is new, or one whose pages they take the place of."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import zlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from mangacolor.errors import InputError
from mangacolor.files import atomic_path
from mangacolor.images.page import dpi_of, has_plain_colors, read_color
from mangacolor.images.pdf_pictures import looks_like, sum_of
from mangacolor.images.pdfium import LOCK, digest_of, facts_of, failures_told, pdfium, saving_flags
from mangacolor.images.sheets import POINTS, clear, place

__all__ = ["RECORD", "PdfPage", "write_pdf"]

# What is attached to a PDF that was written here: a line of JSON for each of its pages.
RECORD = ".mangacolor.jsonl"
# Width and height of paper in points.
_A4 = (595.0, 842.0)
# For pictures of a page that do not say how large they are.
_DPI = 300.0
# Least and most of a page's side in points: 200 inches is all that Acrobat shows.
_LEAST, _MOST = 3.0, 14_400.0
# EXIF's tag.
_ORIENTATION = 0x0112


@dataclasses.dataclass(frozen=True)
class PdfPage:
    """One page to write.

    Attributes:
        content: a picture's file, or what gives it.
        size: width and height in points; None: as the picture says.
        place: number of the page of `base` that it is; None: a new one.
        stays: that page stays as it is; its content is for a `base` that cannot be kept.
    """

    content: bytes | Callable[[], bytes]
    size: tuple[float, float] | None = None
    place: int | None = None
    stays: bool = False

    def bytes(self) -> bytes:
        """The picture's file."""
        return self.content if isinstance(self.content, bytes) else self.content()


def write_pdf(
    target: Path,
    pages: Sequence[PdfPage],
    record: Callable[[list[int]], str],
    quality: int,
    base: Path | None = None,
    beside: Callable[[str], None] = lambda digest: None,
) -> bool:
    """Writes a PDF of pictures whole or not at all; JPEGs go in as they are, others become such.

    Args:
        target: the file.
        pages: all of them, in order.
        record: makes of the pages' sums, see `Pdf.sum`, what is kept under the name `RECORD`.
        quality: of pictures that are no JPEG yet.
        base: a PDF whose outline, title, page labels, direction, text, boxes and links are kept;
            its pages that `pages` does not name are left out.
        beside: is told the digest of these before `record` is asked.

    Returns:
        Whether what `base` has beside its pages' pictures is kept, if there is one.

    Raises:
        MissingPackageError: pypdfium2 is not installed.
        OSError: it cannot be written.
    """
    whole, kept = None, base is None
    if base is not None:
        # What a damaged PDF has beside its pages is not worth the pages.
        with contextlib.suppress(InputError):
            with failures_told(base.name):
                whole = _written(pages, record, quality, base, beside)
            kept = True
    if whole is None:
        whole = _written(pages, record, quality, None, beside)
    with atomic_path(target) as part, part.open("wb") as file:
        file.write(whole.getbuffer())
    return kept


def _written(
    pages: Sequence[PdfPage],
    record: Callable[[list[int]], str],
    quality: int,
    base: Path | None,
    beside: Callable[[str], None],
) -> io.BytesIO:
    package = pdfium()
    with LOCK:
        document = package.PdfDocument.new() if base is None else package.PdfDocument(base)
        if base is not None:
            _drop(document, {page.place for page in pages})
    sums = []
    try:
        for number, page in enumerate(pages):
            if base is not None and page.place is not None and page.stays:
                with LOCK:
                    sums.append(sum_of(document, number))
                continue
            content, size = _as_jpeg(_content_of(page), quality)
            sums.append(zlib.crc32(content))
            with LOCK:
                if base is None or page.place is None:
                    _insert(package, document, number, content, page.size or size)
                else:
                    _replace(package, document, number, content)
        # In memory first: PDFium does not look at what becomes of its writing.
        whole = io.BytesIO()
        with LOCK:
            if base is not None:
                _take_record(document)
            beside(digest_of(facts_of(document)))
            document.new_attachment(RECORD).set_data(record(sums).encode())
            document.save(whole, flags=saving_flags(document))
        return whole
    finally:
        with LOCK:
            document.close()


def _content_of(page: PdfPage) -> bytes:
    """A page's file; of one that was to stay as it was and cannot be read, a white page."""
    try:
        content = page.bytes()
    except InputError:
        if not page.stays:
            raise
        content = b""
    if content or not page.stays:
        return content
    target = io.BytesIO()
    width, height = page.size or _A4
    Image.new("L", (max(1, round(width)), max(1, round(height))), 255).save(
        target, "JPEG", dpi=(POINTS, POINTS)
    )
    return target.getvalue()


def _drop(document: Any, kept: Collection[int | None]) -> None:
    for number in reversed(range(len(document))):
        if number not in kept:
            document.del_page(number)


def _take_record(document: Any) -> None:
    for number in reversed(range(document.count_attachments())):
        if document.get_attachment(number).get_name() == RECORD:
            document.del_attachment(number)


def _as_jpeg(content: bytes, quality: int) -> tuple[bytes, tuple[float, float]]:
    """A picture as a JPEG file that needs nothing beside it, and its size in points."""
    with Image.open(io.BytesIO(content)) as picture:
        across, down = dpi_of(picture) or (_DPI, _DPI)
        plain = (
            picture.format == "JPEG" and picture.mode in {"L", "RGB"} and has_plain_colors(picture)
        )
        width, height = picture.size
        # A PDF heeds neither how a picture says that it is turned, nor its profile.
        if not plain or _is_turned(picture):
            upright = Image.fromarray(read_color(content))
            if upright.size != picture.size:
                across, down = down, across
            width, height = upright.size
            target = io.BytesIO()
            upright.save(target, "JPEG", quality=quality, subsampling="4:4:4")
            content = target.getvalue()
    return content, _fitting(width * POINTS / across, height * POINTS / down)


def _is_turned(picture: Image.Image) -> bool:
    try:
        return bool(picture.getexif().get(_ORIENTATION, 1) != 1)
    # A picture with broken EXIF data is as good as one without.
    except Exception:
        return False


def _fitting(width: float, height: float) -> tuple[float, float]:
    """A page's size, scaled to what readers open."""
    scale = min(1.0, _MOST / max(width, height))
    scale = max(scale, _LEAST / min(width, height))
    return min(width * scale, _MOST), min(height * scale, _MOST)


def _insert(
    package: Any, document: Any, number: int, jpeg: bytes, size: tuple[float, float]
) -> None:
    with contextlib.closing(document.new_page(*_fitting(*size), number)) as page:
        place(package, document, page, jpeg)


def _replace(package: Any, document: Any, number: int, jpeg: bytes) -> None:
    """Puts a picture in the place of all that is to be seen of a page."""
    with contextlib.closing(document[number]) as page:
        clear(page)
        place(package, document, page, jpeg)
    with contextlib.closing(document[number]) as page:
        if not looks_like(page, jpeg):
            raise InputError(f"Page {number + 1} cannot be replaced.")
