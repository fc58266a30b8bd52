"""The training run."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Sampler

from mangacolor.config import Device, to_json
from mangacolor.data.dataset import Sample, TrainingSet
from mangacolor.data.layouts import Example
from mangacolor.errors import DivergedError, SetupError
from mangacolor.files import atomic_write
from mangacolor.train.samples import write_samples
from mangacolor.train.state import RunState, machine, save_state
from mangacolor.train.step import generator_step, learning_rate, prepare

__all__ = ["Progress", "choose_device", "train"]


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run is, after each step.

    Attributes:
        step, steps: done and wanted.
        losses: smoothed over the last steps, by name.
        pictures_per_second: since the run was started.
        data_share: share of the time spent waiting for samples.
        samples: the newest sample grid, if there is one.
        checkpoint: the newest checkpoint, if there is one.
    """

    step: int
    steps: int
    losses: dict[str, float]
    pictures_per_second: float
    data_share: float
    samples: Path | None
    checkpoint: Path | None


class _Numbers(Sampler[int]):
    """Sample numbers from where the run stands to its end."""

    def __init__(self, start: int, stop: int) -> None:
        self.numbers = range(start, stop)

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)


def choose_device(device: Device) -> torch.device:
    """The device to train on.

    Raises:
        SetupError: CUDA was asked for and is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise SetupError(
            f"torch {torch.__version__} finds no CUDA device.",
            "Install a CUDA build of torch and a driver, or say --device cpu.",
        )
    return torch.device(device)


def train(
    state: RunState,
    examples: list[Example],
    folder: Path,
    *,
    device: torch.device,
    max_minutes: float | None = None,
    workers: int = 0,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Trains until the recipe's last step or until the time is up.

    Args:
        state: where the run stands; changed in place.
        examples: training pictures.
        folder: of the run; gets `recipe.json`, `log.jsonl`, `samples/` and checkpoints.
        device: that the state is on.
        max_minutes: stops after this time, with a checkpoint.
        workers: processes that prepare samples; 0 prepares them in this one.
        report: called after each step.

    Returns:
        The last checkpoint's path.

    Raises:
        DivergedError: a loss is not finite; the last good checkpoint stays, and is named.
    """
    recipe = state.recipe
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / "recipe.json", to_json(recipe).encode())
    state.history.append({**machine(device), "examples": len(examples), "from_step": state.step})
    run = _Run(state, folder, max_minutes)
    try:
        for sample in _timed(_loader(state, examples, workers, device), run):
            batch = prepare(sample, recipe, state.step, device)
            rate = learning_rate(recipe.train, state.step, state.age)
            for group in state.optimizer.param_groups:
                group["lr"] = rate
            figures = generator_step(state.generator, state.optimizer, batch, recipe.train)
            state.ema.update_parameters(state.generator)
            state.step += 1
            state.age += 1
            state.pictures += len(batch.color)
            run.after_step(figures)
            if state.step % recipe.train.sample_steps == 0:
                run.samples = write_samples(state, examples, folder / "samples", device)
            report(run.progress())
            if run.is_over():
                break
    except DivergedError as error:
        kept = f"The last good checkpoint is {run.checkpoint}. " if run.checkpoint else ""
        raise DivergedError(error.message, kept + error.hint) from error
    except KeyboardInterrupt:
        run.save()
        raise
    return run.save()


def _loader(
    state: RunState, examples: list[Example], workers: int, device: torch.device
) -> DataLoader[Sample]:
    recipe = state.recipe
    size = recipe.train.batch_size
    return DataLoader(
        TrainingSet(examples, recipe.data, size, recipe.train.seed),
        batch_size=size,
        # Sample numbers follow from the steps done, so that every run of a recipe sees the same.
        sampler=_Numbers(state.step * size, recipe.train.steps * size),
        num_workers=workers,
        pin_memory=device.type == "cuda",
        persistent_workers=workers > 0,
    )


def _timed(loader: DataLoader[Sample], run: _Run) -> Iterator[Sample]:
    """The loader's batches, with the time spent waiting for them added up."""
    batches = iter(loader)
    while True:
        start = time.monotonic()
        try:
            sample = next(batches)
        except StopIteration:
            return
        run.waited += time.monotonic() - start
        yield sample


class _Run:
    """Clock, log and checkpoints of one run."""

    def __init__(self, state: RunState, folder: Path, max_minutes: float | None) -> None:
        self.state = state
        self.folder = folder
        self.seconds = max_minutes * 60 if max_minutes is not None else float("inf")
        self.started = self.saved = time.monotonic()
        self.first_picture = state.pictures
        self.waited = 0.0
        self.losses: dict[str, float] = {}
        self.samples: Path | None = None
        self.checkpoint: Path | None = None
        self.saved_step = -1

    def after_step(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.losses[name] = 0.98 * self.losses.get(name, value) + 0.02 * value
        if self.state.step % 100 == 0:
            self._log()
        minutes = (time.monotonic() - self.saved) / 60
        if minutes >= self.state.recipe.train.checkpoint_minutes:
            self.save()

    def _log(self) -> None:
        progress = self.progress()
        record = {
            "step": progress.step,
            "pictures": self.state.pictures,
            "pictures_per_second": round(progress.pictures_per_second, 2),
            "data_share": round(progress.data_share, 4),
            **{name: round(value, 5) for name, value in progress.losses.items()},
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def save(self) -> Path:
        """Writes a checkpoint unless this step has one already."""
        if self.checkpoint is None or self.saved_step != self.state.step:
            self.state.history[-1]["to_step"] = self.state.step
            self.state.history[-1]["minutes"] = round((time.monotonic() - self.started) / 60, 1)
            self.checkpoint = save_state(self.state, self.folder)
            self.saved_step = self.state.step
        self.saved = time.monotonic()
        return self.checkpoint

    def progress(self) -> Progress:
        seconds = max(time.monotonic() - self.started, 1e-9)
        return Progress(
            step=self.state.step,
            steps=self.state.recipe.train.steps,
            losses=dict(self.losses),
            pictures_per_second=(self.state.pictures - self.first_picture) / seconds,
            data_share=self.waited / seconds,
            samples=self.samples,
            checkpoint=self.checkpoint,
        )

    def is_over(self) -> bool:
        return time.monotonic() - self.started >= self.seconds


def dry_run(state: RunState, examples: list[Example], device: torch.device) -> float:
    """One step on a copy of nothing: makes a batch and moves the weights in memory only.

    Returns:
        Seconds that the step took.
    """
    start = time.monotonic()
    sample = next(iter(_loader(state, examples, 0, device)))
    batch = prepare(sample, state.recipe, state.step, device)
    generator_step(state.generator, state.optimizer, batch, state.recipe.train)
    return time.monotonic() - start
