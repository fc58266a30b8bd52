"""Whether a file may be written: never over an input, never over what this tool did not make."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mangacolor.errors import UsageError
from mangacolor.files import check_writable

if TYPE_CHECKING:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

__all__ = [
    "HTML_SUFFIXES",
    "check_page",
    "check_target",
    "has_keys",
    "is_our_page",
    "is_signed",
    "is_signed_picture",
    "refuse_inputs",
    "signature",
]

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
# Pictures of ours name the program that made them, and so do pages for the browser.
_SIGN = "mangacolor"
_GENERATOR = b'<meta name="generator" content="mangacolor'
# So much of a page is looked at.
_HEAD = 4096


def check_target(
    target: Path,
    option: str,
    is_ours: Callable[[Path], bool],
    suffixes: Collection[str] = (),
    inputs: Iterable[Path] = (),
) -> None:
    """Finds out before the work whether a file may be written.

    Args:
        target: the file.
        option: what the user named it with, for the hint.
        is_ours: whether a file that is there was made by this tool, as what it is to be again.
        suffixes: that its name may end in, in lower case; any if left out.
        inputs: what is read; of it the files count, and not what is in folders.

    Raises:
        UsageError: its name is another kind of file's, it is an input or somebody else's, or it
            cannot be written.
    """
    if suffixes and target.suffix.lower() not in suffixes:
        wanted = " or ".join(sorted(suffixes))
        raise UsageError(
            f"{target} is no name for that file.",
            f"Give {option} a name that ends in {wanted}.",
        )
    if target.is_dir():
        check_writable(target, option)
    # A file of ours may lie in a folder that is read.
    refuse_inputs([target], [path for path in inputs if not path.is_dir()], option)
    if os.path.lexists(target) and not is_ours(target):
        raise UsageError(
            f"{target} exists already, and mangacolor did not write it.",
            f"Name another file with {option}, or move that one away.",
        )
    check_writable(target, option)


def check_page(target: Path, option: str, inputs: Iterable[Path] = ()) -> None:
    """The same of a page for the browser; raises as `check_target`."""
    check_target(target, option, is_our_page, HTML_SUFFIXES, inputs)


def refuse_inputs(targets: Iterable[Path], inputs: Iterable[Path], option: str) -> None:
    """Refuses targets that are there and are read, by themselves or in a folder that is.

    Args:
        targets: files to be written.
        inputs: files and folders that are read; a path may lead on into an archive.
        option: what names another place.

    Raises:
        UsageError: there is such a target.
    """
    read = {_real(path) for path in inputs}
    if not read:
        return
    for target in targets:
        real = _real(target)
        if os.path.lexists(target) and not read.isdisjoint((real, *real.parents)):
            raise UsageError(
                f"{target} is an input of this run, and would be written over.",
                f"Name another place with {option}.",
            )


def is_our_page(path: Path) -> bool:
    """Whether a page for the browser says that this tool made it."""
    try:
        with path.open("rb") as file:
            return _GENERATOR in file.read(_HEAD)
    except OSError:
        return False


def has_keys(*keys: str) -> Callable[[Path], bool]:
    """What tells whether a file is an object of JSON with these keys."""

    def ask(path: Path) -> bool:
        try:
            facts = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(facts, dict) and facts.keys() >= set(keys)

    return ask


def is_signed_picture(path: Path) -> bool:
    """Whether a picture says that this tool made it."""
    # Only here: `mangacolor --help` must not wait for Pillow.
    from PIL import Image

    with contextlib.suppress(Exception), Image.open(path) as picture:
        return is_signed(picture)
    return False


def is_signed(picture: Image.Image) -> bool:
    """The same of an open picture."""
    return picture.format == "PNG" and str(picture.info.get("Software", "")) == _SIGN


def signature() -> PngInfo:
    """What a PNG is saved with to be known as ours."""
    from PIL.PngImagePlugin import PngInfo

    facts = PngInfo()
    facts.add_text("Software", _SIGN)
    return facts


def _real(path: Path) -> Path:
    """A path without links; of one that leads into a file, the file."""
    real = path.resolve()
    return next((above for above in real.parents if above.is_file()), real)
