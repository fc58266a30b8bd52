"""Reading a page or a colour reference from any ordinary picture, and writing a page back."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from mangacolor.errors import InputError
from mangacolor.files import atomic_write
from mangacolor.images.colored import is_colored
from mangacolor.images.geometry import UInt8

__all__ = ["FORMATS", "Page", "encode_page", "read_color", "read_page", "write_page"]

# Pillow's names of the formats that are read, and so written: a page keeps its own.
# A JPEG of several pictures (MPO) is opened as JPEG.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

# What Pillow's decoders raise on broken files.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)

# catch_warnings changes a filter of the whole process, and pages are read in several threads.
_opening = threading.Lock()


@dataclasses.dataclass(frozen=True)
class Page:
    """One page as read.

    Attributes:
        grey: uint8 (H, W), 0 ink ... 255 paper, upright.
        name: what messages call it.
        format: the file's own format, one of `FORMATS`, whatever its suffix says.
        dpi: horizontal and vertical resolution, if the file says.
        colored: whether the file's picture is in colour, and not only on tinted paper.
    """

    grey: UInt8
    name: str
    format: str = "PNG"
    dpi: tuple[float, float] | None = None
    colored: bool = False


def read_page(source: Path | bytes, name: str | None = None) -> Page:
    """Reads a page as grey: transparency on white, upright, the first picture of an animation.

    Args:
        source: a file, or a file's content.
        name: what messages call it; the path if left out.

    Raises:
        InputError: not a picture that is read here, broken, cut off, or beyond Pillow's size limit.
    """
    name = str(source) if name is None and isinstance(source, Path) else name or "the picture"
    with _open(source, name) as picture:
        format_ = "JPEG" if picture.format == "MPO" else str(picture.format)
        dpi = _dpi(picture)
        upright = _upright_srgb(picture)
        colored = upright.mode == "RGB" and is_colored(np.asarray(upright))
        grey = np.asarray(upright.convert("L"))
    return Page(grey=grey, name=name, format=format_, dpi=dpi, colored=colored)


def read_color(source: Path | bytes, name: str | None = None) -> UInt8:
    """Reads a colour picture: transparency on white, upright, sRGB.

    Returns:
        uint8 (H, W, 3).

    Raises:
        InputError: as `read_page`.
    """
    name = str(source) if name is None and isinstance(source, Path) else name or "the picture"
    with _open(source, name) as picture:
        return np.asarray(_upright_srgb(picture).convert("RGB"))


def encode_page(page: Page, color: UInt8, quality: int) -> bytes:
    """Encodes a coloured page in the page's own format.

    A GIF gets the 254 colours that suit it best, black and white, dithered: the format has no more.

    Args:
        page: the page that was coloured.
        color: uint8 (H, W, 3) sRGB.
        quality: 1 ... 100, for JPEG and WebP.
    """
    picture = Image.fromarray(color)
    target = io.BytesIO()
    dpi = {"dpi": page.dpi} if page.dpi and page.format in {"PNG", "JPEG", "BMP", "TIFF"} else {}
    if page.format == "PNG":
        # Higher levels take four times as long for a tenth of the size.
        picture.save(target, "PNG", compress_level=1, **dpi)
    elif page.format == "JPEG":
        # Halved colour would smear along the ink.
        picture.save(target, "JPEG", quality=quality, subsampling="4:4:4", **dpi)
    elif page.format == "WEBP":
        picture.save(target, "WEBP", quality=quality, method=2)
    elif page.format == "GIF":
        _with_palette(picture).save(target, "GIF")
    elif page.format == "TIFF":
        picture.save(target, "TIFF", compression="tiff_lzw", **dpi)
    else:
        picture.save(target, page.format, **dpi)
    return target.getvalue()


def write_page(target: Path, page: Page, color: UInt8, quality: int) -> None:
    """Writes a coloured page in the page's own format, whole or not at all."""
    atomic_write(target, encode_page(page, color, quality))


@contextlib.contextmanager
def _open(source: Path | bytes, name: str) -> Iterator[Image.Image]:
    """The decoded picture; what goes wrong with it, inside the block too, is an InputError."""
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.") from error
    if not content:
        raise InputError(f"{name} is empty: it has zero bytes.", "Copy or download it again.")
    try:
        with _opening, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise InputError(
            f"{name} is too large: more than {Image.MAX_IMAGE_PIXELS or 0:,} pixels.",
            "Scale it down first.",
        ) from error
    except UnidentifiedImageError as error:
        raise InputError(
            f"{name} is not a picture that can be read.",
            "PNG, JPEG, WebP, GIF, BMP and TIFF can.",
        ) from error
    except _BROKEN as error:
        raise InputError(f"{name} is broken: {error}.") from error
    with picture:
        try:
            picture.load()
            yield picture
        except _BROKEN as error:
            raise InputError(
                f"{name} is broken or cut off: {str(error).rstrip('.')}.",
                "Copy or download it again.",
            ) from error


def _upright_srgb(picture: Image.Image) -> Image.Image:
    """The picture in mode L or RGB: upright, sRGB, on white."""
    # A page with broken EXIF data is as good as one without.
    with contextlib.suppress(*_BROKEN):
        picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith(("I", "F")):
        return _eight_bits(picture)
    see_through = picture.mode in {"1", "L", "RGB", "P"} and "transparency" in picture.info
    if see_through or picture.mode in {"PA", "La", "RGBa"}:
        picture = picture.convert("RGBA")
    elif picture.mode == "P":
        picture = picture.convert("RGB")
    alpha = picture.getchannel("A") if picture.mode in {"LA", "RGBA"} else None
    if alpha is not None:
        picture = picture.convert("L" if picture.mode == "LA" else "RGB")
    picture = _to_srgb(picture)
    if alpha is not None:
        paper = Image.new(picture.mode, picture.size, "white")
        paper.paste(picture, mask=alpha)
        picture = paper
    return picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scales 16-bit, 32-bit and float grey to 8 bits, which Pillow's own convert would clip."""
    values = np.asarray(picture).astype(np.float64)
    if picture.mode == "F":
        full = 1.0 if values.max(initial=0) <= 1 else 255.0
    else:
        full = 65535.0 if values.max(initial=0) <= 65535 else 2.0**31 - 1
    scaled = np.clip(np.rint(np.nan_to_num(values) * (255 / full)), 0, 255)
    return Image.fromarray(scaled.astype(np.uint8))


def _to_srgb(picture: Image.Image) -> Image.Image:
    """Converts by the embedded colour profile; one that is broken or does not fit is ignored."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"L", "RGB", "CMYK", "LAB"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            # Black ink must come out black, whatever the paper of the profile.
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted or picture


def _dpi(picture: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in picture.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    good = all(math.isfinite(value) and 1 <= value <= 65535 for value in (across, down))
    return (across, down) if good else None


def _with_palette(picture: Image.Image) -> Image.Image:
    """The picture in 256 colours, black and white among them."""
    chosen = picture.quantize(254, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    colors = (chosen.getpalette() or [])[: 254 * 3]
    palette = Image.new("P", (1, 1))
    palette.putpalette([0, 0, 0, 255, 255, 255, *colors])
    return picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
