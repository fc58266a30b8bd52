"""`mangacolor batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangacolor.bundle import default_bundle
from mangacolor.cli.console import BatchDisplay, EventLines, say, show_error
from mangacolor.cli.options import (
    DeviceOption,
    FlatsOption,
    MemoryOption,
    ModelOption,
    QualityOption,
    RecolorOption,
    ReferenceOption,
    SaturationOption,
    SizeOption,
    StrengthOption,
    TonesOption,
)
from mangacolor.config import BatchConfig
from mangacolor.errors import INTERRUPTED, MangacolorError, SomePagesFailedError

__all__ = ["batch"]

DEFAULTS = BatchConfig()


def batch(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder of pages, or a CBZ or ZIP.")],
    ref: ReferenceOption,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the coloured chapter goes; beside PATH if left out."),
    ] = None,
    model: ModelOption = None,
    size: SizeOption = DEFAULTS.size,
    device: DeviceOption = DEFAULTS.device,
    memory: MemoryOption = DEFAULTS.memory,
    quality: QualityOption = DEFAULTS.quality,
    strength: StrengthOption = DEFAULTS.strength,
    saturation: SaturationOption = DEFAULTS.saturation,
    tones: TonesOption = DEFAULTS.tones,
    flats: FlatsOption = DEFAULTS.flats,
    recolor: RecolorOption = DEFAULTS.recolor,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Colour again what is done already.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Colour at most N pages now.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be coloured, and write nothing.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="HTML", help="Write a page with every page before and after."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines, for other programs.")
    ] = False,
) -> None:
    """Colour a chapter. Run it again to go on where it stopped."""
    from mangacolor.batch.run import color_chapter

    display: BatchDisplay | EventLines = EventLines() if json else BatchDisplay()
    try:
        with display:
            summary = color_chapter(
                path,
                ref,
                model or default_bundle(),
                BatchConfig(
                    size=size,
                    device=device,
                    memory=memory,
                    quality=quality,
                    strength=strength,
                    saturation=saturation,
                    tones=tones,
                    flats=flats,
                    recolor=recolor,
                ),
                out=out,
                overwrite=overwrite,
                limit=limit,
                dry_run=dry_run,
                gallery=report,
                report=display.show,
            )
    except KeyboardInterrupt:
        show_error("Interrupted.", "Run the same command again to go on where it stopped.")
        raise typer.Exit(INTERRUPTED) from None
    except MangacolorError as error:
        display.fail(error)
        raise
    display.close(summary)
    if report is not None and not json and not dry_run:
        say(f"Report: {report}")
    if summary.failed:
        reasons = "".join(
            f"\n  {reason}" if name in reason else f"\n  {name}: {reason}"
            for name, reason in summary.failed.items()
        )
        raise SomePagesFailedError(
            f"{len(summary.failed)} of the pages could not be coloured:{reasons}",
            "Mend or remove them and run the same command again; the others are done.",
        )
