"""Archives that are not read here, and how people unpack them."""

from __future__ import annotations

from pathlib import Path

from mangacolor.errors import InputError

__all__ = ["METHODS", "UNPACK", "kind_of", "unpack_elsewhere"]

# How other files begin that people have chapters in.
_KINDS = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
}
# Methods of packing that Python has not, by their numbers in the ZIP format.
METHODS = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    20: "Zstandard",
    93: "Zstandard",
    94: "MP3",
    95: "XZ",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
    99: "AES",
}
# How these are unpacked.
UNPACK = {
    "a RAR archive": "unar FILE",
    "a 7-Zip archive": "7z x FILE",
    "a gzip archive": "tar -xf FILE",
    "a TAR archive": "tar -xf FILE",
}


def kind_of(path: Path) -> str:
    """What a file is that people have chapters in and that is not read here, or ""."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError:
        return ""
    if start[257:262] == b"ustar":
        return "a TAR archive"
    return next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), "")


def unpack_elsewhere(name: str, method: int) -> InputError:
    """What is said of something that is packed by such a method."""
    words = METHODS.get(method, "a method that is not read here")
    return InputError(
        f"{name} is packed by {words}, which cannot be unpacked here.",
        "Unpack the archive with another program, as with `7z x FILE`, and give the folder.",
    )
