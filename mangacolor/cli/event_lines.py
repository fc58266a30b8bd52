"""Events of `batch --json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from mangacolor.cli.console import console

if TYPE_CHECKING:
    from mangacolor.batch.events import Event, Library, Summary

__all__ = ["EventLines", "end_events"]


class EventLines:
    """What `batch --json` writes to stdout: one JSON object a line, for other programs.

    Attributes:
        open: the lines of this run, from the moment on that they are wanted.
        ended: whether the last line is one that ends a run.
    """

    open: EventLines | None = None
    ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        pass

    def show(self, event: Event) -> None:
        """Writes one event of `color_chapter`."""
        from mangacolor.batch.events import record

        self.ended = False
        self._write(record(event))

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
        console.file.write(json.dumps(told) + "\n")
        console.file.flush()


def end_events(message: str, hint: str, exit_code: int) -> None:
    """Sees that the last event of a run is one that ends it, if there are events at all."""
    lines = EventLines.open
    if lines is not None and not lines.ended:
        lines.fail(message, hint, exit_code)
