"""A run as TensorBoard shows it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from mangacolor.errors import SetupError
from mangacolor.train.record import Progress

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

__all__ = ["Board"]


class Board:
    """Writes a run's curves and sample grids as TensorBoard events; close it after the run.

    Args:
        folder: of the events; made if it is not there.
        step: steps done before this run. Later ones of an earlier run, which were done after the
            checkpoint that this one goes on from, are not shown any more.
        every: steps from one point of a curve to the next; the run's last step is one, too.

    Raises:
        SetupError: TensorBoard is not installed.
    """

    def __init__(self, folder: Path, step: int, every: int = 20) -> None:
        self.writer = _open_writer(folder, step)
        self.every = every
        self._samples: Path | None = None

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def show(self, progress: Progress) -> None:
        """Takes note of a step: the losses as `log.jsonl` has them, and what is new to be seen."""
        if progress.step % self.every == 0 or progress.step == progress.steps:
            curves = {
                **{f"losses/{name}": value for name, value in progress.losses.items()},
                "run/learning_rate": progress.learning_rate,
                "run/pictures_per_second": progress.pictures_per_second,
                "run/data_share": progress.data_share,
            }
            for name, value in curves.items():
                self.writer.add_scalar(name, value, progress.step)
        if progress.samples != self._samples and progress.samples is not None:
            self._samples = progress.samples
            with Image.open(progress.samples) as grid:
                picture = np.asarray(grid.convert("RGB"))
            self.writer.add_image("samples", picture, progress.step, dataformats="HWC")

    def close(self) -> None:
        """Writes what is still to be written."""
        self.writer.close()


def _open_writer(folder: Path, step: int) -> SummaryWriter:
    # Imported here: only a run that is asked for a board needs the package.
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SetupError(
            "--tensorboard needs the package tensorboard.",
            'Run `pip install ".[train,tensorboard]"` in the folder of mangacolor.',
        ) from error
    return SummaryWriter(str(folder), purge_step=step + 1)
