"""Pages of a chapter as the sheets of a PDF."""

from __future__ import annotations

import dataclasses
import functools
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from mangacolor.chapter.beside import is_changed_beside
from mangacolor.chapter.journal import Record, done_line, is_our_output
from mangacolor.chapter.pdf_sheets import read_sheet, sheet_owners
from mangacolor.chapter.plan import Plan
from mangacolor.errors import InputError
from mangacolor.images.decode import opened
from mangacolor.images.page import count_pages, dpi_of, read_color_of
from mangacolor.images.pdf import Pdf, open_pdf
from mangacolor.images.pdf_written import PdfPage, write_pdf

__all__ = ["bind"]

# Of pages that are no JPEG yet, in a PDF, which has nothing better that all readers show.
_QUALITY = 95


def bind(
    plan: Plan,
    pages: Mapping[str, Callable[[], bytes]],
    done: Mapping[str, str],
    records: Mapping[str, Record],
) -> list[str]:
    """Writes a PDF in which all stays that the input, or somebody else, has beside the pages.

    Args:
        plan: of the run; its output is a PDF.
        pages: what gives the bytes of each page, by name.
        done: fingerprints of coloured pages, by name.
        records: what is known of the pages, see `done_line`.

    Returns:
        What the user should know, in words.

    Raises:
        MissingPackageError: a PDF cannot be written here.
        OSError: it cannot be written.
    """
    former = plan.output.is_file() and is_our_output(plan.output)
    changed = former and is_changed_beside(plan.output)
    if changed or (former and plan.pdf is None):
        base: Path | None = plan.output
        named = _former_sheets(plan, pages, done)
    elif plan.pdf is not None:
        base = plan.source
        named = _source_sheets(plan.pdf, pages, done)
    else:
        base = None
        named = [sheet for name, give in pages.items() for sheet in _new_sheets(name, give)]
    digests: list[str] = []

    def record(sums: Sequence[int]) -> str:
        lines: list[Record] = []
        met: set[str] = set()
        for (name, _), crc in zip(named, sums, strict=True):
            if name in met:
                # A further page of the same file.
                line: Record = {"page": None, "of": name, "crc": crc}
            elif name in done:
                known, edited = records.get(name, {}), name in plan.edited
                line = done_line(name, done[name], known, crc, edited=edited)
            else:
                line = {"page": name or None, "crc": crc}
            met |= {name} - {""}
            lines.append(line)
        # By which is seen what somebody else changes; what they did stays theirs.
        lines.append({"beside": "" if changed else digests[-1]})
        return "".join(json.dumps(line) + "\n" for line in lines)

    sheets = [sheet for _, sheet in named]
    kept = write_pdf(plan.output, sheets, record, _QUALITY, base, digests.append)
    if not kept and base is not None:
        return [f"Bookmarks, links and text of {base.name} are not in {plan.output.name}"]
    if changed:
        return [f"Bookmarks and pages that somebody put into {plan.output.name} are kept"]
    return []


def _source_sheets(
    pdf: Pdf, pages: Mapping[str, Callable[[], bytes]], done: Mapping[str, str]
) -> list[tuple[str, PdfPage]]:
    """The pages of the input, each with its name; those that are not done stay as they are."""
    found = []
    for number, name in enumerate(pdf.names):
        try:
            size = pdf.size(number)
        except InputError:
            size = None
        give = pages.get(name, functools.partial(pdf.read, number))
        found.append((name, PdfPage(give, size, number, name not in done)))
    return found


def _new_sheets(name: str, give: Callable[[], bytes]) -> list[tuple[str, PdfPage]]:
    """The pages of a file, of a TIFF several."""
    count = count_pages(give(), name)
    if count == 1:
        return [(name, PdfPage(give))]
    return [(name, PdfPage(functools.partial(_page_of, give, i, name))) for i in range(count)]


def _page_of(give: Callable[[], bytes], number: int, name: str) -> bytes:
    content = give()
    target = io.BytesIO()
    with opened(content, name) as picture:
        dpi = dpi_of(picture)
    color = Image.fromarray(read_color_of(content, number, name))
    color.save(target, "PNG", compress_level=1, **({"dpi": dpi} if dpi else {}))
    return target.getvalue()


def _former_sheets(
    plan: Plan, pages: Mapping[str, Callable[[], bytes]], done: Mapping[str, str]
) -> list[tuple[str, PdfPage]]:
    """The pages of the former output, of which some are new; somebody else's have no name."""
    with open_pdf(plan.output, 300, ours=True) as pdf:
        owners = sheet_owners(pdf)
        sizes = [pdf.size(number) for number in range(len(owners))]
    found: list[tuple[str, PdfPage]] = []
    for number, name in enumerate(owners):
        if name and name not in pages:
            # The input has it no more.
            continue
        if name not in done or not plan.by_name[name].target(done[name]).is_file():
            give = functools.partial(read_sheet, plan.output, number)
            found.append((name, PdfPage(give, sizes[number], number, stays=True)))
        elif owners.index(name) == number:
            first, *others = _new_sheets(name, pages[name])
            found += [(name, dataclasses.replace(first[1], place=number)), *others]
    order = list(pages)
    for place, name in enumerate(order):
        if name not in owners:
            before = set(order[:place])
            at = max((i + 1 for i, (other, _) in enumerate(found) if other in before), default=0)
            found[at:at] = _new_sheets(name, pages[name])
    return found
