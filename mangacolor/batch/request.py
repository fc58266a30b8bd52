"""What somebody asks for: made once, by the command line or from Python, and carried whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from mangacolor.batch.cast import Cast
from mangacolor.batch.events import Listener, Notice, nobody
from mangacolor.batch.references import read_references
from mangacolor.chapter.chapters import Chapter, single_chapter
from mangacolor.config import BatchConfig
from mangacolor.errors import InputError, UsageError

__all__ = ["Request", "of_chapter", "references_of", "with_found"]


@dataclasses.dataclass(frozen=True)
class Request:
    """A chapter to colour, after what, and where it goes; of a library, what each chapter gets.

    Attributes:
        source: folder, CBZ, ZIP or PDF; of several chapters `of_chapter` names each.
        references: colour pictures, or folders or archives of them; at least one, unless the model
            remembers pages of the work.
        config: size, device, quality; an open model is on its device already.
        out: output folder or archive; beside the input if left out.
        overwrite: do all pages again, and replace files that this tool did not write.
        limit: colour at most so many pages now, of all chapters together; the next run goes on.
        dry_run: find out and tell what would be done, as `Planned`, and write nothing.
        report: an HTML file to write, with every page before and after; each of several chapters
            gets its own, numbered.
        strokes: folder with strokes of colour on pages, see `find_strokes`; needs a model of
            areas. Of several chapters it has a folder for each that has any, of its name.
        cast: other colours for some of what the references show.
        learn: take pages of the output that were changed by hand since as references; they are
            kept in any case, unless `overwrite` is given.
        acts: a file of what was done in `mangacolor review`; that of the output if left out.
        follow_acts: do as it says.
        apart: files and folders in the source that are no pages of it.
        title: what the report calls the chapter; the last part of its path if left out.
        strokes_needed: refuse `strokes` in which nothing belongs to a page; else that is told.
        acts_needed: refuse `acts` that are no file; else they are none yet.
    """

    source: Path
    references: Sequence[Path] = ()
    config: BatchConfig = dataclasses.field(default_factory=BatchConfig)
    _: dataclasses.KW_ONLY
    out: Path | None = None
    overwrite: bool = False
    limit: int | None = None
    dry_run: bool = False
    report: Path | None = None
    strokes: Path | None = None
    cast: Cast | None = None
    learn: bool = True
    acts: Path | None = None
    follow_acts: bool = True
    apart: frozenset[Path] = frozenset()
    title: str = ""
    strokes_needed: bool = True
    acts_needed: bool = True

    @property
    def read(self) -> list[Path]:
        """What is read beside the pages, and must not be written over."""
        return [*self.references, *([] if self.strokes is None else [self.strokes])]


def with_found(request: Request, tell: Listener = nobody, *, needed: bool = True) -> Request:
    """A request that names no references with those that lie beside its pages.

    Args:
        request: of one chapter.
        tell: gets a `Notice` of what is no reference.
        needed: whether the model colours after nothing but references.

    Raises:
        UsageError: there are none, and they are needed.
    """
    # Who names references means others than those in the chapter's `ref/`: these are pages.
    if request.references or not request.source.exists():
        return request
    chapter = single_chapter(request.source, request.out)
    found = references_of(chapter, (), tell, needed=needed)
    return dataclasses.replace(request, references=found, apart=chapter.apart)


def of_chapter(
    request: Request, chapter: Chapter, tell: Listener = nobody, *, needed: bool = True
) -> Request:
    """What is asked for of one chapter of a library, after its own references or the given.

    Raises:
        UsageError: there are none, and they are needed.
    """
    return dataclasses.replace(
        request,
        source=chapter.source,
        references=references_of(chapter, request.references, tell, needed=needed),
        out=chapter.out,
        apart=chapter.apart,
        title=chapter.name,
        strokes_needed=False,
    )


def references_of(
    chapter: Chapter, given: Sequence[Path], tell: Listener = nobody, *, needed: bool = True
) -> Sequence[Path]:
    """A chapter's own references, those nearest to its pages that have any colour, or the given.

    Raises:
        UsageError: there are none, and they are needed.
    """
    for own in chapter.own:
        try:
            read_references(own, nobody)
        except InputError as error:
            tell(Notice(f"Not taken as a reference: {error.message}"))
            continue
        return own
    if not given and needed:
        raise UsageError(
            f"There is no colour reference for {chapter.name}.",
            "Name one with --ref, or put a cover.png or a folder ref/ beside its pages.",
        )
    return given
