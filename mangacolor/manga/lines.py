"""The pen's lines: some heavier, some lighter, some faint, with gaps."""

from __future__ import annotations

import cv2
import numpy as np

from mangacolor.manga.fields import Grey, Mask, smooth_noise
from mangacolor.manga.hand import Hand

__all__ = ["draw_lines"]


def draw_lines(ink: Grey, keep: Mask, gutter: Mask, hand: Hand, rng: np.random.Generator) -> Grey:
    """Draws a page's lines over again as a hand does it.

    Args:
        ink: uint8 (H, W), 0 ink ... 255 paper.
        keep: bool (H, W), words, which stay as they are.
        gutter: bool (H, W), between panels; frames are ruled and have no gaps.
        hand: how.
        rng: source of randomness.

    Returns:
        uint8 (H, W).
    """
    reach = round(3 * hand.unit) * 2 + 1
    half = gutter[::2, ::2].astype(np.uint8)
    ruled = cv2.dilate(half, np.ones((reach, reach), np.uint8)) > 0
    out = _cut_gaps(ink, ruled, rng, hand)
    if hand.swell:
        out = _swell(out, ruled, hand, rng)
    if hand.faint:
        out = np.linspace(255 * hand.faint, 255, 256).astype(np.uint8)[out]
    return np.where(keep, ink, out)


def _swell(ink: Grey, ruled: Mask, hand: Hand, rng: np.random.Generator) -> Grey:
    """Lines that swell and thin along their way, as a nib under pressure draws them."""
    side = max(3, round(1.6 * hand.unit) * 2 - 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    thick, thin = cv2.erode(ink, kernel), cv2.dilate(ink, np.ones((2, 2), np.uint8))
    h, w = ink.shape
    low = smooth_noise(ruled.shape, rng, 15 * hand.unit + 2) * np.float32(hand.swell)
    low[ruled] = 0
    press = cv2.resize(low, (w, h), interpolation=cv2.INTER_LINEAR)
    # A thin line is not to break off: the thinnest keeps half of its ink.
    light = np.clip(-press, 0, 0.5)
    heavy = np.clip(press, 0, 1)
    out = ink + light * (thin.astype(np.float32) - ink) + heavy * (thick.astype(np.float32) - ink)
    return np.clip(out, 0, 255).astype(np.uint8)


def _cut_gaps(ink: Grey, ruled: Mask, rng: np.random.Generator, hand: Hand) -> Grey:
    """Short pieces of lines erased."""
    if not hand.gaps:
        return ink
    rows, columns = np.nonzero((ink[::2, ::2] < 100) & ~ruled)
    # One for about so many pixels of ink.
    count = int(rng.poisson(hand.gaps * len(rows) * 4 / hand.unit**2 / 1000))
    if not count:
        return ink
    out = ink.copy()
    for i in rng.integers(len(rows), size=count):
        radius = max(1, round(rng.uniform(1, 6) * hand.unit))
        middle = int(columns[i]) * 2, int(rows[i]) * 2
        cv2.circle(out, middle, radius, 255, -1, cv2.LINE_AA)
    return out
