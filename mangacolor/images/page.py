"""Reading a page or a colour reference from any ordinary picture, and writing a page back."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from mangacolor.errors import InputError
from mangacolor.images.colored import coloring_of
from mangacolor.images.decode import FORMATS, decoded, opened, page_frames, pictures_in
from mangacolor.images.depth import check_samples, to_eight_bits
from mangacolor.images.geometry import UInt8
from mangacolor.images.png import encode_png

__all__ = [
    "FORMATS",
    "Own",
    "Page",
    "count_pages",
    "dpi_of",
    "encode_page",
    "frames_of",
    "has_plain_colors",
    "read_color",
    "read_color_of",
    "read_frame",
    "read_layer",
    "read_page",
    "upright_size",
]


@dataclasses.dataclass(frozen=True)
class Own:
    """The colours that a page in black and white has in places: a red title, half a spread.

    Attributes:
        color: uint8 (H, W, 3) sRGB, the page as it is.
        places: uint8 (h, w), reduced; 255 where its colours are kept.
    """

    color: UInt8
    places: UInt8


@dataclasses.dataclass(frozen=True)
class Page:
    """One page as read.

    Attributes:
        grey: uint8 (H, W), 0 ink ... 255 paper, upright.
        name: what messages call it.
        format: the file's own format, one of `FORMATS`, whatever its suffix says.
        dpi: horizontal and vertical resolution, if the file says.
        colored: whether the file's picture is in colour, and not only on tinted paper.
        own: its colours where it has some in places; None if it has none, or is in colour.
        pages: how many pages its file has.
        pictures: how many pictures its file has; more than pages in an animation.
    """

    grey: UInt8
    name: str
    format: str = "PNG"
    dpi: tuple[float, float] | None = None
    colored: bool = False
    own: Own | None = None
    pages: int = 1
    pictures: int = 1


def read_page(source: Path | bytes, name: str | None = None) -> Page:
    """Reads a page as grey: transparency on white, upright, the first picture of several.

    Args:
        source: a file, or a file's content.
        name: what messages call it; the path if left out.

    Raises:
        InputError: not a picture that is read here, broken, cut off, or beyond Pillow's size limit.
    """
    name = _name(source, name)
    return _read(source, name, 0)


def frames_of(source: Path | bytes, name: str | None = None) -> list[int]:
    """Numbers of the pictures of a file that are pages, for `read_frame`; raises as `read_page`."""
    with opened(source, _name(source, name)) as picture:
        return page_frames(picture)


def read_frame(source: Path | bytes, frame: int, name: str | None = None) -> Page:
    """Reads one of a file's pages, by a number of `frames_of`, as a file of its own; raises as
    `read_page`.
    """
    return _read(source, _name(source, name), frame, counted=False)


def _read(source: Path | bytes, name: str, frame: int, *, counted: bool = True) -> Page:
    with decoded(source, name, frame) as picture:
        format_ = "JPEG" if picture.format == "MPO" else str(picture.format)
        dpi = dpi_of(picture)
        upright = _upright_srgb(picture, name)
        # Counting goes to other pictures of the file.
        pages = len(page_frames(picture)) if counted else 1
        pictures = pictures_in(picture) if counted else 1
    grey = np.asarray(upright.convert("L"))
    page = Page(grey, name, format_, dpi, pages=pages, pictures=pictures)
    if upright.mode != "RGB":
        return page
    color = np.asarray(upright)
    whole, places = coloring_of(color)
    own = Own(color, places) if places.any() else None
    return dataclasses.replace(page, colored=whole, own=own)


def read_color(source: Path | bytes, name: str | None = None, frame: int = 0) -> UInt8:
    """Reads a colour picture: transparency on white, upright, sRGB.

    Args:
        source: a file, or a file's content.
        name: what messages call it; the path if left out.
        frame: which of the file's pictures, of `frames_of`.

    Returns:
        uint8 (H, W, 3).

    Raises:
        InputError: as `read_page`.
    """
    name = _name(source, name)
    with decoded(source, name, frame) as picture:
        return np.asarray(_upright_srgb(picture, name).convert("RGB"))


def count_pages(source: Path | bytes, name: str | None = None) -> int:
    """How many pages a picture's file has; raises as `read_page`."""
    return len(frames_of(source, name))


def read_color_of(source: Path | bytes, number: int, name: str | None = None) -> UInt8:
    """The same as `read_color` of one of a file's pages, by its number from 0."""
    return read_color(source, name, frames_of(source, name)[number])


def read_layer(source: Path | bytes, name: str | None = None) -> UInt8:
    """Reads a picture with what is transparent in it: upright, sRGB and alpha.

    Returns:
        uint8 (H, W, 4).

    Raises:
        InputError: as `read_page`.
    """
    name = _name(source, name)
    with decoded(source, name) as picture:
        check_samples(picture, name)
        try:
            with contextlib.suppress(Exception):
                if not _is_deep(picture):
                    picture = ImageOps.exif_transpose(picture)
            if _is_deep(picture):
                picture = to_eight_bits(picture)
            profile = picture.info.get("icc_profile")
            whole = picture.convert("RGBA")
            colors = whole.convert("RGB")
            # A profile of other numbers, as of a palette's grey or of CMYK, does not fit these.
            colors.info["icc_profile"] = profile
            upright = _to_srgb(colors)
            return np.array(Image.merge("RGBA", (*upright.split(), whole.getchannel("A"))))
        except MemoryError:
            raise
        except Exception as error:
            raise _not_rgb(error, name) from error


def _name(source: Path | bytes, name: str | None) -> str:
    return str(source) if name is None and isinstance(source, Path) else name or "the picture"


def encode_page(page: Page, color: UInt8, quality: int) -> bytes:
    """Encodes a coloured page in the page's own format.

    A GIF gets the 254 colours that suit it best, black and white, dithered: the format has no more.

    Args:
        page: the page that was coloured.
        color: uint8 (H, W, 3) sRGB.
        quality: 1 ... 100, for JPEG and WebP.
    """
    if page.format == "PNG":
        return encode_png(color, page.dpi)
    picture = Image.fromarray(color)
    target = io.BytesIO()
    dpi = {"dpi": page.dpi} if page.dpi and page.format in {"JPEG", "BMP", "TIFF"} else {}
    if page.format == "JPEG":
        # Halved colour would smear along the ink.
        picture.save(target, "JPEG", quality=quality, subsampling="4:4:4", **dpi)
    elif page.format == "AVIF":
        picture.save(target, "AVIF", quality=quality, subsampling="4:4:4")
    elif page.format == "JXL":
        picture.save(target, "JXL", quality=quality)
    elif page.format == "WEBP":
        picture.save(target, "WEBP", quality=quality, method=2)
    elif page.format == "GIF":
        _with_palette(picture).save(target, "GIF")
    elif page.format == "TIFF":
        picture.save(target, "TIFF", compression="tiff_lzw", **dpi)
    else:
        picture.save(target, page.format, **dpi)
    return target.getvalue()


def _upright_srgb(picture: Image.Image, name: str) -> Image.Image:
    """The picture in mode L or RGB: upright, sRGB, on white.

    Raises:
        InputError: it has values or colours that cannot be turned into these.
    """
    check_samples(picture, name)
    try:
        # A page with broken EXIF data is as good as one without.
        with contextlib.suppress(Exception):
            # Only its tags tell what deep values mean, and a turned picture has none.
            if not _is_deep(picture):
                picture = ImageOps.exif_transpose(picture)
        return _on_white(picture)
    except MemoryError:
        raise
    except Exception as error:
        raise _not_rgb(error, name) from error


def _not_rgb(error: Exception, name: str) -> InputError:
    words = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return InputError(
        f"{name} cannot be turned into RGB: {words}.", "Save it as PNG with another program."
    )


# EXIF's orientation, and what undoes it.
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_size(picture: Image.Image) -> tuple[int, int]:
    """Width and height of a picture as it is shown, from its header."""
    width, height = picture.size
    turn = 1
    # A page with broken EXIF data is as good as one without.
    with contextlib.suppress(Exception):
        turn = picture.getexif().get(_ORIENTATION, 1)
    return (height, width) if turn in (5, 6, 7, 8) else (width, height)


def _is_deep(picture: Image.Image) -> bool:
    return picture.mode.startswith(("I", "F"))


def _on_white(picture: Image.Image) -> Image.Image:
    if _is_deep(picture):
        shallow = to_eight_bits(picture)
        with contextlib.suppress(Exception):
            return shallow.transpose(_TURNS[picture.getexif().get(_ORIENTATION, 1)])
        return shallow
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


def has_plain_colors(picture: Image.Image) -> bool:
    """Whether a picture's numbers are sRGB by what its file says, or says nothing of."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return True
    try:
        described = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        # As in `_to_srgb`: it is ignored.
        return True
    return described.strip().lower().startswith("srgb")


def dpi_of(picture: Image.Image) -> tuple[float, float] | None:
    """Horizontal and vertical resolution, if the file says one that can be."""
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
