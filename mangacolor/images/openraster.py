"""Layers in an OpenRaster file, which Krita, GIMP and MyPaint open.

Source: OpenRaster 0.0.6, Baseline Intent (freedesktop.org).
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from PIL import Image

from mangacolor.images.geometry import UInt8
from mangacolor.images.layers import Blend, Layer

__all__ = ["OPERATIONS", "encode_openraster"]

OPERATIONS: dict[Blend, str] = {
    "normal": "svg:src-over",
    "multiply": "svg:multiply",
    "screen": "svg:screen",
}
# Longest side that the format gives a thumbnail.
_THUMBNAIL = 256
# Unfiltered lines: three times as fast, and of flat colours smaller as well.
_PNG = [
    *(cv2.IMWRITE_PNG_COMPRESSION, 2),
    *(getattr(cv2, name) for name in ("IMWRITE_PNG_FILTER", "IMWRITE_PNG_FILTER_NONE")),
]
# The earliest date that a ZIP can have: the same layers are the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def encode_openraster(
    layers: Sequence[Layer], merged: UInt8, dpi: tuple[float, float] | None = None
) -> bytes:
    """Encodes layers as an OpenRaster file.

    Args:
        layers: from the bottom, all of one size.
        merged: uint8 (H, W, 3) sRGB, what they are together, for programs that know no layers.
        dpi: horizontal and vertical resolution, if it is known.
    """
    height, width = merged.shape[:2]
    image = ElementTree.Element("image", version="0.0.6", w=str(width), h=str(height))
    if dpi is not None:
        image.set("xres", str(round(dpi[0])))
        image.set("yres", str(round(dpi[1])))
    stack = ElementTree.SubElement(image, "stack")
    thumbnail = Image.fromarray(merged)
    thumbnail.thumbnail((_THUMBNAIL, _THUMBNAIL), reducing_gap=2.0)
    members = {"mergedimage.png": merged, "Thumbnails/thumbnail.png": np.asarray(thumbnail)}
    # The topmost is listed first.
    for layer in reversed(layers):
        place = f"data/{layer.name}.png"
        members[place] = layer.picture
        facts = {"name": layer.name, "src": place, "composite-op": OPERATIONS[layer.blend]}
        ElementTree.SubElement(
            stack, "layer", facts, x="0", y="0", opacity="1.0", visibility="visible"
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        # First and as it is, so that the kind of file can be told from its first bytes.
        file.writestr(_member("mimetype"), b"image/openraster")
        file.writestr(
            _member("stack.xml"), ElementTree.tostring(image, "UTF-8", xml_declaration=True)
        )
        for name, picture in members.items():
            file.writestr(_member(name), _png(picture))
    return buffer.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = 0o644 << 16
    return info


def _png(picture: UInt8) -> Any:
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    _, content = cv2.imencode(".png", cv2.cvtColor(picture, order), _PNG)
    return content.tobytes()
