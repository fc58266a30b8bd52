"""A chapter that is open: its plan, its references, and what a person said."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from mangacolor.batch.acts_file import acts_file_of, read_acts
from mangacolor.batch.cast import Cast
from mangacolor.batch.edited import edited_pages, lessons_of
from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.held import Held
from mangacolor.batch.hinted import Strokes, digest_of, find_strokes
from mangacolor.batch.job import job_of
from mangacolor.batch.references import Reference, read_references
from mangacolor.batch.said import Said
from mangacolor.chapter.journal import JOURNAL
from mangacolor.chapter.layered import Layered, layered_of, with_layers
from mangacolor.chapter.lock import only_run
from mangacolor.chapter.plan import Plan, make_plan, output_of
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from mangacolor.files import check_writable
from mangacolor.images.formats import check_format
from mangacolor.runtime.kinds import kind_of

__all__ = ["Opened", "open_chapter"]


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
    edited = {} if overwrite else edited_pages(output)
    lessons = lessons_of(edited, report) if learn else []
    pictures = [*lessons, *pictures]
    job = job_of([reference.digest for reference in pictures], painted, held.bundle, config)
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
