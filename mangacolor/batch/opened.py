"""A chapter that is open: its plan, its references, what a person said, and what colours it."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from mangacolor import __version__
from mangacolor.batch.acted import Acted, numbers_of
from mangacolor.batch.acts import acts_file_of, read_acts
from mangacolor.batch.assemble import assemble, make_room
from mangacolor.batch.book import Sheet
from mangacolor.batch.cast import Cast
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.finished import edited_members
from mangacolor.batch.held import Held
from mangacolor.batch.hinted import Strokes, Told, digest_of, find_strokes, learn_strokes
from mangacolor.batch.journal import JOURNAL, Journal, find_edited
from mangacolor.batch.layered import Layered, layered_of, with_layers
from mangacolor.batch.lock import only_run
from mangacolor.batch.pipeline import Pipeline
from mangacolor.batch.plan import Plan, make_plan, output_of
from mangacolor.batch.prepared import Prepared, prepare
from mangacolor.batch.references import Reference, read_reference, read_references
from mangacolor.batch.said import Said
from mangacolor.batch.why import Reasons
from mangacolor.bundle import Bundle
from mangacolor.config import BatchConfig, Look
from mangacolor.errors import InputError, StorageError, UsageError
from mangacolor.files import check_writable, system_hint
from mangacolor.images.formats import check_format
from mangacolor.runtime.color import ReadyPage, References
from mangacolor.runtime.engine import Engine
from mangacolor.runtime.kinds import kind_of

__all__ = [
    "METHOD",
    "Acting",
    "Opened",
    "assemble_chapter",
    "open_chapter",
    "open_pipeline",
    "storage_error",
]

# Changes whenever the same page, model and settings would come out differently.
METHOD = 9


# Makes what was said ready to be followed, of the open model and what its references offer.
Acting = Callable[["Opened", Engine, References, Listener], Acted | None]


@dataclasses.dataclass(frozen=True)
class Opened:
    """A chapter that is open.

    Attributes:
        plan: its pages.
        pictures: its references, corrected pages first.
        held: the model.
        config: settings.
        strokes: of colour, on some pages.
        said: what was done in `review`.
        acts: the file of that.
        layered: writes layers, if they are asked for.
    """

    plan: Plan
    pictures: list[Reference]
    held: Held
    config: BatchConfig
    strokes: Strokes
    said: Said
    acts: Path
    layered: Layered | None

    @property
    def small(self) -> dict[str, tuple[int, str]]:
        """Sizes and fingerprints of the pages that are done, but small."""
        marks = {name: self.plan.records[name]["fingerprint"] for name in self.plan.small}
        return {name: (size, marks[name]) for name, size in self.plan.small.items()}

    def check_room(self) -> None:
        """Tries whether what is to be done can be written.

        Raises:
            UsageError: it cannot.
        """
        plan = self.plan
        if plan.todo:
            check_writable(plan.output if plan.packed else plan.output / JOURNAL, "--out")
            if self.layered is not None:
                check_writable(self.layered.folder / JOURNAL, "--out")


@contextlib.contextmanager
def open_chapter(
    source: Path,
    references: Sequence[Path],
    held: Held,
    config: BatchConfig,
    *,
    out: Path | None = None,
    overwrite: bool = False,
    alone: bool = True,
    hints: Path | None = None,
    cast: Cast | None = None,
    learn: bool = True,
    acts: Path | None = None,
    follow_acts: bool = True,
    new_acts: bool = False,
    report: Listener = nobody,
    apart: Collection[Path] = (),
    hints_needed: bool = True,
) -> Iterator[Opened]:
    """Finds out what is to be done, and keeps others from the output for the block.

    Args:
        alone: lock the output.
        source, references, config, out, overwrite, hints, cast, learn, acts, follow_acts, report,
            apart, hints_needed: as `color_chapter` has them.
        held: the model.
        new_acts: `acts` need not be there yet.

    Raises:
        BusyError, InputError, UsageError: as `color_chapter`.
    """
    output = output_of(source, out)
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ, ZIP or PDF.")
    pictures = read_references(references, report)
    if cast is not None:
        pictures = cast.dress(pictures, report)
    path = acts_file_of(output) if acts is None else acts
    there = follow_acts and (path.exists() or not (acts is None or new_acts))
    said = Said(read_acts(path) if there else ())
    _check_followed(held, hints, said, path)
    painted = [] if hints is None else digest_of(hints)
    check_format(config.format)
    edited = {} if overwrite else _find_edited(output)
    lessons = _lessons(edited, report) if learn else []
    pictures = [*lessons, *pictures]
    job = _job([reference.digest for reference in pictures], painted, held.bundle, config)
    with (
        only_run(output) if alone else contextlib.nullcontext(),
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
            said.digest_of,
        ) as plan,
    ):
        layered = layered_of(plan, config.layers, overwrite)
        plan = with_layers(plan, layered)
        for notice in plan.notices:
            report(Notice(notice))
        names = [task.name for task in plan.tasks]
        strokes = Strokes()
        if hints is not None and alone:
            strokes = find_strokes(hints, names, report, needed=hints_needed)
        for name in said.pages:
            if name not in plan.by_name:
                report(Notice(f"{path} tells of {name}, which is no page here: it is left out"))
        yield Opened(plan, pictures, held, config, strokes, said, path, layered)


def _check_followed(held: Held, hints: Path | None, said: Said, acts: Path) -> None:
    if kind_of(held.bundle.style).follows_strokes:
        return
    words = f"{held.folder} colours without areas, so that"
    if hints is not None:
        raise UsageError(
            f"{words} strokes cannot be followed.",
            "Leave --hints out, or take the default model.",
        )
    if said:
        raise UsageError(
            f"{words} {acts} cannot be followed.", "Give --no-acts, or take the default model."
        )


@contextlib.contextmanager
def open_pipeline(
    opened: Opened,
    engine: Engine,
    report: Listener,
    reasons: Reasons | None = None,
    acting: Acting | None = None,
) -> Iterator[tuple[Colorist, Pipeline]]:
    """What colours the pages of a chapter, once its references are described.

    Args:
        opened: the chapter.
        engine: the open model.
        report: of the run.
        reasons: gets why pages are as they are.
        acting: makes what was said of pages ready to be followed; that of the chapter if left out.

    Raises:
        ModelError: a network fails; UsageError, StorageError: the output cannot be written.
    """
    plan, config = opened.plan, opened.config
    offered = opened.held.look_at(engine, opened.pictures)
    if offered.areas is not None and offered.areas.left_out:
        left_out = offered.areas.left_out
        report(Notice(f"Of the references' areas the {left_out} smallest are left out"))
    told: dict[str, Told] = {}
    if opened.strokes.files:
        offered, told = learn_strokes(engine.model, offered, plan.tasks, opened.strokes, report)
    acted = (acting or _act)(opened, engine, offered, report)
    if reasons is not None:
        reasons.known = offered.areas
    make_room(plan)
    with _open_journal(plan) as journal:
        journal.note(mangacolor=__version__, job=plan.job)
        colorist = Colorist(engine, offered, config, plan.job, told, opened.small, report, acted)
        yield colorist, Pipeline(colorist, config, journal, report, reasons, opened.layered)


def _act(opened: Opened, engine: Engine, offered: References, report: Listener) -> Acted | None:
    """What a chapter's acts say of its pages, learned; None where they say nothing."""
    if not opened.said:
        return None

    def read(name: str) -> ReadyPage | None:
        return _read(opened, engine, name)

    acted = Acted(opened.said, engine.model, offered, numbers_of(opened.pictures), read, report)
    acted.learn(task.name for task in opened.plan.todo)
    return acted


def _read(opened: Opened, engine: Engine, name: str) -> ReadyPage | None:
    """A page by its name, ready; None if it is not there any more or has several pages."""
    task = opened.plan.by_name.get(name)
    if task is None:
        return None
    page = prepare(Sheet(task), "", engine.model, Look())
    return page.ready if isinstance(page, Prepared) and page.sheet.book is None else None


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


def _open_journal(plan: Plan) -> Journal:
    seen = {task.name: task.seen for task in plan.tasks}
    try:
        return Journal(plan.work, lambda page: seen[page]())
    except OSError as error:
        raise storage_error(plan, len(plan.done), error) from error


def assemble_chapter(plan: Plan, done: dict[str, str], report: Listener) -> None:
    """Puts an archive together, and tells what the user should know of it.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        lines = assemble(plan, done)
    except OSError as error:
        raise storage_error(plan, len(done) + len(plan.done), error) from error
    for line in lines:
        report(Notice(line))


def storage_error(plan: Plan, done: int, error: OSError) -> StorageError:
    """What the disk's failure means: where, what of the work is kept, how to go on."""
    pages = "1 page that is done is" if done == 1 else f"{done} pages that are done are"
    return StorageError(
        f"{plan.output} cannot be written: {error.strerror or error}.",
        f"{system_hint(error)} Run the same command again to go on: the {pages} kept in"
        f" {plan.work}.".strip(),
    )
