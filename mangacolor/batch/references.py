"""The colour pictures of a chapter's characters, from what the user named."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mangacolor.batch.decoded import Decoded
from mangacolor.batch.events import Listener, Notice
from mangacolor.errors import InputError, UsageError
from mangacolor.files import find_pictures
from mangacolor.images.archive import is_archive, open_archive
from mangacolor.images.colored import has_chroma
from mangacolor.images.decode import opened, page_frames, pictures_in
from mangacolor.images.geometry import UInt8
from mangacolor.images.groups import Change, recolored
from mangacolor.images.pdf import is_pdf, open_pdf
from mangacolor.images.strips import cut_evenly
from mangacolor.names import folded
from mangacolor.targets import is_signed

__all__ = ["Reference", "pictures_kept", "read_reference", "read_references"]

_HINT = "Give a colour picture of the same characters with --ref."
# At which pages of a PDF are drawn: references are looked at reduced.
_DPI = 150
# Numbers of the pieces that are references, and what is left out. By content and name; small.
_Looked = tuple[tuple[int, ...], tuple[str, ...]]
_looked: dict[tuple[str, str], _Looked] = {}
_MOST_KNOWN = 10_000
# Five covers of 1600x2400: what is looked at is read for its style and for its areas soon after.
_decoded = Decoded(64 * 2**20)
# Most pieces of a strip that are references: each costs time and memory on every page.
MOST_PIECES = 8


@dataclasses.dataclass(frozen=True)
class Reference:
    """One colour picture, or a piece of a strip.

    Attributes:
        content: its file.
        name: what it is called.
        piece: which of the strip's pieces.
        changes: other colours for some of its areas.
        sha256: of the content, in hex; "" has it found out.
    """

    content: bytes = dataclasses.field(repr=False)
    name: str
    piece: int = 0
    changes: tuple[Change, ...] = ()
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.sha256:
            object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())

    @functools.cached_property
    def digest(self) -> str:
        """Of the file and of what is changed in it."""
        if not self.changes:
            return self.sha256
        digest = hashlib.sha256(self.content)
        digest.update(repr(self.changes).encode())
        return digest.hexdigest()

    def read(self) -> UInt8:
        """Decodes it: uint8 (H, W, 3) sRGB, not to be written to."""
        return recolored(self.read_unchanged(), self.changes)

    def read_unchanged(self) -> UInt8:
        """The same as its file has it."""
        return cut_evenly(self.read_whole())[self.piece]

    def read_whole(self) -> UInt8:
        """The strip that it is a piece of, or itself, as its file has it."""
        return _decoded.read(self.content, self.name, self.sha256)


class _File(NamedTuple):
    """A picture as it came; hashed once, for files are large."""

    name: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, name: str, content: bytes) -> _File:
        return cls(name, content, hashlib.sha256(content).hexdigest())


@contextlib.contextmanager
def pictures_kept() -> Iterator[None]:
    """Lets go, at the end, of the pictures that were decoded in the block."""
    try:
        yield
    finally:
        _decoded.clear()


def read_references(paths: Sequence[Path], tell: Listener) -> list[Reference]:
    """Reads references; a folder, CBZ or ZIP stands for every picture in it.

    A strip becomes pieces of a page's proportions: reduced as a whole, nothing would be left of it.

    Args:
        paths: pictures, folders, archives and PDFs, at least one; a path may lead on into an
            archive, to one of its members or folders.
        tell: gets a `Notice` for each picture that is left out: it has no colour, or lies among
            others and cannot be read.

    Raises:
        UsageError: there is no path.
        InputError: a named picture cannot be read, a folder has no pictures that can, or nothing
            has any colour.
    """
    if not paths:
        raise UsageError("There is no colour reference.", "Give one or more with --ref PICTURE.")
    colored: list[Reference] = []
    left_out: list[str] = []
    for named in paths:
        for file in _contents(named, left_out):
            colored.extend(_pieces_of(file, left_out))
    if not colored:
        raise InputError(
            f"There is no colour in {' or '.join(str(path) for path in paths)}.", _HINT
        )
    for words in left_out:
        tell(Notice(words))
    return colored


def _contents(named: Path, left_out: list[str]) -> Iterator[_File]:
    """Each picture; those that cannot be read are refused or left out."""
    try:
        within = _within_archive(named)
        if within is not None:
            yield from _readable(_members(*within), named, left_out)
        elif is_archive(named):
            yield from _readable(_members(named), named, left_out)
        elif is_pdf(named):
            yield from _readable(_sheets(named), named, left_out)
        elif named.is_dir():
            files = ((str(path), _bytes_of(path)) for path in find_pictures(named))
            yield from _readable(files, named, left_out)
        else:
            yield _File.of(str(named), _bytes_of(named))
    except OSError as error:
        raise InputError(
            f"The reference {named} cannot be read: {error.strerror or error}.", _HINT
        ) from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The reference {path} cannot be read: {error.strerror or error}.", _HINT
        ) from error


def _within_archive(named: Path) -> tuple[Path, str] | None:
    """Archive and member, or folder of members, of a path that leads into an archive."""
    if named.exists():
        return None
    archive = next((path for path in named.parents if path.is_file()), None)
    if archive is None or not is_archive(archive):
        return None
    return archive, named.relative_to(archive).as_posix()


def _members(path: Path, within: str = "") -> Iterator[tuple[str, bytes]]:
    with open_archive(path) as archive:
        pages = archive.pages()
        found = [page for page in pages if _is_within(page.name, within)]
        # Typed in another Unicode form, or case of letters.
        alike = folded(within)
        for page in found or [p for p in pages if _is_within(folded(p.name), alike)]:
            yield f"{path}/{page.name}", archive.read(page)


def _is_within(name: str, within: str) -> bool:
    return not within or name == within or name.startswith(f"{within}/")


def _sheets(path: Path) -> Iterator[tuple[str, bytes]]:
    with open_pdf(path, _DPI) as pdf:
        for number, name in enumerate(pdf.names):
            yield f"{path}, {name}", pdf.read(number)


def _readable(
    pictures: Iterator[tuple[str, bytes]], where: Path, left_out: list[str]
) -> Iterator[_File]:
    """Those of many that can be decoded; one bad picture does not spoil the others."""
    count, reason = 0, ""
    for file in itertools.starmap(_File.of, pictures):
        try:
            _look(file)
        except InputError as error:
            reason = reason or f" that can be read: {error.message}"
            left_out.append(f"{error.message} It is left out")
            continue
        count += 1
        yield file
    if not count:
        raise InputError(f"The reference {where} has no pictures{reason or '.'}", _HINT)


def read_reference(content: bytes, name: str, left_out: list[str]) -> list[Reference]:
    """The coloured pieces of a picture, one if it is no strip; none if it has no colour."""
    return _pieces_of(_File.of(name, content), left_out)


def _pieces_of(file: _File, left_out: list[str]) -> list[Reference]:
    pieces, told = _look(file)
    left_out.extend(told)
    return [Reference(file.content, file.name, piece, sha256=file.sha256) for piece in pieces]


def _look(file: _File) -> _Looked:
    """Which pieces of a picture are references, and what is left out, in words.

    A library's chapters have the same references as a rule: what was looked at is known.
    """
    key = file.sha256, file.name
    found = _looked.get(key)
    if found is None:
        found = _looked_at(file)
        if len(_looked) >= _MOST_KNOWN:
            _looked.clear()
        _looked[key] = found
    return found


def _looked_at(file: _File) -> _Looked:
    name, content, digest = file
    picture = _decoded.read(content, name, digest)
    told = []
    with opened(content, name) as header:
        if is_signed(header):
            return (), (f"{name} was drawn by mangacolor and is no reference; it is left out",)
        others = max(pictures_in(header), len(page_frames(header))) - 1
    if others > 0:
        told.append(f"Only the first of the {others + 1} pictures in {name} is a reference")
    if not has_chroma(picture):
        return (), (*told, f"{name} has no colour to take over; it is left out")
    pieces = [i for i, piece in enumerate(cut_evenly(picture)) if has_chroma(piece)]
    if len(pieces) > MOST_PIECES:
        told.append(
            f"{name} is a strip of {len(pieces)} pieces; {MOST_PIECES} spread over it are taken"
        )
        pieces = [pieces[i * len(pieces) // MOST_PIECES] for i in range(MOST_PIECES)]
    return tuple(pieces), tuple(told)
