"""Gaps cut into lines, as pens and photocopies leave them."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.manga.fields import Grey, Mask

__all__ = ["cut_gaps"]


def cut_gaps(ink: Grey, keep: Mask, rng: np.random.Generator, unit: float) -> Grey:
    """Erases short pieces of lines on half of the pages.

    Args:
        ink: uint8 (H, W), 0 ink ... 255 paper.
        keep: bool (H, W), words, which stay whole.
        rng: source of randomness.
        unit: pixels that are one on a page 2,000 high.

    Returns:
        uint8 (H, W), nowhere darker; the same array where there are no gaps.
    """
    if rng.random() < 0.5:
        return ink
    rows, columns = np.nonzero((ink < 100) & ~keep)
    if len(rows) < 50:
        return ink
    out = ink.copy()
    # One for about so many pixels of ink.
    count = int(rng.integers(1, 3 + len(rows) // 800))
    for i in rng.integers(len(rows), size=count):
        radius = max(1, round(rng.uniform(1, 6) * unit))
        cv2.circle(out, (int(columns[i]), int(rows[i])), radius, 255, -1, cv2.LINE_AA)
    return np.where(keep, ink, out)
