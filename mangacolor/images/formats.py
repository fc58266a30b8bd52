"""Formats in which pages are written that are not to keep their own."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from mangacolor.config import Format
from mangacolor.errors import InputError, SetupError
from mangacolor.images.page import Page, encode_page, read_color
from mangacolor.names import is_picture

__all__ = ["check_format", "encode_as", "encode_copy", "renamed"]

# Pillow's name of each, and the longest side that the format can have.
_FORMATS = {
    "png": ("PNG", 2**31 - 1),
    "webp": ("WEBP", 16383),
    "jpg": ("JPEG", 65500),
    "avif": ("AVIF", 65536),
    "jxl": ("JXL", 2**30),
}


def check_format(format_: Format) -> None:
    """Looks whether pages can be written so.

    Raises:
        SetupError: the installed Pillow cannot.
    """
    if format_ == "keep":
        return
    Image.init()
    if _FORMATS[format_][0] not in Image.SAVE:
        package = "pillow-jxl-plugin" if format_ == "jxl" else "--upgrade pillow"
        raise SetupError(
            f"The installed Pillow cannot write {format_}.",
            f"Run `pip install {package}`, or take another --format.",
        )


def renamed(name: str, format_: Format) -> str:
    """A page's name in another format; its own if it keeps its format."""
    if format_ == "keep":
        return name
    stem = str(PurePosixPath(name).with_suffix("")) if is_picture(name) else name
    return f"{stem}.{format_}"


def encode_as(page: Page, color: np.ndarray, quality: int, format_: Format) -> bytes:
    """Encodes a coloured page, uint8 (H, W, 3) sRGB, in a format or its own.

    Raises:
        InputError: it is larger than the format can be.
    """
    if format_ == "keep":
        return encode_page(page, color, quality)
    name, most = _FORMATS[format_]
    height, width = color.shape[:2]
    if max(height, width) > most:
        raise InputError(
            f"{page.name} has {width}x{height} pixels; {format_} has at most {most:,} a side.",
            "Take another --format.",
        )
    kept = Page(page.grey, page.name, name, page.dpi)
    return encode_page(kept, color, quality)


def encode_copy(content: bytes, name: str, quality: int, format_: Format) -> bytes:
    """A page in colour as it is, or in another format if that is asked for."""
    if format_ == "keep":
        return content
    color = read_color(content, name)
    return encode_as(Page(color[..., 0], name), color, quality, format_)
