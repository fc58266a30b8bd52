"""A chapter from the command line's words to files in place."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from mangacolor import __version__
from mangacolor.batch.assemble import assemble, clear_leftovers, colored_page, make_room, tidy
from mangacolor.batch.engine import Engine
from mangacolor.batch.events import Notice, Ready, Report, Summary, nobody
from mangacolor.batch.journal import Journal
from mangacolor.batch.pipeline import Pipeline
from mangacolor.batch.plan import Plan, make_plan, output_of
from mangacolor.batch.report import Shown, write_report
from mangacolor.bundle import COLOR_FILE, STYLE_FILE, Bundle, read_bundle
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, SetupError, UsageError
from mangacolor.images.colored import has_chroma
from mangacolor.images.geometry import UInt8
from mangacolor.images.page import read_color

__all__ = ["color_chapter"]

# Changes whenever the same page, model and settings would come out differently.
METHOD = 2


def color_chapter(
    source: Path,
    references: Sequence[Path],
    model: Path,
    config: BatchConfig | None = None,
    *,
    out: Path | None = None,
    overwrite: bool = False,
    gallery: Path | None = None,
    report: Report = nobody,
) -> Summary:
    """Colours a folder of pages, or a CBZ or ZIP.

    Pages that a run before this one finished, with the same references, model and settings, are
    left as they are. Pages that fail are in the summary and the rest is done. Interrupted or
    killed at any moment, every file in place is whole and the next run goes on.

    Args:
        source: folder, CBZ or ZIP.
        references: colour pictures, at least one.
        model: an exported bundle's folder.
        config: size, device, quality.
        out: output folder or archive; beside the input if left out.
        overwrite: do all pages again, and replace files that this tool did not write.
        gallery: an HTML file to write, with every page before and after.
        report: called in this thread: `Ready`, then `Done` or `Failed` for each page, in order.

    Raises:
        InputError, UsageError, ModelError, SetupError: before any page is touched, InputError also
            if no reference has any colour; ModelError
            also if not one page could be coloured because of the model.
        KeyboardInterrupt: after the pages in hand are in place.
    """
    config = config or BatchConfig()
    output = output_of(source, out)
    if not references:
        raise UsageError("There is no colour reference.", "Give one or more with --ref PICTURE.")
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ or a ZIP.")
    contents = [_read_reference(path) for path in references]
    pictures = [
        read_color(data, str(path)) for path, data in zip(references, contents, strict=True)
    ]
    colored = [has_chroma(picture) for picture in pictures]
    if not any(colored):
        raise InputError(
            f"There is no colour in {' or '.join(str(path) for path in references)}.",
            "Give a colour picture of the same characters with --ref.",
        )
    for path, has in zip(references, colored, strict=True):
        if not has:
            report(Notice(f"{path} has no colour to take over; it is left out"))
    contents = [content for content, has in zip(contents, colored, strict=True) if has]
    pictures = [picture for picture, has in zip(pictures, colored, strict=True) if has]
    bundle = read_bundle(model)
    job = _job(contents, bundle, config)
    with make_plan(source, output, job, overwrite) as plan:
        summary, done = _carry_out(plan, pictures, bundle, config, report)
        if gallery is not None:
            _show(plan, gallery, summary, done, bundle)
        return summary


def _read_reference(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The reference {path} cannot be read: {error.strerror}.",
            "Give a colour picture of the same characters with --ref.",
        ) from error


def _job(references: Sequence[bytes], bundle: Bundle, config: BatchConfig) -> str:
    """Digest of all that decides how a page comes out, except the page."""
    facts = {
        "method": METHOD,
        "references": [hashlib.sha256(content).hexdigest() for content in references],
        "model": [bundle.files[STYLE_FILE], bundle.files[COLOR_FILE]],
        "reference_size": bundle.reference_size,
        "size": config.size or bundle.page_size,
        "quality": config.quality,
        "strength": config.strength,
        "saturation": config.saturation,
        "tones": config.tones,
        "flats": config.flats,
        "recolor": config.recolor,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _carry_out(
    plan: Plan, references: Sequence[UInt8], bundle: Bundle, config: BatchConfig, report: Report
) -> tuple[Summary, dict[str, str]]:
    """What was done, and the fingerprints of all pages that are done by now."""
    pages = len(plan.todo) + len(plan.done)
    clear_leftovers(plan)
    if not plan.todo:
        report(Ready(pages, len(plan.done), plan.output, "", ""))
        assemble(plan, {})
        return Summary(0, len(plan.done), {}, 0.0, plan.output, ""), plan.done
    engine = Engine.open(bundle, config.device, config.memory)
    style = engine.style_of(references)
    make_room(plan)
    with Journal(plan.work) as journal:
        journal.note(mangacolor=__version__, job=plan.job)
        pipeline = Pipeline(engine, style, config, plan.job, journal, report)
        pipeline.warm_up(plan.todo)
        report(Ready(pages, len(plan.done), plan.output, engine.device, engine.note))
        start = time.monotonic()
        pipeline.run(plan.todo)
    done = pipeline.done
    if not done and not plan.done:
        tidy(plan)
        if pipeline.model_error is not None:
            raise pipeline.model_error
    else:
        assemble(plan, done)
    seconds = time.monotonic() - start
    summary = Summary(
        len(done) - pipeline.copied,
        len(plan.done),
        pipeline.failed,
        seconds,
        plan.output,
        engine.device,
        pipeline.copied,
    )
    return summary, {**plan.done, **done}


def _show(
    plan: Plan, path: Path, summary: Summary, done: Mapping[str, str], bundle: Bundle
) -> None:
    """Writes the page for the browser.

    Raises:
        SetupError: there is no room for it, or it may not be written.
    """
    facts = {
        "pages": f"{len(done)} in colour, {len(summary.failed)} failed",
        "model": f"{bundle.folder.name}, {bundle.licence or 'licence not recorded'}",
        "made with": f"mangacolor {__version__}",
        "output": str(plan.output),
    }
    pages = (
        Shown(task.name, task.read, colored_page(plan, task.name, done[task.name]))
        for task in plan.tasks
        if task.name in done
    )
    try:
        write_report(path, plan.source.name, facts, pages, summary.failed)
    except OSError as error:
        raise SetupError(
            f"The report {path} cannot be written: {error.strerror or error}.",
            "The pages are done; run the same command with another --report.",
        ) from error
