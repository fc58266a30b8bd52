"""Pages that a person corrected: what was changed in them the others learn, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.references import Reference, read_reference
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.chapter.plan import Task
from mangacolor.config import Look
from mangacolor.errors import InputError
from mangacolor.runtime.color import ColorModel, References

__all__ = ["corrected_pages", "learn_corrected"]


def corrected_pages(edited: Mapping[str, Callable[[], bytes]], tell: Listener) -> list[Reference]:
    """Pages that a person corrected, as far as they have colours to be learned from.

    Args:
        edited: what reads them, by their name.
        tell: gets a `Notice` of each.
    """
    found = []
    for name, read in edited.items():
        ignored: list[str] = []
        try:
            pieces = read_reference(read(), name, ignored)
        except (InputError, OSError):
            why = "it cannot be read. Delete it, and it is coloured again"
            tell(Notice(f"{name} was edited: kept, and not learned from: {why}"))
            continue
        found += pieces[:1]
        learned = "what was changed in it is learned"
        use = learned if pieces else "not learned from: it has no colour to be read"
        tell(Notice(f"{name} was edited: kept, and {use}"))
    return found


def learn_corrected(
    model: ColorModel,
    references: References,
    pictures: Sequence[Reference],
    tasks: Mapping[str, Task],
    look: Look,
    tell: Listener,
    first: int,
) -> References:
    """The references with what corrected pages teach.

    What a person left is no lesson: it is what the references say already, right or wrong.

    Args:
        model: an open one.
        references: of the chapter, without these pages.
        pictures: the pages as they are now; of a strip one of its pieces.
        tasks: the chapter's pages, by their name.
        look: of the run.
        tell: gets a `Notice` of pages that teach nothing.
        first: number of the first picture among the references.

    Raises:
        ModelError: a network fails.
    """
    learned = references
    for number, picture in enumerate(pictures, first):
        task = tasks.get(picture.name)
        if task is None:
            continue
        try:
            sheet = prepare(Sheet(task), "", model, dataclasses.replace(look, recolor=True))
            if sheet.ready is None:
                continue
            whole = picture.read_whole()
            # A strip shows too little at the size of a reference: its ink teaches alone.
            own = number if picture.read().shape == whole.shape else None
            learned, why = model.learn_corrected(sheet.ready, whole, own, references, learned)
        except InputError:
            # The page that it was made of cannot be read any more, which is told in its turn.
            continue
        if why:
            tell(Notice(f"{picture.name} teaches nothing: {why}"))
    return learned
