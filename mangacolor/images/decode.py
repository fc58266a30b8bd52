"""A picture's file as Pillow opens it: whatever goes wrong with the file is an InputError."""

from __future__ import annotations

import contextlib
import importlib
import io
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from PIL import Image, UnidentifiedImageError

from mangacolor.errors import InputError

__all__ = ["FORMATS", "check_end", "decoded", "opened", "page_frames", "pictures_in"]

# Pillow's names of the formats that are read, and so written: a page keeps its own.
# A JPEG of several pictures (MPO) is opened as JPEG.
FORMATS: tuple[str, ...] = (
    *("PNG", "JPEG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "JPEG2000", "PPM"),
)
# A package of its own, which makes itself known to Pillow.
with contextlib.suppress(ImportError):
    importlib.import_module("pillow_jxl")
    FORMATS += ("JXL",)

# catch_warnings changes a filter of the whole process, and pages are read in several threads.
_opening = threading.Lock()
# TIFF's tag that says what a picture is among others, and its bits for a thumbnail and for a mask.
_SUBFILE, _NO_PAGE = 254, 1 | 4


@contextlib.contextmanager
def decoded(source: Path | bytes, name: str, frame: int = 0) -> Iterator[Image.Image]:
    """The decoded picture of a file.

    What the block raises passes as it is: only what the file does to Pillow is blamed on the file.

    Args:
        source: a file, or a file's content.
        name: what messages call it.
        frame: which picture of a file of several.

    Raises:
        InputError: not a picture that is read here, broken, cut off, or beyond Pillow's size limit.
    """
    with opened(source, name) as picture:
        try:
            with _opening, warnings.catch_warnings():
                _heed_size()
                if frame:
                    picture.seek(frame)
            picture.load()
            if picture.format == "TIFF":
                _check_directories(picture)
        except MemoryError:
            raise
        # Damaged files make decoders raise what they like: TypeError, OverflowError, ...
        except Exception as error:
            raise _broken(error, name) from error
        yield picture


@contextlib.contextmanager
def opened(source: Path | bytes, name: str) -> Iterator[Image.Image]:
    """The picture of a file, with its header read and nothing decoded; raises as `decoded`."""
    with contextlib.ExitStack() as stack:
        try:
            file = (
                io.BytesIO(source)
                if isinstance(source, bytes)
                else stack.enter_context(source.open("rb"))
            )
            empty = not file.read(1)
            file.seek(0)
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror or error}.") from error
        if empty:
            raise InputError(f"{name} is empty: it has zero bytes.", "Copy or download it again.")
        try:
            with _opening, warnings.catch_warnings():
                _heed_size()
                picture = stack.enter_context(Image.open(file, formats=FORMATS))
        except MemoryError:
            raise
        except Exception as error:
            raise _broken(error, name) from error
        yield picture


def _check_directories(picture: Image.Image) -> None:
    """Follows a TIFF's chain of pages to its end: Pillow takes a cut-off chain for a short one.

    Raises:
        ValueError: it leads out of the file.
    """
    file = getattr(picture, "fp", None)
    if file is None:
        return
    back, size = file.tell(), file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = 43 in (head[2], head[3])
    # Width of an offset, of a directory's count, and of an entry.
    wide, count, entry = (8, 8, 20) if big else (4, 2, 12)
    at = int.from_bytes(head[8:16] if big else head[4:8], order)
    seen: set[int] = set()
    while at and at not in seen:
        seen.add(at)
        file.seek(at)
        entries = int.from_bytes(file.read(count), order)
        at += count + entries * entry
        if at + wide > size or not entries:
            raise ValueError(f"its list of pages ends after {len(seen) - 1}")
        file.seek(at)
        at = int.from_bytes(file.read(wide), order)
    file.seek(back)


def _heed_size() -> None:
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def _broken(error: Exception, name: str) -> InputError:
    if isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError):
        return InputError(
            f"{name} is too large: more than {Image.MAX_IMAGE_PIXELS or 0:,} pixels.",
            "Scale it down first.",
        )
    if isinstance(error, UnidentifiedImageError):
        return InputError(
            f"{name} is not a picture that can be read.",
            "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 and PPM can (JPEG XL with the package"
            " pillow-jxl-plugin); copy or download it again, or save it as one of these.",
        )
    words = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return InputError(f"{name} is broken or cut off: {words}.", "Copy or download it again.")


def check_end(path: Path, name: str) -> None:
    """Finds a file that is cut off by how it ends, without decoding it.

    Raises:
        InputError: it has not the end of its format, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            size = file.seek(0, 2)
            file.seek(max(0, size - 4096))
            tail = file.read()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}.") from error
    whole = True
    if head.startswith(b"\x89PNG"):
        whole = b"IEND" in tail
    elif head.startswith(b"\xff\xd8"):
        # Some programs put more behind a whole picture, some cut its last bytes off.
        whole = size > 4096 * 4 or b"\xff\xd9" in tail
    elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
        whole = int.from_bytes(head[4:8], "little") + 8 <= size + 1
    if not whole:
        raise InputError(f"{name} is cut off: it has no end.", "Copy or download it again.")


def page_frames(picture: Image.Image) -> list[int]:
    """Numbers of the pictures of a TIFF that are pages, and not thumbnails or masks of others."""
    if picture.format != "TIFF" or pictures_in(picture) < 2:
        return [0]
    found = []
    for number in range(pictures_in(picture)):
        # What is damaged is told when it is read.
        with contextlib.suppress(Exception):
            picture.seek(number)
            kind = picture.tag_v2.get(_SUBFILE, 0)  # type: ignore[attr-defined]
            if isinstance(kind, int) and kind & _NO_PAGE:
                continue
        found.append(number)
    with contextlib.suppress(Exception):
        picture.seek(0)
    return found or [0]


def pictures_in(picture: Image.Image) -> int:
    """How many pictures a file holds: pages of a TIFF, or pictures of an animation."""
    # The further pictures of a JPEG are previews that cameras make.
    if picture.format in {"JPEG", "MPO"}:
        return 1
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception:
        return 1
