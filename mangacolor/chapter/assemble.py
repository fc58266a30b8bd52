"""The output on disk around the pages: room for them, leftovers, the finished archive."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence

from mangacolor.chapter.finished import Beside, find_beside, finished_pages, member_of, noted
from mangacolor.chapter.journal import JOURNAL, Record, read_journal, read_records
from mangacolor.chapter.pack import kept_members, pack, read_packed
from mangacolor.chapter.plan import Plan
from mangacolor.errors import InputError, UsageError
from mangacolor.images.archive import (
    Archive,
    Content,
    Member,
    is_safe,
    write_archive,
)
from mangacolor.names import PART

__all__ = ["assemble", "clear_leftovers", "colored_page", "make_room", "tidy"]


def clear_leftovers(plan: Plan) -> None:
    """Removes what a killed run left half-written in the work folder, if there is one."""
    for path in plan.work.rglob(".*"):
        if PART.fullmatch(path.name):
            path.unlink(missing_ok=True)


def make_room(plan: Plan) -> None:
    """Makes the work folder.

    Raises:
        UsageError: nothing can be written there.
    """
    try:
        plan.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{plan.work} cannot be made: {error.strerror}.", "Name another place with --out."
        ) from error


def tidy(plan: Plan) -> None:
    """Takes away a work folder in which nothing was ever made."""
    if read_journal(plan.work):
        return
    (plan.work / JOURNAL).unlink(missing_ok=True)
    # Folders that hold something are not ours to remove.
    with contextlib.suppress(OSError):
        plan.work.rmdir()


def assemble(plan: Plan, colored: Mapping[str, str]) -> list[str]:
    """Puts a finished archive together and removes its work folder; a folder needs nothing.

    A page that could not be coloured goes in as it was, if it can be unpacked at all, so that the
    chapter stays complete; it has no line in the archive's journal, and the next run tries again.

    Args:
        plan: of the run.
        colored: fingerprints of the pages coloured now, by name.

    Returns:
        What the user should know, in words: members that could not be unpacked and are not in the
        archive, and those that somebody else put there.

    Raises:
        OSError: it cannot be written; the work folder stays as it is.
    """
    if not plan.packed:
        return []
    lost: dict[str, int] = {}
    kept: list[str] = []
    told: list[str] = []
    done = {**plan.done, **colored}
    beside = find_beside(plan.output)
    if colored or finished_pages(plan.output) != done or _source_changed(plan, beside):
        stem = re.escape(f".{plan.output.name[:40]}.")
        for path in plan.output.parent.iterdir():
            if re.match(stem, path.name) and PART.fullmatch(path.name):
                path.unlink(missing_ok=True)
        if plan.archive is None:
            records, page_of = _records(plan), functools.partial(colored_page, plan)
            told = pack(plan, done, records, page_of, beside)
        else:
            _write(plan, plan.archive, done, lost, beside)
        kept = list(kept_members(plan, beside, done))
    shutil.rmtree(plan.work, ignore_errors=True)
    return [
        *told,
        *_line(list(lost), "cannot be unpacked and is not in the new archive"),
        *_line(kept, f"in {plan.output.name} is not of mangacolor: kept"),
    ]


def _line(names: Sequence[str], what: str) -> list[str]:
    others = f" and {len(names) - 1} more" * (len(names) > 1)
    return [f"{names[0]}{others} {what}"] if names else []


def _records(plan: Plan) -> dict[str, Record]:
    """What is known of the pages: of the former file, and then of this run."""
    return {**plan.records, **read_records(plan.work)}


def _source_changed(plan: Plan, beside: Beside) -> bool:
    """Whether the source has other things beside its pages than those that were taken over."""
    if plan.archive is None:
        return False
    pages = plan.by_name
    now = {
        member.name: member.info.CRC
        for member in plan.archive.members
        if member.name not in pages and is_safe(member.name)
    }
    # What could not be unpacked is in none.
    before = {name: crc for name, crc in beside.ours.items() if name not in pages}
    foreign = beside.foreign
    return any(
        before.get(name) != now.get(name) for name in now.keys() | before if name not in foreign
    )


def _write(
    plan: Plan, archive: Archive, done: Mapping[str, str], lost: dict[str, int], beside: Beside
) -> None:
    foreign = kept_members(plan, beside, done)
    members = [
        *(m for m in _members(plan, archive, done, lost) if m.name not in foreign),
        *foreign.values(),
    ]
    edited = [name for name in plan.edited if name in plan.done]
    contents = noted(members, done, _records(plan), plan.format, edited, foreign, lost)
    write_archive(plan.output, contents, beside.comment or archive.comment)


def _members(
    plan: Plan, archive: Archive, done: Mapping[str, str], lost: dict[str, int]
) -> Iterator[Content]:
    """Each member of the new archive, in the order of the old one."""
    # Of two that are called alike, readers see the last.
    for member in {member.name: member for member in archive.members}.values():
        if not is_safe(member.name):
            continue
        if member.name in done:
            page, name = colored_page(plan, member.name, done[member.name]), member.name
            file = member_of(name, plan.format)
            yield _content(member, page) if file == name else Content(file, page)
            continue
        try:
            archive.read(member)
        except InputError:
            if not member.is_page:
                lost[member.name] = member.info.CRC
            continue
        yield _content(member, functools.partial(archive.read, member))


def _content(member: Member, read: Callable[[], bytes]) -> Content:
    return Content(member.name, read, member.raw, bool(member.info.flag_bits & 0x800))


def colored_page(plan: Plan, name: str, mark: str) -> Callable[[], bytes]:
    """What gives the bytes of a page that is done: in the work folder or in the output."""
    path = plan.by_name[name].target(mark)
    if path.is_file():
        return path.read_bytes
    return functools.partial(read_packed, plan.output, name, member_of(name, plan.format))
