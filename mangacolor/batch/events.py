"""What a run tells while it works, and at its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from mangacolor.batch.failures import Cause

__all__ = [
    "Begun",
    "Copied",
    "Describing",
    "Done",
    "Event",
    "Failed",
    "Library",
    "Listener",
    "Notice",
    "Planned",
    "Ready",
    "Refused",
    "Smaller",
    "Summary",
    "nobody",
    "record",
]


@dataclasses.dataclass(frozen=True)
class Ready:
    """The work is known and the model is open.

    Attributes:
        pages: of the chapter.
        skipped: pages that were done before.
        output: folder or archive that is made.
        device: where it really runs; empty if there is nothing to do.
        note: why `auto` took the CPU, if it did.
    """

    pages: int
    skipped: int
    output: Path
    device: str
    note: str


@dataclasses.dataclass(frozen=True)
class Describing:
    """Before the first page: references are described, and edited pages learned from.

    Attributes:
        references: how many pictures, pieces of strips counted.
        edited: pages that a person edited.
    """

    references: int
    edited: int


@dataclasses.dataclass(frozen=True)
class Done:
    """A page is in place."""

    name: str


@dataclasses.dataclass(frozen=True)
class Copied:
    """A page that was in colour already is in place as it was."""

    name: str


@dataclasses.dataclass(frozen=True)
class Planned:
    """A page that a run would colour; told instead of colouring it."""

    name: str


@dataclasses.dataclass(frozen=True)
class Notice:
    """Something the user should know, which does not keep the run from going on."""

    text: str


@dataclasses.dataclass(frozen=True)
class Failed:
    """A page could not be done; the others go on."""

    name: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Smaller:
    """The device's memory was not enough; this page and all after it are coloured smaller.

    Attributes:
        size: longer side at which colour is predicted from now on.
    """

    size: int


@dataclasses.dataclass(frozen=True)
class Begun:
    """One chapter of several is next; its events follow, and its `Summary` or `Refused`.

    Attributes:
        name: its path below the library, or as it was typed.
        number: which, from 1.
        chapters: how many there are.
    """

    name: str
    number: int
    chapters: int


@dataclasses.dataclass(frozen=True)
class Refused:
    """A chapter of several could not be done at all; the others go on.

    Attributes:
        name: of the chapter.
        message, hint, exit_code: as the error of that chapter alone.
    """

    name: str
    message: str
    hint: str
    exit_code: int


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        colored: pages coloured now.
        skipped: pages that were done before.
        failed: reason by page name.
        seconds: wall time of the pages, without opening the model.
        output: the coloured folder or archive.
        device: where it really ran; empty if there was nothing to do.
        copied: pages that were in colour already and were copied as they were.
        left: pages that wait for another run, because of a limit or a dry run.
        causes: what kinds of failures there were.
    """

    colored: int
    skipped: int
    failed: dict[str, str]
    seconds: float
    output: Path
    device: str
    copied: int = 0
    left: int = 0
    causes: frozenset[Cause] = frozenset()

    @property
    def pages_per_second(self) -> float:
        return self.colored / self.seconds if self.seconds > 0 else 0.0


@dataclasses.dataclass(frozen=True)
class Library:
    """What a run over several chapters did.

    Attributes:
        chapters: what was done of each chapter that came to its end, by name.
        refused: the others.
        seconds: wall time of all.
    """

    chapters: dict[str, Summary]
    refused: dict[str, Refused]
    seconds: float

    @property
    def colored(self) -> int:
        return sum(summary.colored for summary in self.chapters.values())

    @property
    def copied(self) -> int:
        return sum(summary.copied for summary in self.chapters.values())

    @property
    def causes(self) -> frozenset[Cause]:
        """What kinds of failures there were; of a chapter that was refused, that it was."""
        found = {cause for summary in self.chapters.values() for cause in summary.causes}
        kinds = {1: Cause.OURS, 2: Cause.PAGE, 3: Cause.PAGE, 4: Cause.MODEL}
        codes = {refused.exit_code for refused in self.refused.values()}
        return frozenset(found | {kinds[code] for code in codes if code in kinds})

    @property
    def failed(self) -> dict[str, str]:
        """Reason by page of every chapter, and by chapter of those that were refused."""
        pages = {
            f"{name}: {page}": reason
            for name, summary in self.chapters.items()
            for page, reason in summary.failed.items()
        }
        return pages | {
            name: f"{it.message} {it.hint}".strip() for name, it in self.refused.items()
        }


Event = (
    Ready
    | Describing
    | Done
    | Copied
    | Planned
    | Notice
    | Failed
    | Smaller
    | Begun
    | Refused
    | Summary
    | Library
)
Listener = Callable[[Event], None]


def nobody(event: Event) -> None:
    """A listener that does not listen."""


def record(event: Event) -> dict[str, object]:
    """An event as JSON has it: its name as `event`, and what it tells; see docs/events.md."""
    if isinstance(event, Library):
        return {"event": "library", **_totals(event)}
    told = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in dataclasses.asdict(event).items()
    }
    if isinstance(event, Summary):
        told["pages_per_second"] = event.pages_per_second
        told["causes"] = sorted(cause.name.lower() for cause in event.causes)
    return {"event": type(event).__name__.lower(), **told}


def _totals(library: Library) -> dict[str, object]:
    ended = library.chapters.values()
    counts = ("colored", "copied", "skipped", "left")
    return {
        "chapters": list(library.chapters),
        "refused": {name: it.message for name, it in library.refused.items()},
        **{count: sum(getattr(summary, count) for summary in ended) for count in counts},
        "failed": sum(len(summary.failed) for summary in ended),
        "seconds": library.seconds,
    }
