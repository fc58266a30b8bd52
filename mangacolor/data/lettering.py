"""Speech balloons, drawn on a colour picture before its ink is made: both halves have them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["draw_balloon"]

LETTERS = "AAABCDEEEEFGHIIJKLMNNOOPRSSTTUUVWY"


def draw_balloon(picture: Image.Image, rng: np.random.Generator) -> None:
    """Draws one white balloon with a few made-up words, in place."""
    width, height = picture.size
    w = int(rng.uniform(0.2, 0.5) * width)
    h = int(w * rng.uniform(0.5, 1.0))
    x, y = int(rng.uniform(-0.2 * w, width - 0.8 * w)), int(rng.uniform(-0.2 * h, height - 0.8 * h))
    draw = ImageDraw.Draw(picture)
    line = int(rng.integers(1, 3))
    box = (x, y, x + w, y + h)
    if rng.random() < 0.7:
        draw.ellipse(box, fill="white", outline="black", width=line)
    else:
        draw.rounded_rectangle(box, radius=h // 4, fill="white", outline="black", width=line)
    size = float(rng.uniform(0.1, 0.22) * h + 4)
    text = "\n".join(_word(rng) for _ in range(max(1, int(0.6 * h / (1.3 * size)))))
    # Pillow's own font: nothing to install, nothing to license.
    draw.multiline_text(
        (x + w / 2, y + h / 2),
        text,
        fill="black",
        font=ImageFont.load_default(size),
        anchor="mm",
        align="center",
    )


def _word(rng: np.random.Generator) -> str:
    letters: NDArray[np.int64] = rng.integers(0, len(LETTERS), size=int(rng.integers(2, 9)))
    return "".join(LETTERS[i] for i in letters) + str(rng.choice(["", "", "!", "?", "..."]))
