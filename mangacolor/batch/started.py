"""What colours an open chapter: references described, what was said learned, output open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from mangacolor.batch.acted import Acted, numbers_of
from mangacolor.batch.colorist import Colorist
from mangacolor.batch.corrected import learn_corrected
from mangacolor.batch.events import Describing, Listener, Notice
from mangacolor.batch.failures import storage_error
from mangacolor.batch.opened import Opened
from mangacolor.batch.pipeline import Pipeline
from mangacolor.batch.placing import Placing
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.batch.stroked import Stroked, learn_strokes
from mangacolor.batch.why import Reasons
from mangacolor.chapter.journal import Journal
from mangacolor.chapter.plan import Plan, Task
from mangacolor.chapter.work import make_room
from mangacolor.config import Look
from mangacolor.runtime.color import ReadyPage, References
from mangacolor.runtime.engine import Engine
from mangacolor.version import __version__

__all__ = ["Acting", "open_pipeline", "warm_up"]

# Pages at the start that may be in colour, when a page is looked for to warm up with.
_COVERS = 4

# Makes what was said ready to be followed, of the open model and what its references offer.
Acting = Callable[[Opened, Engine, References, Mapping[str, Stroked], Listener], Acted]


@contextlib.contextmanager
def open_pipeline(
    opened: Opened,
    engine: Engine,
    tell: Listener,
    reasons: Reasons | None = None,
    acting: Acting | None = None,
) -> Iterator[tuple[Colorist, Pipeline]]:
    """What colours the pages of a chapter, once its references are described.

    Args:
        opened: the chapter.
        engine: the open model.
        tell: of the run.
        reasons: gets why pages are as they are.
        acting: makes what was said of pages ready to be followed; that of the chapter if left out.

    Raises:
        ModelError: a network fails; UsageError, StorageError: the output cannot be written.
    """
    plan, look = opened.plan, opened.config.look
    given = len(opened.pictures) - len(opened.corrected)
    tell(Describing(given, len(opened.corrected)))
    offered = opened.model.look_at(engine, opened.pictures[:given])
    if offered.areas is not None and offered.areas.left_out:
        left_out = offered.areas.left_out
        tell(Notice(f"Of the references' areas the {left_out} smallest are left out"))
    offered = learn_corrected(
        engine.model, offered, opened.corrected, plan.by_name, look, tell, given
    )
    stroked: dict[str, Stroked] = {}
    if opened.strokes.files:
        offered, stroked = learn_strokes(engine.model, offered, plan.tasks, opened.strokes, tell)
    acted = (acting or _act)(opened, engine, offered, stroked, tell)
    if reasons is not None:
        reasons.known = offered.areas
    make_room(plan)
    with _open_journal(plan) as journal:
        journal.note(mangacolor=__version__, job=plan.job)
        colorist = Colorist(engine, acted, look, plan.job, opened.small, tell)
        placing = Placing(look, journal, reasons, opened.layered)
        yield colorist, Pipeline(colorist, placing, tell)


def warm_up(colorist: Colorist, tasks: Sequence[Task]) -> None:
    """Colours a blank page of the first page's shape, where a device sets itself up for shapes.

    So no page's time holds the set-up, and pages per second are true from the first page on.
    """
    engine = colorist.engine
    if engine.device == "cpu":
        return
    # What fails here fails again, and is told, with its page.
    with contextlib.suppress(Exception):
        # Often the first page is a cover, in colour already.
        looked = (colorist.prepare(Sheet(task)).ready for task in tasks[:_COVERS])
        if (first := next(filter(None, looked), None)) is not None:
            # A blank page has no areas: what sees and matches is set up by the page itself.
            grey = first.grey if not colorist.room.asked else np.full_like(first.grey, 255)
            blank = engine.model.ready(grey, first.look)
            count = min(len(tasks), colorist.room.together)
            engine.model.color([blank] * count, colorist.acted.with_lessons(()))


def _act(
    opened: Opened,
    engine: Engine,
    offered: References,
    stroked: Mapping[str, Stroked],
    tell: Listener,
) -> Acted:
    """What a chapter's acts say of its pages, learned."""

    def read(name: str) -> ReadyPage | None:
        return _read(opened, engine, name)

    numbers = numbers_of(opened.pictures)
    acted = Acted(opened.said, engine.model, offered, numbers, read, stroked, tell)
    acted.learn(task.name for task in opened.plan.todo)
    return acted


def _read(opened: Opened, engine: Engine, name: str) -> ReadyPage | None:
    """A page by its name, ready; None if it is not there any more or has several pages."""
    task = opened.plan.by_name.get(name)
    if task is None:
        return None
    sheet = prepare(Sheet(task), "", engine.model, Look(recolor=True))
    return sheet.ready if sheet.book is None else None


def _open_journal(plan: Plan) -> Journal:
    seen = {task.name: task.seen for task in plan.tasks}
    try:
        return Journal(plan.work, lambda page: seen[page]())
    except OSError as error:
        raise storage_error(plan, len(plan.done), error) from error
