"""Training samples on a sheet, so that a person sees what the network will see."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import default_collate

from mangacolor.config import Recipe
from mangacolor.data.dataset import TrainingSet
from mangacolor.data.layouts import Example
from mangacolor.errors import UsageError
from mangacolor.targets import check_target, is_signed_picture
from mangacolor.train.samples import write_grid
from mangacolor.train.step import Batch, prepare

__all__ = ["write_preview"]

SAMPLES = 24
SAMPLES_A_ROW = 3


def write_preview(
    recipe: Recipe, examples: list[Example], folder: Path, device: torch.device
) -> Path:
    """Writes the run's first samples as they go into the network; nothing else is made.

    Returns:
        Path of a PNG: three samples a row, each as references, line art, truth. Where others have
        more references the rest is grey.

    Raises:
        UsageError: the folder is a file, or has a preview.png of somebody else's.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file.", "Name a folder for the preview.")
    path = folder / "preview.png"
    check_target(path, "--preview", is_signed_picture)
    batches = _first_batches(recipe, examples, device)
    most = max(batch.references.shape[1] for batch in batches)
    samples = torch.cat([_as_rows(batch, most) for batch in batches])
    write_grid(path, samples.flatten(0, 1), SAMPLES_A_ROW * samples.shape[1])
    return path


def _first_batches(recipe: Recipe, examples: list[Example], device: torch.device) -> list[Batch]:
    """As many of the run's first batches as give enough samples, the last cut short."""
    size = recipe.train.batch_size
    data = TrainingSet(examples, recipe.data, size, recipe.train.seed)
    # All samples of a batch have the same number of references: they collate.
    batches = [range(first, min(first + size, SAMPLES)) for first in range(0, SAMPLES, size)]
    return [prepare(default_collate([data[i] for i in batch]), recipe, device) for batch in batches]


def _as_rows(batch: Batch, references: int) -> Tensor:
    """Pictures (N, references + 2, 3, s, s) of a batch's samples."""
    size = batch.color.shape[2:]
    seen = [F.interpolate(picture, size=size) for picture in batch.references.unbind(1)]
    blank = [torch.zeros_like(batch.color)] * (references - len(seen))
    return torch.stack([*seen, *blank, batch.lineart.expand(-1, 3, -1, -1), batch.color], dim=1)
