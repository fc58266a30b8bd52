"""Openly licensed fonts for lettering, from packages of the extra `train`.

Where a package is missing Pillow's own font is used, and there is no Japanese lettering.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Literal

from PIL import ImageFont

__all__ = ["Family", "Font", "find_fonts", "load_font"]

# Hand lettering, heavy letters for effects, Japanese.
Family = Literal["speech", "loud", "japanese"]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Top-level package and the file in it. Licences: SIL OFL 1.1; Luckiest Guy: Apache-2.0.
FILES: dict[Family, tuple[tuple[str, str], ...]] = {
    "speech": (
        ("fontpkg_delius", "files/Delius-Regular.ttf"),
        ("fontpkg_kalam", "files/Kalam-Regular.ttf"),
        ("fontpkg_kalam", "files/Kalam-Bold.ttf"),
    ),
    "loud": (
        ("fontpkg_luckiest_guy", "files/LuckiestGuy-Regular.ttf"),
        ("fontpkg_kalam", "files/Kalam-Bold.ttf"),
    ),
    "japanese": (
        ("pylopdf_fonts_jp", "NotoSansJP-Regular.otf"),
        ("pylopdf_fonts_jp", "NotoSerifJP-Regular.otf"),
    ),
}


@functools.cache
def find_fonts(family: Family) -> tuple[Path, ...]:
    """Files of the family's fonts that are installed; their packages are not imported."""
    found = []
    for package, file in FILES[family]:
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            path = Path(folder) / file
            if path.is_file():
                found.append(path)
    return tuple(found)


@functools.lru_cache(maxsize=256)
def load_font(path: Path | None, size: int) -> Font:
    """The font at a size in pixels; without a file Pillow's own."""
    if path is None:
        return ImageFont.load_default(size)
    # The other layout engine is not in every build of Pillow, and letters must not depend on that.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
