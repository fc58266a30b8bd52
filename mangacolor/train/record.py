"""Clock, log and checkpoints of a run."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

from mangacolor.paper.adversary import Watch
from mangacolor.train.state import RunState, checkpoint_path, save_state

__all__ = ["Progress", "RunRecord", "Step"]

# Moves the weights once, and gives the step's figures.
Step = Callable[[], dict[str, float]]


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run is, after each step.

    Attributes:
        step, steps: done and wanted.
        losses: smoothed over the last steps, by name.
        learning_rate: of the last step.
        pictures_per_second: since the run was started.
        seconds_left: to the last step or to the end of `max_minutes`, whichever is sooner.
        data_share: share of the time spent waiting for samples.
        samples: the newest sample grid, if there is one.
        checkpoint: the newest checkpoint, if there is one.
        notice: something to be told now, or "".
    """

    step: int
    steps: int
    losses: dict[str, float]
    learning_rate: float
    pictures_per_second: float
    seconds_left: float
    data_share: float
    samples: Path | None
    checkpoint: Path | None
    notice: str = ""


class RunRecord:
    """What is kept of a run as it goes.

    Args:
        state: of the run.
        folder: gets `log.jsonl` and the checkpoints.
        max_minutes: after which `is_over` is true.
        writes: whether this process writes at all.
    """

    def __init__(
        self, state: RunState, folder: Path, max_minutes: float | None, *, writes: bool
    ) -> None:
        self.state = state
        self.folder = folder
        self.writes = writes
        self.seconds = max_minutes * 60 if max_minutes is not None else float("inf")
        self.started = self.saved = time.monotonic()
        self.first_step, self.first_picture = state.step, state.pictures
        self.waited = 0.0
        self.losses: dict[str, float] = {}
        self.samples: Path | None = None
        self.checkpoint: Path | None = None
        self.saved_step = -1
        self.watch = Watch()
        # Whether the state is one between two steps, the only kind that is kept.
        self.between = True
        self.notice = self._told = ""

    def tell(self, notice: str) -> None:
        """Has a line told with the next step's progress."""
        self._told = "; ".join(words for words in (self._told, notice) if words)

    def after_step(self, figures: dict[str, float]) -> None:
        self.between = True
        for name, value in figures.items():
            self.losses[name] = 0.98 * self.losses.get(name, value) + 0.02 * value
        self.notice, self._told = self._told or self.watch.see(figures), ""
        if self.writes and (self.notice or self.state.step % 100 == 0):
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
            **({"notice": self.notice} if self.notice else {}),
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def save(self) -> Path:
        """Writes a checkpoint unless this step has one already; gives its path."""
        if not self.writes:
            return checkpoint_path(self.folder, self.state.step)
        if self.checkpoint is None or self.saved_step != self.state.step:
            self.state.history[-1]["to_step"] = self.state.step
            self.state.history[-1]["minutes"] = round((time.monotonic() - self.started) / 60, 1)
            self.checkpoint = save_state(self.state, self.folder)
            self.saved_step = self.state.step
        self.saved = time.monotonic()
        return self.checkpoint

    def progress(self) -> Progress:
        seconds = max(time.monotonic() - self.started, 1e-9)
        done = self.state.step - self.first_step
        to_do = self.state.recipe.train.steps - self.state.step
        return Progress(
            step=self.state.step,
            steps=self.state.recipe.train.steps,
            losses=dict(self.losses),
            learning_rate=self.state.optimizer.param_groups[0]["lr"],
            pictures_per_second=(self.state.pictures - self.first_picture) / seconds,
            seconds_left=max(0.0, min(seconds / max(done, 1) * to_do, self.seconds - seconds)),
            data_share=self.waited / seconds,
            samples=self.samples,
            checkpoint=self.checkpoint,
            notice=self.notice,
        )

    def is_over(self, share: float = 1.0) -> bool:
        """Whether the time, or this share of it, is up."""
        return time.monotonic() - self.started >= share * self.seconds
