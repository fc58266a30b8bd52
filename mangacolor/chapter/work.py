"""The folder that a run works in: made, and cleared of what is no page."""

from __future__ import annotations

import contextlib

from mangacolor.chapter.journal import JOURNAL, read_journal
from mangacolor.chapter.plan import Plan
from mangacolor.errors import UsageError
from mangacolor.names import PART

__all__ = ["clear_leftovers", "make_room", "tidy"]


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
