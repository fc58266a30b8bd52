"""The command `mangacolor`: its commands and its exit codes."""

from __future__ import annotations

import shlex
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from mangacolor.cli.average import average
from mangacolor.cli.batch import batch
from mangacolor.cli.cast import cast
from mangacolor.cli.console import console, leave_in_silence, show_error, survive_any_encoding
from mangacolor.cli.doctor import doctor
from mangacolor.cli.eval import evaluate
from mangacolor.cli.event_lines import EventLines, end_events
from mangacolor.cli.export import export
from mangacolor.cli.finetune import finetune
from mangacolor.cli.review import review
from mangacolor.cli.sample import sample
from mangacolor.cli.train import train
from mangacolor.errors import INTERRUPTED, MangacolorError, SetupError
from mangacolor.files import system_hint
from mangacolor.version import __version__

__all__ = ["app", "main"]

# What torch's errors say where Python would raise MemoryError.
_NO_MEMORY = ("not enough memory: you tried to allocate", "CUDA out of memory", "bad allocation")

app = typer.Typer(
    name="mangacolor",
    help="Colour black-and-white manga from a colour reference.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Every command, by name. A command's file imports what it needs inside its function, so that
# `--help` is instant and no command pays for another's packages.
COMMANDS: dict[str, Callable[..., None]] = {
    "batch": batch,
    "cast": cast,
    "review": review,
    "train": train,
    "finetune": finetune,
    "eval": evaluate,
    "average": average,
    "export": export,
    "sample": sample,
    "doctor": doctor,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def _version(wanted: bool) -> None:
    if wanted:
        console.print(f"mangacolor {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line and exits; the codes are those of `mangacolor.errors`."""
    if not sys.warnoptions:
        # What Pillow thinks of a page's metadata is nothing that a user could act on.
        warnings.simplefilter("ignore")
    survive_any_encoding()
    EventLines.open = None
    try:
        app()
    except SystemExit as exit_:
        if exit_.code:
            _end_events_of(exit_)
        raise
    except MangacolorError as error:
        _fail(error.message, error.hint, error.exit_code)
    except ImportError as error:
        words = f"A package cannot be imported: {error}."
        _fail(words, "Run `mangacolor doctor`.", SetupError.exit_code)
    except BrokenPipeError:
        # Whoever read the output has gone; nobody is left to be told.
        leave_in_silence()
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}.", system_hint(error), SetupError.exit_code)
    except KeyboardInterrupt:
        _fail("Interrupted.", "", INTERRUPTED)
    except Exception as error:
        if _is_memory(error):
            hint = "Close other programs, or take smaller sizes or fewer pictures at once."
            _fail("There was not enough memory.", hint, SetupError.exit_code)
        _fail_by_ours(error)


def _is_memory(error: Exception) -> bool:
    """Whether memory is what was missing; torch says so in words of its own."""
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or any(words in str(error) for words in _NO_MEMORY)


def _fail_by_ours(error: Exception) -> NoReturn:
    """A fault of ours: said in a line, and its trace kept, which is what a report of it needs."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    trace = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="mangacolor-",
            suffix=".log",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(f"mangacolor {__version__} {shlex.join(sys.argv[1:])}\n{trace}")
        kept = f"It is no fault of your files. Please report it with {file.name}."
    except OSError:
        sys.stderr.write(trace)
        kept = "It is no fault of your files. Please report it with the lines above."
    _fail(f"mangacolor failed: {words}", kept, 1)


def _fail(message: str, hint: str, exit_code: int) -> NoReturn:
    show_error(message, hint)
    end_events(message, hint, exit_code)
    sys.exit(exit_code)


def _end_events_of(exit_: SystemExit) -> None:
    """The last event of a run that ended before or beside its work, as by a wrong option."""
    if EventLines.open is None and sys.argv[1:2] == ["batch"] and "--json" in sys.argv:
        EventLines.open = EventLines()
    code = exit_.code if isinstance(exit_.code, int) else 1
    cause = exit_.__context__
    words = getattr(cause, "format_message", lambda: "")() if cause is not None else ""
    if code == INTERRUPTED:
        words = "Interrupted."
    hint = "Run the same command again to go on." if code == INTERRUPTED else ""
    end_events(words or "The run ended; what was wrong is told on stderr.", hint, code)
