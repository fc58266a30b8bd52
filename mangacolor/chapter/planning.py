"""What there is to do, found out and objected to before any work."""

from __future__ import annotations

import contextlib
import dataclasses
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path

from mangacolor.chapter.edited import find_foreign
from mangacolor.chapter.journal import JOURNAL, is_our_output, read_records, seen_sources
from mangacolor.chapter.listing import left_out, list_pages
from mangacolor.chapter.objections import (
    refuse_collisions,
    refuse_empty,
    refuse_file,
    refuse_foreign,
)
from mangacolor.chapter.outputs import PACKED_SUFFIXES
from mangacolor.chapter.packed import pages_of_folder, pages_of_pdf, plan_archive, plan_packed
from mangacolor.chapter.plan import Aim, Plan, closed_task, folder_task, foreign_task, sort_out
from mangacolor.errors import InputError
from mangacolor.files import Listing
from mangacolor.images.archive import is_archive, open_archive
from mangacolor.images.formats import renamed
from mangacolor.images.pdf import is_pdf, open_pdf

__all__ = ["make_plan"]


@contextlib.contextmanager
def make_plan(aim: Aim) -> Iterator[Plan]:
    """Finds the pages and what of them is done; the input stays open for the block.

    Args:
        aim: what for.

    Raises:
        MissingPackageError: nothing reads PDFs here.
        InputError: nothing there, nothing to colour, or it may not be read.
        UsageError: two pages would become one file, or a foreign file would be lost.
    """
    source, output = aim.source, aim.output
    if not source.exists():
        raise InputError(f"{source} does not exist.", "Give a folder of pages, a CBZ, ZIP or PDF.")
    if is_our_output(source):
        raise InputError(
            f"{source} was made by mangacolor.", "Name the chapter that it was made of."
        )
    if source.is_dir():
        listing, made = _listed(source, aim.apart)
        if output.suffix.lower() in PACKED_SUFFIXES and not output.is_dir():
            plan = plan_packed(aim, *pages_of_folder(aim, listing))
        else:
            plan = _plan_folder(aim, listing)
        yield dataclasses.replace(plan, notices=plan.notices + made)
    elif is_archive(source):
        with open_archive(source) as archive:
            yield plan_archive(aim, archive)
    elif is_pdf(source):
        with open_pdf(source, aim.dpi) as pdf:
            plan = plan_packed(aim, *pages_of_pdf(pdf, output))
            yield dataclasses.replace(plan, pdf=pdf)
    else:
        refuse_file(source)


def _listed(source: Path, apart: Collection[Path]) -> tuple[Listing, tuple[str, ...]]:
    """What is in a folder, without what mangacolor made in it, and a line for each of these."""
    try:
        listing = list_pages(source).without(apart)
        every = {folder for path in listing.pictures for folder in path.parents}
        below = (folder for folder in every if source in folder.parents)
        made = sorted(folder for folder in below if is_our_output(folder))
        lines = tuple(f"{folder} is left out: mangacolor made it" for folder in made)
        return listing.without(made), lines
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error


def _plan_folder(aim: Aim, listing: Listing) -> Plan:
    source, output, overwrite = aim.source, aim.output, aim.overwrite
    found = listing.pictures
    names = [path.relative_to(source).as_posix() for path in found]
    files = [renamed(name, aim.format) for name in names]
    refuse_empty(source, names)
    refuse_collisions(
        zip(names, files, strict=True),
        lambda name: unicodedata.normalize("NFC", name).casefold(),
        f"Rename one of them in {source}.",
    )
    records = read_records(output) or {}
    foreign: set[str] = set()
    if not overwrite and not (output / JOURNAL).exists():
        refuse_foreign(output / name for name in files)
    elif not overwrite:
        foreign = find_foreign(output, dict(zip(names, files, strict=True)))
    for name, seen in seen_sources(output).items():
        aim.known.tell(source / name, seen)
    tasks = [
        foreign_task(name, output / file)
        if name in foreign
        else folder_task(path, output / file, name, aim.known)
        for path, name, file in zip(found, names, files, strict=True)
    ]
    tasks += [closed_task(path, output, path.relative_to(source)) for path in listing.closed]
    plan = Plan(
        source,
        output,
        output,
        aim.job,
        tuple(tasks),
        (),
        {},
        format=aim.format,
        records={} if overwrite else records,
        edited=aim.kept,
        notices=left_out(source, listing),
    )
    return sort_out(plan, lambda task, mark: task.target(mark).is_file(), aim.said)
