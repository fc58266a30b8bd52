"""A chapter from the command line's words to files in place."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from mangacolor.batch.cast import Cast
from mangacolor.batch.events import Listener, Planned, Ready, Summary, nobody
from mangacolor.batch.held import Held
from mangacolor.batch.job import METHOD
from mangacolor.batch.opened import Opened, open_chapter
from mangacolor.batch.references import pictures_kept
from mangacolor.batch.report import show_chapter
from mangacolor.batch.started import assemble_chapter, open_pipeline, storage_error
from mangacolor.batch.why import Reasons
from mangacolor.chapter.assemble import clear_leftovers, tidy
from mangacolor.chapter.plan import Plan, targets_of
from mangacolor.config import BatchConfig
from mangacolor.runtime.engine import Engine
from mangacolor.targets import check_page, refuse_inputs

__all__ = ["METHOD", "color_chapter"]


@pictures_kept()
def color_chapter(
    source: Path,
    references: Sequence[Path],
    model: Path | Held,
    config: BatchConfig | None = None,
    *,
    out: Path | None = None,
    overwrite: bool = False,
    limit: int | None = None,
    dry_run: bool = False,
    gallery: Path | None = None,
    hints: Path | None = None,
    cast: Cast | None = None,
    learn: bool = True,
    report: Listener = nobody,
    apart: Collection[Path] = (),
    hints_needed: bool = True,
    title: str = "",
    acts: Path | None = None,
    follow_acts: bool = True,
) -> Summary:
    """Colours a folder of pages, or a CBZ, ZIP or PDF.

    Pages that a run before this one finished, with the same references, model and settings, are
    left as they are. Pages that fail are in the summary and the rest is done. Interrupted or
    killed at any moment, every file in place is whole and the next run goes on.

    Args:
        source: folder, CBZ, ZIP or PDF.
        references: colour pictures, or folders of them; at least one.
        model: an exported bundle's folder, or one that is open already.
        config: size, device, quality; an open model is on its device already.
        out: output folder or archive; beside the input if left out.
        overwrite: do all pages again, and replace files that this tool did not write.
        limit: colour at most so many pages now; the next run goes on.
        dry_run: find out and report what would be done, as `Planned`, and write nothing.
        gallery: an HTML file to write, with every page before and after.
        hints: folder with strokes of colour on pages, see `find_strokes`; needs a model of areas.
        cast: other colours for some of what the references show.
        learn: take pages of the output that were changed by hand since as references; they are
            kept in any case, unless `overwrite` is given.
        report: called in this thread: `Ready`, then `Done` or `Failed` for each page, in order.
        apart: files and folders in the source that are no pages of it.
        hints_needed: refuse `hints` in which nothing belongs to a page; else that is told.
        title: what the gallery calls the chapter; the last part of its path if left out.
        acts: a file of what was done in `mangacolor review`; that of the output if left out.
        follow_acts: do as it says.

    Raises:
        BusyError: another run is at work on the output.
        InputError, UsageError, ModelError, SetupError: before any page is touched, InputError also
            if no reference has any colour; ModelError
            also if not one page could be coloured because of the model; StorageError if the disk
            is full or fails, with what was done in place.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    config = config or BatchConfig()
    if gallery is not None:
        check_page(gallery, "--report", references)
    held = model if isinstance(model, Held) else Held(model, config.device, config.memory)
    with open_chapter(
        source,
        references,
        held,
        config,
        out=out,
        overwrite=overwrite,
        alone=not dry_run,
        hints=hints,
        cast=cast,
        learn=learn,
        acts=acts,
        follow_acts=follow_acts,
        report=report,
        apart=apart,
        hints_needed=hints_needed,
    ) as opened:
        plan = opened.plan
        if dry_run:
            return _foretell(plan, limit, report)
        refuse_inputs(targets_of(plan), [*references, *([] if hints is None else [hints])], "--out")
        opened.check_room()
        left = plan.todo[limit:] if limit is not None else ()
        opened = dataclasses.replace(opened, plan=dataclasses.replace(plan, todo=plan.todo[:limit]))
        if gallery is None:
            summary, _ = _carry_out(opened, report)
            return dataclasses.replace(summary, left=len(left))
        with _scratch(gallery) as name:
            reasons = Reasons(Path(name), opened.pictures)
            summary, done = _carry_out(opened, report, reasons)
            show_chapter(gallery, opened.plan, summary, done, held.bundle, reasons, title)
        return dataclasses.replace(summary, left=len(left))


def _scratch(gallery: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder for as long as the run lasts, beside the report if there is none for such."""
    try:
        return tempfile.TemporaryDirectory(prefix="mangacolor-", ignore_cleanup_errors=True)
    except OSError:
        return tempfile.TemporaryDirectory(
            prefix=".mangacolor-", ignore_cleanup_errors=True, dir=gallery.absolute().parent
        )


def _foretell(plan: Plan, limit: int | None, report: Listener) -> Summary:
    """Reports what a run would do, and does nothing."""
    report(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
    for task in plan.todo[:limit]:
        report(Planned(task.name))
    return Summary(0, len(plan.done), {}, 0.0, plan.output, "", left=len(plan.todo))


def _carry_out(
    opened: Opened, report: Listener, reasons: Reasons | None = None
) -> tuple[Summary, dict[str, str]]:
    """What was done, and the fingerprints of all pages that are done by now."""
    plan = opened.plan
    clear_leftovers(plan)
    if not plan.todo:
        report(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
        assemble_chapter(plan, {}, report)
        return Summary(0, len(plan.done), {}, 0.0, plan.output, ""), plan.done
    with opened.held.engine() as engine:
        return _color(opened, engine, report, reasons)


def _color(
    opened: Opened, engine: Engine, report: Listener, reasons: Reasons | None = None
) -> tuple[Summary, dict[str, str]]:
    """What `_carry_out` gives, where there is something to colour."""
    plan = opened.plan
    with open_pipeline(opened, engine, report, reasons) as (colorist, pipeline):
        colorist.warm_up(plan.todo)
        report(Ready(len(plan.tasks), len(plan.done), plan.output, engine.device, engine.note))
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
        assemble_chapter(plan, {**small, **done}, report)
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
