"""Steps of a run that teach what is matched: areas are described first, then learned from."""

from __future__ import annotations

import dataclasses
import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import torch

from mangacolor.data.layouts import Example
from mangacolor.errors import UsageError
from mangacolor.nets.features import is_imagenet
from mangacolor.train.area_cache import AreaCache, open_cache
from mangacolor.train.area_steps import described, draw_samples, matching_step
from mangacolor.train.area_views import SurfaceFinder
from mangacolor.train.parallel import Team
from mangacolor.train.record import RunRecord, Step
from mangacolor.train.state import RunState
from mangacolor.train.surface_steps import SurfaceCrops

__all__ = ["areas_of", "describe", "matching", "try_matching"]

# Most of a run's time that goes into describing areas, so that some is left to learn from them.
_DESCRIBING = 0.5


def areas_of(run: RunRecord, examples: list[Example], cache: Path | None, team: Team) -> AreaCache:
    """The series of a run; what is described is kept with it unless another folder is named.

    Raises:
        UsageError: several processes do the run.
        InputError: there is no series, or a picture cannot be read.
    """
    recipe = run.state.recipe
    if team.size > 1:
        raise UsageError(
            f'Stage "{recipe.train.stage}" runs in one process.', "Start it without torchrun."
        )
    return open_cache(examples, recipe, cache or run.folder / "areas", _finder(run.state))


def _finder(state: RunState) -> SurfaceFinder | None:
    """How a model finds areas: by its network, if it has one."""
    generator = state.generator
    return SurfaceFinder(generator.surfaces) if generator.config.sees_surfaces else None


def describe(
    things: AreaCache | SurfaceCrops,
    run: RunRecord,
    interrupted: Callable[[], bool],
    tell_described: Callable[[int, int], None],
    workers: int = 0,
) -> bool:
    """Draws what is not there yet, in half of the time; whether any is left for steps."""
    for done, total in things.fill(workers):
        tell_described(done, total)
        if interrupted():
            raise KeyboardInterrupt
        if run.is_over():
            return False
        if run.is_over(_DESCRIBING) and done < total:
            things.leave_out_missing()
            what = "series" if isinstance(things, AreaCache) else "pages"
            run.tell(f"the time is enough for {done} of {total} {what}; these are learned from")
            return True
    return True


def matching(run: RunRecord, areas: AreaCache) -> Iterator[Step]:
    """Steps that teach the matcher, and the features in their stage."""
    state, recipe = run.state, run.state.recipe
    device = next(state.generator.parameters()).device
    if recipe.train.stage == "matcher" and not is_imagenet(state.generator.features):
        # Its matcher will see what its own features say, which stay as they are.
        areas.described = torch.no_grad()(functools.partial(described, state.generator.features))
    for step, samples in enumerate(draw_samples(areas, recipe, state.step, device), state.step):
        yield functools.partial(
            matching_step,
            state.generator,
            state.optimizer,
            samples,
            recipe,
            Random(f"{recipe.train.seed} {step} areas"),
        )


def try_matching(state: RunState, examples: list[Example]) -> tuple[float, str]:
    """The same for areas: two series are described in a temporary folder."""
    recipe = state.recipe
    few = dataclasses.replace(recipe, data=dataclasses.replace(recipe.data, area_series=2))
    with tempfile.TemporaryDirectory(prefix="mangacolor-") as folder:
        areas = open_cache(examples[:2], few, Path(folder), _finder(state))
        for _ in areas.fill():
            pass
        start = time.monotonic()
        samples = next(draw_samples(areas, few, state.step))
        matching_step(state.generator, state.optimizer, samples, few, Random(0))
        return time.monotonic() - start, ""
