"""The scoring of one painter by one protocol."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from mangacolor.config import EvalConfig
from mangacolor.data.layouts import Example
from mangacolor.errors import ModelError
from mangacolor.evaluate.measure import Figures, Sample, measure, pooled
from mangacolor.evaluate.painters import Painter
from mangacolor.evaluate.protocol import Protocol, references
from mangacolor.evaluate.scaled import Scaled
from mangacolor.metrics.learned import Learned, fid

__all__ = ["Keep", "Row", "score"]

Keep = Callable[[Sample, Figures], None]
# Name, reference's name, truth, line art and reference of a picture.
_Item = tuple[str, str, Tensor, Tensor, Tensor]


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. docs/metrics.md says what each figure means.

    Attributes:
        model, protocol: what was scored, and how references were chosen.
        n: pictures scored, `n_ms_ssim` of them large enough for MS-SSIM.
        size: longer side in pixels.
        psnr, ssim, ms_ssim, lpips, palette_distance, spill: means over pictures.
        fid: of the whole set, once.
        chroma_r2: pooled over the set.
        colourfulness_ratio, ciede2000: medians over pictures.
    """

    model: str
    protocol: str
    n: int
    size: int
    psnr: float
    ssim: float
    ms_ssim: float
    n_ms_ssim: int
    fid: float
    lpips: float
    chroma_r2: float
    colourfulness_ratio: float
    ciede2000: float
    palette_distance: float
    spill: float


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
        config: size, seed and batch.
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
) -> Iterator[Sample]:
    """Every picture, coloured; `config.batch` of the same shapes at a time."""
    waiting: dict[tuple[torch.Size, ...], list[_Item]] = defaultdict(list)
    for index, other in references(examples, protocol, config.seed).items():
        truth, lineart = pictures.read(examples[index])
        reference = truth if other == index else pictures.read(examples[other])[0]
        group = waiting[truth.shape, reference.shape]
        group.append((examples[index].name, examples[other].name, truth, lineart, reference))
        if len(group) == config.batch:
            yield from _paint(model, paint, group)
            group.clear()
    for group in waiting.values():
        if group:
            yield from _paint(model, paint, group)


def _paint(model: str, paint: Painter, group: list[_Item]) -> Iterator[Sample]:
    results = paint(torch.cat([x[3] for x in group]), torch.cat([x[4] for x in group]))
    for (name, reference_name, truth, lineart, reference), result in zip(
        group, results.split(1), strict=True
    ):
        if not torch.isfinite(result).all():
            raise ModelError(f"{model} gives values that are not finite for {name}.")
        yield Sample(name, reference_name, reference, lineart, result, truth)
