"""A page for the browser: every page before and after, in one file that needs no other."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from mangacolor.batch.events import Summary
from mangacolor.batch.why import Reasons
from mangacolor.bundle import Bundle
from mangacolor.chapter.assemble import colored_page, read_packed
from mangacolor.chapter.plan import Plan
from mangacolor.errors import MangacolorError, SetupError
from mangacolor.html import embed, write_html
from mangacolor.images.page import count_pages, read_color, read_color_of
from mangacolor.version import __version__

__all__ = ["Shown", "show_chapter", "write_report"]

# Pictures are for a screen: WebP of at most this width and height (the format ends at 16383).
_BOX, _QUALITY = (900, 16000), 80


@dataclasses.dataclass(frozen=True)
class Shown:
    """One page of the report.

    Attributes:
        name: of the page.
        before, after: give the bytes of its files; they are called one page at a time.
        why: gives what `to_record` gave for one of the file's pages; None if that is not known.
        after_of: gives a file of one of several pages, by its number, where each has its own.
    """

    name: str
    before: Callable[[], bytes]
    after: Callable[[], bytes]
    why: Callable[[int], Mapping[str, Any] | None] = lambda number: None
    after_of: Callable[[int], bytes] | None = None


def write_report(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    pages: Iterable[Shown],
    failed: Mapping[str, str],
    references: Sequence[Mapping[str, str]] = (),
) -> None:
    """Writes the report page by page: a long chapter needs no more memory than a short one.

    Args:
        path: an HTML file; replaced whole or not at all.
        title: of the chapter.
        facts: what is told above the pages, by name.
        pages: those that are coloured, in order; one that cannot be read is said to be so.
        failed: reason by name of the pages that are not.
        references: names and pictures to which reasons refer.

    Raises:
        OSError: the file cannot be written.
    """
    write_html(
        path,
        "report.html",
        title=title,
        facts=facts,
        failed=failed,
        pages=_embedded(pages),
        references=list(references),
    )


def show_chapter(
    path: Path,
    plan: Plan,
    summary: Summary,
    done: Mapping[str, str],
    bundle: Bundle,
    reasons: Reasons | None = None,
    title: str = "",
) -> None:
    """Writes the report of a chapter that was coloured.

    Args:
        path: an HTML file.
        plan, summary: of the run.
        done: fingerprints of all pages that are done by now, by name.
        bundle: the model.
        reasons: of the pages that were coloured now.
        title: of the chapter; the last part of its path if left out.

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
        Shown(
            task.name,
            task.read,
            colored_page(plan, task.name, done[task.name]),
            _unknown if reasons is None else functools.partial(reasons.of, task.name),
            functools.partial(_sheet, plan, task.name) if plan.output.suffix == ".pdf" else None,
        )
        for task in plan.tasks
        if task.name in done
    )
    references = () if reasons is None else reasons.shown_references()
    # The name of `.` is that of the folder.
    title = title or plan.source.name or plan.source.resolve().name
    try:
        write_report(path, title, facts, pages, summary.failed, references)
    except OSError as error:
        raise SetupError(
            f"The report {path} cannot be written: {error.strerror or error}.",
            "The pages are done; run the same command with another --report.",
        ) from error


def _unknown(number: int) -> None:
    """Why a page is as it is, where nothing says so."""


def _sheet(plan: Plan, name: str, number: int) -> bytes:
    return read_packed(plan.output, name, name, number)


def _embedded(pages: Iterable[Shown]) -> Iterator[dict[str, Any]]:
    """Pages as the template shows them, one at a time."""
    for page in pages:
        try:
            before = page.before()
            count = count_pages(before, page.name)
            for number in range(count):
                if page.after_of is None or count == 1:
                    after = _shown(page.after(), page.name, number)
                else:
                    after = _shown(page.after_of(number), page.name)
                yield {
                    "name": page.name if count == 1 else f"{page.name}, page {number + 1}",
                    "problem": "",
                    "before": _shown(before, page.name, number),
                    "after": after,
                    "why": page.why(number),
                }
        except (MangacolorError, OSError) as error:
            yield {"name": page.name, "problem": str(error)}


def _shown(content: bytes, name: str, number: int = 0) -> str:
    """A picture as a data URI, small enough for a screen."""
    color = read_color_of(content, number, name) if number else read_color(content, name)
    picture = Image.fromarray(color)
    picture.thumbnail(_BOX, Image.Resampling.LANCZOS)
    return embed(picture, _QUALITY)
