"""A chapter from the command line's words to files in place."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mangacolor.batch.events import Listener, Notice, Planned, Ready, Summary, nobody
from mangacolor.batch.failures import storage_error
from mangacolor.batch.job import METHOD
from mangacolor.batch.model import Model
from mangacolor.batch.opened import Opened, open_chapter
from mangacolor.batch.references import pictures_kept
from mangacolor.batch.request import Request
from mangacolor.chapter.assemble import assemble
from mangacolor.chapter.plan import Plan, targets_of
from mangacolor.chapter.work import clear_leftovers, tidy
from mangacolor.targets import check_page, refuse_inputs

if TYPE_CHECKING:
    from mangacolor.batch.why import Reasons
    from mangacolor.runtime.engine import Engine

__all__ = ["METHOD", "assemble_chapter", "color_chapter"]


@pictures_kept()
def color_chapter(request: Request, model: Path | Model, tell: Listener = nobody) -> Summary:
    """Colours a folder of pages, or a CBZ, ZIP or PDF.

    Pages that a run before this one finished, with the same references, model and settings, are
    left as they are. Pages that fail are in the summary and the rest is done. Interrupted or
    killed at any moment, every file in place is whole and the next run goes on.

    Args:
        request: what is asked for.
        model: an exported bundle's folder, or one that is open already.
        tell: called in this thread: `Ready`, then `Done` or `Failed` for each page, in order.

    Raises:
        BusyError: another run is at work on the output.
        InputError, UsageError, ModelError, SetupError: before any page is touched, InputError also
            if no reference has any colour; ModelError
            also if not one page could be coloured because of the model; StorageError if the disk
            is full or fails, with what was done in place.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    config, limit = request.config, request.limit
    if request.report is not None:
        check_page(request.report, "--report", request.references)
    if not isinstance(model, Model):
        model = Model(model, config.device, config.memory)
    with open_chapter(request, model, tell) as opened:
        plan = opened.plan
        if request.dry_run:
            return _foretell(plan, limit, tell)
        refuse_inputs(targets_of(plan), request.read, "--out")
        opened.check_room()
        left = plan.todo[limit:] if limit is not None else ()
        opened = dataclasses.replace(opened, plan=dataclasses.replace(plan, todo=plan.todo[:limit]))
        if request.report is None:
            summary, _ = _carry_out(opened, tell)
            return dataclasses.replace(summary, left=len(left))
        from mangacolor.batch.report import show_chapter
        from mangacolor.batch.why import Reasons

        with _scratch(request.report) as name:
            reasons = Reasons(Path(name), opened.pictures)
            summary, done = _carry_out(opened, tell, reasons)
            show_chapter(
                request.report, opened.plan, summary, done, model.bundle, reasons, request.title
            )
        return dataclasses.replace(summary, left=len(left))


def _scratch(report: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder for as long as the run lasts, beside the report if there is none for such."""
    try:
        return tempfile.TemporaryDirectory(prefix="mangacolor-", ignore_cleanup_errors=True)
    except OSError:
        return tempfile.TemporaryDirectory(
            prefix=".mangacolor-", ignore_cleanup_errors=True, dir=report.absolute().parent
        )


def _foretell(plan: Plan, limit: int | None, tell: Listener) -> Summary:
    """Tells what a run would do, and does nothing."""
    tell(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
    for task in plan.todo[:limit]:
        tell(Planned(task.name))
    return Summary(0, len(plan.done), {}, 0.0, plan.output, "", left=len(plan.todo))


def _carry_out(
    opened: Opened, tell: Listener, reasons: Reasons | None = None
) -> tuple[Summary, dict[str, str]]:
    """What was done, and the fingerprints of all pages that are done by now."""
    plan = opened.plan
    clear_leftovers(plan)
    if not plan.todo:
        tell(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
        assemble_chapter(plan, {}, tell)
        return Summary(0, len(plan.done), {}, 0.0, plan.output, ""), plan.done
    with opened.model.engine() as engine:
        return _color(opened, engine, tell, reasons)


def _color(
    opened: Opened, engine: Engine, tell: Listener, reasons: Reasons | None = None
) -> tuple[Summary, dict[str, str]]:
    """What `_carry_out` gives, where there is something to colour."""
    # Where there is nothing to do, nobody waits for what colours.
    from mangacolor.batch.started import open_pipeline, warm_up

    plan = opened.plan
    with open_pipeline(opened, engine, tell, reasons) as (colorist, pipeline):
        warm_up(colorist, plan.todo)
        tell(Ready(len(plan.tasks), len(plan.done), plan.output, engine.device, engine.note))
        start = time.monotonic()
        pipeline.run(plan.todo)
    done = pipeline.done
    if pipeline.disk_error is not None:
        raise storage_error(plan, len(done) + len(plan.done), pipeline.disk_error)
    if not done and not plan.done:
        tidy(plan)
        if colorist.model_error is not None:
            raise colorist.model_error
    else:
        # Those that are not done again, for a limit or a failure, are still what they were.
        small = {name: mark for name, (_, mark) in opened.small.items()}
        assemble_chapter(plan, {**small, **done}, tell)
    seconds = time.monotonic() - start
    summary = Summary(
        len(done) - pipeline.copied - len(pipeline.stayed),
        len(plan.done) + len(pipeline.stayed),
        pipeline.failed,
        seconds,
        plan.output,
        engine.device,
        pipeline.copied,
        causes=frozenset(pipeline.causes),
    )
    return summary, {**plan.done, **done}


def assemble_chapter(plan: Plan, done: dict[str, str], tell: Listener) -> None:
    """Puts an archive together, and tells what the user should know of it.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        lines = assemble(plan, done)
    except OSError as error:
        raise storage_error(plan, len(done) + len(plan.done), error) from error
    for line in lines:
        tell(Notice(line))
