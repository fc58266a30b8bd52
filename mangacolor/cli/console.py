"""The only place that prints: what is told to a person on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from mangacolor.doctor.findings import Check

__all__ = [
    "console",
    "err_console",
    "leave_in_silence",
    "nobody_else",
    "printable",
    "say",
    "show_check",
    "show_error",
    "survive_any_encoding",
]

# Results go to stdout, progress and errors to stderr.
# Names come from outside: their brackets are no markup, and their colons no emoji.
console = Console(highlight=False, markup=False, emoji=False)
err_console = Console(stderr=True, highlight=False, markup=False, emoji=False)


def survive_any_encoding() -> None:
    """Has letters that a terminal's or a pipe's code page lacks replaced: they are no error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def leave_in_silence() -> None:
    """What is written to stdout from now on goes nowhere: whoever read it has gone."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


@contextlib.contextmanager
def nobody_else() -> Iterator[None]:
    """What other packages print meanwhile goes to stderr: stdout is for results."""
    console.file = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        # Whatever stdout is from now on.
        console.file = None  # type: ignore[assignment]


def printable(text: str) -> str:
    """Text without what would move the cursor or is no letter; line breaks and tabs stay."""
    kept = text.encode("utf-8", "replace").decode()
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) != "Cc" else f"\\x{ord(c):02x}" for c in kept
    )


def say(text: str, *, error: bool = False, style: str | None = None) -> None:
    """Prints a line as it is: no markup, no wrapping, whatever bytes file names are made of."""
    target = err_console if error else console
    target.print(Text(printable(text), style=style or ""), soft_wrap=True)


def show_error(message: str, hint: str) -> None:
    """One message on stderr: what is wrong, and what to do about it."""
    say(f"error: {message}", error=True, style="red")
    if hint:
        say(f"hint: {hint}", error=True)


def show_check(check: Check) -> None:
    """One line of `doctor`, and what to do about a problem."""
    style = {"ok": "green", "problem": "red"}.get(check.state, "dim")
    mark = Text(f"{check.state:9}  ", style=style)
    console.print(mark + Text(f"{check.name:19}  {check.detail}"), soft_wrap=True)
    # An error's hint is told with the error, at the end.
    if check.state == "problem" and check.hint and check.error is None:
        say(f"{'':11}{'':21}{check.hint}")
