"""`mangacolor review`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mangacolor.cli.coloring import with_coloring
from mangacolor.cli.console import console, nobody_else, say, show_error
from mangacolor.cli.options import (
    CastOption,
    LearnOption,
    ModelOption,
    ReferenceOption,
    SetOption,
    StrokesOption,
    find_cast,
)
from mangacolor.config import BatchConfig
from mangacolor.errors import SomePagesFailedError

__all__ = ["review"]

DEFAULTS = BatchConfig()


@with_coloring
def review(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder of pages, a CBZ, ZIP or PDF.")
    ],
    ref: ReferenceOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the coloured chapter goes; beside PATH if left out."),
    ] = None,
    model: ModelOption = None,
    config: BatchConfig = DEFAULTS,
    strokes: StrokesOption = None,
    cast: CastOption = None,
    set_: SetOption = None,
    learn: LearnOption = True,
    acts: Annotated[
        Path | None,
        typer.Option(metavar="JSONL", help="Where acts are kept; left out: in the output."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the page is served; 0: any that is free.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    let_others_in: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Listen at this address of the machine: whoever is told the page's address can"
            " see and change the chapter.",
        ),
    ] = None,
) -> None:
    """Put a chapter right in the browser: click an area, say what it is, and its like follow."""
    from mangacolor.batch.events import Event, Notice
    from mangacolor.batch.model import Model
    from mangacolor.batch.request import Request, with_found
    from mangacolor.bundle import default_bundle
    from mangacolor.review.serve import LOOPBACK, check_packages, open_desk, serve

    def tell(event: Event) -> None:
        if isinstance(event, Notice):
            say(f"{event.text}.")

    check_packages()
    chosen = Model(model or default_bundle(), config.device, config.memory)
    request = Request(
        path,
        ref or [],
        config,
        out=out,
        strokes=strokes,
        cast=find_cast(cast, set_ or [], tell),
        learn=learn,
        acts=acts,
        acts_needed=False,
    )

    def ready(url: str) -> None:
        say(f"Review: {url}")
        say("Ctrl-C ends it; everything that you did is kept.")
        # Whoever reads it through a pipe waits for it.
        console.file.flush()

    request = with_found(request, tell, needed=not chosen.remembers)
    # The device is opened behind, with its own way to keep packages from printing.
    with nobody_else(), open_desk(request, chosen, tell) as desk:
        serve(desk, ready, port=port, address=let_others_in or LOOPBACK, browser=browser, tell=tell)
        error = desk.error
    if error is not None:
        raise error
    if desk.pending:
        show_error(
            f"{len(desk.pending)} pages are not yet as you said.",
            "`mangacolor batch`, or `review`, with the same options does them.",
        )
    if desk.failed:
        reasons = "".join(f"\n  {name}: {reason}" for name, reason in desk.failed.items())
        raise SomePagesFailedError(
            f"{len(desk.failed)} of the pages could not be coloured:{reasons}",
            "Mend or remove what cannot be read.",
        )
    if not desk.pending:
        say(f"All pages are done: {desk.opened.plan.output}")
