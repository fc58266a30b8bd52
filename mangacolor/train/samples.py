"""Grids of samples, so that a person sees what the network does."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch.nn import functional as F
from torch.utils.data import default_collate

from mangacolor.data.dataset import TrainingSet
from mangacolor.data.layouts import Example
from mangacolor.files import atomic_path
from mangacolor.targets import signature
from mangacolor.train.state import RunState
from mangacolor.train.step import Batch, prepare
from mangacolor.vision import import_torchvision

__all__ = ["write_grid", "write_samples"]

SAMPLES = 8
# Far from the numbers of the training samples, so that no picture is shown as it was trained on.
FIRST = 2**40


@torch.no_grad()
def write_samples(
    state: RunState, examples: list[Example], folder: Path, device: torch.device
) -> Path:
    """Colours the same few samples each time with the averaged weights.

    Returns:
        Path of a PNG with a row per sample: references, line art, result, truth.
    """
    batch = sample_batch(state, examples, device)
    coloring = state.ema.module(batch.lineart, batch.references)
    path = folder / f"step-{state.step:08d}.png"
    _write_rows(path, batch, coloring.pyramid[-1])
    return path


def sample_batch(state: RunState, examples: list[Example], device: torch.device) -> Batch:
    """The samples that are shown: always the same ones for a recipe."""
    recipe = state.recipe
    data = TrainingSet(examples, recipe.data, SAMPLES, recipe.train.seed)
    sample = default_collate([data[FIRST + i] for i in range(SAMPLES)])
    return prepare(sample, recipe, device)


def _write_rows(path: Path, batch: Batch, result: torch.Tensor) -> None:
    size = batch.color.shape[2:]
    references = [F.interpolate(picture, size=size) for picture in batch.references.unbind(1)]
    columns = [*references, batch.lineart.expand(-1, 3, -1, -1), result, batch.color]
    write_grid(path, torch.stack(columns, dim=1).flatten(0, 1), len(columns))


def write_grid(path: Path, pictures: torch.Tensor, columns: int) -> None:
    """Writes pictures (N, 3, h, w) in [-1, 1] as a PNG, so many a row."""
    make_grid = import_torchvision().utils.make_grid
    grid = make_grid((pictures.float().cpu() + 1) / 2, nrow=columns, pad_value=0.5)
    array = (grid.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    with atomic_path(path) as part:
        picture = Image.fromarray(array)
        picture.save(part, format="PNG", compress_level=1, pnginfo=signature())
