"""Events of `batch --json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from mangacolor.cli.console import console, leave_in_silence

if TYPE_CHECKING:
    from mangacolor.batch.events import Event, Library, Summary

__all__ = ["EventLines", "end_events"]

# Events that belong to a chapter, where there are several.
_OF_A_PAGE = {"done", "copied", "planned", "failed", "notice", "ready", "describing", "smaller"}


class EventLines:
    """What `batch --json` writes to stdout: one JSON object a line, for other programs.

    Attributes:
        open: the lines of this run, from the moment on that they are wanted.
        ended: whether the last line is one that ends a run.
    """

    open: EventLines | None = None
    ended = False
    # Of several chapters, the one that is worked on.
    _chapter: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        pass

    def show(self, event: Event) -> None:
        """Writes one event of `color_chapter`."""
        from mangacolor.batch.events import record

        self.ended = False
        told = record(event)
        kind = told["event"]
        if kind == "begun":
            self._chapter = told["name"]
        elif self._chapter is not None and kind in _OF_A_PAGE:
            told["chapter"] = self._chapter
        self._write(told)

    def close(self, summary: Summary | Library) -> None:
        """Writes the last line of a run that came to its end."""
        from mangacolor.batch.events import record

        self._write(record(summary))
        self.ended = True

    def fail(self, message: str, hint: str, exit_code: int) -> None:
        """Writes why the run did not come to its end."""
        told = {"message": message, "hint": hint, "exit_code": exit_code}
        self._write({"event": "error", **told})
        self.ended = True

    def _write(self, told: dict[str, object]) -> None:
        # ASCII whatever the terminal's encoding, and at once: the reader waits for it.
        try:
            console.file.write(json.dumps(told) + "\n")
            console.file.flush()
        except BrokenPipeError:
            # Nobody is left to be told. No chapter's refusal, and so no Exception.
            leave_in_silence()
            raise SystemExit(1) from None


def end_events(message: str, hint: str, exit_code: int) -> None:
    """Sees that the last event of a run is one that ends it, if there are events at all."""
    lines = EventLines.open
    if lines is not None and not lines.ended:
        lines.fail(message, hint, exit_code)
