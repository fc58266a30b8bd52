"""The pictures by which graphs are compared: drawn pages of five shapes, white paper, black ink."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.images.geometry import Float32, round_up, to_signed

__all__ = [
    "PAGE",
    "REFERENCE",
    "Case",
    "draw_lineart",
    "draw_reference",
    "make_cases",
    "make_hints",
]

# A page and a reference at about the size at which `batch` gives them to the graphs.
PAGE = (640, 448)
REFERENCE = (384, 288)
_SMALL_REFERENCE = (64, 96)


class Case(NamedTuple):
    """One input of both graphs.

    Attributes:
        name: what reports call it.
        lineart: float32 (n, 1, h, w), -1 ink ... +1 paper.
        references: float32 (n, r, 3, h', w'), sRGB in [-1, 1].
    """

    name: str
    lineart: Float32
    references: Float32


def make_cases(multiple: int) -> list[Case]:
    """Line art and references of five shapes, none the traced one, and two blank pages.

    Args:
        multiple: of the sides of line art.

    Returns:
        Always the same seven; smallest sides are twice the multiple.
    """
    height, width = (round_up(side, multiple) for side in PAGE)
    shapes = [
        (1, 1, 2 * multiple, 2 * multiple, _SMALL_REFERENCE),
        (2, 1, 5 * multiple, 3 * multiple, _SMALL_REFERENCE),
        (1, 3, 7 * multiple, 12 * multiple, _SMALL_REFERENCE),
        (3, 2, 4 * multiple, 9 * multiple, _SMALL_REFERENCE),
        (1, 1, height, width, REFERENCE),
    ]
    cases = []
    for n, r, h, w, (reference_h, reference_w) in shapes:
        lineart = np.stack([draw_lineart(h, w, seed) for seed in range(n)])
        references = [draw_reference(reference_h, reference_w, seed) for seed in range(n * r)]
        stacked = np.stack(references).reshape(n, r, 3, reference_h, reference_w)
        cases.append(Case(f"{n}x1x{h}x{w}, {r} references", lineart, stacked))
    reference = draw_reference(*REFERENCE, 9)[None, None]
    for name, value in (("white", 1), ("black", -1)):
        blank = np.full((1, 1, height, width), value, np.float32)
        cases.append(Case(f"all {name}, 1x1x{height}x{width}", blank, reference))
    return cases


def draw_lineart(h: int, w: int, seed: int) -> Float32:
    """Curves, a frame and a black surface: float32 (1, h, w), -1 ink ... +1 paper."""
    rng = np.random.default_rng(seed)
    page = Image.new("L", (w, h), 255)
    draw = ImageDraw.Draw(page)
    draw.rectangle((w // 16, h // 16, w - w // 16, h - h // 16), outline=0, width=2)
    for _ in range(4 + h * w // 1500):
        x, y = int(rng.integers(w)), int(rng.integers(h))
        side = int(rng.integers(6, 8 + min(h, w) // 3))
        draw.arc((x, y, x + side, y + side), int(rng.integers(360)), 360, fill=0, width=2)
    draw.rectangle((w // 2, h // 2, w // 2 + w // 6, h // 2 + h // 6), fill=0)
    return to_signed(np.asarray(page))[None]


def draw_reference(h: int, w: int, seed: int) -> Float32:
    """Inked shapes in flat colours: float32 (3, h, w) in [-1, 1]."""
    rng = np.random.default_rng(seed)

    def color() -> tuple[int, int, int]:
        red, green, blue = (int(value) for value in rng.integers(256, size=3))
        return red, green, blue

    picture = Image.new("RGB", (w, h), color())
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = int(rng.integers(w)), int(rng.integers(h))
        side = int(rng.integers(h // 8, h // 2))
        draw.ellipse((x, y, x + side, y + side), fill=color(), outline="black", width=2)
    return np.ascontiguousarray(to_signed(np.asarray(picture)).transpose(2, 0, 1))


def make_hints(lineart: Float32) -> Float32:
    """Matched colours in squares of 32 pixels, a third of them unknown: float32 (n, 4, h, w)."""
    n, _, h, w = lineart.shape
    rng = np.random.default_rng(7)
    told = rng.random((n, 4, -(-h // 32), -(-w // 32)), np.float32)
    told[:, :3] = told[:, :3] * 2 - 1
    told *= rng.random((n, 1, *told.shape[2:])) > 1 / 3
    return np.ascontiguousarray(told.repeat(32, 2).repeat(32, 3)[:, :, :h, :w])
