"""The exported model: a folder with two ONNX graphs and `bundle.json`.

`style.onnx`  references (n, r, 3, h, w) -> the tensors named in `style_tensors`, each (n, ...).
              float32 sRGB in [-1, 1]; n works at a time, r references each; h and w are multiples
              of `reference_multiple`.
`color.onnx`  lineart (n, 1, h, w), then the style tensors -> color (n, 3, h, w).
              float32, -1 ink ... +1 paper; h and w are multiples of `size_multiple` and at least
              `minimum_size`.

Of style `areas` the colour graph takes hints (n, 4, h, w), too, and there are more graphs,
all float32 but for masks, which are bool; between them areas are pooled in numpy:

`describe.onnx`    picture (n, 3, h, w) in [-1, 1] -> at_4, at_8, at_16, at_32, features at these
                   shares of the size; h and w are multiples of 32.
`references.onnx`  features (n, k, f), facts (n, k, g), there (n, k), colors (n, k, 3) ->
                   tokens (n, k, d): k areas of each of n views of references.
`surfaces.onnx`    page (n, 1, h, w), -1 ink ... +1 paper -> borders (n, 1, h, w), how surely each
                   pixel is of a border, and kinds (n, 12, h/2, w/2), how probably each place is of
                   a kind of `mangacolor.images.kinds.Kind`; h and w are multiples of 64. Not every
                   model has it.
`match.onnx`       features, facts, there of a page's views, tokens (n, t, d), tokens_there (n, t)
                   -> scores (n, k, t + 1), the last of which is "none of them", and, of models that
                   guess, guesses (n, k, 207), of the colours `mangacolor.images.shades.shades`.

A fine-tuned one may have `remembered.npz`, areas of its pages that are compared with a page's as
those of references are; see `mangacolor.runtime.remembered`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_args

from mangacolor.config import Precision, Style
from mangacolor.errors import ModelError
from mangacolor.files import atomic_write, sha256_of
from mangacolor.styles import (
    AREA_FILES,
    AREA_WEIGHTS_FILE,
    COLOR_FILE,
    DESCRIBE_FILE,
    HINT_CHANNELS,
    MATCH_FILE,
    REFERENCES_FILE,
    STYLE_FILE,
    WEIGHTS_FILE,
    Family,
    family_of,
)
from mangacolor.texts import read_text

__all__ = [
    "AREA_WEIGHTS_FILE",
    "BUNDLE_FILE",
    "COLOR_FILE",
    "DESCRIBE_FILE",
    "FORMAT",
    "HINT_CHANNELS",
    "MATCH_FILE",
    "PARITY_FILE",
    "REFERENCES_FILE",
    "REMEMBERED_FILE",
    "SIZES",
    "STYLE_FILE",
    "SURFACES_FILE",
    "SURFACE_WEIGHTS_FILE",
    "WEIGHTS_FILE",
    "Bundle",
    "default_bundle",
    "format_of",
    "graph_files",
    "read_bundle",
    "write_bundle",
]

# 2 adds `precision`. Float32 bundles are still written as format 1, without it: a reader of format
# 1 refuses what it does not know. 3 adds style `areas`, whose graphs read their weights from
# `weights.safetensors` and `areas.safetensors`.
FORMAT = 3
BUNDLE_FILE = "bundle.json"
SURFACES_FILE = "surfaces.onnx"
# Not every model of areas has what finds them.
SURFACE_WEIGHTS_FILE = "surfaces.safetensors"
# What a fine-tuned one remembers of the pages it was shown.
REMEMBERED_FILE = "remembered.npz"
# Least and most of each size. The upper ends are far above what any model has, and low enough that
# a wrong one does not ask for all the memory there is.
SIZES = {
    "size_multiple": (1, 256),
    "minimum_size": (1, 2048),
    "page_size": (16, 8192),
    "reference_size": (16, 8192),
    "reference_multiple": (1, 256),
}
# What a plain file name is made of: nothing that any system takes for a folder, a drive or a
# stream, and no dot at either end.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,200}[A-Za-z0-9_])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COPY_AGAIN = "Copy the whole bundle again, or export it again."
# How near the graphs are to torch, and to float32 if they are of a lower precision.
PARITY_FILE = "parity.json"


@dataclasses.dataclass(frozen=True)
class Bundle:
    """What `bundle.json` says.

    Attributes:
        folder: where the files lie.
        style: kind of style, `code`, `levels`, `attention` or `areas`.
        style_tensors: names of the tensors that go from the style graph to the colour graph.
        size_multiple: height and width of the line art must be multiples of this.
        minimum_size: smallest height or width of the line art.
        page_size: longer side at which a page is coloured unless the user says otherwise.
        reference_size: longer side to which a reference is scaled.
        reference_multiple: height and width of a reference must be multiples of this.
        files: SHA-256 of each file, by plain name.
        architecture: the network's config, as in the checkpoint.
        training: what is known of the training (steps, data, figures).
        licence, credits: of the weights.
        precision: of the graphs' arithmetic, `fp32`, `fp16` or `int8`; what goes in and comes out
            is float32 in all of them.
        format: version of this contract.
    """

    folder: Path
    style: str
    style_tensors: tuple[str, ...]
    size_multiple: int
    minimum_size: int
    page_size: int
    reference_size: int
    reference_multiple: int
    files: dict[str, str]
    architecture: dict[str, Any] = dataclasses.field(default_factory=dict)
    training: dict[str, Any] = dataclasses.field(default_factory=dict)
    licence: str = ""
    credits: str = ""
    precision: str = "fp32"
    format: int = 1

    @property
    def style_path(self) -> Path:
        return self.folder / STYLE_FILE

    @property
    def color_path(self) -> Path:
        return self.folder / COLOR_FILE

    @property
    def area_paths(self) -> tuple[Path, ...]:
        """Of a model of areas: what describes, what reads references, what matches; else none."""
        return tuple(self.folder / name for name in AREA_FILES if name in self.graphs)

    @property
    def surfaces_path(self) -> Path | None:
        """What finds areas, if the model has that."""
        found = SURFACES_FILE in self.files and "surfaces" in self.family.stages
        return self.folder / SURFACES_FILE if found else None

    @property
    def sees_afar(self) -> bool:
        """Whether what finds areas looks from afar as well."""
        return self.architecture.get("surface_size") == "afar"

    @property
    def remembered_path(self) -> Path | None:
        """What a fine-tuned model remembers of its pages, if it does."""
        return self.folder / REMEMBERED_FILE if REMEMBERED_FILE in self.files else None

    @property
    def graphs(self) -> tuple[str, ...]:
        """Names of the files that ONNX Runtime opens."""
        return graph_files(self.family, surfaces=self.surfaces_path is not None)

    @property
    def family(self) -> Family:
        """What networks of its style have."""
        return family_of(self.style)


def graph_files(family: Family, *, surfaces: bool) -> tuple[str, ...]:
    """Names of the graphs of a kind, with or without the one that finds areas."""
    return (*family.graphs, *((SURFACES_FILE,) if surfaces else ()))


def default_bundle() -> Path:
    """Folder of the model that comes with the package."""
    return Path(__file__).parent / "models" / "default"


def format_of(precision: str, family: Family) -> int:
    """The lowest format that can say this, so that older versions open what they can."""
    return max(family.least_format, 1 if precision == "fp32" else 2)


def write_bundle(bundle: Bundle) -> None:
    """Writes `bundle.json` into the bundle's folder."""
    record = dataclasses.asdict(bundle)
    del record["folder"]
    if bundle.format == 1:
        del record["precision"]
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    atomic_write(bundle.folder / BUNDLE_FILE, text.encode())


def read_bundle(folder: Path) -> Bundle:
    """Reads and verifies an exported model.

    Every file that `bundle.json` names is compared with its SHA-256. The two graphs must be there;
    the weights need not be, since only training and fine-tuning read them.

    Raises:
        ModelError: not a bundle; a newer format; a key that is missing, unknown or has a value
            that cannot be right; a file that is missing, changed, or outside the folder.
    """
    path = folder / BUNDLE_FILE
    if not path.is_file():
        raise ModelError(
            f"{folder} is not an exported model: it has no {BUNDLE_FILE}.",
            "Make one with `mangacolor export CHECKPOINT OUT`, or leave --model out.",
        )
    _check_inside(folder, path)
    try:
        record = json.loads(read_text(path))
        if not isinstance(record, dict):
            raise ValueError("it is not a JSON object")
        _check_format(path, record.get("format"))
        _check_record(record)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", _COPY_AGAIN) from error
    # Brackets nested without end are the latter.
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", _COPY_AGAIN) from error
    record["style_tensors"] = tuple(record["style_tensors"])
    bundle = Bundle(folder=folder, **record)
    for name, expected in bundle.files.items():
        _verify_file(folder, name, expected, spare=not bundle.family.shares_weights)
    return bundle


def _check_format(path: Path, value: Any) -> None:
    """First of all: of a newer format nothing else can be expected to fit."""
    if type(value) is not int or value < 1:
        raise ValueError(f"format must be a whole number from 1, not {value!r}")
    if value > FORMAT:
        raise ModelError(
            f"{path} has format {value}; this mangacolor reads up to {FORMAT}.",
            "Update mangacolor, or export the model again with this version.",
        )


def _check_record(record: dict[str, Any]) -> None:
    """Raises ValueError, which names the key, for what `Bundle` does not have or cannot mean."""
    fields = {field.name: field for field in dataclasses.fields(Bundle) if field.name != "folder"}
    # Within a format, a key that is not of it is a slip of the pen whose effect would be missed.
    if unknown := sorted(set(record) - set(fields)):
        raise ValueError(f"it has a key {unknown[0]!r} that format {FORMAT} does not know")
    for name, field in fields.items():
        if name not in record and field.default is field.default_factory is dataclasses.MISSING:
            raise ValueError(f"it has no key {name!r}")
    for name, (least, most) in SIZES.items():
        value = record[name]
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} must be a whole number in {least} ... {most}, not {value!r}")
    if record["style"] not in get_args(Style):
        raise ValueError(f"style must be one of {get_args(Style)}, not {record['style']!r}")
    if record.get("precision", "fp32") not in get_args(Precision):
        raise ValueError(
            f"precision must be one of {get_args(Precision)}, not {record['precision']!r}"
        )
    for names, kind, words in (
        (("licence", "credits"), str, "text"),
        (("architecture", "training", "files"), dict, "an object"),
    ):
        for name in names:
            if not isinstance(record.get(name, kind()), kind):
                raise ValueError(f"{name} must be {words}, not {record[name]!r}")
    _check_tensors(record["style_tensors"])
    _check_files(record["files"], family_of(record["style"]).graphs)


def _check_tensors(names: Any) -> None:
    if (
        not isinstance(names, list)
        or not names
        or not all(isinstance(name, str) and name for name in names)
        or len({*names, "lineart"}) != len(names) + 1
    ):
        raise ValueError(
            f"style_tensors must be a list of different names other than lineart, not {names!r}"
        )


def _check_files(files: dict[str, Any], graphs: tuple[str, ...]) -> None:
    for name, expected in files.items():
        if not _PLAIN_NAME.fullmatch(name):
            raise ValueError(f"files names {name!r}, which is not a plain file name")
        if not isinstance(expected, str) or not _SHA256.fullmatch(expected):
            raise ValueError(f"files gives {expected!r} for {name}, which is no SHA-256")
    for name in graphs:
        if name not in files:
            raise ValueError(f"files does not name {name}")


def _verify_file(folder: Path, name: str, expected: str, *, spare: bool) -> None:
    path = folder / name
    if not path.is_file():
        # A link to nowhere and a folder of that name are not "left out".
        if spare and name == WEIGHTS_FILE and not path.is_symlink() and not path.exists():
            return
        raise ModelError(f"{path} is missing.", _COPY_AGAIN)
    _check_inside(folder, path)
    try:
        found = sha256_of(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", _COPY_AGAIN) from error
    if found != expected:
        raise ModelError(
            f"{path} is not the file that was exported: its SHA-256 differs.", _COPY_AGAIN
        )


def _check_inside(folder: Path, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(
            f"{path} is a link that leads out of the bundle.", "Put the file itself in its place."
        )
