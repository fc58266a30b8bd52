"""The stage that teaches what finds areas: its crops, its steps, and one step to try."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from mangacolor.comic.wardrobe import find_figures
from mangacolor.config import Recipe
from mangacolor.data.layouts import Example
from mangacolor.errors import UsageError
from mangacolor.train.parallel import Share, Team
from mangacolor.train.record import RunRecord, Step
from mangacolor.train.state import RunState
from mangacolor.train.surface_steps import SurfaceCrops, surface_step

__all__ = ["crops_of", "seeing", "try_seeing"]


def crops_of(recipe: Recipe, examples: Sequence[Example], folder: Path, team: Team) -> SurfaceCrops:
    """The crops of a run, of pages that are kept in a folder, and of pictures.

    Raises:
        UsageError: several processes train.
        InputError: the folder of models has none.
    """
    if team.size > 1:
        raise UsageError(
            f'Stage "{recipe.train.stage}" runs in one process.', "Start it without torchrun."
        )
    data = recipe.data
    figures = find_figures(Path(data.figures)) if data.figures else ()
    return SurfaceCrops(
        folder,
        data.surface_pages,
        data.size,
        recipe.train.seed,
        figures,
        examples,
        data.surface_pictures,
    )


def seeing(
    run: RunRecord, crops: SurfaceCrops, device: torch.device, workers: int
) -> Iterator[Step]:
    """Steps that teach what finds areas."""
    state, config = run.state, run.state.recipe.train
    loader = DataLoader(
        crops,
        batch_size=config.batch_size,
        sampler=Share(state.step, config.steps, config.batch_size, Team()),
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    net = state.generator.surfaces.train()
    for batch in loader:
        page, borders, kinds = (tensor.to(device) for tensor in batch)
        there = page, borders, kinds
        yield functools.partial(surface_step, net, state.optimizer, there, config)


def try_seeing(
    state: RunState, examples: Sequence[Example], device: torch.device
) -> tuple[float, str]:
    """One step on crops of one page in a temporary folder, and its seconds; tells nothing."""
    recipe = dataclasses.replace(
        state.recipe, data=dataclasses.replace(state.recipe.data, surface_pages=1)
    )
    with tempfile.TemporaryDirectory(prefix="mangacolor-") as folder:
        crops = crops_of(recipe, examples, Path(folder), Team())
        for _ in crops.fill():
            pass
        start = time.monotonic()
        many = [crops[number] for number in range(recipe.train.batch_size)]
        page, borders, kinds = (torch.stack(x).to(device) for x in zip(*many, strict=True))
        net = state.generator.surfaces.train()
        surface_step(net, state.optimizer, (page, borders, kinds), recipe.train)
        return time.monotonic() - start, ""
