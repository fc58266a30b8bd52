"""The order of a comic's pages in an EPUB: that of its spine.

Source: EPUB 3.3 (W3C), Open Container Format and package documents.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

__all__ = ["MIMETYPE", "MIMETYPE_NAME", "spine_pictures"]

# The first member of an EPUB, and what is in it.
MIMETYPE_NAME, MIMETYPE = "mimetype", b"application/epub+zip"
_CONTAINER = "META-INF/container.xml"


def spine_pictures(read: Callable[[str], bytes]) -> list[str]:
    """Names of the pictures that an EPUB shows, in the order in which it shows them.

    Args:
        read: gives a member's content by its name; what it raises passes.

    Raises:
        ValueError: its package is not to be understood.
    """
    try:
        container = ElementTree.fromstring(read(_CONTAINER))
        package = next(e.get("full-path", "") for e in container.iter() if _is(e, "rootfile"))
        root = ElementTree.fromstring(read(package))
    except (ElementTree.ParseError, StopIteration, RecursionError) as error:
        raise ValueError("its package cannot be read") from error
    folder = posixpath.dirname(package)
    items = {e.get("id"): e for e in root.iter() if _is(e, "item")}
    found: dict[str, None] = {}
    for reference in (e for e in root.iter() if _is(e, "itemref")):
        item = items.get(reference.get("idref"))
        if item is None or not item.get("href"):
            continue
        name = _resolved(folder, item.get("href", ""))
        if item.get("media-type", "").startswith("image/") and "svg" not in item.get(
            "media-type", ""
        ):
            found[name] = None
        else:
            found |= dict.fromkeys(_shown(name, read))
    return list(found)


def _is(element: ElementTree.Element, tag: str) -> bool:
    return str(element.tag).rpartition("}")[2] == tag


def _resolved(folder: str, reference: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(urlsplit(reference).path)))


def _shown(name: str, read: Callable[[str], bytes]) -> Iterator[str]:
    """The pictures of a document."""
    pictures = _Pictures()
    pictures.feed(read(name).decode("utf-8", "replace"))
    for reference in pictures.found:
        if not urlsplit(reference).scheme:
            yield _resolved(posixpath.dirname(name), reference)


class _Pictures(HTMLParser):
    """What `img` and SVG's `image` refer to, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"img": ("src",), "image": ("xlink:href", "href")}.get(tag, ())
        values = dict(attrs)
        self.found += [str(values[name]) for name in wanted if values.get(name)][:1]
