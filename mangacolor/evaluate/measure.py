"""The figures of one picture, and of a set."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from mangacolor.metrics.chroma import ChromaR2, colourfulness
from mangacolor.metrics.lab import ciede2000, palette_distance
from mangacolor.metrics.learned import Learned
from mangacolor.metrics.pixel import ms_ssim, psnr, ssim
from mangacolor.metrics.spill import spill

__all__ = ["Figures", "Sample", "measure", "pooled"]


class Sample(NamedTuple):
    """One scored colouring, float (1, C, h, w) in [-1, 1] each; `reference` has its own size."""

    name: str
    reference_name: str
    reference: Tensor
    lineart: Tensor
    result: Tensor
    truth: Tensor


@dataclasses.dataclass(frozen=True)
class Figures:
    """One picture's figures; NaN where one does not exist. docs/metrics.md says what each means."""

    psnr: float
    ssim: float
    ms_ssim: float
    lpips: float
    chroma_r2: float
    colourfulness_ratio: float
    ciede2000: float
    palette_distance: float
    spill: float
    # Of chroma R2, for the set's: squared error, and squared deviation from the own mean.
    chroma_error: float
    chroma_variation: float


def measure(sample: Sample, learned: Learned) -> Figures:
    """Scores one colouring against the line art's own truth; values beyond [-1, 1] are cut off."""
    result, truth, lineart, reference = (
        (x.clamp(-1, 1) + 1) / 2
        for x in (sample.result, sample.truth, sample.lineart, sample.reference)
    )
    r2 = ChromaR2()
    r2.add(result, truth)
    return Figures(
        psnr=float(psnr(result, truth)),
        ssim=float(ssim(result, truth)),
        ms_ssim=float(ms_ssim(result, truth)),
        lpips=learned.distance(result, truth),
        chroma_r2=r2.value(),
        # A grey truth would make any ratio; one level of colour is none.
        colourfulness_ratio=float(colourfulness(result) / colourfulness(truth).clamp(min=1.0)),
        ciede2000=ciede2000(result[0], truth[0]),
        palette_distance=palette_distance(result[0], reference[0]),
        spill=spill(result, truth, lineart),
        chroma_error=r2.error,
        chroma_variation=r2.variation,
    )


def pooled(figures: Sequence[Figures]) -> dict[str, float]:
    """A set's figures: means over pictures, chroma R2 pooled, and medians of the ratio and of
    CIEDE2000. The order of pictures decides nothing; NaN without any picture that has one.
    """
    values = {field.name: _column(figures, field.name) for field in dataclasses.fields(Figures)}
    found = {name: _mean(column) for name, column in values.items()}
    error, variation = (math.fsum(values.pop(f"chroma_{x}")) for x in ("error", "variation"))
    found["chroma_r2"] = 1 - error / variation if variation else math.nan
    for name in ("colourfulness_ratio", "ciede2000"):
        found[name] = statistics.median(values[name]) if values[name] else math.nan
    return {name: found[name] for name in values}


def _column(figures: Sequence[Figures], name: str) -> list[float]:
    return [value for value in (getattr(x, name) for x in figures) if not math.isnan(value)]


def _mean(values: Sequence[float]) -> float:
    # Exactly rounded, so that no order of pictures gives another last digit.
    return math.fsum(values) / len(values) if values else math.nan
