"""Which files of a folder are examples: colour pictures alone, or pairs in three layouts."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from mangacolor.config import Layout
from mangacolor.data.halves import Side, color_side
from mangacolor.data.manifests import read_series
from mangacolor.errors import InputError
from mangacolor.files import find_pictures
from mangacolor.images.panels import Box
from mangacolor.names import Alike, without_suffix

__all__ = ["Example", "by_series", "find_examples"]

COLOR_NAMES = ("color", "colour")
SKETCH_NAMES = ("sketch", "line", "lineart")
# Folders, besides these, that have the other half.
SKETCH_FOLDERS = (*SKETCH_NAMES, "sketches", "lines", "ink", "bw", "b&w", "mono", "grey", "gray")
COLOR_FOLDERS = (*COLOR_NAMES, "colors", "colours", "coloured", "colored")
SUFFIX = re.compile(
    rf"^(?P<stem>.+)[_-](?P<kind>{'|'.join(COLOR_NAMES + SKETCH_NAMES)})$", re.IGNORECASE
)
NUMBER_AT_END = re.compile(r"[-_ .]*\d+$")


@dataclasses.dataclass(frozen=True)
class Example:
    """One picture to learn or to be scored on.

    Attributes:
        name: its path below the data folder, without suffix.
        color: the colour picture's file.
        lineart: its real line art's file; None where ink is to be made from the colour picture,
            `color` itself where the two stand side by side (colour left, sketch right).
        series: the work it belongs to; pictures of one series may be each other's references.
        box: the part of the picture that counts, x0, y0, x1, y1 in pixels; None is all of it.
        color_right: of two side by side, colour is the right one.
    """

    name: str
    color: Path
    lineart: Path | None
    series: str
    box: Box | None = None
    color_right: bool = False

    @property
    def is_side_by_side(self) -> bool:
        return self.lineart == self.color


def find_examples(folder: Path, layout: Layout = "auto") -> list[Example]:
    """Lists the examples of a data folder.

    Series are, in this order: the column `group` (or `series`) of a `manifest.csv` in the folder
    or above it, the sub-folder a picture lies in, the name without its trailing number.

    Raises:
        InputError: no such folder, no pictures, or a picture without its other half.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.", "Name a folder of pictures.")
    try:
        pictures = find_pictures(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror or error}.") from error
    if not pictures:
        raise InputError(
            f"There are no pictures in {folder}.",
            "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 and PPM are read.",
        )
    side = None
    if layout in ("auto", "side-by-side"):
        side = _side(pictures)
    if layout == "auto":
        layout = _guess(folder, pictures, side)
    if layout == "folders":
        pairs = _pair_folders(folder)
    elif layout == "suffixes":
        pairs = _pair_suffixes(pictures)
    elif layout == "side-by-side":
        pairs = [(path, path) for path in pictures]
    else:
        pairs = [(path, None) for path in pictures]
    groups = read_series(folder, [color for color, _ in pairs])
    right = side == "right"
    return [_example(folder, color, lineart, groups, right) for color, lineart in pairs]


def by_series(examples: list[Example]) -> dict[str, list[int]]:
    """Indices of the examples of each series."""
    series = defaultdict(list)
    for index, example in enumerate(examples):
        series[example.series].append(index)
    return dict(series)


def _guess(folder: Path, pictures: list[Path], side: Side | None) -> Layout:
    if _paired_folders(folder):
        return "folders"
    matches = [SUFFIX.match(path.stem) for path in pictures]
    if any(match and match["kind"].lower() in SKETCH_NAMES for match in matches):
        return "suffixes"
    return "side-by-side" if side is not None else "color"


def _side(pictures: list[Path]) -> Side | None:
    """Which half is in colour, if a few pictures are pairs: a set is as a whole or not at all."""
    sides = set()
    for path in pictures[:: -(-len(pictures) // 12)]:
        # What cannot be read says nothing, and is told where headers are opened.
        with contextlib.suppress(InputError, MemoryError):
            sides.add(color_side(path))
    return sides.pop() if len(sides) == 1 else None


def _named_folder(folder: Path, names: tuple[str, ...]) -> Path | None:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name.lower() in names:
            return path
    return None


def _paired_folders(folder: Path) -> list[tuple[Path, Path]]:
    """Folders `color` and `sketch`: the folder's own, or else those of its sub-folders."""
    found = []
    for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
        color, sketch = _named_folder(place, COLOR_FOLDERS), _named_folder(place, SKETCH_FOLDERS)
        if color is not None and sketch is not None:
            found.append((color, sketch))
            if place == folder:
                break
    return found


def _pair_folders(folder: Path) -> list[tuple[Path, Path | None]]:
    found = _paired_folders(folder)
    if not found:
        raise InputError(
            f"{folder} has no folders `color` and `sketch`.",
            "Make them, or leave --layout out.",
        )
    return [pair for color, sketch in found for pair in _join(_keyed(color), _keyed(sketch))]


def _keyed(folder: Path) -> dict[str, Path]:
    return _unique(
        (without_suffix(path.relative_to(folder).as_posix()), path)
        for path in find_pictures(folder)
    )


def _pair_suffixes(pictures: list[Path]) -> list[tuple[Path, Path | None]]:
    colors: list[tuple[str, Path]] = []
    sketches: list[tuple[str, Path]] = []
    for path in pictures:
        match = SUFFIX.match(path.stem)
        if match is None:
            raise InputError(
                f"{path} is neither `..._color` nor `..._sketch`.",
                "Rename it, move it away, or say --layout color.",
            )
        side = colors if match["kind"].lower() in COLOR_NAMES else sketches
        side.append(((path.parent / match["stem"]).as_posix(), path))
    return _join(_unique(colors), _unique(sketches))


def _unique(named: Iterable[tuple[str, Path]]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for key, path in named:
        if key in found:
            raise InputError(f"{found[key]} and {path} have the same name.", "Remove one of them.")
        found[key] = path
    return found


def _join(colors: dict[str, Path], sketches: dict[str, Path]) -> list[tuple[Path, Path | None]]:
    """Pairs by name, never by order: one missing file must not shift all later pairs."""
    alike = {
        side: Alike((key, key) for key in keys) for side, keys in enumerate((colors, sketches))
    }
    partner = {
        key: other
        for key in colors
        if (other := alike[1].find(key)) is not None and alike[0].find(other) == key
    }
    orphans = [
        *(colors[key] for key in colors.keys() - partner.keys()),
        *(sketches[key] for key in sketches.keys() - set(partner.values())),
    ]
    if orphans:
        names = ", ".join(str(path) for path in sorted(orphans)[:5])
        raise InputError(
            f"{len(orphans)} pictures have no other half: {names}.",
            "Add the missing halves, or move these pictures away.",
        )
    return [(colors[key], sketches[other]) for key, other in partner.items()]


def _example(
    folder: Path, color: Path, lineart: Path | None, groups: Alike[str], right: bool
) -> Example:
    relative = color.relative_to(folder)
    stem = relative.stem
    match = SUFFIX.match(stem)
    if match:
        stem = match["stem"]
    # Either `color/...` or, in a folder of chapters, `chapter/color/...`.
    inner = 0 if relative.parts[0].lower() in COLOR_FOLDERS else 1
    parent = relative.parent
    if len(parent.parts) > inner and parent.parts[inner].lower() in COLOR_FOLDERS:
        parent = Path(*parent.parts[:inner], *parent.parts[inner + 1 :])
    series = groups.find(color.resolve().as_posix())
    if series is None:
        series = parent.as_posix() if parent.parts else NUMBER_AT_END.sub("", stem) or stem
    name = (parent / stem).as_posix()
    return Example(name, color, lineart, series, color_right=right and lineart == color)
