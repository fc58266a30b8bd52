"""Pages for the browser: one file each, which needs no other and no network."""

from __future__ import annotations

import base64
import functools
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from mangacolor.files import atomic_path

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["embed", "write_html"]


def write_html(path: Path, template: str, **values: Any) -> None:
    """Writes a page, whole or not at all, piece by piece as its values come.

    Args:
        path: an HTML file.
        template: name of a file in `mangacolor/pages`; what it shows is escaped.
        values: what it shows; iterators are taken one item at a time.

    Raises:
        OSError: it cannot be written.
    """
    pieces = _environment().get_template(template).generate(**values)
    # File names need not be valid Unicode; a page must be.
    with atomic_path(path) as part, part.open("w", encoding="utf-8", errors="replace") as file:
        file.writelines(pieces)


def embed(picture: Image.Image, quality: int = 80) -> str:
    """A picture as a data URI, in WebP."""
    buffer = io.BytesIO()
    picture.save(buffer, "WebP", quality=quality)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


@functools.cache
def _environment() -> Environment:
    # Only who writes a page pays for it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=PackageLoader("mangacolor", "pages"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What is shown keeps its order.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment
