"""Covers: a whole cast in colour under the title."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw

from mangacolor.comic.page import DrawnPage, Words, finish
from mangacolor.comic.palette import EFFECT, hsv, luma_of
from mangacolor.comic.panel import draw_panel, open_canvas
from mangacolor.comic.series import Series
from mangacolor.lettering.fonts import find_fonts, load_font

__all__ = ["draw_cover", "title_of"]

FIRST = "SILVER CRIMSON HOLLOW PAPER DISTANT QUIET BRASS MIDNIGHT WINTER SECRET LITTLE NORTHERN"
SECOND = "HARBOUR LANTERN GARDEN COMET ORCHARD TIDE LIBRARY FEATHER CLOCK RIVER BANNER MAZE"


def title_of(series: Series) -> str:
    """The made-up title of a series."""
    random = Random(f"mangacolor title {series.seed}")
    return f"{random.choice(FIRST.split())} {random.choice(SECOND.split())}"


def draw_cover(series: Series, width: int, height: int) -> DrawnPage:
    """Draws a series' cover, on which is the whole cast; same arguments, same bytes."""
    random = Random(f"mangacolor cover {series.seed}")
    canvas = open_canvas(series, width, height, 0.8 * (width * height) ** 0.5)
    cast = random.sample(series.cast, len(series.cast))
    place = random.choice(series.places) if random.random() < 0.6 else None
    shot = "waist" if len(cast) < 4 else "group"
    draw_panel(canvas, series, random, cast, shot, place)
    words = Words([_title(title_of(series), random, width, height)])
    return finish(series, canvas.layers(), words, toned=True, inked=True)


def _title(
    title: str, random: Random, width: int, height: int
) -> tuple[Image.Image, tuple[int, int], int]:
    """The title in large letters, and where it belongs."""
    fonts = find_fonts("loud")
    path = fonts[0] if fonts else None
    size = round(height * 0.1)
    layer = Image.new("RGBA", (width, round(height * 0.26)), (255, 255, 255, 0))
    draw = ImageDraw.Draw(layer)
    color = hsv(random.random(), random.uniform(0.6, 0.95), random.uniform(0.75, 1))
    edge = (255, 255, 255) if luma_of(color) < 0.5 else (30, 24, 40)
    words = title.split()
    while size > 8 and max(load_font(path, size).getlength(word) for word in words) > 0.9 * width:
        size -= 2
    font = load_font(path, size)
    for i, word in enumerate(words):
        at = (width / 2, size * (0.75 + 1.05 * i))
        draw.text(
            at,
            word,
            fill=edge,
            font=font,
            anchor="mm",
            stroke_width=max(2, size // 12),
            stroke_fill=edge,
        )
        draw.text(at, word, fill=color, font=font, anchor="mm")
    return layer, (0, round(height * 0.01)), EFFECT
