"""`mangacolor export`."""

from __future__ import annotations

import contextlib
import shlex
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from mangacolor.bundle import SIZES
from mangacolor.cli.console import console, say, show_error
from mangacolor.cli.options import find_weights
from mangacolor.cli.training import require_torch
from mangacolor.config import ExportConfig, Precision
from mangacolor.errors import INTERRUPTED
from mangacolor.files import check_writable

__all__ = ["export"]

DEFAULTS = ExportConfig()


@contextlib.contextmanager
def _interrupt_kept() -> Iterator[None]:
    """Ctrl-C stays one: torch's exporter swallows it, or makes an error of its own of it."""
    pressed = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        pressed.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    except Exception:
        if pressed.is_set():
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed.is_set():
        raise KeyboardInterrupt


def export(
    model: Annotated[
        str, typer.Argument(help="`default` (the shipped model), a checkpoint, or a bundle.")
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write, for `batch --model`.")],
    page_size: Annotated[
        int,
        typer.Option(
            min=64,
            max=SIZES["page_size"][1],
            help="Longer side at which pages are coloured by default.",
        ),
    ] = DEFAULTS.page_size,
    reference_size: Annotated[
        int,
        typer.Option(
            min=64,
            max=SIZES["reference_size"][1],
            help="Longer side to which references are scaled.",
        ),
    ] = DEFAULTS.reference_size,
    vividness: Annotated[
        float,
        typer.Option(min=0.1, max=10.0, help="Above 1: the colour copy mixes fewer colours."),
    ] = DEFAULTS.vividness,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Largest difference from torch that is accepted.")
    ] = DEFAULTS.tolerance,
    precision: Annotated[
        Precision, typer.Option(help="Of the graphs; int8 needs --calibrate.")
    ] = DEFAULTS.precision,
    calibrate: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Pages, colour or not, for int8; or a CBZ."),
    ] = None,
    figures: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="JSON", help="A file of `mangacolor eval --json`; recorded; repeatable."
        ),
    ] = None,
    licence: Annotated[str, typer.Option(help="Of the weights; recorded in the bundle.")] = "",
    credits: Annotated[str, typer.Option(help="Of the training pictures; recorded too.")] = "",
) -> None:
    """Export a checkpoint to ONNX, and prove that it is the same model."""
    require_torch()
    from mangacolor.data.sources import as_folder
    from mangacolor.export.onnx import export as write

    config = ExportConfig(
        page_size, reference_size, vividness, tolerance, licence, credits, precision
    )
    checkpoint = find_weights(model)
    pages = None if calibrate is None else as_folder(calibrate)
    check_writable(out / "bundle.json", "OUT")
    try:
        with (
            console.status("Exporting both graphs; this takes about a minute ..."),
            _interrupt_kept(),
        ):
            bundle, parity = write(checkpoint, out, config, pages, figures or ())
    except KeyboardInterrupt:
        show_error("Interrupted.", "Run the same command again.")
        raise typer.Exit(INTERRUPTED) from None
    for name, difference in parity.differences.items():
        say(f"{name}: differs from torch by at most {difference:.1e}")
    if parity.cost is not None:
        for name, psnr in parity.cost.psnr.items():
            say(f"{name}: {precision} has {psnr:.1f} dB against fp32")
    size = sum(path.stat().st_size for path in bundle.folder.iterdir()) / 2**20
    say(f"{out}: {size:.1f} MiB, style {bundle.style}, {bundle.precision}")
    # What remembers pages needs none.
    after = "" if bundle.remembered_path else " --ref COVER"
    say(f"Next: mangacolor batch CHAPTER{after} --model {shlex.quote(str(out))}")
