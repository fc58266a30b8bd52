"""A page for the browser: every page before and after, in one file that needs no other."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

from PIL import Image

from mangacolor import __version__
from mangacolor.batch.assemble import colored_page
from mangacolor.batch.events import Summary
from mangacolor.batch.plan import Plan
from mangacolor.batch.why import Reasons
from mangacolor.bundle import Bundle
from mangacolor.errors import MangacolorError, SetupError
from mangacolor.files import atomic_path
from mangacolor.images.page import read_color

__all__ = ["Shown", "show_chapter", "write_report"]

_TEMPLATE = Path(__file__).with_name("report.html")
# Pictures are for a screen: WebP of at most this width and height (the format ends at 16383).
_BOX, _QUALITY = (900, 16000), 80


@dataclasses.dataclass(frozen=True)
class Shown:
    """One page of the report.

    Attributes:
        name: of the page.
        before, after: give the bytes of its files; they are called one page at a time.
        why: JSON of `to_record`, empty if it is not known.
    """

    name: str
    before: Callable[[], bytes]
    after: Callable[[], bytes]
    why: str = ""


def write_report(
    path: Path,
    title: str,
    facts: Mapping[str, str],
    pages: Iterable[Shown],
    failed: Mapping[str, str],
    references: str = "[]",
) -> None:
    """Writes the report page by page: a long chapter needs no more memory than a short one.

    Args:
        path: an HTML file; replaced whole or not at all.
        title: of the chapter.
        facts: what is told above the pages, by name.
        pages: those that are coloured, in order; one that cannot be read is said to be so.
        failed: reason by name of the pages that are not.
        references: JSON of names and pictures, to which reasons refer.

    Raises:
        OSError: the file cannot be written.
    """
    template = _TEMPLATE.read_text(encoding="utf-8")
    head, tail = template.split("$pages")
    told = {
        "$title": escape(title),
        "$facts": "\n".join(
            f"<dt>{escape(name)}<dd>{escape(fact)}" for name, fact in facts.items()
        ),
        "$failed": "\n".join(
            f'<p class="failed">{escape(name)}: {escape(reason)}</p>'
            for name, reason in failed.items()
        ),
    }
    for mark, words in told.items():
        head = head.replace(mark, words)
    with atomic_path(path) as part, part.open("w", encoding="utf-8", errors="replace") as file:
        file.write(head)
        file.writelines(_figures(pages))
        file.write(tail.replace("$references", references))


def show_chapter(
    path: Path,
    plan: Plan,
    summary: Summary,
    done: Mapping[str, str],
    bundle: Bundle,
    reasons: Reasons | None = None,
) -> None:
    """Writes the report of a chapter that was coloured.

    Args:
        path: an HTML file.
        plan, summary: of the run.
        done: fingerprints of all pages that are done by now, by name.
        bundle: the model.
        reasons: of the pages that were coloured now.

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
            "" if reasons is None else reasons.of(task.name),
        )
        for task in plan.tasks
        if task.name in done
    )
    references = "[]" if reasons is None else reasons.shown_references()
    try:
        write_report(path, plan.source.name, facts, pages, summary.failed, references)
    except OSError as error:
        raise SetupError(
            f"The report {path} cannot be written: {error.strerror or error}.",
            "The pages are done; run the same command with another --report.",
        ) from error


def _figures(pages: Iterable[Shown]) -> Iterator[str]:
    for page in pages:
        name = escape(page.name)
        try:
            before, after = (_embed(give(), page.name) for give in (page.before, page.after))
        except (MangacolorError, OSError) as error:
            yield f'<p class="failed">{name}: {escape(str(error))}</p>\n'
            continue
        yield (
            f'<figure><div class="pair"><img class="after" alt="{name} in colour" src="{after}">'
            f'<img class="before" alt="{name} in black and white" src="{before}">'
            f'<input type="range" min="0" max="100" value="50" aria-label="{name}: how much is'
            f' black and white"></div><figcaption>{name}{_reasons(page.why)}</figcaption>'
            "</figure>\n"
        )


def _reasons(why: str) -> str:
    if not why:
        return ""
    return (
        ' <button type="button" class="ask" aria-expanded="false">Why these colours?</button>'
        f'<script type="application/json" class="facts">{why}</script>'
    )


def _embed(content: bytes, name: str) -> str:
    """A picture as a data URI, small enough for a screen."""
    picture = Image.fromarray(read_color(content, name))
    picture.thumbnail(_BOX, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "WebP", quality=_QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
