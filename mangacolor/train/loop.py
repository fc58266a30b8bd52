"""The training run."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import torch
from torch.utils.data import DataLoader

from mangacolor.config import Device, TrainConfig
from mangacolor.data.dataset import Sample, TrainingSet
from mangacolor.data.layouts import Example
from mangacolor.errors import DivergedError, InputError, SetupError
from mangacolor.files import atomic_write, system_hint
from mangacolor.paper.perceptual import Perceptual, load_perceptual
from mangacolor.recipes import to_json
from mangacolor.train.area_run import areas_of, describe, matching, try_matching
from mangacolor.train.parallel import Share, Team, joined_team
from mangacolor.train.record import Progress, RunRecord, Step
from mangacolor.train.samples import write_samples
from mangacolor.train.state import RunState, machine
from mangacolor.train.step import prepare, rate_share, training_step
from mangacolor.train.surface_run import crops_of, seeing, try_seeing

__all__ = ["choose_device", "dry_run", "train"]


def choose_device(device: Device) -> torch.device:
    """The device to train on.

    Raises:
        SetupError: CUDA was asked for and is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise SetupError(
            f"torch {torch.__version__} finds no CUDA device.",
            "Install a CUDA build of torch and a driver, or say --device cpu.",
        )
    # torchrun gives each of its processes a device of its own.
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def train(
    state: RunState,
    examples: list[Example],
    folder: Path,
    *,
    device: torch.device,
    max_minutes: float | None = None,
    workers: int = 0,
    cache: Path | None = None,
    tell: Callable[[Progress], None] = lambda progress: None,
    tell_described: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Trains until the recipe's last step or until the time is up.

    Args:
        state: where the run stands; changed in place.
        examples: training pictures.
        folder: of the run; gets `recipe.json`, `log.jsonl`, `samples/` and checkpoints.
        device: that the state is on.
        max_minutes: stops after this time, with a checkpoint.
        workers: processes that draw and prepare samples; 0 does it in this one.
        cache: folder in which described areas are kept; None keeps them with the run.
        tell: called after each step.
        tell_described: called after each series whose areas are described, or page that is drawn,
            before the first step, with how many are done and how many there are.

    Started by torchrun, every process does its share of each batch and the first one writes.

    Returns:
        The last checkpoint's path.

    Raises:
        DivergedError: a loss is not finite; the last good checkpoint stays, and is named.
        InputError: a picture cannot be read; what was learned is saved first.
        SetupError: the folder cannot be written to, as on a full disk; the last checkpoint stays.
        KeyboardInterrupt: Ctrl-C; the step in hand, or the series that is described, is finished,
            and a checkpoint written first if there was a step.
    """
    with joined_team(device, state.recipe.train.batch_size) as team:
        facts = {**machine(device), "processes": team.size, "examples": len(examples)}
        state.history.append({**facts, "from_step": state.step})
        run = RunRecord(state, folder, max_minutes, writes=team.leads)
        loader: DataLoader[Sample] | None = None
        try:
            if team.leads:
                folder.mkdir(parents=True, exist_ok=True)
                atomic_write(folder / "recipe.json", to_json(state.recipe).encode())
            with _interrupt_noted() as interrupted:
                if state.recipe.train.stage == "painter":
                    loader = _loader(state, examples, workers, device, team)
                    steps = _painting(run, _timed(loader, run), device, team)
                elif state.recipe.train.stage == "surfaces":
                    pages = cache or folder / "pages"
                    crops = crops_of(state.recipe, examples, pages, team)
                    in_time = describe(crops, run, interrupted, tell_described, workers)
                    steps = seeing(run, crops, device, workers) if in_time else iter(())
                else:
                    areas = areas_of(run, examples, cache, team)
                    in_time = describe(areas, run, interrupted, tell_described, workers)
                    steps = matching(run, areas) if in_time else iter(())
                _train(run, steps, examples, device, team, tell, interrupted)
        except DivergedError as error:
            kept = f"The last good checkpoint is {run.checkpoint}. " if run.checkpoint else ""
            raise DivergedError(error.message, kept + error.hint) from error
        except (KeyboardInterrupt, InputError):
            # A second Ctrl-C cuts a step in two: then the last checkpoint is what is left.
            if state.age and run.between:
                run.save()
            raise
        except OSError as error:
            kept = f"The last checkpoint is {run.checkpoint}. " if run.checkpoint else ""
            raise SetupError(
                f"{folder} cannot be written to: {error.strerror or error}.",
                f"{kept}{system_hint(error)} Go on with --resume, or name another --out.",
            ) from error
        finally:
            if loader is not None and isinstance(loader.dataset, TrainingSet):
                loader.dataset.close()
        return run.save()


def _painting(
    run: RunRecord, samples: Iterator[Sample], device: torch.device, team: Team
) -> Iterator[Step]:
    """Steps that teach the whole network, or the painter of areas."""
    state, recipe = run.state, run.state.recipe
    model = team.wrap(state.generator)
    if recipe.train.compile:
        model = torch.compile(model)  # type: ignore[assignment]
    if state.adversary is not None:
        state.adversary.average = team.average
    perceptual, notice = perceptual_loss(recipe.train, device)
    run.tell(notice)
    for sample in samples:
        batch = prepare(sample, recipe, device)
        yield functools.partial(
            training_step,
            model,
            state.optimizer,
            batch,
            recipe.train,
            state.adversary,
            perceptual,
        )


def _train(
    run: RunRecord,
    steps: Iterator[Step],
    examples: list[Example],
    device: torch.device,
    team: Team,
    tell: Callable[[Progress], None],
    interrupted: Callable[[], bool],
) -> None:
    state = run.state
    recipe = state.recipe
    for step in steps:
        _set_rates(state)
        run.between = False
        figures = step()
        state.ema.update_parameters(state.generator)
        state.step += 1
        state.age += 1
        state.pictures += recipe.train.batch_size
        run.after_step(figures)
        paints = recipe.train.stage == "painter"
        if team.leads and paints and state.step % recipe.train.sample_steps == 0:
            run.samples = write_samples(state, examples, run.folder / "samples", device)
        tell(run.progress())
        if team.any(interrupted(), device):
            raise KeyboardInterrupt
        if state.step >= recipe.train.steps or team.any(run.is_over(), device):
            break


def _set_rates(state: RunState) -> None:
    """Both players' learning rates for the step to come; they rise and fall together."""
    config = state.recipe.train
    share = rate_share(config, state.step, state.age)
    players = [(state.optimizer, config.learning_rate)]
    if state.adversary is not None:
        players.append((state.adversary.optimizer, config.discriminator_learning_rate))
    for optimizer, rate in players:
        for group in optimizer.param_groups:
            group["lr"] = share * rate * group.get("factor", 1.0)


def perceptual_loss(config: TrainConfig, device: torch.device) -> tuple[Perceptual | None, str]:
    """The perceptual loss if the recipe wants one, and a notice if it cannot be had."""
    if not config.perceptual_weight:
        return None, ""
    named = Path(config.perceptual_weights) if config.perceptual_weights else None
    return load_perceptual(named, device)


@contextlib.contextmanager
def _interrupt_noted() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: noted once, so that a step is never cut in two.

    A second Ctrl-C interrupts at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)
    pressed = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _loader(
    state: RunState, examples: list[Example], workers: int, device: torch.device, team: Team
) -> DataLoader[Sample]:
    recipe, config = state.recipe, state.recipe.train
    return DataLoader(
        TrainingSet(examples, recipe.data, config.batch_size, config.seed, shared=workers > 0),
        batch_size=config.batch_size // team.size,
        sampler=Share(state.step, config.steps, config.batch_size, team),
        num_workers=workers,
        pin_memory=device.type == "cuda",
        persistent_workers=workers > 0,
    )


def _timed(loader: DataLoader[Sample], run: RunRecord) -> Iterator[Sample]:
    """The loader's batches, with the time spent waiting for them added up."""
    batches = iter(loader)
    while True:
        start = time.monotonic()
        try:
            sample = next(batches)
        except StopIteration:
            return
        except InputError as error:
            if "Original Traceback" not in error.message:
                raise
            # From a worker it comes with the worker's traceback around it.
            last = error.message.strip().splitlines()[-1]
            raise InputError(last.partition("InputError: ")[2] or last) from error
        run.waited += time.monotonic() - start
        if isinstance(loader.dataset, TrainingSet):
            for reason in loader.dataset.unreadable():
                run.tell(f"left out: {reason}")
        yield sample


def dry_run(state: RunState, examples: list[Example], device: torch.device) -> tuple[float, str]:
    """One step on a copy of nothing: makes a batch and moves the weights in memory only.

    Returns:
        Seconds that the step took, and what a run would tell at its start, or "".
    """
    start = time.monotonic()
    if state.recipe.train.stage == "surfaces":
        return try_seeing(state, examples, device)
    if state.recipe.train.stage != "painter":
        return try_matching(state, examples)
    sample = next(iter(_loader(state, examples, 0, device, Team())))
    batch = prepare(sample, state.recipe, device)
    perceptual, notice = perceptual_loss(state.recipe.train, device)
    config = state.recipe.train
    training_step(state.generator, state.optimizer, batch, config, state.adversary, perceptual)
    return time.monotonic() - start, notice
