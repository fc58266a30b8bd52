"""The figures of one picture, and of a set."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mangacolor.evaluate.labelled import Labelled
from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.geometry import UInt8
from mangacolor.images.tones import smooth_tones
from mangacolor.metrics.areas import area_accuracy
from mangacolor.metrics.chroma import ChromaR2, colourfulness
from mangacolor.metrics.judged import Judged, share_right
from mangacolor.metrics.lab import ciede2000, palette_distance
from mangacolor.metrics.learned import Learned
from mangacolor.metrics.parts import find_parts
from mangacolor.metrics.pixel import ms_ssim, psnr, ssim
from mangacolor.metrics.spill import spill

__all__ = [
    "Figures",
    "NamedReference",
    "Row",
    "Scored",
    "area_accuracy_of",
    "measure",
    "pooled",
    "stored",
]


class NamedReference(NamedTuple):
    """A reference and its name: float (1, 3, h', w') in [-1, 1], of its own size."""

    name: str
    picture: Tensor


class Scored(NamedTuple):
    """One scored colouring, float (1, C, h, w) in [-1, 1] each, and its parts if they are known."""

    name: str
    references: tuple[NamedReference, ...]
    lineart: Tensor
    result: Tensor
    truth: Tensor
    labelled: Labelled | None = None


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
    area_accuracy: float
    parts: float
    # Of chroma R2, for the set's: squared error, and squared deviation from the own mean.
    chroma_error: float
    chroma_variation: float
    # Of parts, for the set's: weight of those in their own hue, and of all.
    parts_right: float
    parts_weight: float


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table. docs/metrics.md says what each figure means.

    Attributes:
        model, protocol: what was scored, and how references were chosen.
        references: how many a picture got at most.
        n: pictures scored, `n_ms_ssim` of them large enough for MS-SSIM.
        size: longer side in pixels.
        psnr, ssim, ms_ssim, lpips, palette_distance, spill, area_accuracy: means over pictures.
        fid: of the whole set, once.
        chroma_r2, parts: pooled over the set; parts only of pictures whose parts are known.
        colourfulness_ratio, ciede2000: medians over pictures.
    """

    model: str
    protocol: str
    references: int
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
    area_accuracy: float
    parts: float


def measure(sample: Scored, learned: Learned) -> Figures:
    """Scores one colouring against the line art's own truth; values beyond [-1, 1] are cut off."""
    result, truth, lineart = (
        (x.clamp(-1, 1) + 1) / 2 for x in (sample.result, sample.truth, sample.lineart)
    )
    # All references' pixels in a row: where they lie decides nothing.
    reference = torch.cat([shown.picture.flatten(2) for shown in sample.references], dim=2)
    reference = (reference[:, :, None].clamp(-1, 1) + 1) / 2
    made, true, page = (stored(x) for x in (result, truth, lineart))
    parts = _parts(made, page, sample.labelled)
    weight = math.fsum(math.sqrt(part.size) for part in parts)
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
        area_accuracy=area_accuracy_of(made, true, page),
        parts=share_right(parts),
        parts_right=weight * share_right(parts) if parts else 0.0,
        parts_weight=weight,
    )


def pooled(figures: Sequence[Figures]) -> dict[str, float]:
    """A set's figures: means over pictures, chroma R2 and parts pooled, and medians of the ratio
    and of CIEDE2000. The order of pictures decides nothing; NaN without any that has one.
    """
    values = {field.name: _column(figures, field.name) for field in dataclasses.fields(Figures)}
    found = {name: _mean(column) for name, column in values.items()}
    error, variation = (math.fsum(values.pop(f"chroma_{x}")) for x in ("error", "variation"))
    found["chroma_r2"] = 1 - error / variation if variation else math.nan
    right, weight = (math.fsum(values.pop(f"parts_{x}")) for x in ("right", "weight"))
    found["parts"] = right / weight if weight else math.nan
    for name in ("colourfulness_ratio", "ciede2000"):
        found[name] = statistics.median(values[name]) if values[name] else math.nan
    return {name: found[name] for name in values}


def stored(picture: Tensor) -> UInt8:
    """float (1, C, h, w) in [0, 1] -> uint8 (h, w, 3), or (h, w) where C is 1."""
    array: UInt8 = (picture[0] * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
    return array[..., 0] if array.shape[2] == 1 else array


def area_accuracy_of(made: UInt8, true: UInt8, page: UInt8) -> float:
    """`area_accuracy` of a picture: uint8 (h, w, 3) sRGB twice, and its line art (h, w)."""
    shade = smooth_tones(page)
    areas = find_areas(shade)
    # An area's middle colour, so that no pixel beside a line decides.
    found, wanted = (area_colors(areas, shade, picture) for picture in (made, true))
    return area_accuracy(found, wanted, np.bincount(areas.ravel()))


def _parts(made: UInt8, page: UInt8, labelled: Labelled | None) -> list[Judged]:
    return [] if labelled is None else find_parts(made, page, *labelled)


def _column(figures: Sequence[Figures], name: str) -> list[float]:
    return [value for value in (getattr(x, name) for x in figures) if not math.isnan(value)]


def _mean(values: Sequence[float]) -> float:
    # Exactly rounded, so that no order of pictures gives another last digit.
    return math.fsum(values) / len(values) if values else math.nan
