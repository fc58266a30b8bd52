"""What names say: natural order, which files are pictures, what systems leave behind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

__all__ = [
    "PART",
    "PICTURE_SUFFIXES",
    "WORK_SUFFIX",
    "Alike",
    "NaturalKey",
    "folded",
    "is_junk",
    "is_picture",
    "natural_key",
    "without_suffix",
]

# What is taken for a picture: what Pillow reads, and then what it may not read here, which is told
# of each such file rather than that it is left out.
PICTURE_SUFFIXES = frozenset(
    re.findall(
        r"\S+",
        ".png .apng .jpg .jpeg .jpe .jfif .jif .webp .gif .bmp .dib .tif .tiff .avif .avifs"
        " .jp2 .j2k .jpf .jpx .j2c .jpc .ppm .pgm .pbm .pnm"
        " .jxl .heic .heif .hif .jxr .wdp .hdp .tga",
    )
)

# Names, in lower case, that systems and programs keep for themselves; no pages, whatever is in
# them. A dot at the start alone says nothing: the series ".hack" is one.
_JUNK_FOLDERS = frozenset(
    re.findall(
        r"\S+",
        "__macosx @eadir #recycle #snapshot @recycle @recently-snapshot .@__thumb .@upload_cache"
        " $recycle.bin lost+found .spotlight-v100 .fseventsd .temporaryitems .trashes .trash"
        " .documentrevisions-v100 .appledouble .appledb .appledesktop .thumbnails .xvpics .comments"
        " .picasaoriginals .dropbox.cache .stfolder .stversions .sync .git .svn .hg .cache"
        " .ipynb_checkpoints _vti_cnf",
    )
) | {"system volume information", "network trash folder", "temporary items"}
_JUNK_FILES = frozenset(
    re.findall(
        r"\S+",
        "thumbs.db ehthumbs.db ehthumbs_vista.db desktop.ini .ds_store .localized .directory"
        " .nomedia .apdisk .bridgesort .picasa.ini picasa.ini .volumeicon.icns .hidden .gitignore"
        " .gitattributes .gitkeep .mangacolor.jsonl",
    )
) | {"icon\r"}
_JUNK_START = ("._", ".trash-", ".fuse_hidden", ".nfs", ".~lock.", "~$")
# What `atomic_path` leaves behind if the process is killed.
PART = re.compile(r"\..+\.[a-z0-9_]{8}\.part(\.\w+)?")
# Ends the hidden folder in which an archive's pages are kept until all are done.
WORK_SUFFIX = ".work"
# 3.5 lies between 3 and 4; of 2024.01.05 each number counts for itself.
_NUMBER = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])|\d+")
_SUFFIX = re.compile(r"\.(?=\w*[^\W\d])\w{1,5}$")

T = TypeVar("T")
# A part of a name: a number by its length and digits, or letters; numbers first.
Chunk = tuple[int, int, str, str]
NaturalKey = tuple[tuple[tuple[Chunk, ...], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Sort key of a path with forward slashes that puts `page 2` before `page 10`.

    Compared part by part, the file's without its suffix, whatever the case of letters: `Chapter 3`
    is before `Chapter 3 (2)` and both are before `Chapter 3.5`.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    *folders, last = folded.split("/")
    return tuple(_chunks(part) for part in (*folders, _SUFFIX.sub("", last))), name


def _chunks(part: str) -> tuple[Chunk, ...]:
    found: list[Chunk] = []
    end = 0
    for match in _NUMBER.finditer(part):
        if match.start() > end:
            found.append((1, 0, part[end : match.start()], ""))
        found.append(_number(match[0]))
        end = match.end()
    if end < len(part):
        found.append((1, 0, part[end:], ""))
    return tuple(found)


def _number(digits: str) -> Chunk:
    # As text: a name may have more digits than Python makes a number of.
    plain = "".join(d if d == "." else str(unicodedata.decimal(d)) for d in digits)
    whole, _, fraction = plain.partition(".")
    whole = whole.lstrip("0")
    return (0, len(whole), whole, fraction.rstrip("0"))


def folded(name: str) -> str:
    """A name as systems see it that keep another Unicode form, or ignore the case of letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def without_suffix(name: str, suffixes: Iterable[str] = PICTURE_SUFFIXES) -> str:
    """A path with forward slashes without a suffix of these: what follows a dot may be a name."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in suffixes else name


class Alike(Generic[T]):
    """Things by name: by the very name, and else by one that differs in Unicode form or case, if
    that is one thing's.
    """

    def __init__(self, named: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, list[T]] = {}
        self._folded: dict[str, list[T]] = {}
        for name, thing in named:
            for things in (
                self._exact.setdefault(name, []),
                self._folded.setdefault(folded(name), []),
            ):
                if thing not in things:
                    things.append(thing)

    def find(self, name: str) -> T | None:
        """The thing that is meant; None if there is none, or more than one."""
        alike = self._exact.get(name) or self._folded.get(folded(name), [])
        return alike[0] if len(alike) == 1 else None


def is_picture(name: str) -> bool:
    """Whether a file's name is a picture's."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES


def is_junk(path: Path | PurePosixPath) -> bool:
    """Whether a relative path is something that a system left behind, not a page."""
    names = [part.lower() for part in path.parts]
    return any(_is_junk_name(name, part) for name, part in zip(names, path.parts, strict=True))


def _is_junk_name(name: str, part: str) -> bool:
    return (
        name in _JUNK_FOLDERS
        or name in _JUNK_FILES
        or name.startswith(_JUNK_START)
        or PART.fullmatch(part) is not None
        or (name.startswith(".") and name.endswith(WORK_SUFFIX))
    )
