"""Hints as a painter meets them: matched colours, some of them missing and some wrong."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mangacolor.images.areas import area_colors, find_areas
from mangacolor.images.geometry import Float32, UInt8, to_signed

__all__ = ["make_hints"]

# Share of pictures without any hint, and least share of areas of the others that have one.
_NONE, _LEAST = 0.12, 0.3
# Most areas, as a share, whose hint is another area's colour.
_WRONG = 0.3
# Confidence of right and of wrong hints: what is wrong is often, and not always, less sure.
_SURE, _UNSURE = (0.35, 1.0), (0.2, 0.8)


def make_hints(lineart: Tensor, color: Tensor, dice: Tensor) -> Tensor:
    """Colours of the truth's areas, as the matcher might give them.

    Neither to be ignored nor to be believed: some are missing, some are wrong.

    Args:
        lineart: float (N, 1, h, w), -1 ink ... +1 paper.
        color: float (N, 3, h, w) in [-1, 1], the truth.
        dice: float (N, D) in [0, 1), which decide on each picture's hints.

    Returns:
        float (N, 4, h, w): sRGB in [-1, 1], 0 where there is no hint, and confidence in [0, 1].
    """
    pages, colors = (_to_uint8(x).cpu().numpy() for x in (lineart, color))
    seeds = (dice.cpu().double().numpy() * 2**32).astype(np.uint32)
    made = [
        _hints(page[0], np.ascontiguousarray(truth.transpose(1, 2, 0)), np.random.default_rng(seed))
        for page, truth, seed in zip(pages, colors, seeds, strict=True)
    ]
    return torch.from_numpy(np.stack(made)).to(lineart)


def _hints(page: UInt8, truth: UInt8, rng: np.random.Generator) -> Float32:
    areas = find_areas(page)
    palette = area_colors(areas, page, truth)
    count = len(palette)
    told = to_signed(palette)
    kept = rng.random(count) < rng.uniform(_LEAST, 1.0)
    if rng.random() < _NONE:
        kept[:] = False
    wrong = rng.random(count) < rng.uniform(0.0, _WRONG)
    told[wrong] = told[rng.integers(count, size=int(wrong.sum()))]
    sure = np.where(wrong, rng.uniform(*_UNSURE, count), rng.uniform(*_SURE, count))
    both = np.concatenate([told, sure[:, None]], axis=1) * kept[:, None]
    hints: Float32 = both.astype(np.float32)[areas].transpose(2, 0, 1)
    return hints


def _to_uint8(x: Tensor) -> Tensor:
    return ((x.detach().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
