"""What a layered file shows, layer by layer: the same if a program only saved it anew."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import struct
import warnings
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from mangacolor.images.geometry import UInt8
from mangacolor.images.layers import Layer
from mangacolor.images.openraster import OPERATIONS
from mangacolor.images.photoshop import BLENDS

__all__ = ["Saved", "digest_layers", "read_saved"]

# More, and it is not a file that was made here.
_MOST_LAYERS = 16
_OPAQUE, _HIDDEN = 255, 2
# Of a PSD: what stands before its sections and how that ends; a layer's record before its channels
# and after; how these are packed.
_HEADER, _PLACE, _CHANNEL, _MORE = 26, ">4iH", ">hI", ">4s4sBBBxI"
_EIGHT_BITS_RGB = struct.pack(">HH", 8, 3)
_PACKBITS, _ZIP, _ZIP_OF_DIFFERENCES = 1, 2, 3


@dataclasses.dataclass(frozen=True)
class Saved:
    """A layered file as it is.

    Attributes:
        digest: of its layers, as `digest_layers` gives it.
        merged: the picture that it holds for programs that know no layers, as a file.
    """

    digest: str
    merged: bytes


def digest_layers(layers: Sequence[Layer]) -> str:
    """Digest of the pixels of layers, and of how they are laid on each other."""
    return _digest((BLENDS[layer.blend].decode(), layer.picture) for layer in layers)


def _digest(layers: Iterable[tuple[str, UInt8]]) -> str:
    sum_ = hashlib.sha256()
    for laid, picture in layers:
        height, width = picture.shape[:2]
        whole = np.empty((height, width, 4), np.uint8)
        whole[..., :3] = picture[..., :3]
        whole[..., 3] = picture[..., 3] if picture.shape[2] == 4 else _OPAQUE
        # What cannot be seen is kept by some programs, and by others not.
        whole[whole[..., 3] == 0] = 0
        sum_.update(f"{laid} {width}x{height} ".encode())
        sum_.update(whole.data)
    return sum_.hexdigest()


def read_saved(content: bytes) -> Saved | None:
    """Reads an OpenRaster or PSD file; None if it is none of the kind that is made here."""
    read = _read_photoshop if content.startswith(b"8BPS") else _read_openraster
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return read(content)
    except MemoryError:
        raise
    # Whatever is wrong with it, it is not what was written.
    except Exception:
        return None


def _read_openraster(content: bytes) -> Saved | None:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        image = ElementTree.fromstring(file.read("stack.xml"))
        size = int(image.attrib["w"]), int(image.attrib["h"])
        (stack,) = image
        if len(stack) > _MOST_LAYERS or any(layer.tag != "layer" for layer in stack):
            return None
        names = {operation: BLENDS[blend].decode() for blend, operation in OPERATIONS.items()}

        def layers() -> Iterator[tuple[str, UInt8]]:
            # The topmost is listed first.
            for layer in reversed(stack):
                facts = layer.attrib
                laid = names[facts.get("composite-op", OPERATIONS["normal"])]
                seen = facts.get("visibility", "visible") == "visible"
                if float(facts.get("opacity", "1")) != 1 or not seen:
                    laid += " changed"
                with Image.open(io.BytesIO(file.read(facts["src"])), formats=["PNG"]) as picture:
                    at = int(float(facts.get("x", "0"))), int(float(facts.get("y", "0")))
                    yield laid, _placed(picture, size, at)

        return Saved(_digest(layers()), file.read("mergedimage.png"))


def _read_photoshop(content: bytes) -> Saved | None:
    with Image.open(io.BytesIO(content), formats=["PSD"]) as file:
        size, merged = file.size, io.BytesIO()
        if content[_HEADER - 4 : _HEADER] != _EIGHT_BITS_RGB:
            return None
        file.convert("RGB").save(merged, "PNG", compress_level=1)
    # Pillow does not read layers whose transparency comes first, nor how they are laid.
    records, at = _records(content)
    if len(records) > _MOST_LAYERS:
        return None

    def layers() -> Iterator[tuple[str, UInt8]]:
        place = at
        for record in records:
            planes = {}
            for channel, length in record.channels:
                planes[channel] = _plane(content[place : place + length], record.size)
                place += length
            opaque = Image.new("L", record.size, _OPAQUE)
            bands = [planes[0], planes[1], planes[2], planes.get(-1, opaque)]
            yield record.laid, _placed(Image.merge("RGBA", bands), size, record.at)

    return Saved(_digest(layers()), merged.getvalue())


class _Record(NamedTuple):
    """A layer of a PSD: how it is laid, its place and size, its channels and their lengths."""

    laid: str
    at: tuple[int, int]
    size: tuple[int, int]
    channels: list[tuple[int, int]]


def _records(content: bytes) -> tuple[list[_Record], int]:
    """The layers, and where their channels begin."""
    at = _HEADER
    # Palette and resources.
    for _ in range(2):
        (length,) = struct.unpack_from(">I", content, at)
        at += 4 + length
    (count,) = struct.unpack_from(">h", content, at + 8)
    at += 10
    found = []
    for _ in range(min(abs(count), _MOST_LAYERS + 1)):
        top, left, bottom, right, many = struct.unpack_from(_PLACE, content, at)
        at += struct.calcsize(_PLACE)
        channels = [struct.unpack_from(_CHANNEL, content, at + 6 * i) for i in range(many)]
        at += many * struct.calcsize(_CHANNEL)
        _, blend, opacity, clipped, flags, more = struct.unpack_from(_MORE, content, at)
        at += struct.calcsize(_MORE) + more
        changed = (
            opacity != _OPAQUE
            or clipped
            or flags & _HIDDEN
            or not {i for i, _ in channels} <= {-1, 0, 1, 2}
        )
        laid = blend.decode("latin-1") + " changed" * bool(changed)
        found.append(_Record(laid, (left, top), (right - left, bottom - top), channels))
    return found, at


def _plane(packed: bytes, size: tuple[int, int]) -> Image.Image:
    """A channel of a layer."""
    width, height = size
    (how,) = struct.unpack_from(">H", packed)
    if not width or not height:
        return Image.new("L", size)
    if how == _PACKBITS:
        return Image.frombytes("L", size, packed[2 + 2 * height :], "packbits", "L")
    raw = packed[2:]
    if how in (_ZIP, _ZIP_OF_DIFFERENCES):
        raw = zlib.decompressobj().decompress(raw, width * height + 1)
    rows = np.frombuffer(raw, np.uint8).reshape(height, width)
    if how == _ZIP_OF_DIFFERENCES:
        rows = np.cumsum(rows, axis=1, dtype=np.uint8)
    return Image.fromarray(rows)


def _placed(picture: Image.Image, size: tuple[int, int], at: tuple[int, int]) -> UInt8:
    """A layer of the whole picture's size: some programs cut off what is transparent at edges."""
    whole = Image.new("RGBA", size)
    whole.paste(picture.convert("RGBA"), at)
    return np.asarray(whole)
