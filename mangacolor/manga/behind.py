"""What is laid over a whole panel: backgrounds behind its figures, shadows across all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np

from mangacolor.images.kinds import Kind
from mangacolor.manga.fields import Grey
from mangacolor.manga.glitter import GLITTER, strew
from mangacolor.manga.ground import Grounds
from mangacolor.manga.hand import Hand
from mangacolor.manga.layer import InkLayer
from mangacolor.manga.motion import MOTIONS, motion
from mangacolor.manga.parts import Part, Slices
from mangacolor.manga.shade import cast_shadow

__all__ = ["lay_panels"]

FIGURES = (Kind.SKIN, Kind.HAIR, Kind.EYE, Kind.MOUTH, Kind.CLOTHES, Kind.THING, Kind.CREATURE)
# What a shadow across a panel falls on.
SHADED = (Kind.SKIN, Kind.HAIR, Kind.CLOTHES, Kind.THING, Kind.CREATURE, Kind.BACKDROP)
# Panels are found at a fraction of the size; smaller pieces than this share of a page are none.
STEP, LEAST = 8, 0.01


def lay_panels(grounds: Grounds, kinds: Grey) -> None:
    """Lays backgrounds, halos and shadows over the panels of a page.

    Args:
        grounds: with the layer and the hand.
        kinds: uint8 (H, W), numbers of `Kind`.
    """
    layer, hand, rng = grounds.layer, grounds.hand, grounds.rng
    for box in _panels(kinds):
        there = kinds[box]
        behind = there == Kind.BACKDROP
        if behind.mean() > 0.08 and rng.random() < hand.moved:
            _background(layer, hand, box, there, rng)
        if rng.random() < hand.cast:
            part = Part(-1, box, np.isin(there, SHADED))
            grounds.fill(part, cast_shadow(there.shape, rng))
        if rng.random() < hand.halo:
            figure = np.isin(there, FIGURES).astype(np.uint8)
            reach = max(1, round(hand.unit * rng.uniform(2, 7)))
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
            halo = cv2.dilate(figure, kernel).astype(np.float32)
            layer.whiten(box, behind, halo)


def _panels(kinds: Grey) -> Iterator[Slices]:
    h, w = kinds.shape
    small = kinds[STEP // 2 :: STEP, STEP // 2 :: STEP]
    if not small.size:
        return
    filled = (small != Kind.GUTTER).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(filled, connectivity=4)
    for x, y, wide, tall, area in stats[1:].tolist():
        if area > LEAST * small.size:
            yield (
                slice(y * STEP, min(h, (y + tall) * STEP)),
                slice(x * STEP, min(w, (x + wide) * STEP)),
            )


def _background(
    layer: InkLayer, hand: Hand, box: Slices, kinds: Grey, rng: np.random.Generator
) -> None:
    """Lines of motion or small things, behind the figures of a panel."""
    behind = kinds == Kind.BACKDROP
    h, w = kinds.shape
    if rng.random() < 0.7:
        figures = np.nonzero(np.isin(kinds[::STEP, ::STEP], (Kind.SKIN, Kind.HAIR)))
        y, x = (float(v.mean()) * STEP for v in figures) if len(figures[0]) else (h / 2, w / 2)
        centre = x + rng.normal(0, 0.1) * w, y + rng.normal(0, 0.1) * h
        kind = str(rng.choice(MOTIONS, p=MOTION_SHARES))
        lines = motion((h, w), kind, hand.unit, centre, rng)
        # Lines that run before the figures, too.
        mask = behind if rng.random() < 0.85 or kind == "black flash" else np.isin(kinds, SHADED)
        if rng.random() < 0.15 and kind != "black flash":
            layer.cover(box, mask, (lines * 255).astype(np.uint8))
        else:
            layer.add(box, mask, lines)
        return
    white, ink = strew((h, w), str(rng.choice(GLITTER)), hand.unit, rng)
    layer.cover(box, behind, white)
    layer.whiten(box, behind, white.astype(np.float32) / np.float32(255))
    layer.draw(box, behind, ink)


MOTION_SHARES = (0.32, 0.28, 0.2, 0.1, 0.1)
assert math.isclose(sum(MOTION_SHARES), 1) and len(MOTION_SHARES) == len(MOTIONS)
