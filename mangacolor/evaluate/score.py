"""The scoring of one painter by one protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from mangacolor.config import EvalConfig
from mangacolor.data.layouts import Example
from mangacolor.errors import ModelError
from mangacolor.evaluate.labelled import Labelled, read_labels
from mangacolor.evaluate.measure import Figures, NamedReference, Row, Scored, measure, pooled
from mangacolor.evaluate.painters import Painter
from mangacolor.evaluate.protocol import Protocol, reference_lists
from mangacolor.evaluate.scaled import Scaled
from mangacolor.metrics.learned import Learned, fid

__all__ = ["Keep", "score"]

Keep = Callable[[Scored, Figures], None]


class _Item(NamedTuple):
    """A picture that waits to be coloured."""

    name: str
    references: tuple[NamedReference, ...]
    lineart: Tensor
    truth: Tensor
    labelled: Labelled | None


def score(
    model: str,
    paint: Painter,
    examples: list[Example],
    protocol: Protocol,
    config: EvalConfig,
    learned: Learned | None = None,
    keep: Keep = lambda sample, figures: None,
    pictures: Scaled | None = None,
) -> Row:
    """Scores a painter against each line art's own true picture, on every pixel.

    Args:
        model: its name in the table.
        paint: what colours.
        examples: pictures with or without real line art; without, ink is drawn with one fixed pen.
        protocol: how references are chosen.
        config: size, seed and number of references.
        learned: the networks of FID and LPIPS; without them the two are NaN.
        keep: called with each picture as it is scored.
        pictures: those that were read already, for another painter or protocol.

    Raises:
        ModelError: a result is not finite.
    """
    learned = learned or Learned()
    figures: list[Figures] = []
    made: list[Tensor] = []
    true: list[Tensor] = []
    pictures = pictures or Scaled(config.size)
    for sample in _colored(model, paint, examples, protocol, config, pictures):
        figures.append(measure(sample, learned))
        for kept, picture in ((made, sample.result), (true, sample.truth)):
            features = learned.features((picture.clamp(-1, 1) + 1) / 2)
            if features is not None:
                kept.append(features)
        keep(sample, figures[-1])
    return Row(
        model=model,
        protocol=protocol,
        references=config.references,
        n=len(figures),
        size=config.size,
        n_ms_ssim=sum(x.ms_ssim == x.ms_ssim for x in figures),
        fid=fid(made, true),
        **pooled(figures),
    )


def _colored(
    model: str,
    paint: Painter,
    examples: list[Example],
    protocol: Protocol,
    config: EvalConfig,
    pictures: Scaled,
) -> Iterator[Scored]:
    """Every picture, coloured."""
    chosen = reference_lists(examples, protocol, config.seed, config.references)
    for index, others in chosen.items():
        item = _read(examples, index, others, pictures)
        result = paint(item.lineart, [shown.picture for shown in item.references])
        if not torch.isfinite(result).all():
            raise ModelError(
                f"{model} gives values that are not finite for {item.name}.",
                "Score an earlier checkpoint of its run.",
            )
        yield Scored(item.name, item.references, item.lineart, result, item.truth, item.labelled)


def _read(examples: list[Example], index: int, others: tuple[int, ...], pictures: Scaled) -> _Item:
    example = examples[index]
    truth, lineart = pictures.read(example)
    shown = tuple(
        NamedReference(
            examples[other].name,
            truth if other == index else pictures.read(examples[other])[0],
        )
        for other in others
    )
    return _Item(example.name, shown, lineart, truth, read_labels(example, *truth.shape[2:]))
