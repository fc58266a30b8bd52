"""Options that more than one command takes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mangacolor.bundle import WEIGHTS_FILE, default_bundle, read_bundle
from mangacolor.checks import bounds_of
from mangacolor.config import BatchConfig, Runtime
from mangacolor.errors import ModelError, UsageError

if TYPE_CHECKING:
    from mangacolor.batch.cast import Cast
    from mangacolor.batch.events import Listener

__all__ = [
    "CastOption",
    "DeviceOption",
    "LearnOption",
    "ModelOption",
    "ReferenceOption",
    "SetOption",
    "StrokesOption",
    "find_cast",
    "find_weights",
    "option_of",
]


def option_of(name: str) -> Any:
    """The option that a field of `BatchConfig` is, as the field says; for Typer."""
    (field,) = [field for field in dataclasses.fields(BatchConfig) if field.name == name]
    least, most = bounds_of(BatchConfig, name)
    flag = f"--{name}/--no-{name}" if field.default is True else f"--{name}"
    told = field.metadata
    return typer.Option(flag, min=least, max=most, metavar=told["shows"], help=told["help"])


DeviceOption = Annotated[Runtime, option_of("device")]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", metavar="DIR", help="An exported model; the shipped one if left out."),
]
StrokesOption = Annotated[
    Path | None,
    typer.Option(
        # The second is its older name, for commands that were written down.
        "--strokes",
        "--hints",
        metavar="DIR",
        help="Folder with strokes of colour: transparent PNGs named as their pages.",
    ),
]
CastOption = Annotated[
    Path | None,
    typer.Option(
        "--cast", metavar="JSON", help="A file of `mangacolor cast` with colours to change."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=#rrggbb", help="Another colour for one of the cast; repeatable."
    ),
]
LearnOption = Annotated[
    bool,
    typer.Option(
        "--learn/--no-learn",
        help="Take pages of the output that you changed as references; they are kept anyway.",
    ),
]
ReferenceOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--ref",
        metavar="PICTURE",
        help="A colour picture of the same characters; repeatable. Left out: cover.* and ref/"
        " beside the pages, or what a fine-tuned model remembers.",
    ),
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


def find_cast(path: Path | None, wishes: list[str], tell: Listener) -> Cast | None:
    """The cast of --cast, with the colours of --set.

    Raises:
        InputError: it cannot be read; UsageError: wishes without a cast, or for what it has not.
    """
    if path is None:
        if wishes:
            raise UsageError(
                "--set changes a colour of a cast, and there is none.",
                "Make one with `mangacolor cast` and name it with --cast.",
            )
        return None
    from mangacolor.batch.cast_file import read_cast

    return read_cast(path, tell).with_set(wishes)
