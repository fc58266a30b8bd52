"""A chapter that is open: its plan, its references, and what a person said."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

from mangacolor.batch.corrected import corrected_pages
from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.job import job_of
from mangacolor.batch.model import Model
from mangacolor.batch.references import Reference, read_references
from mangacolor.batch.request import Request
from mangacolor.batch.strokes import Strokes, digest_of, find_strokes
from mangacolor.chapter.acts_file import acts_file_of, read_acts
from mangacolor.chapter.edited import find_edited
from mangacolor.chapter.journal import JOURNAL
from mangacolor.chapter.layered import Layered, layered_of, with_layers
from mangacolor.chapter.lock import only_run
from mangacolor.chapter.outputs import output_of
from mangacolor.chapter.plan import Aim, Plan
from mangacolor.chapter.planning import make_plan
from mangacolor.chapter.said import Said
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError
from mangacolor.files import check_writable
from mangacolor.images.formats import check_format

__all__ = ["Opened", "open_chapter"]


@dataclasses.dataclass(frozen=True)
class Opened:
    """A chapter that is open.

    Attributes:
        plan: its pages.
        pictures: its references, corrected pages last.
        corrected: those of them that are corrected pages.
        model: the open model.
        config: settings.
        strokes: of colour, on some pages.
        said: what was done in `review`.
        acts: the file of that.
        layered: writes layers, if they are asked for.
    """

    plan: Plan
    pictures: list[Reference]
    corrected: list[Reference]
    model: Model
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
def open_chapter(request: Request, model: Model, tell: Listener = nobody) -> Iterator[Opened]:
    """Finds out what is to be done, and keeps others from the output for the block.

    Args:
        request: what is asked for; a dry run keeps nobody from anything.
        model: the open model.
        tell: gets a `Notice` of what the user should know.

    Raises:
        BusyError, InputError, UsageError: as `color_chapter`.
    """
    source, config = request.source, request.config
    output = output_of(source, request.out)
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ, ZIP or PDF.")
    pictures: list[Reference] = []
    if request.references or not model.remembers:
        pictures = read_references(request.references, tell)
    if request.cast is not None:
        pictures = request.cast.dress(pictures, tell)
    path, said = _said(request, output)
    _check_followed(model, request.strokes, said, path)
    painted = [] if request.strokes is None else digest_of(request.strokes)
    check_format(config.format)
    edited = {} if request.overwrite else find_edited(output)
    corrected = corrected_pages(edited, tell) if request.learn else []
    pictures = [*pictures, *corrected]
    job = job_of([reference.digest for reference in pictures], painted, model.bundle, config.look)
    aim = Aim(
        source,
        output,
        job,
        request.overwrite,
        edited=tuple(edited),
        known=model.known,
        apart=request.apart,
        format=config.format,
        dpi=config.dpi,
        said=said.digest_of,
    )
    with (
        contextlib.nullcontext() if request.dry_run else only_run(output),
        make_plan(aim) as plan,
    ):
        layered = layered_of(plan, config.layers, request.overwrite)
        plan = with_layers(plan, layered)
        for notice in plan.notices:
            tell(Notice(notice))
        names = [task.name for task in plan.tasks]
        strokes = Strokes()
        if request.strokes is not None and not request.dry_run:
            strokes = find_strokes(request.strokes, names, tell, needed=request.strokes_needed)
        for name in said.pages:
            if name not in plan.by_name:
                tell(Notice(f"{path} tells of {name}, which is no page here: it is left out"))
        yield Opened(plan, pictures, corrected, model, config, strokes, said, path, layered)


def _said(request: Request, output: Path) -> tuple[Path, Said]:
    """The file of what was done in `review`, and what it says."""
    path = acts_file_of(output) if request.acts is None else request.acts
    needed = request.acts is not None and request.acts_needed
    followed = request.follow_acts and (needed or path.exists())
    return path, Said(read_acts(path) if followed else ())


def _check_followed(model: Model, strokes: Path | None, said: Said, acts: Path) -> None:
    if model.bundle.family.by_areas:
        return
    words = f"{model.folder} colours without areas, so that"
    if strokes is not None:
        raise UsageError(
            f"{words} strokes cannot be followed.",
            "Leave --strokes out, or take the default model.",
        )
    if said:
        raise UsageError(
            f"{words} {acts} cannot be followed.", "Give --no-acts, or take the default model."
        )
