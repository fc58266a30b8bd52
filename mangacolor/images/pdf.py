"""Chapters in one PDF: its pages as pictures, and pictures as its pages.

PDFium is behind it, see `pdfium`; what lies on its pages, see `sheets`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mangacolor.errors import InputError
from mangacolor.files import atomic_path, sha256_of
from mangacolor.images.jpeg import without_exif
from mangacolor.images.page import dpi_of, has_plain_colors, read_color
from mangacolor.images.pdfium import (
    LOCK,
    check_pdf,
    digest_of,
    facts_of,
    failures_told,
    pdfium,
    saving_flags,
)
from mangacolor.images.sheets import SheetPicture, clear, only_picture, place, resolution_of

__all__ = ["RECORD", "Pdf", "PdfPage", "check_pdf", "is_pdf", "open_pdf", "write_pdf"]

# What is attached to a PDF that was written here: a line of JSON for each of its pages.
RECORD = ".mangacolor.jsonl"
MAX_PAGES = 20_000
_POINTS = 72.0
# Width and height of paper in points.
_A4 = (595.0, 842.0)
# For pictures of a page that do not say how large they are.
_DPI = 300.0
# Least and most of a page's side in points: 200 inches is all that Acrobat shows.
_LEAST, _MOST = 3.0, 14_400.0

# Longer side at which a page and its picture are compared, and the largest mean difference.
_SMALL, _ALIKE = 64, 12.0
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
            content = b"" if shown is None else _upright(shown)
            if content and _looks_like(page, content):
                return content
            across = self._resolution(page, number)
            drawn = page.render(scale=across / _POINTS).to_pil()
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
                return _sum_of(self._document, number)
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
            width, height = (round(side * dpi / _POINTS) for side in page.get_size())
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
            suffixes = [".jpg" if ours else _suffix(document, i) for i in range(count)]
        digits = max(3, len(str(count)))
        names = (f"page {number:0{digits}}{suffix}" for number, suffix in enumerate(suffixes, 1))
        yield Pdf(path, dpi, tuple(names), record, digest, document)
    finally:
        with LOCK:
            document.close()


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
                    sums.append(_sum_of(document, number))
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
        target, "JPEG", dpi=(_POINTS, _POINTS)
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


def _sum_of(document: Any, number: int) -> int:
    with contextlib.closing(document[number]) as page:
        shown = only_picture(page)
        if shown is None or not _is_jpeg(shown.picture):
            return 0
        return zlib.crc32(_extracted(shown))


def _suffix(document: Any, number: int) -> str:
    """What kind of picture a page is given as; that of a broken one is as good as any."""
    try:
        with contextlib.closing(document[number]) as page:
            shown = only_picture(page)
            plain = shown is not None and shown.turn is None and _is_jpeg(shown.picture)
            return ".jpg" if plain else ".png"
    except MemoryError:
        raise
    except Exception:
        return ".png"


def _is_jpeg(picture: Any) -> bool:
    return bool(picture.get_filters() == ["DCTDecode"])


def _upright(shown: SheetPicture) -> bytes:
    """A page's picture as a file, turned as the page shows it."""
    if shown.turn is None and _is_jpeg(shown.picture):
        return without_exif(_extracted(shown))
    target = io.BytesIO()
    picture = shown.picture.get_bitmap(render=False).to_pil()
    if shown.turn is not None:
        picture = picture.transpose(shown.turn)
    picture.save(target, "PNG", compress_level=1)
    return target.getvalue()


def _extracted(shown: SheetPicture) -> bytes:
    """The file of a JPEG as it lies in the PDF."""
    return bytes(shown.picture.get_data(decode_simple=False))


def _looks_like(page: Any, content: bytes) -> bool:
    """Whether a page's picture by itself is what the page shows: it is, but for one whose values
    the PDF turns round, or that is cut by something.
    """
    width, height = page.get_size()
    # Notes that readers lay over a page are no part of it.
    drawn = page.render(scale=_SMALL / max(width, height), may_draw_forms=False, draw_annots=False)
    small = drawn.to_pil().convert("L")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            # A JPEG is decoded reduced.
            picture.draft("L", (4 * _SMALL, 4 * _SMALL))
            own = picture.convert("L").resize(small.size, Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError):
        return False
    difference = np.asarray(small, np.float32) - np.asarray(own, np.float32)
    return bool(np.abs(difference).mean() < _ALIKE)


def _record(document: Any) -> str | None:
    for i in range(document.count_attachments()):
        attached = document.get_attachment(i)
        if attached.get_name() == RECORD:
            return bytes(attached.get_data()).decode(errors="replace")
    return None


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
    return content, _fitting(width * _POINTS / across, height * _POINTS / down)


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
        if not _looks_like(page, jpeg):
            raise InputError(f"Page {number + 1} cannot be replaced.")
