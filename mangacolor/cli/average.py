"""`mangacolor average`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from mangacolor.cli.console import say
from mangacolor.cli.options import find_weights
from mangacolor.cli.training import require_torch
from mangacolor.errors import UsageError
from mangacolor.files import check_writable

__all__ = ["average"]


def average(
    model: Annotated[
        str, typer.Argument(help="What a run made: a checkpoint, or a bundle's folder.")
    ],
    other: Annotated[
        str, typer.Argument(help="What that run began from: `default`, a checkpoint or a bundle.")
    ],
    out: Annotated[Path, typer.Argument(help="Checkpoint to write, a .safetensors file.")],
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="How much of OTHER is in it.")
    ] = 0.25,
    overwrite: Annotated[bool, typer.Option(help="Replace OUT if it is there already.")] = False,
) -> None:
    """Average a model with the one that its training began from.

    The average often keeps what training gained and has back what it forgot. It is a checkpoint:
    `eval` judges it, `export` makes a model for `batch` of it.
    """
    require_torch()
    from mangacolor.nets.average import average as mix
    from mangacolor.nets.checkpoint import save_checkpoint

    if out.suffix != ".safetensors":
        raise UsageError(f"{out} is no name of a checkpoint.", "Name a .safetensors file.")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} is there already.", "Give another name, or --overwrite.")
    check_writable(out, "OUT")
    mixed = mix(find_weights(model), find_weights(other), share)
    save_checkpoint(out, mixed)
    say(f"{out}: {1 - share:.0%} {model}, {share:.0%} {other}")
    say(f"Next: mangacolor export {shlex.quote(str(out))} my-model")
