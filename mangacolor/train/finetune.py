"""A model for one series: training from given weights until held-back panels look no better."""

from __future__ import annotations

import dataclasses
import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from mangacolor.config import FinetuneConfig
from mangacolor.data.layouts import Example
from mangacolor.errors import DivergedError, ModelError
from mangacolor.nets.build import Generator
from mangacolor.nets.checkpoint import Checkpoint, save_checkpoint
from mangacolor.train.loop import train
from mangacolor.train.record import Progress
from mangacolor.train.state import RunState

__all__ = ["BEST_FILE", "Trial", "finetune"]

BEST_FILE = "best.safetensors"
CHECKS_FILE = "checks.jsonl"

# Figures of the averaged weights on held-back panels, by name; the lowest `error` is the best.
Judge = Callable[[Generator], dict[str, float]]


@dataclasses.dataclass(frozen=True)
class Trial:
    """One look at the held-back panels.

    Attributes:
        step: after which it was.
        figures: what the judge said.
        best: the best look so far, this one or an earlier one.
    """

    step: int
    figures: dict[str, float]
    best: Trial | None = None


class _StalledError(Exception):
    """Ends a run that has not become better for long enough."""


def finetune(
    state: RunState,
    examples: list[Example],
    folder: Path,
    judge: Judge,
    *,
    config: FinetuneConfig,
    device: torch.device,
    max_minutes: float | None = None,
    workers: int = 0,
    tell: Callable[[Progress], None] = lambda progress: None,
    tell_trial: Callable[[Trial], None] = lambda look: None,
    tell_described: Callable[[int, int], None] = lambda done, total: None,
) -> Trial:
    """Trains until the recipe's last step, until the time is up, or until nothing gets better.

    Args:
        state: from `started_from`; changed in place.
        examples: to train on; none of the held-back panels.
        folder: of the run; gets `best.safetensors` (averaged weights), `checks.jsonl`, and what
            `train` writes.
        judge: scores the averaged weights on held-back panels; called before the first step,
            every `config.check_steps` and after the last step.
        config: how often is looked, and for how long without a better result.
        device: that the state is on.
        max_minutes: stops after this time.
        workers: processes that prepare samples.
        tell: called after each step.
        tell_trial: called after each look.
        tell_described: called after each series whose areas are described, as by `train`.

    Returns:
        The best look, whose weights are in `best.safetensors`.

    Raises:
        DivergedError: as `train`; the best weights stay and are named.
        KeyboardInterrupt: Ctrl-C; the best weights stay.
    """
    watch = _Trials(state, folder, judge, tell_trial, config.least_gain)
    watch.look()

    def after_step(progress: Progress) -> None:
        tell(progress)
        if state.step % config.check_steps == 0:
            watch.look()
            if watch.stale >= config.patience:
                raise _StalledError

    try:
        # Described areas are of no use to another run, which has other pages.
        with tempfile.TemporaryDirectory() as cache:
            train(
                state,
                examples,
                folder,
                device=device,
                max_minutes=max_minutes,
                workers=workers,
                cache=Path(cache),
                tell=after_step,
                tell_described=tell_described,
            )
    except _StalledError:
        return watch.best
    except DivergedError as error:
        raise DivergedError(
            error.message,
            f"The best weights are in {folder / BEST_FILE}. Start again with a lower rate.",
        ) from error
    if state.step > watch.last_step:
        watch.look()
    return watch.best


class _Trials:
    """Looks at held-back panels and keeps the best weights."""

    def __init__(
        self,
        state: RunState,
        folder: Path,
        judge: Judge,
        tell_trial: Callable[[Trial], None],
        least_gain: float,
    ) -> None:
        self.state = state
        self.folder = folder
        self.judge = judge
        self.tell_trial = tell_trial
        self.least_gain = least_gain
        self.start: Trial | None = None
        self.best = Trial(state.step, {"error": math.inf})
        self.stale = 0
        self.last_step = -1

    def look(self) -> None:
        step = self.last_step = self.state.step
        averaged = self.state.ema.module
        assert isinstance(averaged, Generator)
        try:
            look = Trial(step, self.judge(averaged))
        except ModelError as error:
            raise DivergedError(
                f"Training has diverged by step {step}: {error.message}",
                "Start again with a lower learning rate.",
            ) from error
        # Some pages are few: what is as good as the start on them is no reason to leave it.
        gain = 0.0 if self.best is not self.start else self.least_gain
        if look.figures["error"] < self.best.figures["error"] - gain:
            self.best, self.stale = look, 0
            self.start = self.start or look
            self._save(look)
        else:
            self.stale += 1
            look = dataclasses.replace(look, best=self.best)
        record = {"step": step, **{name: round(x, 5) for name, x in look.figures.items()}}
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / CHECKS_FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        self.tell_trial(look)

    def _save(self, look: Trial) -> None:
        """The averaged weights alone: what is scored, exported and fine-tuned again."""
        state = self.state
        last: dict[str, Any] = {**(state.history[-1] if state.history else {})}
        last |= {"to_step": look.step, "held_back": look.figures}
        checkpoint = Checkpoint(
            recipe=state.recipe,
            step=state.step,
            pictures=state.pictures,
            ema=dict(state.ema.module.state_dict()),
            history=[*state.history[:-1], last],
        )
        save_checkpoint(self.folder / BEST_FILE, checkpoint)
