"""Letting a fine-tuned model remember its pages, where that helps pages that it was not shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from mangacolor.data.dataset import read_example
from mangacolor.data.layouts import Example
from mangacolor.nets.build import Generator
from mangacolor.nets.checkpoint import load_generator, save_checkpoint
from mangacolor.runtime.checkpoint import TorchAreas
from mangacolor.runtime.reference_areas import ReferenceAreas, read_references
from mangacolor.runtime.remembered import to_arrays, to_remember

__all__ = ["RememberTrial", "remember"]


@dataclasses.dataclass(frozen=True)
class RememberTrial:
    """Whether a model remembers its pages.

    Attributes:
        generator: the model as it was judged, which remembers no held-back page.
        pages: that it remembers, held-back ones too; 0 if that was not better.
        without, with_them: figures of `judge` on held-back panels.
    """

    generator: Generator
    pages: int
    without: dict[str, float]
    with_them: dict[str, float]


def remember(
    path: Path,
    taught: Sequence[Example],
    held: Sequence[Example],
    judge: Callable[[Generator], dict[str, float]],
    *,
    device: torch.device,
    least_gain: float,
    known: ReferenceAreas | None = None,
    judged: dict[str, float] | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> RememberTrial:
    """Lets a model remember pages if held-back panels come out better for it.

    Weights of a few pages' training help few others; what the pages show helps wherever it is
    shown again.

    Args:
        path: of a checkpoint, which is written anew.
        taught: pages that it was taught by.
        held: pages that it is judged by, which it remembers, too, once that is decided.
        judge: scores a generator on these; the lower `error` the better.
        device: to run on.
        least_gain: by how much the error must fall.
        known: what the very same weights remembered before.
        judged: what `judge` said of them, if they remembered nothing and that is known.
        tell: called after each page with how many there are.
    """
    generator, checkpoint = load_generator(path)
    model = TorchAreas(generator.to(device), device)
    total = len(taught) + len(held)
    seen: list[ReferenceAreas] = []

    def learn(examples: Sequence[Example]) -> ReferenceAreas:
        for example in examples:
            seen.append(read_references(model, [read_example(example)[0]]))
            tell(len(seen), total)
        return to_remember(seen, known)

    def told(remembered: ReferenceAreas | None) -> dict[str, torch.Tensor]:
        arrays = {} if remembered is None else to_arrays(remembered)
        return {name: torch.from_numpy(values) for name, values in arrays.items()}

    generator.remembered = told(known)
    without = judged if judged is not None and known is None else judge(generator)
    generator.remembered = told(learn(taught))
    with_them = judge(generator)
    better = with_them["error"] < without["error"] - least_gain
    if not better:
        generator.remembered = told(known)
    remembered = told(learn(held)) if better else generator.remembered
    save_checkpoint(path, dataclasses.replace(checkpoint, remembered=remembered))
    return RememberTrial(generator, total if better else 0, without, with_them)
