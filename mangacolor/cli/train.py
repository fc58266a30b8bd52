"""`mangacolor train`."""

from __future__ import annotations

import contextlib
import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

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
from mangacolor.config import Device, Layout
from mangacolor.errors import INTERRUPTED, UsageError
from mangacolor.recipes import STAGES_FILE, USUAL, Stage, read_stages, to_json
from mangacolor.targets import check_target, has_keys

if TYPE_CHECKING:
    import torch

    from mangacolor.data.layouts import Example
    from mangacolor.nets.checkpoint import Checkpoint
    from mangacolor.train.board import Board
    from mangacolor.train.record import Progress
    from mangacolor.train.state import RunState
    from mangacolor.train.transfer import Transfer

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
    recipe: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help=f"`{USUAL}` (as left out), `paper`, `paper-levels`, or a TOML file.",
        ),
    ] = None,
    layout: Annotated[Layout, typer.Option(help="How the pictures lie in DATA.")] = "auto",
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of the run, or of each of its stages.")
    ] = None,
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
        int, typer.Option(min=0, help="Processes that draw and prepare samples; 0: its own.")
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

    if preview is None and not dry_run:
        check_target(out / "recipe.json", "--out", has_keys("net", "data", "train"))
    found = survey(data, layout)
    say_notices(found.notices)
    chosen = choose_device(device)
    asked = _ask(recipe, out, start, resume, wishes_of(set_, steps, batch_size, size))
    if preview is not None:
        from mangacolor.train.preview import write_preview

        # Of the stages it is the painter's whose samples are pictures, and it comes last.
        wanted = asked.stages[-1].recipe
        say(f"Wrote {write_preview(wanted, found.examples, preview, chosen)}")
        return
    if not resume and any(_begun(out / stage.name) for stage in asked.stages):
        raise UsageError(
            f"{out} holds a run already.", "Say --resume to go on with it, or name another --out."
        )
    series = len({example.series for example in found.examples})
    say(f"Data: {len(found.examples)} pictures of {series} series ({found.layout})")
    if dry_run:
        _try(asked, out, found.examples, chosen)
        return
    end = None if max_minutes is None else time.monotonic() + 60 * max_minutes
    how = _How(chosen, end, workers, cache or out / "areas", tensorboard)
    _carry_out(asked, out, found.examples, how)


class _Asked(NamedTuple):
    """What is to be trained: stages, and what the first one begins with."""

    stages: tuple[Stage, ...]
    start: str | None
    given: Checkpoint | None


class _How(NamedTuple):
    """Where and for how long; `end` is of the monotonic clock."""

    device: torch.device
    end: float | None
    workers: int
    cache: Path
    tensorboard: bool


def _try(asked: _Asked, out: Path, examples: list[Example], device: torch.device) -> None:
    """One step of the stage that is to be done next, and nothing of it is kept."""
    from mangacolor.train.loop import dry_run
    from mangacolor.train.stages import stands_at, state_of

    number, newest, before = stands_at(out, asked.stages)
    stage = asked.stages[number]
    state, transfer = state_of(stage, newest, before or asked.given, device)
    _describe(asked.stages, stage, state, transfer, device)
    say(to_json(state.recipe).rstrip())
    seconds, notice = dry_run(state, examples, device)
    say_notices([notice])
    say(f"One step took {seconds:.1f} s. Nothing was written (--dry-run).")


def _carry_out(asked: _Asked, out: Path, examples: list[Example], how: _How) -> None:
    """Trains the stages that are not done."""
    from mangacolor.nets.checkpoint import load_checkpoint
    from mangacolor.train.stages import keep_stages, stands_at, state_of

    number, newest, before = stands_at(out, asked.stages)
    for stage in asked.stages[number:]:
        state, transfer = state_of(stage, newest, before or asked.given, how.device)
        _describe(asked.stages, stage, state, transfer, how.device)
        if os.environ.get("RANK", "0") == "0":
            keep_stages(out, asked.stages, asked.start)
        last = _run(state, examples, out / stage.name, how)
        if stage is asked.stages[-1]:
            say(f"Done at step {state.step}: {last}")
            say(f"Next: mangacolor export {shlex.quote(str(last))} my-model")
        elif state.step < state.recipe.train.steps:
            say(f"The time was up in stage {stage.name} at step {state.step}: {last}")
            say("Go on with --resume.")
            return
        else:
            newest, before = None, load_checkpoint(last)


def _run(state: RunState, examples: list[Example], folder: Path, how: _How) -> Path:
    """Trains, and shows how far it is."""
    from mangacolor.train.loop import train as run

    try:
        with (
            _board(folder, state.step, wanted=how.tensorboard) as board,
            TrainingDisplay(state.step, state.recipe.train.steps) as display,
        ):

            def tell(progress: Progress) -> None:
                display.show(progress)
                if board is not None:
                    board.show(progress)

            return run(
                state,
                examples,
                folder,
                device=how.device,
                max_minutes=None if how.end is None else (how.end - time.monotonic()) / 60,
                workers=how.workers,
                cache=how.cache,
                tell=tell,
                tell_described=display.described,
            )
    except KeyboardInterrupt:
        if _begun(folder) or (folder.parent / STAGES_FILE).exists():
            show_error(f"Interrupted at step {state.step}.", "Go on with --resume.")
        else:
            show_error("Interrupted before the first step.", "Start it again.")
        raise typer.Exit(INTERRUPTED) from None


def _board(
    out: Path, step: int, *, wanted: bool
) -> contextlib.AbstractContextManager[Board | None]:
    """The board of a run, in the process that speaks for all and where it is wanted."""
    if not wanted or os.environ.get("RANK", "0") != "0":
        return contextlib.nullcontext()
    from mangacolor.train.board import Board

    return Board(out / "tensorboard", step)


def _wishes_for(stage: Stage, wishes: list[str]) -> list[str]:
    """Those that a stage has a use for: among several, crops of pages have a size of their own."""
    if stage.name and stage.recipe.train.stage == "surfaces":
        return [wish for wish in wishes if not wish.startswith("data.size=")]
    return wishes


def _ask(
    named: str | None, out: Path, start: str | None, resume: bool, wishes: list[str]
) -> _Asked:
    """What is asked for, or else what the run or the given weights are, with all changes."""
    from mangacolor.nets.checkpoint import load_checkpoint
    from mangacolor.train.stages import kept_stages

    if resume and start is not None:
        raise UsageError("--resume and --from exclude each other.")
    stages = None if named is None else read_stages(named)
    if resume:
        kept, start = kept_stages(out)
        stages = stages or kept
        if _begun(out / stages[0].name):
            # What the run began with need not be there any more.
            start = None
    given = None if start is None else load_checkpoint(find_weights(start))
    if stages is None:
        stages = read_stages(USUAL)
        if given is not None and not all(
            given.recipe.net.has(x.recipe.train.stage) for x in stages
        ):
            stages = (Stage("", given.recipe),)
        elif given is not None:
            # Whoever goes on from a model wants its network.
            net = given.recipe.net
            stages = tuple(Stage(x.name, replace(x.recipe, net=net)) for x in stages)
    stages = tuple(Stage(x.name, changed(x.recipe, _wishes_for(x, wishes))) for x in stages)
    if resume:
        _check_unfinished(out, stages)
    return _Asked(stages, start, given)


def _check_unfinished(out: Path, stages: Sequence[Stage]) -> None:
    from mangacolor.train.stages import stands_at

    number, _, last = stands_at(out, stages)
    if number == len(stages) and last is not None:
        steps = stages[-1].recipe.train.steps
        raise UsageError(
            f"The run has done its {steps} steps: it stands at {last.step}.",
            "Say --steps with a larger number to go on.",
        )


def _begun(folder: Path) -> bool:
    return any(folder.glob("step-*.safetensors"))


def _describe(
    stages: Sequence[Stage],
    stage: Stage,
    state: RunState,
    transfer: Transfer | None,
    device: torch.device,
) -> None:
    """Says what the run will do, before it does it."""
    if len(stages) > 1:
        say(f"Stage {stages.index(stage) + 1} of {len(stages)}: {stage.name}")
    if transfer is not None:
        say_transfer(transfer)
    parameters = sum(parameter.numel() for parameter in state.generator.parameters())
    net, config = state.recipe.net, state.recipe.train
    weights = f"{parameters / 1e6:.1f} M weights"
    say(f"Network: {net.style}, width {net.width}, stem {net.stem}, {weights}")
    what = f"pictures of {state.recipe.data.size} px" if config.stage == "painter" else "views"
    say(f"Device: {device}; from step {state.step} to {config.steps}")
    say(f"Each step: {config.batch_size} {what}")
