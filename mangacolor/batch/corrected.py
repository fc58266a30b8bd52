"""Pages that a person corrected: references by their colours, and by their own ink."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.references import Reference, read_reference
from mangacolor.batch.sheet import Sheet, prepare
from mangacolor.chapter.plan import Task
from mangacolor.config import Look
from mangacolor.errors import InputError, MangacolorError
from mangacolor.runtime.color import ColorModel, References

__all__ = ["corrected_pages", "learn_corrected"]


def corrected_pages(edited: Mapping[str, Callable[[], bytes]], tell: Listener) -> list[Reference]:
    """Pages that a person corrected, as references.

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
            pieces = []
        found += pieces
        use = "used as a reference" if pieces else "not learned from: it has no colour to be read"
        tell(Notice(f"{name} was edited: kept, and {use}"))
    return found


def learn_corrected(
    model: ColorModel,
    references: References,
    pictures: Sequence[Reference],
    tasks: Mapping[str, Task],
) -> References:
    """The references with what the ink of corrected pages teaches.

    A page of ink looks more like another one than like its own colours, and whose colours it has
    is known.

    Args:
        model: an open one.
        references: of the chapter.
        pictures: those that are corrected pages.
        tasks: the chapter's pages, by their name.
    """
    learned = references
    for picture in pictures:
        task = tasks.get(picture.name)
        # A piece of a strip is not the page that lies there.
        alone = sum(picture.name == other.name for other in pictures) == 1
        if task is None or not alone:
            continue
        try:
            sheet = prepare(Sheet(task), "", model, Look(recolor=True))
            if sheet.ready is not None and sheet.ready.seen is not None:
                learned = model.learn_page(sheet.ready, picture.read(), learned)
        except MangacolorError:
            # Its colours are a reference still, and a page that cannot be read is kept as it is.
            continue
    return learned
