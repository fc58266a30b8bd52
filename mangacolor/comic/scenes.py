"""Places of each kind, the same each time but for the camera; a view is 1 high."""

from __future__ import annotations

from random import Random

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.curves import Point, mix, oval, polygon, smooth, tube
from mangacolor.comic.locations import Location
from mangacolor.comic.scenery import box, bush, clouds, grass, houses, ridge, tree

__all__ = ["draw_location"]


def _hills(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    clouds(canvas, place, random, extent)
    ridge(canvas, place.label("far"), random, extent, 0.6, 0.2, False)
    ridge(canvas, place.label("near"), random, extent, 0.7, 0.1, False)
    for _ in range(int(3 * extent)):
        tree(canvas, place, random, random.uniform(-0.5, extent), 0.74, random.uniform(0.12, 0.3))
    ridge(canvas, place.label("ground"), random, extent, 0.78, 0.05, False)
    grass(canvas, random, extent, 0.8)


def _mountains(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    clouds(canvas, place, random, extent)
    ridge(canvas, place.label("far"), random, extent, 0.62, 0.45, True)
    ridge(canvas, place.label("near"), random, extent, 0.7, 0.2, True)
    canvas.paint(
        box(-1, 0.7, extent + 1, 2), place.label("water" if place.seed % 2 else "ground"), 0.7
    )
    grass(canvas, random, extent, 0.75)


def _sea(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    clouds(canvas, place, random, extent)
    canvas.paint(box(-1, 0.5, extent + 1, 2), place.label("water"), 0.7)
    for _ in range(int(14 * extent)):
        x, y = random.uniform(-0.5, extent), random.uniform(0.52, 0.75)
        canvas.line((x, y), (x + 0.05, y - 0.01), (x + 0.1, y), 0.6)
    points: list[Point] = [
        (-1, 0.85),
        (0.3, 0.78),
        (0.9, 0.84),
        (1.6, 0.77),
        (extent + 1, 0.83),
        (extent + 1, 2),
        (-1, 2),
    ]
    canvas.paint(smooth(points, corners=(0, 4, 5, 6)), place.label("ground"), 0.8)


def _forest(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    canvas.paint(box(-1, -0.5, extent + 1, 1), place.label("far"), 0)
    ridge(canvas, place.label("near"), random, extent, 0.45, 0.2, False)
    canvas.paint(box(-1, 0.72, extent + 1, 2), place.label("ground"), 0.7)
    for i in range(int(4 * extent)):
        x, w = mix(-0.4, extent, (i + random.random()) / (4 * extent)), random.uniform(0.05, 0.12)
        low = random.uniform(0.74, 0.95)
        canvas.paint(
            tube([(x, -0.5), (x, 0.3), (x, low)], (w * 0.7, w * 0.8, w * 1.5)),
            place.label("trunk"),
            0.8,
            0.02,
        )
        for _ in range(3):
            y = random.uniform(0, low - 0.1)
            canvas.line((x - w * 0.2, y), (x - w * 0.1, y + 0.04), (x - w * 0.2, y + 0.1), 0.6)
    for i in range(int(4 * extent)):
        x, y = mix(-0.5, extent, i / (4 * extent)), random.uniform(-0.05, 0.1)
        canvas.paint(bush(random, x, y, 0.22), place.label("leaves"), 0.8, 0.03)
    grass(canvas, random, extent, 0.76)


def _night(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    lamp = place.label("lamp")
    canvas.paint(oval(random.uniform(0.3, 1.2), 0.2, 0.11, 0.11), lamp, 0.6)
    for _ in range(int(25 * extent)):
        x, y, r = (
            random.uniform(-0.5, extent),
            random.uniform(-0.2, 0.6),
            random.uniform(0.002, 0.007),
        )
        canvas.white(oval(x, y, r, r), place.label("cloud"))
    houses(canvas, place, random, extent, 0.62, lit=True)
    canvas.paint(box(-1, 0.85, extent + 1, 2), place.label("road"), 0.8)


def _street(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    clouds(canvas, place, random, extent)
    houses(canvas, place, random, extent, 0.35, lit=False)
    canvas.paint(box(-1, 0.82, extent + 1, 2), place.label("road"), 0.8)
    for i in range(int(3 * extent)):
        x = -0.5 + 0.45 * i
        canvas.paint(
            polygon([(x, 0.92), (x + 0.2, 0.92), (x + 0.17, 0.95), (x - 0.04, 0.95)]),
            place.label("cloud"),
            0.5,
        )
    for i in range(int(1.5 * extent)):
        x = random.uniform(-0.4, extent)
        if i % 2:
            tree(canvas, place, random, x, 0.86, 0.35)
        else:
            canvas.paint(
                tube([(x, 0.86), (x, 0.5), (x, 0.15)], (0.025, 0.02, 0.018)),
                place.label("detail"),
                0.7,
            )
            canvas.line((x, 0.2), (x + 0.5, 0.3), (x + 1.2, 0.16), 0.7, 0.9)


def _room(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    canvas.paint(box(-1, -0.5, extent + 1, 1), place.label("wall"), 0)
    x = random.uniform(0.1, 0.5)
    canvas.paint(box(x - 0.03, 0.12, x + 0.53, 0.58), place.label("wood"), 0.8)
    canvas.paint(box(x, 0.15, x + 0.5, 0.55), place.label("window"), 0.7)
    canvas.line((x + 0.25, 0.15), (x + 0.25, 0.3), (x + 0.25, 0.55), 1.2, 0.9)
    for side, cx in ((-1, x - 0.05), (1, x + 0.55)):
        canvas.paint(
            smooth(
                [
                    (cx - 0.09, 0.06),
                    (cx + 0.09, 0.06),
                    (cx + 0.05, 0.4),
                    (cx + 0.1, 0.7),
                    (cx - 0.1, 0.7),
                ],
                corners=(0, 1, 3, 4),
            ),
            place.label("detail"),
            0.8,
            0.03 * side,
        )
    sx = x + 0.8
    canvas.paint(box(sx, 0.1, sx + 0.45, 0.8), place.label("wood"), 0.8)
    for r in range(3):
        y = 0.14 + 0.21 * r
        canvas.paint(box(sx + 0.03, y, sx + 0.42, y + 0.18), place.label("second wall"), 0.6)
        bx = sx + 0.04
        while bx < sx + 0.38:
            w = random.uniform(0.02, 0.045)
            part = random.choice(("detail", "roof", "leaves", "cloud"))
            canvas.paint(
                box(bx, y + random.uniform(0.02, 0.07), bx + w, y + 0.18), place.label(part), 0.6
            )
            bx += w
    canvas.paint(box(-1, 0.78, extent + 1, 2), place.label("wood"), 0.8)
    for i in range(int(3 * extent) + 4):
        fx = -1 + 0.4 * i
        canvas.line((fx, 1.6), (fx + 0.1, 1.2), (fx + 0.25, 0.78), 0.6, 0.9)
    canvas.paint(box(-0.6, 0.55, x - 0.2, 0.9), place.label("roof"), 0.8, 0.02)


def _classroom(canvas: Canvas, place: Location, random: Random, extent: float) -> None:
    canvas.paint(box(-1, -0.5, extent + 1, 1), place.label("wall"), 0)
    x = random.uniform(-0.1, 0.3)
    canvas.paint(box(x, 0.1, x + 0.9, 0.5), place.label("wood"), 0.8)
    canvas.paint(box(x + 0.02, 0.12, x + 0.88, 0.48), place.label("leaves"), 0.7)
    for r in range(3):
        a = x + random.uniform(0.1, 0.3)
        canvas.line(
            (a, 0.2 + 0.09 * r),
            (a + 0.15, 0.19 + 0.09 * r),
            (a + random.uniform(0.2, 0.5), 0.2 + 0.09 * r),
            0.6,
        )
    for i in range(int(extent) + 1):
        wx = x + 1.05 + 0.5 * i
        canvas.paint(box(wx, 0.05, wx + 0.4, 0.55), place.label("window"), 0.9)
        canvas.line((wx + 0.2, 0.05), (wx + 0.2, 0.3), (wx + 0.2, 0.55), 1.0, 0.9)
        canvas.line((wx, 0.3), (wx + 0.2, 0.3), (wx + 0.4, 0.3), 1.0, 0.9)
    canvas.paint(box(-1, 0.72, extent + 1, 2), place.label("ground"), 0.8)
    for i in range(int(2.5 * extent)):
        dx = -0.6 + 0.42 * i
        canvas.paint(
            polygon([(dx, 0.74), (dx + 0.3, 0.74), (dx + 0.34, 0.82), (dx - 0.04, 0.82)]),
            place.label("wood"),
            0.8,
        )
        for leg in (0.0, 0.28):
            canvas.line((dx + leg, 0.82), (dx + leg, 0.9), (dx + leg, 1.0), 1.2, 0.9)


DRAWERS = {
    "hills": _hills,
    "street": _street,
    "room": _room,
    "classroom": _classroom,
    "forest": _forest,
    "sea": _sea,
    "night": _night,
    "mountains": _mountains,
}


def draw_location(canvas: Canvas, place: Location, camera: Random) -> None:
    """Fills the canvas with a place, seen from somewhere near where it is always seen from."""
    built = Random(place.seed)
    zoom = camera.uniform(1.05, 1.7)
    height = float(canvas.height)
    # The view is 1 high; what is beyond its sides is there as well, for wide pictures.
    aspect = canvas.width / height
    left = camera.uniform(0, 0.6) * (zoom - 1) - 0.35
    with canvas.moved(
        -left * height, -camera.uniform(0.2, 0.8) * (zoom - 1) * height, height * zoom
    ):
        extent = max(2.0, aspect + 1.2)
        canvas.paint(box(-1, -0.5, extent + 1, 2.0), place.label("sky"), 0)
        if place.seed % 3 == 0 and place.kind in ("hills", "sea", "mountains", "street"):
            canvas.fade(box(-1, -0.5, extent + 1, 2.0), (0, -0.3), (0, 0.7), 0.45, 0.0)
        if not place.kind.endswith("room"):
            canvas.wash(box(-1, -0.5, extent + 1, 2.0), (0, 0), (0, 0.7), 0x00FFFFFF, 0x70FFFFFF)
        DRAWERS[place.kind](canvas, place, built, extent)
