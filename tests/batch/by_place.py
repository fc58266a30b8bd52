"""Drawings of a few areas, and networks that know an area by its place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from mangacolor.images.geometry import Float32
from mangacolor.nets.features import CHANNELS

COLORS = {"tomato": (255, 99, 71), "royalblue": (65, 105, 225), "seagreen": (46, 139, 87)}


class ByPlace:
    """Stands for networks that know an area by its size and its place in the view."""

    sees_afar = False

    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        return None

    def describe(self, picture: Float32) -> Sequence[Float32]:
        h, w = picture.shape[2:]
        return [
            np.zeros((1, channels, h // stride, w // stride), np.float32)
            for channels, stride in zip(CHANNELS, (4, 8, 16, 32), strict=True)
        ]

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        return facts[:, [0, 2, 3]]

    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        apart = np.linalg.norm(facts[:, None, [0, 2, 3]] - tokens, axis=2)
        scores = np.concatenate([-40 * apart, np.full((len(facts), 1), -20.0)], axis=1)
        return scores, None


def drawn(colors: Sequence[str]) -> Image.Image:
    """Three inked circles side by side in a frame."""
    picture = Image.new("RGB", (480, 200), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((4, 4, 475, 195), outline="black", width=3)
    for i, color in enumerate(colors):
        pen.ellipse((20 + 155 * i, 30, 150 + 155 * i, 170), fill=color, outline="black", width=4)
    return picture
