"""A chapter from the command line's words to files in place."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from mangacolor import __version__
from mangacolor.batch.assemble import assemble, clear_leftovers, make_room, tidy
from mangacolor.batch.cast import Cast
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Listener, Notice, Planned, Ready, Summary, nobody
from mangacolor.batch.finished import edited_members
from mangacolor.batch.held import Held
from mangacolor.batch.hinted import Strokes, Told, digest_of, find_strokes, learn_strokes
from mangacolor.batch.journal import JOURNAL, Journal, find_edited
from mangacolor.batch.layered import Layered, layered_of, with_layers
from mangacolor.batch.lock import only_run
from mangacolor.batch.pipeline import Pipeline
from mangacolor.batch.plan import Plan, make_plan, output_of, targets_of
from mangacolor.batch.references import (
    Reference,
    pictures_kept,
    read_reference,
    read_references,
)
from mangacolor.batch.report import show_chapter
from mangacolor.batch.why import Reasons
from mangacolor.bundle import Bundle
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, StorageError, UsageError
from mangacolor.files import check_writable, system_hint
from mangacolor.images.formats import check_format
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.kinds import kind_of
from mangacolor.targets import check_page, refuse_inputs

__all__ = ["color_chapter"]

# Changes whenever the same page, model and settings would come out differently.
METHOD = 8


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

    Raises:
        BusyError: another run is at work on the output.
        InputError, UsageError, ModelError, SetupError: before any page is touched, InputError also
            if no reference has any colour; ModelError
            also if not one page could be coloured because of the model; StorageError if the disk
            is full or fails, with what was done in place.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    config = config or BatchConfig()
    output = output_of(source, out)
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ, ZIP or PDF.")
    if gallery is not None:
        check_page(gallery, "--report", references)
    pictures = read_references(references, report)
    if cast is not None:
        pictures = cast.dress(pictures, report)
    held = model if isinstance(model, Held) else Held(model, config.device, config.memory)
    bundle = held.bundle
    if hints is not None and not kind_of(bundle.style).follows_strokes:
        raise UsageError(
            f"{held.folder} colours without areas, so that strokes cannot be followed.",
            "Leave --hints out, or take the default model.",
        )
    painted = [] if hints is None else digest_of(hints)
    check_format(config.format)
    edited = {} if overwrite else _find_edited(output)
    lessons = _lessons(edited, report) if learn else []
    pictures = [*lessons, *pictures]
    job = _job([reference.digest for reference in pictures], painted, bundle, config)
    alone = contextlib.nullcontext() if dry_run else only_run(output)
    with (
        alone,
        make_plan(
            source,
            output,
            job,
            overwrite,
            list(edited),
            held.known,
            apart,
            config.format,
            config.dpi,
        ) as plan,
    ):
        layered = layered_of(plan, config.layers, overwrite)
        plan = with_layers(plan, layered)
        for notice in plan.notices:
            report(Notice(notice))
        if dry_run:
            return _foretell(plan, limit, report)
        inputs = [*references, *([] if hints is None else [hints])]
        refuse_inputs(targets_of(plan), inputs, "--out")
        if plan.todo:
            check_writable(output if plan.packed else output / JOURNAL, "--out")
            if layered is not None:
                check_writable(layered.folder / JOURNAL, "--out")
        names = [task.name for task in plan.tasks]
        strokes = Strokes()
        if hints is not None:
            strokes = find_strokes(hints, names, report, needed=hints_needed)
        left = plan.todo[limit:] if limit is not None else ()
        plan = dataclasses.replace(plan, todo=plan.todo[:limit])
        if gallery is None:
            summary, _ = _carry_out(plan, pictures, held, config, report, strokes, layered)
            return dataclasses.replace(summary, left=len(left))
        with _scratch(gallery) as name:
            reasons = Reasons(Path(name), pictures)
            summary, done = _carry_out(
                plan, pictures, held, config, report, strokes, layered, reasons
            )
            show_chapter(gallery, plan, summary, done, bundle, reasons, title)
        return dataclasses.replace(summary, left=len(left))


def _scratch(gallery: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder for as long as the run lasts, beside the report if there is none for such."""
    try:
        return tempfile.TemporaryDirectory(prefix="mangacolor-", ignore_cleanup_errors=True)
    except OSError:
        return tempfile.TemporaryDirectory(
            prefix=".mangacolor-", ignore_cleanup_errors=True, dir=gallery.absolute().parent
        )


def _find_edited(output: Path) -> dict[str, Callable[[], bytes]]:
    """What reads the pages of the output that somebody changed, by name."""
    in_folder = {name: path.read_bytes for name, path in find_edited(output).items()}
    return {**in_folder, **edited_members(output)}


def _lessons(edited: Mapping[str, Callable[[], bytes]], report: Listener) -> list[Reference]:
    """Pages that a person corrected, as references."""
    found = []
    for name, read in edited.items():
        ignored: list[str] = []
        try:
            pieces = read_reference(read(), name, ignored)
        except (InputError, OSError):
            pieces = []
        found += pieces
        use = "used as a reference" if pieces else "not learned from: it has no colour to be read"
        report(Notice(f"{name} was edited: kept, and {use}"))
    return found


def _foretell(plan: Plan, limit: int | None, report: Listener) -> Summary:
    """Reports what a run would do, and does nothing."""
    report(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
    for task in plan.todo[:limit]:
        report(Planned(task.name))
    return Summary(0, len(plan.done), {}, 0.0, plan.output, "", left=len(plan.todo))


def _job(
    references: Sequence[str], hints: Sequence[str], bundle: Bundle, config: BatchConfig
) -> str:
    """Digest of all that decides how a page comes out, except the page."""
    look = config.look
    facts = {
        "method": METHOD,
        "references": list(references),
        "model": [bundle.files[name] for name in bundle.graphs],
        "reference_size": bundle.reference_size,
        # A size that decides on nothing must not make pages be done again.
        "size": (look.size or bundle.page_size) if kind_of(bundle.style).sized(look) else 0,
        "quality": config.quality,
        "strength": config.strength,
        "saturation": config.saturation,
        "tones": config.tones,
        "flats": config.flats,
        "recolor": config.recolor,
        # Left out where there are none, so that pages of earlier runs stay done.
        **({"hints": list(hints)} if hints else {}),
        **({"format": config.format} if config.format != "keep" else {}),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _carry_out(
    plan: Plan,
    references: Sequence[Reference],
    held: Held,
    config: BatchConfig,
    report: Listener,
    strokes: Strokes,
    layered: Layered | None,
    reasons: Reasons | None = None,
) -> tuple[Summary, dict[str, str]]:
    """What was done, and the fingerprints of all pages that are done by now."""
    clear_leftovers(plan)
    if not plan.todo:
        report(Ready(len(plan.tasks), len(plan.done), plan.output, "", ""))
        _assemble(plan, {}, report)
        return Summary(0, len(plan.done), {}, 0.0, plan.output, ""), plan.done
    with held.engine() as engine:
        return _color(plan, references, held, engine, config, report, strokes, layered, reasons)


def _color(
    plan: Plan,
    references: Sequence[Reference],
    held: Held,
    engine: Engine,
    config: BatchConfig,
    report: Listener,
    strokes: Strokes,
    layered: Layered | None,
    reasons: Reasons | None = None,
) -> tuple[Summary, dict[str, str]]:
    """What `_carry_out` gives, where there is something to colour."""
    offered = held.look_at(engine, references)
    if offered.areas is not None and offered.areas.left_out:
        left_out = offered.areas.left_out
        report(Notice(f"Of the references' areas the {left_out} smallest are left out"))
    told: dict[str, Told] = {}
    if strokes.files:
        offered, told = learn_strokes(engine.model, offered, plan.tasks, strokes, report)
    if reasons is not None:
        reasons.known = offered.areas
    make_room(plan)
    with _open_journal(plan) as journal:
        journal.note(mangacolor=__version__, job=plan.job)
        colorist = Colorist(engine, offered, config, plan.job, told, _small(plan), report)
        pipeline = Pipeline(colorist, config, journal, report, reasons, layered)
        colorist.warm_up(plan.todo)
        report(Ready(len(plan.tasks), len(plan.done), plan.output, engine.device, engine.note))
        start = time.monotonic()
        pipeline.run(plan.todo)
    done = pipeline.done
    if pipeline.disk_error is not None:
        raise _storage_error(plan, len(done) + len(plan.done), pipeline.disk_error)
    if not done and not plan.done:
        tidy(plan)
        if colorist.model_error is not None:
            raise colorist.model_error
    else:
        # Those that are not done again, for a limit or a failure, are still what they were.
        small = {name: mark for name, (_, mark) in _small(plan).items()}
        _assemble(plan, {**small, **done}, report)
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


def _small(plan: Plan) -> dict[str, tuple[int, str]]:
    """Sizes and fingerprints of the pages that are done, but small."""
    marks = {name: plan.records[name]["fingerprint"] for name in plan.small}
    return {name: (size, marks[name]) for name, size in plan.small.items()}


def _open_journal(plan: Plan) -> Journal:
    seen = {task.name: task.seen for task in plan.tasks}
    try:
        return Journal(plan.work, lambda page: seen[page]())
    except OSError as error:
        raise _storage_error(plan, len(plan.done), error) from error


def _assemble(plan: Plan, done: dict[str, str], report: Listener) -> None:
    """Puts the archive together, and tells what the user should know of it."""
    try:
        lines = assemble(plan, done)
    except OSError as error:
        raise _storage_error(plan, len(done) + len(plan.done), error) from error
    for line in lines:
        report(Notice(line))


def _storage_error(plan: Plan, done: int, error: OSError) -> StorageError:
    """What the disk's failure means: where, what of the work is kept, how to go on."""
    pages = "1 page that is done is" if done == 1 else f"{done} pages that are done are"
    return StorageError(
        f"{plan.output} cannot be written: {error.strerror or error}.",
        f"{system_hint(error)} Run the same command again to go on: the {pages} kept in"
        f" {plan.work}.".strip(),
    )
