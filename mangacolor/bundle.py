"""The exported model: a folder with two ONNX graphs and `bundle.json`.

`style.onnx`  references (n, r, 3, h, w) -> the tensors named in `style_tensors`, each (n, ...).
              float32 sRGB in [-1, 1]; n works at a time, r references each; h and w are multiples
              of `reference_multiple`.
`color.onnx`  lineart (n, 1, h, w), then the style tensors -> color (n, 3, h, w).
              float32, -1 ink ... +1 paper; h and w are multiples of `size_multiple` and at least
              `minimum_size`.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from mangacolor.errors import ModelError
from mangacolor.files import atomic_write, sha256_of

__all__ = [
    "BUNDLE_FILE",
    "COLOR_FILE",
    "FORMAT",
    "PARITY_FILE",
    "STYLE_FILE",
    "WEIGHTS_FILE",
    "Bundle",
    "default_bundle",
    "format_of",
    "read_bundle",
    "write_bundle",
]

# 2 adds `precision`. Float32 bundles are still written as format 1, without it: a reader of format
# 1 refuses what it does not know.
FORMAT = 2
BUNDLE_FILE = "bundle.json"
STYLE_FILE = "style.onnx"
COLOR_FILE = "color.onnx"
# The same weights for torch, in half precision: what fine-tuning and evaluation start from.
WEIGHTS_FILE = "weights.safetensors"
# How near the graphs are to torch, and to float32 if they are of a lower precision.
PARITY_FILE = "parity.json"


@dataclasses.dataclass(frozen=True)
class Bundle:
    """What `bundle.json` says.

    Attributes:
        folder: where the files lie.
        style: kind of style, `code`, `levels` or `attention`.
        style_tensors: names of the tensors that go from the style graph to the colour graph.
        size_multiple: height and width of the line art must be multiples of this.
        minimum_size: smallest height or width of the line art.
        page_size: longer side at which a page is coloured unless the user says otherwise.
        reference_size: longer side to which a reference is scaled.
        reference_multiple: height and width of a reference must be multiples of this.
        files: SHA-256 of each file, by name.
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


def default_bundle() -> Path:
    """Folder of the model that comes with the package."""
    return Path(__file__).parent / "models" / "default"


def format_of(precision: str) -> int:
    """The lowest format that can say this precision, so that older versions open what they can."""
    return 1 if precision == "fp32" else FORMAT


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

    Raises:
        ModelError: not a bundle, a newer format, a file missing or not the one that was exported.
    """
    path = folder / BUNDLE_FILE
    if not path.is_file():
        raise ModelError(
            f"{folder} is not an exported model: it has no {BUNDLE_FILE}.",
            "Make one with `mangacolor export CHECKPOINT OUT`, or leave --model out.",
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError("it is not a JSON object")
        if int(record["format"]) > FORMAT:
            raise ModelError(
                f"{path} has format {record['format']}; this mangacolor reads up to {FORMAT}.",
                "Update mangacolor, or export the model again with this version.",
            )
        record["style_tensors"] = tuple(record["style_tensors"])
        bundle = Bundle(folder=folder, **record)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", "Export the model again.") from error
    _verify_files(bundle)
    return bundle


def _verify_files(bundle: Bundle) -> None:
    for name in (STYLE_FILE, COLOR_FILE):
        path = bundle.folder / name
        if not path.is_file():
            raise ModelError(f"{path} is missing.", "Copy the whole bundle, or export it again.")
        if sha256_of(path) != bundle.files.get(name):
            raise ModelError(
                f"{path} is not the file that was exported: its SHA-256 differs.",
                "Copy the bundle again, or export it again.",
            )
