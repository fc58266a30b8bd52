"""The command `mangacolor`: its commands and its exit codes."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Annotated

import typer

from mangacolor import __version__
from mangacolor.cli.batch import batch
from mangacolor.cli.console import console, show_error
from mangacolor.cli.doctor import doctor
from mangacolor.cli.eval import evaluate
from mangacolor.cli.export import export
from mangacolor.cli.finetune import finetune
from mangacolor.cli.sample import sample
from mangacolor.cli.train import train
from mangacolor.errors import INTERRUPTED, MangacolorError, SetupError

__all__ = ["app", "main"]

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
    "train": train,
    "finetune": finetune,
    "eval": evaluate,
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
    try:
        app()
    except MangacolorError as error:
        show_error(error.message, error.hint)
        sys.exit(error.exit_code)
    except ImportError as error:
        show_error(f"A package cannot be imported: {error}.", "Run `mangacolor doctor`.")
        sys.exit(SetupError.exit_code)
    except BrokenPipeError:
        # Whoever read the output has gone; nobody is left to be told.
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        show_error(f"{where}{error.strerror or error}.", "Name a place that can be written to.")
        sys.exit(SetupError.exit_code)
    except KeyboardInterrupt:
        show_error("Interrupted.", "")
        sys.exit(INTERRUPTED)
