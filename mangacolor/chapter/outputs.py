"""Where a coloured chapter goes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mangacolor.errors import InputError, UsageError
from mangacolor.images.archive import ARCHIVE_SUFFIXES, BOOK_SUFFIXES, open_archive
from mangacolor.names import without_suffix

__all__ = ["PACKED_SUFFIXES", "coloured_name", "output_of"]

# Outputs that are one file.
PACKED_SUFFIXES = ARCHIVE_SUFFIXES | {".pdf", ".epub"}


def output_of(source: Path, out: Path | None) -> Path:
    """Where the coloured chapter goes: beside the input unless said otherwise.

    Args:
        source: folder, archive or PDF.
        out: a folder; or a file, which a folder may become, too: CBZ, ZIP or PDF by its suffix.

    Raises:
        UsageError: it would be the input, or inside it, or may not be written.
    """
    try:
        return _output_of(source, out)
    except OSError as error:
        shorter = " shorter" if error.errno == errno.ENAMETOOLONG else ""
        raise UsageError(
            f"{error.filename or out or source} cannot be used: {error.strerror or error}.",
            f"Name another{shorter} place with --out.",
        ) from error


def _output_of(source: Path, out: Path | None) -> Path:
    typed, source = source, source.resolve()
    packed = source.is_file()
    # Beside what was typed, be that a link to a chapter that lies elsewhere.
    typed = Path(os.path.abspath(typed))  # noqa: PTH100 - `resolve` would follow the link
    if out is None:
        if not source.name:
            raise UsageError(f"{source} has no place beside it.", "Name one with --out.")
        output = typed.with_name(_packed_name(typed) if packed else f"{typed.name}-color")
    else:
        output = out.resolve()
        named = output.suffix.lower() in PACKED_SUFFIXES
        if packed and not named:
            output = output / _packed_name(typed)
        if output.suffix.lower() == ".epub" and not output.is_dir() and not _is_epub(source):
            raise UsageError(
                f"{output.name} cannot be made of {source.name}: only an EPUB becomes one.",
                "Give --out a name that ends in .cbz or .pdf.",
            )
        # A folder may have any name.
        packed = packed or (named and not output.is_dir())
    real = output.resolve()
    # One folder may have several names: letters of another case, links.
    if real == source or (real.exists() and source.exists() and real.samefile(source)):
        raise UsageError(
            f"The output {output} is the input itself.", "Name another place with --out."
        )
    if source in real.parents:
        raise UsageError(
            f"The output {output} lies inside the input {source}.",
            "Name a place outside it with --out: else the next run would colour the output.",
        )
    if packed and output.is_dir():
        raise UsageError(f"The output {output} is a folder.", "Name an archive with --out.")
    if not packed and output.exists() and not output.is_dir():
        raise UsageError(f"The output {output} is a file.", "Name a folder with --out.")
    place = next(path for path in (output, *output.parents) if path.exists())
    if not os.access(place, os.W_OK):
        raise UsageError(f"{place} may not be written to.", "Name another place with --out.")
    return output


def _packed_name(source: Path) -> str:
    """A coloured archive's name beside its source."""
    plain = Path(coloured_name(source))
    return f"{plain.stem}-color{plain.suffix}"


def _is_epub(path: Path) -> bool:
    """Whether a file is an EPUB by what is in it."""
    try:
        with open_archive(path) as archive:
            return archive.is_epub
    except InputError:
        return False


def coloured_name(source: Path) -> str:
    """The name of a coloured folder or file in a place of its own; what is a ZIP by another name
    (`.cbr`) becomes a CBZ.
    """
    source = source.resolve() if not source.name else source
    if source.is_dir() or source.suffix.lower() in PACKED_SUFFIXES - {".epub"}:
        return source.name
    if _is_epub(source):
        return f"{without_suffix(source.name, BOOK_SUFFIXES)}.epub"
    if source.suffix.lower() in PACKED_SUFFIXES:
        return source.name
    # Of an archive that is known by what is in it the name may end in anything.
    return f"{without_suffix(source.name, BOOK_SUFFIXES)}.cbz"
