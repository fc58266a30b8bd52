"""The figures of a set of pictures, added up picture by picture."""

from __future__ import annotations

import statistics

from torch import Tensor

from mangacolor.color import chroma
from mangacolor.metrics.chroma import ChromaR2, colourfulness
from mangacolor.metrics.pixel import psnr, ssim

__all__ = ["Tally"]

# Pixel errors are almost all luma, and the ink tells most of that.
_CHROMA_WEIGHT = 2.0


class Tally:
    """Figures over the pictures taken in so far; each is NaN without any."""

    def __init__(self) -> None:
        self._r2 = ChromaR2()
        self._errors: list[float] = []
        self._psnrs: list[float] = []
        self._ssims: list[float] = []
        self._ratios: list[float] = []

    def add(self, result: Tensor, truth: Tensor) -> None:
        """Takes one picture into account: float (1, 3, h, w) in [-1, 1], at least 11x11."""
        pixel = (result - truth).abs().mean()
        color = (chroma(result) - chroma(truth)).abs().mean()
        self._errors.append(float(pixel + _CHROMA_WEIGHT * color))
        made, true = ((x + 1).clamp(0, 2) / 2 for x in (result, truth))
        self._psnrs.append(float(psnr(made, true)))
        self._ssims.append(float(ssim(made, true)))
        self._ratios.append(float(colourfulness(made) / colourfulness(true).clamp(min=1.0)))
        self._r2.add(made, true)

    @property
    def error(self) -> float:
        """Mean over pictures of pixel L1 + 2 * chroma L1, colours in [-1, 1]; lower is better."""
        return _mean(self._errors)

    @property
    def psnr(self) -> float:
        """Mean over pictures, RGB."""
        return _mean(self._psnrs)

    @property
    def ssim(self) -> float:
        """Mean over pictures, RGB."""
        return _mean(self._ssims)

    @property
    def chroma_r2(self) -> float:
        """Pooled over the set."""
        return self._r2.value()

    @property
    def colourfulness_ratio(self) -> float:
        """Median over pictures of the result's colourfulness by the truth's."""
        return statistics.median(self._ratios) if self._ratios else float("nan")


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
