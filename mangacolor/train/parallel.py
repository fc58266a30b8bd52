"""Several processes, one run: torchrun starts them, torch joins their gradients."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Iterator

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import Sampler

from mangacolor.errors import UsageError
from mangacolor.nets.build import Generator

__all__ = ["Share", "Team", "joined_team"]

# Seconds in which Gloo's threads have surely let go of what they had.
_MOMENT = 0.2
# The last tensor that they had, which is ours for as long as they may have it.
_held: list[torch.Tensor] = []


@dataclasses.dataclass(frozen=True)
class Team:
    """The processes of a run; one alone is a team, too.

    Attributes:
        rank: number of this process; 0 writes and reports.
        size: number of processes.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether the flag is set in any process: all stop after the same step or none does."""
        if self.size == 1:
            return flag
        value = torch.tensor(float(flag), device=device)
        distributed.all_reduce(value, distributed.ReduceOp.MAX)
        _held[:] = [value]
        return bool(value)

    def wrap(self, generator: Generator) -> nn.Module:
        """The generator as it is trained: gradients are the mean over all processes."""
        return generator if self.size == 1 else DistributedDataParallel(generator)

    def average(self, module: nn.Module) -> None:
        """Gives every process the mean of all gradients, where several backward passes make one."""
        if self.size == 1:
            return
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        together = torch.nn.utils.parameters_to_vector(gradients) / self.size
        distributed.all_reduce(together)
        _held[:] = [together]
        torch.nn.utils.vector_to_parameters(together, gradients)


@contextlib.contextmanager
def joined_team(device: torch.device, batch_size: int) -> Iterator[Team]:
    """The team that torchrun started, or this process alone.

    Raises:
        UsageError: a batch cannot be shared out evenly.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team()
        return
    if batch_size % size:
        raise UsageError(
            f"A batch of {batch_size} pictures cannot be shared out to {size} processes.",
            "Choose a --batch-size that is a multiple.",
        )
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Team(distributed.get_rank(), size)
    finally:
        # Destroying waits for Gloo's threads, and they for the interpreter where they are the last
        # to have a tensor of ours: for ever, or they abort (pytorch/pytorch 56297 and 190489).
        time.sleep(_MOMENT)
        distributed.destroy_process_group()
        _held.clear()


class Share(Sampler[int]):
    """Numbers of the samples that one process of a team prepares, from step to step.

    Numbers follow from the steps done, and a batch's numbers do not depend on the size of the
    team, so that every run of a recipe sees the same batches.
    """

    def __init__(self, first_step: int, steps: int, batch_size: int, team: Team) -> None:
        self.steps = range(first_step, steps)
        self.batch_size = batch_size
        self.share = batch_size // team.size
        self.first = team.rank * self.share

    def __iter__(self) -> Iterator[int]:
        for step in self.steps:
            start = step * self.batch_size + self.first
            yield from range(start, start + self.share)

    def __len__(self) -> int:
        return len(self.steps) * self.share
