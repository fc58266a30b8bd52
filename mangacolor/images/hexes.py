"""Colours as people write them."""

from __future__ import annotations

import re

from PIL import ImageColor

from mangacolor.images.geometry import RGB

__all__ = ["color_of", "hex_of"]


def color_of(text: str) -> RGB | None:
    """`#rrggbb`, `#rgb` or a name of CSS, as `crimson`, as a colour; None if it is none."""
    name = text.strip()
    if name.lower() in ImageColor.colormap:
        r, g, b = ImageColor.getrgb(name)[:3]
        return r, g, b
    match = re.fullmatch(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", name)
    if match is None:
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    r, g, b = bytes.fromhex(digits)
    return r, g, b


def hex_of(color: RGB) -> str:
    """A colour as `#rrggbb`."""
    return "#" + bytes(color).hex()
