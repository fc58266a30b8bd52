"""Chapters in one PDF: its pages as pictures, and pictures as its pages.

PDFium is behind it, by the package pypdfium2 (extra `pdf`). It is not safe in threads: every call
of it stands under one lock.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mangacolor.errors import InputError, MissingPackageError
from mangacolor.files import atomic_path, sha256_of
from mangacolor.images.page import dpi_of, read_color

__all__ = ["RECORD", "Pdf", "PdfPage", "check_pdf", "is_pdf", "open_pdf", "write_pdf"]

# What is attached to a PDF that was written here: a line of JSON for each of its pages.
RECORD = ".mangacolor.jsonl"
MAX_PAGES = 20_000
# A page's picture covers at least this share of the page, else it is part of something.
_WHOLE = 0.95
# Of text that is there to be found and not to be seen, over scanned pages.
_INVISIBLE = 3
_POINTS = 72.0
# For pictures of a page that do not say how large they are.
_DPI = 300.0

# Longer side at which a page and its picture are compared, and the largest mean difference.
_SMALL, _ALIKE = 64, 12.0
# EXIF's tag.
_ORIENTATION = 0x0112

_lock = threading.Lock()


@dataclasses.dataclass(frozen=True)
class PdfPage:
    """One page to write.

    Attributes:
        content: a picture's file.
        size: width and height in points; None: as the picture says.
    """

    content: bytes
    size: tuple[float, float] | None = None


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
            picture = _only_picture(page)
            content = b"" if picture is None else _extracted(picture)
            if content and _looks_like(page, content):
                return content
            self._check_size(page, number)
            drawn = page.render(scale=self.dpi / _POINTS).to_pil()
        target = io.BytesIO()
        dpi = (self.dpi, self.dpi)
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
            with self._page(number) as page:
                picture = _only_picture(page)
                if picture is None or not _is_jpeg(picture):
                    return 0
                return zlib.crc32(_extracted(picture))
        except InputError:
            return 0

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        """A page of PDFium's, and nobody else's turn."""
        told = _failures_told(self._name(number))
        with told, _lock, contextlib.closing(self._document[number]) as page:
            yield page

    def _name(self, number: int) -> str:
        return f"{self.path.name}, page {number + 1}"

    def _check_size(self, page: Any, number: int) -> None:
        width, height = (round(side * self.dpi / _POINTS) for side in page.get_size())
        most = Image.MAX_IMAGE_PIXELS or 0
        if most and width * height > most:
            pixels = f"{width}x{height} pixels at {self.dpi:g} dpi"
            raise InputError(
                f"{self._name(number)} would have {pixels}; {most:,} is the limit.",
                "Take a smaller --dpi.",
            )


@contextlib.contextmanager
def _failures_told(name: str) -> Iterator[None]:
    try:
        yield
    except (InputError, MemoryError):
        raise
    # PDFium's failures are RuntimeErrors, those of ctypes anything.
    except Exception as error:
        words = str(error).rstrip(".") or type(error).__name__
        raise InputError(f"{name} cannot be read: {words}.", "Save the PDF again.") from error


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
    pdfium = _pdfium()
    try:
        digest = "" if ours else sha256_of(path)
        with _lock:
            document = pdfium.PdfDocument(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            raise InputError(
                f"{path} is protected by a password.", "Save it without one, and colour that."
            ) from error
        raise InputError(f"{path} is a broken PDF.", "Copy or download it again.") from error
    try:
        with _failures_told(str(path)), _lock:
            count, record = len(document), _record(document)
        if not 0 < count <= MAX_PAGES:
            raise InputError(f"{path} has {count:,} pages; 1 to {MAX_PAGES:,} can be coloured.")
        with _lock:
            suffixes = [".jpg" if ours else _suffix(document, i) for i in range(count)]
        digits = max(3, len(str(count)))
        names = (f"page {number:0{digits}}{suffix}" for number, suffix in enumerate(suffixes, 1))
        yield Pdf(path, dpi, tuple(names), record, digest, document)
    finally:
        with _lock:
            document.close()


def write_pdf(
    target: Path, pages: Iterable[PdfPage], record: Callable[[list[int]], str], quality: int
) -> None:
    """Writes a PDF of pictures whole or not at all; JPEGs go in as they are, others become such.

    Args:
        target: the file.
        pages: in order.
        record: makes of the pages' sums, see `Pdf.sum`, what is kept under the name `RECORD`.
        quality: of pictures that are no JPEG yet.

    Raises:
        MissingPackageError: pypdfium2 is not installed.
        OSError: it cannot be written.
    """
    pdfium = _pdfium()
    with _lock:
        document = pdfium.PdfDocument.new()
    sums = []
    try:
        for page in pages:
            content, size = _as_jpeg(page.content, quality)
            sums.append(zlib.crc32(content))
            with _lock:
                _append(pdfium, document, content, page.size or size)
        # In memory first: PDFium does not look at what becomes of its writing.
        whole = io.BytesIO()
        with _lock:
            document.new_attachment(RECORD).set_data(record(sums).encode())
            document.save(whole)
        with atomic_path(target) as part, part.open("wb") as file:
            file.write(whole.getbuffer())
    finally:
        with _lock:
            document.close()


def check_pdf() -> None:
    """Looks whether PDFs can be read and written here.

    Raises:
        MissingPackageError: pypdfium2 is not installed.
    """
    _pdfium()


def _pdfium() -> Any:
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingPackageError(
            "PDFs need the package pypdfium2.", 'Run `pip install "mangacolor[pdf]"`.'
        ) from error
    return pypdfium2


def _only_picture(page: Any) -> Any | None:
    """The picture that a page is, upright and without anything else to be seen; or None."""
    import pypdfium2.raw as raw

    pictures = []
    for thing in page.get_objects(max_depth=1):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(thing)
        elif (
            thing.type != raw.FPDF_PAGEOBJ_TEXT
            or raw.FPDFTextObj_GetTextRenderMode(thing) != _INVISIBLE
        ):
            return None
    if len(pictures) != 1 or page.get_rotation():
        return None
    if raw.FPDFPageObj_HasTransparency(pictures[0]):
        return None
    across, up, right, down, _, _ = pictures[0].get_matrix().get()
    width, height = page.get_size()
    upright = across > 0 and down > 0 and up == right == 0
    whole = across >= _WHOLE * width and down >= _WHOLE * height
    # What sticks out of the page is not to be seen.
    inside = across <= width / _WHOLE and down <= height / _WHOLE
    return pictures[0] if upright and whole and inside else None


def _suffix(document: Any, number: int) -> str:
    """What kind of picture a page is given as; that of a broken one is as good as any."""
    try:
        with contextlib.closing(document[number]) as page:
            picture = _only_picture(page)
            return ".jpg" if picture is not None and _is_jpeg(picture) else ".png"
    except MemoryError:
        raise
    except Exception:
        return ".png"


def _is_jpeg(picture: Any) -> bool:
    return bool(picture.get_filters() == ["DCTDecode"])


def _extracted(picture: Any) -> bytes:
    target = io.BytesIO()
    if _is_jpeg(picture):
        return bytes(picture.get_data(decode_simple=False))
    picture.get_bitmap(render=False).to_pil().save(target, "PNG", compress_level=1)
    return target.getvalue()


def _looks_like(page: Any, content: bytes) -> bool:
    """Whether a page's picture by itself is what the page shows: it is, but for one whose values
    the PDF turns round, or that is cut by something.
    """
    width, height = page.get_size()
    drawn = page.render(scale=_SMALL / max(width, height)).to_pil().convert("L")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            # A JPEG is decoded reduced.
            picture.draft("L", (4 * _SMALL, 4 * _SMALL))
            own = picture.convert("L").resize(drawn.size, Image.Resampling.BOX)
    except (OSError, ValueError, SyntaxError):
        return False
    difference = np.asarray(drawn, np.float32) - np.asarray(own, np.float32)
    return bool(np.abs(difference).mean() < _ALIKE)


def _record(document: Any) -> str | None:
    for i in range(document.count_attachments()):
        attached = document.get_attachment(i)
        if attached.get_name() == RECORD:
            return bytes(attached.get_data()).decode(errors="replace")
    return None


def _as_jpeg(content: bytes, quality: int) -> tuple[bytes, tuple[float, float]]:
    """A picture as a JPEG file, and its size in points."""
    with Image.open(io.BytesIO(content)) as picture:
        across, down = dpi_of(picture) or (_DPI, _DPI)
        plain = picture.format == "JPEG" and picture.mode in {"L", "RGB"}
        width, height = picture.size
        # A PDF does not heed how a picture says that it is turned.
        if not plain or picture.getexif().get(_ORIENTATION, 1) != 1:
            upright = Image.fromarray(read_color(content))
            width, height = upright.size
            target = io.BytesIO()
            upright.save(target, "JPEG", quality=quality, subsampling="4:4:4")
            content = target.getvalue()
    return content, (width * _POINTS / across, height * _POINTS / down)


def _append(pdfium: Any, document: Any, jpeg: bytes, size: tuple[float, float]) -> None:
    picture = pdfium.PdfImage.new(document)
    picture.load_jpeg(io.BytesIO(jpeg), inline=True)
    picture.set_matrix(pdfium.PdfMatrix().scale(*size))
    page = document.new_page(*size)
    page.insert_obj(picture)
    page.gen_content()
    page.close()
