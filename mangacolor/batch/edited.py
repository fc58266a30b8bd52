"""Pages of an output that a person changed: they stay, and are learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mangacolor.batch.events import Listener, Notice
from mangacolor.batch.references import Reference, read_reference
from mangacolor.chapter.finished import edited_members
from mangacolor.chapter.journal import find_edited
from mangacolor.errors import InputError

__all__ = ["edited_pages", "lessons_of"]


def edited_pages(output: Path) -> dict[str, Callable[[], bytes]]:
    """What reads the pages of the output that somebody changed, by name."""
    in_folder = {name: path.read_bytes for name, path in find_edited(output).items()}
    return {**in_folder, **edited_members(output)}


def lessons_of(edited: Mapping[str, Callable[[], bytes]], report: Listener) -> list[Reference]:
    """Pages that a person corrected, as references."""
    found = []
    for name, read in edited.items():
        ignored: list[str] = []
        try:
            pieces = read_reference(read(), name, ignored)
        except (InputError, OSError):
            pieces = []
        found += pieces
        use = "used as a reference" if pieces else "not learned from: it has no colour to be read"
        report(Notice(f"{name} was edited: kept, and {use}"))
    return found
