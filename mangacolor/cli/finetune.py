"""`mangacolor finetune`."""

from __future__ import annotations

import dataclasses
import math
import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from mangacolor.cli.console import console, say, show_error
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
from mangacolor.config import (
    Device,
    FinetuneConfig,
    Layout,
    NetConfig,
    Recipe,
    Style,
)
from mangacolor.errors import INTERRUPTED, UsageError
from mangacolor.files import check_writable
from mangacolor.recipes import read_recipe

if TYPE_CHECKING:
    import torch

    from mangacolor.data.split import Split
    from mangacolor.evaluate.held import HeldBack
    from mangacolor.metrics.tally import Tally
    from mangacolor.nets.build import Generator
    from mangacolor.nets.checkpoint import Checkpoint
    from mangacolor.train.finetune import Trial
    from mangacolor.train.remember import RememberTrial
    from mangacolor.train.state import RunState
    from mangacolor.train.transfer import Transfer

__all__ = ["finetune"]

DEFAULTS = FinetuneConfig()
COMPARISON_FILE = "before-after.png"
# Longer sides of held-back panels and of their references for a model that looks at areas, which
# must be large enough to be found.
AREA_PANEL, AREA_PAGE = 448, 1000
# Of its areas so large a share must be right that was not, for another model to be taken.
AREA_GAIN = 0.01


def finetune(
    pages: Annotated[
        Path,
        typer.Argument(
            help="Folder or CBZ with a few coloured pages of one series, or with pairs."
        ),
    ],
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="MODEL", help="`default` (the shipped model), a checkpoint, a bundle."
        ),
    ] = "default",
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("runs/finetune"),
    style: Annotated[
        Style | None, typer.Option(help="Another kind of style than MODEL has.")
    ] = None,
    recipe: Annotated[str | None, typer.Option(help="TOML recipe; \\[net] is MODEL's.")] = None,
    layout: Annotated[Layout, typer.Option(help="How the pictures lie in PAGES.")] = "auto",
    steps: Annotated[
        int | None, typer.Option(min=1, help="At most so many; the recipe's by default.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Pictures a step.")] = None,
    size: Annotated[
        int | None, typer.Option(min=64, help="Side of training pictures, pixels.")
    ] = None,
    set_: SetOption = None,
    max_minutes: Annotated[
        float | None, typer.Option(min=0.0, help="Stop after this time.")
    ] = None,
    check_steps: Annotated[
        int, typer.Option(min=1, help="Steps between looks at the held-back panels.")
    ] = DEFAULTS.check_steps,
    patience: Annotated[
        int, typer.Option(min=1, help="Looks without a better result that end the run.")
    ] = DEFAULTS.patience,
    device: Annotated[Device, typer.Option(help="auto takes CUDA where torch finds it.")] = "auto",
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that draw and prepare samples; 0: its own.")
    ] = 0,
) -> None:
    """Make a model for one series from a few of its coloured pages."""
    require_torch()
    _check(out)
    from mangacolor.data.split import split_series
    from mangacolor.data.survey import survey
    from mangacolor.evaluate.held import HeldBack, write_comparison
    from mangacolor.nets.checkpoint import load_generator
    from mangacolor.train.finetune import BEST_FILE
    from mangacolor.train.loop import choose_device
    from mangacolor.train.transfer import started_from

    config = dataclasses.replace(DEFAULTS, check_steps=check_steps, patience=patience)
    chosen = choose_device(device)
    model, checkpoint = load_generator(find_weights(start))
    wanted = wishes_of(set_, steps, batch_size, size)
    plan = _plan(recipe, checkpoint.recipe.net, style, wanted)
    # Which pages have colour is found page by page, with the panels.
    found = survey(pages, layout, colors=False)
    say_notices(found.notices)
    say(f"Layout: {found.layout}")
    series = split_series(found.examples, config.held_share)
    state, transfer = started_from(checkpoint, plan, chosen)
    if plan.train.stage != "painter":
        config = dataclasses.replace(
            config, panel_size=AREA_PANEL, reference_size=AREA_PAGE, least_gain=AREA_GAIN
        )
        series = series.without_repeats()
    state.history.append(_facts(Path(start).name, checkpoint.step, series))
    _describe(state, series, transfer, str(chosen))
    held = HeldBack(series, config, chosen)
    before = held.paint(model.to(chosen))
    best, made = _run(state, checkpoint, series, out, held, config, chosen, max_minutes, workers)
    after = held.paint(made.to(chosen))
    write_comparison(out / COMPARISON_FILE, held.panels, before, after)
    was, now = held.tally(before), held.tally(after)
    shares = [held.area_accuracy(x) for x in (before, after)]
    console.print(_table((was, now), shares, len(held.panels)))
    if now.colourfulness_ratio < 0.9 * was.colourfulness_ratio:
        say("note: its colours are paler than before; look at the pictures.", style="yellow")
    if not state.step:
        say(f"There was no time to train; the weights are those of the start: {out / BEST_FILE}")
    elif best.step == 0:
        say("No training was better than the start, and the best weights are those of the start.")
    if state.step:
        say(f"Best at step {best.step} of {state.step}: {out / BEST_FILE}")
    say(f"Before and after: {out / COMPARISON_FILE}")
    say(f"Next: mangacolor export {shlex.quote(str(out / BEST_FILE))} my-series")


def _check(out: Path) -> None:
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise UsageError("finetune runs in one process.", "Start it without torchrun.")
    if (out / "best.safetensors").exists() or any(out.glob("step-*.safetensors")):
        raise UsageError(
            f"{out} holds a run already.", "Name another --out, or move that folder away."
        )
    check_writable(out / "best.safetensors", "--out")


def _plan(path: str | None, net: NetConfig, style: Style | None, wanted: list[str]) -> Recipe:
    """The recipe of the run: the model's network, perhaps in another style."""
    net = dataclasses.replace(net, style=style or net.style)
    recipe = read_recipe(path or net.family.finetuning)
    if recipe.net not in (NetConfig(), net):
        raise UsageError(
            f"{path} asks for {recipe.net}, MODEL is {net}.",
            "Leave [net] out of the recipe; --style changes the style.",
        )
    return changed(dataclasses.replace(recipe, net=net), wanted)


def _facts(model: str, step: int, series: Split) -> dict[str, object]:
    """What the model's history says of the run."""
    return {
        "finetuned_from": model,
        "at_step": step,
        "pages": series.pages,
        "panels": series.panels,
        "held_back": len(series.held),
    }


def _describe(state: RunState, series: Split, transfer: Transfer, device: str) -> None:
    """Says what the run will do, before it does it."""
    if series.grey:
        say(f"Left out, without colour: {', '.join(series.grey)}")
    say(
        f"Pages: {series.pages} with {series.panels} panels; {len(series.train)} pictures to train "
        f"on, {len(series.held)} panels held back"
    )
    net, config = state.recipe.net, state.recipe.train
    say(f"Network: {net.style}, width {net.width}")
    say_transfer(transfer)
    say(f"Device: {device}; at most {config.steps} steps of {config.batch_size} pictures")


def _run(
    state: RunState,
    checkpoint: Checkpoint,
    series: Split,
    out: Path,
    held: HeldBack,
    config: FinetuneConfig,
    device: torch.device,
    max_minutes: float | None,
    workers: int,
) -> tuple[Trial, Generator]:
    """Trains, and lets the best weights remember their pages; the model as it was judged."""
    from mangacolor.nets.checkpoint import load_generator
    from mangacolor.train.finetune import BEST_FILE
    from mangacolor.train.finetune import finetune as run

    def judge(generator: Generator) -> dict[str, float]:
        results = held.paint(generator)
        tally = held.tally(results)
        figures = {
            "error": tally.error,
            "psnr": tally.psnr,
            "chroma_r2": tally.chroma_r2,
            "colourfulness_ratio": tally.colourfulness_ratio,
        }
        right = held.area_accuracy(results)
        # Where areas have one colour each, a wrong one that is paler is no better for it.
        if generator.config.has("matcher") and not math.isnan(right):
            figures |= {"error": 1 - right, "area_accuracy": right}
        return figures

    try:
        with TrainingDisplay(state.step, state.recipe.train.steps) as display:
            best = run(
                state,
                series.train,
                out,
                judge,
                config=config,
                device=device,
                max_minutes=max_minutes,
                workers=workers,
                tell=display.show,
                tell_trial=_show_look,
                tell_described=display.described,
            )
            found = None
            if state.recipe.net.has("matcher"):
                found = _remember(best, checkpoint, series, out, judge, config, device, display)
    except KeyboardInterrupt:
        kept = out / BEST_FILE
        next_ = f"mangacolor export {shlex.quote(str(kept))} my-series"
        hint = f"The best weights are kept: {next_}" * kept.exists()
        show_error(f"Interrupted at step {state.step}.", hint)
        raise typer.Exit(INTERRUPTED) from None
    if found is None:
        return best, load_generator(out / BEST_FILE)[0]
    errors = f"held-back error {found.without['error']:.4f} -> {found.with_them['error']:.4f}"
    if found.pages:
        say(f"It remembers its {found.pages} pages: {errors}.")
    else:
        say(f"It remembers none of its pages, for that made nothing better: {errors}.")
    return best, found.generator


def _remember(
    best: Trial,
    checkpoint: Checkpoint,
    series: Split,
    out: Path,
    judge: Callable[[Generator], dict[str, float]],
    config: FinetuneConfig,
    device: torch.device,
    display: TrainingDisplay,
) -> RememberTrial | None:
    """Lets the best weights of a model of areas remember the pages; None: these are too few."""
    from mangacolor.nets.checkpoint import load_checkpoint, save_checkpoint
    from mangacolor.runtime.remembered import from_arrays
    from mangacolor.train.finetune import BEST_FILE
    from mangacolor.train.remember import remember

    stored = checkpoint.remembered
    arrays = {name: values.numpy() for name, values in checkpoint.remembered.items()}
    # What was remembered means nothing to other weights.
    known = from_arrays(arrays) if stored and best.step == 0 else None
    # What helps other panels of a page need not help another page.
    if not series.held_pages:
        if known is not None:
            kept = load_checkpoint(out / BEST_FILE)
            save_checkpoint(out / BEST_FILE, dataclasses.replace(kept, remembered=stored))
        return None
    return remember(
        out / BEST_FILE,
        series.taught_pages,
        series.held_pages,
        judge,
        device=device,
        least_gain=config.least_gain,
        known=known,
        judged=best.figures,
        tell=display.remembered,
    )


def _show_look(look: Trial) -> None:
    figures = look.figures
    better = "the best so far" if look.best is None else f"best was step {look.best.step}"
    say(
        f"Step {look.step}: held-back error {figures['error']:.4f}, chroma R² "
        f"{figures['chroma_r2']:+.3f}, colour ratio {figures['colourfulness_ratio']:.2f}; {better}",
        error=True,
    )


def _table(tallies: tuple[Tally, Tally], shares: list[float], count: int) -> Table:
    table = Table(title=f"{count} held-back panel{'s' * (count != 1)}")
    table.add_column("")
    headings = ("area accuracy ↑", "PSNR dB ↑", "SSIM ↑", "chroma R² ↑", "colour ratio → 1")
    for heading in (*headings, "pixel error ↓"):
        table.add_column(heading, justify="right")
    for name, tally, share in zip(("before", "after"), tallies, shares, strict=True):
        table.add_row(
            name,
            f"{share:.3f}",
            f"{tally.psnr:.2f}",
            f"{tally.ssim:.3f}",
            f"{tally.chroma_r2:+.3f}",
            f"{tally.colourfulness_ratio:.2f}",
            f"{tally.error:.4f}",
        )
    return table
