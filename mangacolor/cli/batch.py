"""`mangacolor batch`."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from mangacolor.cli.coloring import with_coloring
from mangacolor.cli.console import nobody_else, say, show_error
from mangacolor.cli.event_lines import EventLines
from mangacolor.cli.options import (
    CastOption,
    LearnOption,
    ModelOption,
    ReferenceOption,
    SetOption,
    StrokesOption,
    find_cast,
)
from mangacolor.cli.progress import BatchDisplay
from mangacolor.config import BatchConfig
from mangacolor.errors import (
    INTERRUPTED,
    BusyError,
    InputError,
    SomePagesFailedError,
    StorageError,
    UsageError,
)

if TYPE_CHECKING:
    from mangacolor.batch.events import Library, Listener, Summary
    from mangacolor.batch.model import Model
    from mangacolor.batch.request import Request

__all__ = ["batch"]

DEFAULTS = BatchConfig()
# Seconds until a watch tries again what failed.
_AGAIN = 60.0


@with_coloring
def batch(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Folders of pages, CBZ, ZIP or PDF, or folders of such."
        ),
    ],
    ref: ReferenceOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the coloured chapters go; beside each PATH if left out."),
    ] = None,
    model: ModelOption = None,
    config: BatchConfig = DEFAULTS,
    strokes: StrokesOption = None,
    cast: CastOption = None,
    set_: SetOption = None,
    acts: Annotated[
        Path | None,
        typer.Option(
            metavar="JSONL",
            help="What was done in `mangacolor review`; left out: review.jsonl of the output.",
        ),
    ] = None,
    follow_acts: Annotated[
        bool,
        typer.Option("--follow-acts/--no-acts", help="Do as that says."),
    ] = True,
    learn: LearnOption = True,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Colour again what is done already.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Colour at most N pages now.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be coloured, and write nothing.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until Ctrl-C: colour pages as they come.")
    ] = False,
    ray: Annotated[
        bool,
        typer.Option("--ray", help="Colour several chapters side by side, as tasks of Ray."),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="HTML", help="Write a page with every page before and after."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print events as JSON lines, for other programs.")
    ] = False,
) -> None:
    """Colour a chapter, or several. Run it again to go on where it stopped."""
    if json:
        EventLines.open = EventLines()
    from mangacolor.batch.events import Summary
    from mangacolor.batch.model import Model
    from mangacolor.batch.request import Request
    from mangacolor.bundle import default_bundle

    if watch and ray:
        raise UsageError("--watch does not go with --ray.", "Leave one out.")
    if watch and len(paths) > 1:
        raise UsageError("--watch takes one folder.", "Name one PATH, or leave --watch out.")
    if watch and (dry_run or limit is not None or overwrite):
        raise UsageError(
            "--watch goes with neither --dry-run nor --limit nor --overwrite.", "Leave one out."
        )
    chosen = Model(model or default_bundle(), config.device, config.memory)
    if acts is not None and not acts.is_file():
        raise UsageError(f"{acts} is no file.", "Give --acts a file of `mangacolor review`.")
    request = Request(
        paths[0],
        ref or [],
        config,
        out=out,
        overwrite=overwrite,
        limit=limit,
        dry_run=dry_run,
        report=report,
        strokes=strokes,
        cast=find_cast(cast, set_ or [], (EventLines.open or BatchDisplay()).show),
        learn=learn,
        acts=acts,
        follow_acts=follow_acts,
    )
    _check_paths(paths, request.references)
    try:
        if watch:
            _check_before_watching(request)
            _watch(request, chosen)
        outcome = _show(functools.partial(_color_all, paths, request, chosen, ray))
    except KeyboardInterrupt:
        show_error("Interrupted.", "Run the same command again to go on where it stopped.")
        raise typer.Exit(INTERRUPTED) from None
    if report is not None and not json and not dry_run:
        first = report.with_name(f"{report.stem}-001{report.suffix}")
        say(f"Report: {report}" if isinstance(outcome, Summary) else f"Reports: {first}, ...")
    if outcome.failed:
        raise _failure(outcome)


def _check_paths(paths: list[Path], references: Sequence[Path]) -> None:
    """Finds the pictures that a shell made of `--ref refs/*.png`: only the first is a reference.

    Raises:
        UsageError: one of the PATHs is a picture.
    """
    from mangacolor.names import is_picture

    pictures = [path for path in paths if is_picture(path.name) and path.is_file()]
    if pictures and references and len(paths) > 1:
        raise UsageError(
            f"{pictures[0]} is one picture, and no chapter.",
            "Every reference has a --ref of its own, as --ref a.png --ref b.png; or name their"
            " folder with --ref.",
        )


def _color_all(
    paths: list[Path], request: Request, model: Model, ray: bool, tell: Listener
) -> Summary | Library:
    """Colours one chapter, or several of them."""
    from mangacolor.batch.cluster import color_on_ray
    from mangacolor.batch.events import Notice
    from mangacolor.batch.library import color_library
    from mangacolor.chapter.chapters import find_chapters

    chapters = find_chapters(paths, request.out)
    for notice in chapters.notices:
        tell(Notice(notice))
    found = chapters.found
    if len(paths) == 1 and [chapter.source for chapter in found] == paths:
        return _color_one(request, model, tell)
    if not ray:
        return color_library(found, request, model, tell)
    with nobody_else():
        return color_on_ray(found, request, model.folder, tell)


def _color_one(request: Request, model: Model, tell: Listener) -> Summary:
    from mangacolor.batch.request import with_found
    from mangacolor.batch.run import color_chapter

    return color_chapter(with_found(request, tell, needed=not model.remembers), model, tell)


def _show(
    work: Callable[[Listener], Summary | Library], *, quiet: bool = False
) -> Summary | Library:
    """Does the work, and shows it; `quiet` leaves out the closing lines where nothing was done."""
    display: BatchDisplay | EventLines = EventLines.open or BatchDisplay()
    with display:
        outcome = work(display.show)
    if not quiet or outcome.colored or outcome.copied or outcome.failed:
        display.close(outcome)
    return outcome


def _check_before_watching(request: Request) -> None:
    """Finds what is wrong with anything but the pages: that does not mend itself by waiting."""
    from mangacolor.batch.references import read_references
    from mangacolor.chapter.journal import is_our_output
    from mangacolor.chapter.outputs import output_of
    from mangacolor.targets import check_page

    path = request.source
    output_of(path, request.out)
    if is_our_output(path):
        raise InputError(f"{path} was made by mangacolor.", "Watch the folder that it was made of.")
    if request.references:
        read_references(request.references, lambda event: None)
    if request.report is not None:
        check_page(request.report, "--report", request.references)


def _watch(request: Request, model: Model) -> NoReturn:
    """Colours the chapter again whenever pages have come, until it is interrupted.

    Whatever name appears, it goes on: what the pages of one moment cannot be coloured for is told.
    """
    from mangacolor.chapter.watch import settled

    def tell(words: str) -> None:
        say(words, error=True)

    path, work = request.source, functools.partial(_color_one, request, model)
    tell(f"Watching {path}; Ctrl-C ends it.")
    # After a failure, as of a share that was away, it is tried again even if nothing has changed.
    again: list[float] = []
    for _ in settled(path, is_due=lambda: bool(again) and again[-1] < time.monotonic(), tell=tell):
        again.clear()
        try:
            summary = _show(work, quiet=True)
        except (InputError, UsageError, StorageError, BusyError) as error:
            show_error(error.message, error.hint)
            if EventLines.open is not None:
                EventLines.open.fail(error.message, error.hint, error.exit_code)
            again.append(time.monotonic() + _AGAIN)
            continue
        except OSError as error:
            # A share that goes away may fail anywhere.
            show_error(f"{error.filename or path}: {error.strerror or error}.", "")
            again.append(time.monotonic() + _AGAIN)
            continue
        if summary.failed:
            failure = _failure(summary)
            show_error(failure.message, failure.hint)
    raise AssertionError("`settled` never ends")


def _failure(outcome: Summary | Library) -> SomePagesFailedError:
    from mangacolor.batch.events import Library
    from mangacolor.batch.failures import hint_of

    several = isinstance(outcome, Library)
    reasons = "".join(
        f"\n  {reason}" if name in reason and not several else f"\n  {name}: {reason}"
        for name, reason in outcome.failed.items()
    )
    what = "pages and chapters" if several else "pages"
    failure = SomePagesFailedError(
        f"{len(outcome.failed)} of the {what} could not be coloured:{reasons}",
        hint_of(set(outcome.causes)),
    )
    if isinstance(outcome, Library) and not outcome.chapters:
        # Nothing at all was done: the code is that of the first chapter alone.
        failure.exit_code = next(iter(outcome.refused.values())).exit_code
    return failure
