"""`mangacolor doctor`."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mangacolor.bundle import default_bundle
from mangacolor.cli.console import console, say, show_check
from mangacolor.cli.options import DeviceOption, ModelOption
from mangacolor.config import BatchConfig

if TYPE_CHECKING:
    from mangacolor.batch.events import Summary

__all__ = ["doctor"]


def doctor(
    device: DeviceOption = "auto",
    model: ModelOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a list.")
    ] = False,
) -> None:
    """See whether colouring works on this machine, by doing it.

    Exit code 0: a page was coloured on the device asked for. 4: the model cannot be used.
    5: a package or that device is not there. --json: asked, device (where it ran, or null), ok,
    exit_code, and checks, each with name, state (ok, problem, not there), detail, hint, facts.
    """
    from mangacolor.doctor.examine import examine

    folder = model or default_bundle()
    if json:
        found = examine(device, folder, _color_chapter)
        # Not `say`: what a program reads is ASCII, whatever the terminal's encoding.
        console.out(dumps(found.record()), highlight=False)
    else:
        found = examine(device, folder, _color_chapter, show_check)
    if found.error is not None:
        raise found.error
    if not json:
        say(f"Colouring works, on {found.device}.")


def _color_chapter(
    pages: Path, cover: Path, model: Path, config: BatchConfig, out: Path
) -> Summary:
    # Imported when it is called: what it needs may be what is missing.
    from mangacolor.batch.request import Request
    from mangacolor.batch.run import color_chapter

    return color_chapter(Request(pages, [cover], config, out=out), model)
