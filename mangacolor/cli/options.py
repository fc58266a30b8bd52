"""Options that more than one command takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangacolor.bundle import WEIGHTS_FILE, default_bundle, read_bundle
from mangacolor.checks import bounds_of
from mangacolor.config import BatchConfig, Format, Layers, Runtime, Tones
from mangacolor.errors import ModelError

__all__ = [
    "DeviceOption",
    "DpiOption",
    "FlatsOption",
    "FormatOption",
    "LayersOption",
    "MemoryOption",
    "ModelOption",
    "QualityOption",
    "RecolorOption",
    "ReferenceOption",
    "SaturationOption",
    "SizeOption",
    "StrengthOption",
    "TonesOption",
    "find_weights",
]

_BOUNDED = ("size", "memory", "quality", "strength", "saturation", "dpi")
_LEAST, _MOST = ({name: bounds_of(BatchConfig, name)[i] for name in _BOUNDED} for i in (0, 1))

DeviceOption = Annotated[
    Runtime,
    typer.Option("--device", help="auto takes a GPU if it works, and says what it took."),
]
MemoryOption = Annotated[
    float | None,
    typer.Option(
        "--memory",
        min=_LEAST["memory"],
        metavar="GIB",
        help="Most memory to take on a CUDA device.",
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="An exported model; the shipped one if left out."),
]
ReferenceOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--ref",
        metavar="PICTURE",
        help="A colour picture of the same characters; repeatable. Left out: cover.* and ref/"
        " beside the pages.",
    ),
]
SizeOption = Annotated[
    int | None,
    typer.Option(
        "--size",
        min=_LEAST["size"],
        max=_MOST["size"],
        metavar="N",
        help="Longer side at which a painter works (--no-flats); pages keep their own size.",
    ),
]
QualityOption = Annotated[
    int,
    typer.Option(
        "--quality", min=_LEAST["quality"], max=_MOST["quality"], help="Of JPEG and WebP pages."
    ),
]

StrengthOption = Annotated[
    float,
    typer.Option(
        "--strength",
        min=_LEAST["strength"],
        max=_MOST["strength"],
        help="How much colour is laid on: 0 is none, 1 as predicted.",
    ),
]
SaturationOption = Annotated[
    float,
    typer.Option(
        "--saturation",
        min=_LEAST["saturation"],
        max=_MOST["saturation"],
        help="How vivid colours are, 1 as predicted.",
    ),
]
TonesOption = Annotated[
    Tones,
    typer.Option("--tones", help="smooth turns dots of screentone into flat shade under the ink."),
]
FlatsOption = Annotated[
    bool,
    typer.Option(
        "--flats/--no-flats",
        help="One colour for each area that ink closes, or colours that run into each other.",
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="Write all pages so; keep leaves each its own."),
]
LayersOption = Annotated[
    Layers,
    typer.Option(
        "--layers",
        help="Beside each page a file with layers: ora for Krita and GIMP, psd for Photoshop.",
    ),
]
DpiOption = Annotated[
    int,
    typer.Option(
        "--dpi",
        min=_LEAST["dpi"],
        max=_MOST["dpi"],
        help="At which pages of a PDF are drawn that are no picture.",
    ),
]
RecolorOption = Annotated[
    bool,
    typer.Option("--recolor", help="Colour pages that are in colour already, too."),
]


def find_weights(model: str) -> Path:
    """The file with the weights of `default` (the shipped model), a checkpoint, or a bundle.

    Raises:
        ModelError: a folder that is not a bundle, or one that was copied without its weights.
    """
    path = default_bundle() if model == "default" else Path(model)
    if not path.is_dir():
        return path
    bundle = read_bundle(path)
    weights = bundle.folder / WEIGHTS_FILE
    # A file that the bundle does not name was not verified, and may be anything.
    if WEIGHTS_FILE not in bundle.files or not weights.exists():
        raise ModelError(
            f"{path} can colour, but not be trained further: it has no {WEIGHTS_FILE} of its own.",
            "Copy the whole bundle, export it again, or name a checkpoint.",
        )
    return weights
