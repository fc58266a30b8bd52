"""`mangacolor train`."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mangacolor.cli.console import console, err_console, say, show_error
from mangacolor.cli.options import find_weights
from mangacolor.cli.progress import TrainingDisplay
from mangacolor.cli.training import (
    SetOption,
    changed,
    require_torch,
    say_notices,
    say_transfer,
    wishes_of,
)
from mangacolor.config import Device, Layout, Recipe
from mangacolor.errors import INTERRUPTED, UsageError
from mangacolor.files import check_writable
from mangacolor.recipes import read_recipe, to_json

if TYPE_CHECKING:
    from mangacolor.nets.checkpoint import Checkpoint
    from mangacolor.train.board import Board
    from mangacolor.train.record import Progress
    from mangacolor.train.state import RunState

__all__ = ["train"]


def train(
    data: Annotated[
        Path,
        typer.Argument(
            help="Folder (or CBZ) of colour pictures, or of pairs: `color/` and `sketch/`, "
            "`x_color` and `x_sketch`, or side by side."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("runs/default"),
    recipe: Annotated[Path | None, typer.Option(help="TOML recipe.")] = None,
    layout: Annotated[Layout, typer.Option(help="How the pictures lie in DATA.")] = "auto",
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of the whole run.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Pictures a step.")] = None,
    size: Annotated[
        int | None, typer.Option(min=64, help="Side of training pictures, pixels.")
    ] = None,
    set_: SetOption = None,
    max_minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Stop after this time, with a checkpoint.")
    ] = None,
    device: Annotated[Device, typer.Option(help="auto takes CUDA where torch finds it.")] = "auto",
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that prepare samples; 0: the training's own.")
    ] = 0,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep described areas here, for further runs; else with the run."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the newest checkpoint in --out.")
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Start a new run with the weights of `default`, a checkpoint or a bundle.",
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log to `tensorboard` in --out, too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, try one step, write nothing.")
    ] = False,
    preview: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Only write a sheet of samples as the network sees them."),
    ] = None,
) -> None:
    """Train a colorizer on a folder of colour pictures or of pairs."""
    require_torch()
    if os.environ.get("RANK", "0") != "0":
        # Started by torchrun: the first process speaks for all.
        console.quiet = err_console.quiet = True
    from mangacolor.data.survey import survey
    from mangacolor.train.loop import choose_device
    from mangacolor.train.loop import dry_run as try_one_step
    from mangacolor.train.loop import train as run

    if preview is None and not dry_run:
        check_writable(out / "recipe.json", "--out")
    found = survey(data, layout)
    say_notices(found.notices)
    examples = found.examples
    chosen = choose_device(device)
    wanted = wishes_of(set_, steps, batch_size, size)
    if preview is not None:
        from mangacolor.train.preview import write_preview

        asked = _recipe(recipe, _checkpoint(out, start, resume), wanted)
        say(f"Wrote {write_preview(asked, examples, preview, chosen)}")
        return
    state = _state(out, recipe, start, resume, wanted, chosen)
    series = len({example.series for example in examples})
    words = f"{len(examples)} pictures of {series} series ({found.layout})"
    _describe(state, words, str(chosen))
    if dry_run:
        say(to_json(state.recipe).rstrip())
        seconds, notice = try_one_step(state, examples, chosen)
        say_notices([notice])
        say(f"One step took {seconds:.1f} s. Nothing was written (--dry-run).")
        return
    try:
        with (
            _board(out, state.step, wanted=tensorboard) as board,
            TrainingDisplay(state.step, state.recipe.train.steps) as display,
        ):

            def report(progress: Progress) -> None:
                display.show(progress)
                if board is not None:
                    board.show(progress)

            last = run(
                state,
                examples,
                out,
                device=chosen,
                max_minutes=max_minutes,
                workers=workers,
                cache=cache,
                report=report,
            )
    except KeyboardInterrupt:
        if any(out.glob("step-*.safetensors")):
            show_error(f"Interrupted at step {state.step}.", "Go on with --resume.")
        else:
            show_error("Interrupted before the first step.", "Start it again.")
        raise typer.Exit(INTERRUPTED) from None
    say(f"Done at step {state.step}: {last}")
    say(f"Next: mangacolor export {shlex.quote(str(last))} my-model")


def _board(
    out: Path, step: int, *, wanted: bool
) -> contextlib.AbstractContextManager[Board | None]:
    """The board of a run, in the process that speaks for all and where it is wanted."""
    if not wanted or os.environ.get("RANK", "0") != "0":
        return contextlib.nullcontext()
    from mangacolor.train.board import Board

    return Board(out / "tensorboard", step)


def _state(
    out: Path,
    recipe_path: Path | None,
    start: str | None,
    resume: bool,
    wanted: list[str],
    device: Any,
) -> RunState:
    """The run as it stands before its next step."""
    from mangacolor.train.state import new_state, state_from
    from mangacolor.train.transfer import started_from

    checkpoint = _checkpoint(out, start, resume)
    if not resume and any(out.glob("step-*.safetensors")):
        raise UsageError(
            f"{out} holds a run already.", "Say --resume to go on with it, or name another --out."
        )
    recipe = _recipe(recipe_path, checkpoint, wanted)
    if checkpoint is None:
        return new_state(recipe, device)
    if start is not None:
        state, transfer = started_from(checkpoint, recipe, device)
        say_transfer(transfer)
        # What was learned from them was learned, whatever the steps count.
        state.pictures = checkpoint.pictures
        return state
    if checkpoint.step >= recipe.train.steps:
        raise UsageError(
            f"The run has done its {recipe.train.steps} steps: it stands at {checkpoint.step}.",
            "Say --steps with a larger number to go on.",
        )
    return state_from(checkpoint, recipe, device)


def _checkpoint(out: Path, start: str | None, resume: bool) -> Checkpoint | None:
    """What the run goes on from."""
    from mangacolor.nets.checkpoint import load_checkpoint
    from mangacolor.train.state import newest_checkpoint

    if resume and start is not None:
        raise UsageError("--resume and --from exclude each other.")
    if resume:
        return newest_checkpoint(out)
    return None if start is None else load_checkpoint(find_weights(start))


def _recipe(path: Path | None, checkpoint: Checkpoint | None, wanted: list[str]) -> Recipe:
    """The recipe that is asked for, or else the checkpoint's, with what the command line says."""
    if path is not None:
        return changed(read_recipe(path), wanted)
    return changed(checkpoint.recipe if checkpoint else Recipe(), wanted)


def _describe(state: RunState, data: str, device: str) -> None:
    """Says what the run will do, before it does it."""
    parameters = sum(parameter.numel() for parameter in state.generator.parameters())
    net, config = state.recipe.net, state.recipe.train
    say(f"Data: {data}; {config.batch_size} pictures of {state.recipe.data.size} px a step")
    weights = f"{parameters / 1e6:.1f} M weights"
    say(f"Network: {net.style}, width {net.width}, stem {net.stem}, {weights}")
    say(f"Device: {device}; from step {state.step} to {config.steps}")
