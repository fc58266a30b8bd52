"""A run of several stages: each in a folder of its own, begun with the weights of the last."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import torch

from mangacolor.errors import UsageError
from mangacolor.files import atomic_write
from mangacolor.nets.checkpoint import Checkpoint
from mangacolor.recipes import STAGES_FILE, Stage, to_recipe
from mangacolor.texts import read_text
from mangacolor.train.state import RunState, new_state, newest_checkpoint, state_from
from mangacolor.train.transfer import Transfer, started_from

__all__ = ["keep_stages", "kept_stages", "stands_at", "state_of"]


def keep_stages(out: Path, stages: Sequence[Stage], start: str | None) -> None:
    """Writes down what a run is, so that it can go on without being told again.

    Args:
        out: its folder.
        stages: all of them; of a single one its checkpoints say all.
        start: the model whose weights the first begins with.
    """
    if len(stages) == 1 and not stages[0].name:
        return
    out.mkdir(parents=True, exist_ok=True)
    facts = {"from": start, "stages": [dataclasses.asdict(stage) for stage in stages]}
    atomic_write(out / STAGES_FILE, (json.dumps(facts, indent=2) + "\n").encode())


def kept_stages(out: Path) -> tuple[tuple[Stage, ...], str | None]:
    """The stages of a run that is to go on, and what its first one begins with.

    Raises:
        ModelError: the folder holds no run.
        UsageError: its list of stages is damaged.
    """
    path = out / STAGES_FILE
    if not path.exists():
        return (Stage("", newest_checkpoint(out).recipe),), None
    try:
        facts = json.loads(read_text(path))
        stages = [Stage(str(fact["name"]), to_recipe(fact["recipe"])) for fact in facts["stages"]]
        start = facts["from"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"{path} does not say what the stages are.", "Name the recipe again with --recipe."
        ) from error
    return tuple(stages), None if start is None else str(start)


def stands_at(
    out: Path, stages: Sequence[Stage]
) -> tuple[int, Checkpoint | None, Checkpoint | None]:
    """Where a run stands.

    Args:
        out: its folder.
        stages: all of them.

    Returns:
        The number of the stage that is not done, `len(stages)` if all are; its newest checkpoint,
        if it has begun; and the last one of the stage before.

    Raises:
        ModelError: a checkpoint is damaged.
    """
    before: Checkpoint | None = None
    for number, stage in enumerate(stages):
        folder = out / stage.name
        if not any(folder.glob("step-*.safetensors")):
            return number, None, before
        newest = newest_checkpoint(folder)
        if newest.step < stage.recipe.train.steps:
            return number, newest, before
        before = newest
    return len(stages), None, before


def state_of(
    stage: Stage, newest: Checkpoint | None, start: Checkpoint | None, device: torch.device
) -> tuple[RunState, Transfer | None]:
    """A stage's run before its next step.

    Args:
        stage: which.
        newest: the checkpoint that it goes on from; None where it has not begun.
        start: whose weights it begins with; None are random ones.
        device: to train on.

    Returns:
        The state, and what it took over from `start` if that is where it begins.
    """
    if newest is not None:
        return state_from(newest, stage.recipe, device), None
    if start is None:
        return new_state(stage.recipe, device), None
    state, transfer = started_from(start, stage.recipe, device)
    # What was learned from them was learned, whatever the steps count.
    state.pictures = start.pictures
    return state, transfer
