"""Places: what is behind a cast, the same each time but for the camera."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import skia

from mangacolor.data.comic.curves import Path, Point, mix, oval, polygon, smooth, tube
from mangacolor.data.comic.palette import RGB, Palette, hsv, luma_of, towards
from mangacolor.data.comic.sheet import Sheet

__all__ = ["PLACE_PARTS", "Place", "draw_place", "make_place"]

PLACE_PARTS = (
    "sky",
    "cloud",
    "far",
    "near",
    "ground",
    "road",
    "wall",
    "second wall",
    "roof",
    "window",
    "wood",
    "leaves",
    "trunk",
    "lamp",
    "water",
    "detail",
)
KINDS = ("hills", "street", "room", "classroom", "forest", "sea", "night", "mountains")


@dataclasses.dataclass(frozen=True)
class Place:
    """One place: its kind, what it is built from, and its first label."""

    name: str
    base: int
    kind: str
    seed: int

    def label(self, part: str) -> int:
        return self.base + PLACE_PARTS.index(part)


def make_place(random: Random, name: str, base: int, palette: Palette) -> Place:
    """Draws lots for a place and adds its labels to the palette."""
    u = random.uniform
    kind = random.choice(KINDS)
    if kind == "night":
        sky = hsv(u(0.58, 0.75), u(0.5, 0.8), u(0.15, 0.4))
    elif random.random() < 0.7:
        sky = hsv(u(0.5, 0.62), u(0.2, 0.6), u(0.85, 1))
    else:
        sky = hsv(u(-0.03, 0.14), u(0.25, 0.55), u(0.9, 1))
    leaf = (
        hsv(u(0.2, 0.42), u(0.4, 0.75), u(0.4, 0.8))
        if random.random() < 0.8
        else hsv(u(-0.08, 0.1), u(0.4, 0.7), u(0.7, 0.95))
    )
    colors: dict[str, RGB] = {
        "sky": sky,
        "cloud": towards((255, 255, 255), sky, 0.12),
        "far": towards(hsv(u(0.3, 0.6), u(0.2, 0.5), u(0.5, 0.8)), sky, 0.3),
        "near": towards(leaf, (90, 120, 60), 0.4),
        "ground": hsv(u(0.08, 0.35), u(0.2, 0.6), u(0.55, 0.9)),
        "road": hsv(u(0.05, 0.7), u(0.02, 0.15), u(0.55, 0.8)),
        "wall": hsv(u(0, 1), u(0.06, 0.4), u(0.75, 1)),
        "second wall": hsv(u(0, 1), u(0.1, 0.5), u(0.55, 0.9)),
        "roof": hsv(u(0, 1), u(0.35, 0.8), u(0.35, 0.8)),
        "window": hsv(u(0.5, 0.6), u(0.15, 0.45), u(0.8, 1)),
        "wood": hsv(u(0.05, 0.1), u(0.4, 0.7), u(0.4, 0.75)),
        "leaves": leaf,
        "trunk": hsv(u(0.04, 0.1), u(0.3, 0.6), u(0.3, 0.55)),
        "lamp": hsv(u(0.1, 0.16), u(0.3, 0.7), 1.0),
        "water": hsv(u(0.48, 0.62), u(0.4, 0.75), u(0.6, 0.95)),
        "detail": hsv(u(0, 1), u(0.5, 0.9), u(0.6, 0.95)),
    }
    for offset, part in enumerate(PLACE_PARTS):
        dark = 1 - luma_of(colors[part])
        # What is behind is to stay behind: lighter tones, and many areas without any.
        tone = round(0.04 + 0.35 * dark, 2) if dark > 0.3 and random.random() < 0.5 else 0.0
        palette.add(
            base + offset, f"{name} {part}", colors[part], tone, part == "sky" and dark > 0.78, 0.22
        )
    return Place(name, base, kind, random.getrandbits(32))


def draw_place(sheet: Sheet, place: Place, camera: Random) -> None:
    """Fills the sheet with a place, seen from somewhere near where it is always seen from."""
    built = Random(place.seed)
    zoom = camera.uniform(1.05, 1.7)
    height = float(sheet.height)
    # The view is 1 high; what is beyond its sides is there as well, for wide pictures.
    aspect = sheet.width / height
    left = camera.uniform(0, 0.6) * (zoom - 1) - 0.35
    with sheet.moved(
        -left * height, -camera.uniform(0.2, 0.8) * (zoom - 1) * height, height * zoom
    ):
        extent = max(2.0, aspect + 1.2)
        sheet.paint(box(-1, -0.5, extent + 1, 2.0), place.label("sky"), 0)
        if not place.kind.endswith("room"):
            sheet.wash(box(-1, -0.5, extent + 1, 2.0), (0, 0), (0, 0.7), 0x00FFFFFF, 0x70FFFFFF)
        DRAWERS[place.kind](sheet, place, built, extent)


def box(x0: float, y0: float, x1: float, y1: float) -> Path:
    path = skia.Path()
    path.addRect(skia.Rect(x0, y0, x1, y1))
    return path


def _clouds(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    label = place.label("cloud")
    for _ in range(int(2 + 2 * extent)):
        x, y, w = random.uniform(-0.5, extent), random.uniform(0.02, 0.4), random.uniform(0.12, 0.3)
        n = random.randint(4, 6)
        top = [
            (
                x + w * (2 * i / n - 1),
                y - (0.1 + 0.3 * random.random()) * w * (1 if 0 < i < n else 0),
            )
            for i in range(n + 1)
        ]
        path = skia.Path()
        path.moveTo(*top[0])
        for (ax, ay), (bx, by) in zip(top, top[1:], strict=False):
            path.cubicTo(ax - 0.02, ay - w * 0.35, bx + 0.02, by - w * 0.35, bx, by)
        path.quadTo(x, y + 0.05 * w, *top[0])
        sheet.paint(path, label, 0.6, 0.02)


def _ridge(
    sheet: Sheet, label: int, random: Random, extent: float, y: float, wild: float, sharp: bool
) -> None:
    n = int(4 + 3 * extent)
    points: list[Point] = [
        (
            mix(-1, extent + 1, i / n),
            y - wild * random.random() * (1 if i % 2 or not sharp else 0.2),
        )
        for i in range(n + 1)
    ]
    corners = set(range(n + 1)) if sharp else {0, n}
    path = smooth([*points, (extent + 1, 2), (-1, 2)], corners=corners | {n + 1, n + 2})
    sheet.paint(path, label, 0.7)
    if sharp:
        for x, top in points[1:-1:2]:
            sheet.darken(polygon([(x, top), (x + 0.12, y), (x + 0.02, y - 0.03)]), label)


def _tree(sheet: Sheet, place: Place, random: Random, x: float, y: float, size: float) -> None:
    sheet.paint(
        tube(
            [(x, y), (x + 0.01, y - size * 0.3), (x, y - size * 0.6)],
            (size * 0.16, size * 0.1, size * 0.08),
        ),
        place.label("trunk"),
        0.7,
    )
    n = random.randint(7, 10)
    path = skia.Path()
    ring = [oval_point(x, y - size * 0.8, size * 0.4, size * 0.38, i / n) for i in range(n)]
    path.moveTo(*ring[0])
    for i in range(n):
        far = oval_point(x, y - size * 0.8, size * 0.56, size * 0.54, (i + 0.5) / n)
        path.quadTo(*far, *ring[(i + 1) % n])
    path.close()
    sheet.paint(path, place.label("leaves"), 0.8, size * 0.1)


def oval_point(x: float, y: float, rx: float, ry: float, turns: float) -> Point:
    """A place on an ellipse."""
    angle = 6.283185307 * turns
    return x + rx * math.cos(angle), y + ry * math.sin(angle)


def _grass(sheet: Sheet, random: Random, extent: float, low: float) -> None:
    for _ in range(int(10 * extent)):
        x, y = random.uniform(-0.5, extent), random.uniform(low, 1.0)
        for d in (-0.012, 0.0, 0.014):
            sheet.line((x + d * 0.3, y), (x + d * 0.5, y - 0.015), (x + d, y - 0.035), 0.6, 0.9)


def _hills(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    _clouds(sheet, place, random, extent)
    _ridge(sheet, place.label("far"), random, extent, 0.6, 0.2, False)
    _ridge(sheet, place.label("near"), random, extent, 0.7, 0.1, False)
    for _ in range(int(3 * extent)):
        _tree(sheet, place, random, random.uniform(-0.5, extent), 0.74, random.uniform(0.12, 0.3))
    _ridge(sheet, place.label("ground"), random, extent, 0.78, 0.05, False)
    _grass(sheet, random, extent, 0.8)


def _mountains(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    _clouds(sheet, place, random, extent)
    _ridge(sheet, place.label("far"), random, extent, 0.62, 0.45, True)
    _ridge(sheet, place.label("near"), random, extent, 0.7, 0.2, True)
    sheet.paint(
        box(-1, 0.7, extent + 1, 2), place.label("water" if place.seed % 2 else "ground"), 0.7
    )
    _grass(sheet, random, extent, 0.75)


def _sea(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    _clouds(sheet, place, random, extent)
    sheet.paint(box(-1, 0.5, extent + 1, 2), place.label("water"), 0.7)
    for _ in range(int(14 * extent)):
        x, y = random.uniform(-0.5, extent), random.uniform(0.52, 0.75)
        sheet.line((x, y), (x + 0.05, y - 0.01), (x + 0.1, y), 0.6)
    points: list[Point] = [
        (-1, 0.85),
        (0.3, 0.78),
        (0.9, 0.84),
        (1.6, 0.77),
        (extent + 1, 0.83),
        (extent + 1, 2),
        (-1, 2),
    ]
    sheet.paint(smooth(points, corners=(0, 4, 5, 6)), place.label("ground"), 0.8)


def _forest(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    sheet.paint(box(-1, -0.5, extent + 1, 1), place.label("far"), 0)
    _ridge(sheet, place.label("near"), random, extent, 0.45, 0.2, False)
    sheet.paint(box(-1, 0.72, extent + 1, 2), place.label("ground"), 0.7)
    for i in range(int(4 * extent)):
        x, w = mix(-0.4, extent, (i + random.random()) / (4 * extent)), random.uniform(0.05, 0.12)
        low = random.uniform(0.74, 0.95)
        sheet.paint(
            tube([(x, -0.5), (x, 0.3), (x, low)], (w * 0.7, w * 0.8, w * 1.5)),
            place.label("trunk"),
            0.8,
            0.02,
        )
        for _ in range(3):
            y = random.uniform(0, low - 0.1)
            sheet.line((x - w * 0.2, y), (x - w * 0.1, y + 0.04), (x - w * 0.2, y + 0.1), 0.6)
    for i in range(int(4 * extent)):
        x, y = mix(-0.5, extent, i / (4 * extent)), random.uniform(-0.05, 0.1)
        sheet.paint(_bush(random, x, y, 0.22), place.label("leaves"), 0.8, 0.03)
    _grass(sheet, random, extent, 0.76)


def _bush(random: Random, x: float, y: float, r: float) -> Path:
    n = random.randint(8, 11)
    points = [
        oval_point(x, y, r * (1 if i % 2 else 0.82), r * 0.8 * (1 if i % 2 else 0.8), i / (2 * n))
        for i in range(2 * n)
    ]
    return smooth(points, corners=range(0, 2 * n, 2))


def _night(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    lamp = place.label("lamp")
    sheet.paint(oval(random.uniform(0.3, 1.2), 0.2, 0.11, 0.11), lamp, 0.6)
    for _ in range(int(25 * extent)):
        x, y, r = (
            random.uniform(-0.5, extent),
            random.uniform(-0.2, 0.6),
            random.uniform(0.002, 0.007),
        )
        sheet.white(oval(x, y, r, r), place.label("cloud"))
    _houses(sheet, place, random, extent, 0.62, lit=True)
    sheet.paint(box(-1, 0.85, extent + 1, 2), place.label("road"), 0.8)


def _street(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    _clouds(sheet, place, random, extent)
    _houses(sheet, place, random, extent, 0.35, lit=False)
    sheet.paint(box(-1, 0.82, extent + 1, 2), place.label("road"), 0.8)
    for i in range(int(3 * extent)):
        x = -0.5 + 0.45 * i
        sheet.paint(
            polygon([(x, 0.92), (x + 0.2, 0.92), (x + 0.17, 0.95), (x - 0.04, 0.95)]),
            place.label("cloud"),
            0.5,
        )
    for i in range(int(1.5 * extent)):
        x = random.uniform(-0.4, extent)
        if i % 2:
            _tree(sheet, place, random, x, 0.86, 0.35)
        else:
            sheet.paint(
                tube([(x, 0.86), (x, 0.5), (x, 0.15)], (0.025, 0.02, 0.018)),
                place.label("detail"),
                0.7,
            )
            sheet.line((x, 0.2), (x + 0.5, 0.3), (x + 1.2, 0.16), 0.7, 0.9)


def _houses(
    sheet: Sheet, place: Place, random: Random, extent: float, top: float, lit: bool
) -> None:
    x = -0.7
    while x < extent + 0.3:
        w, y = random.uniform(0.22, 0.42), top + random.uniform(-0.15, 0.18)
        wall = place.label("wall" if random.random() < 0.5 else "second wall")
        sheet.paint(box(x, y, x + w, 1.2), wall, 0.8)
        if random.random() < 0.6:
            sheet.paint(
                polygon([(x - 0.03, y), (x + w * 0.5, y - 0.14), (x + w + 0.03, y)]),
                place.label("roof"),
                0.8,
            )
        else:
            sheet.paint(box(x - 0.01, y - 0.03, x + w + 0.01, y), place.label("roof"), 0.8)
        rows, columns = random.randint(2, 4), random.randint(2, 3)
        for r in range(rows):
            for c in range(columns):
                wx, wy = x + w * (c + 0.25) / columns, y + 0.05 + 0.14 * r
                glass = "lamp" if lit and random.random() < 0.6 else "window"
                sheet.paint(box(wx, wy, wx + w * 0.5 / columns, wy + 0.08), place.label(glass), 0.6)
        x += w + random.choice((0.0, 0.0, 0.05))


def _room(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    sheet.paint(box(-1, -0.5, extent + 1, 1), place.label("wall"), 0)
    x = random.uniform(0.1, 0.5)
    sheet.paint(box(x - 0.03, 0.12, x + 0.53, 0.58), place.label("wood"), 0.8)
    sheet.paint(box(x, 0.15, x + 0.5, 0.55), place.label("window"), 0.7)
    sheet.line((x + 0.25, 0.15), (x + 0.25, 0.3), (x + 0.25, 0.55), 1.2, 0.9)
    for side, cx in ((-1, x - 0.05), (1, x + 0.55)):
        sheet.paint(
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
    sheet.paint(box(sx, 0.1, sx + 0.45, 0.8), place.label("wood"), 0.8)
    for r in range(3):
        y = 0.14 + 0.21 * r
        sheet.paint(box(sx + 0.03, y, sx + 0.42, y + 0.18), place.label("second wall"), 0.6)
        bx = sx + 0.04
        while bx < sx + 0.38:
            w = random.uniform(0.02, 0.045)
            part = random.choice(("detail", "roof", "leaves", "cloud"))
            sheet.paint(
                box(bx, y + random.uniform(0.02, 0.07), bx + w, y + 0.18), place.label(part), 0.6
            )
            bx += w
    sheet.paint(box(-1, 0.78, extent + 1, 2), place.label("wood"), 0.8)
    for i in range(int(3 * extent) + 4):
        fx = -1 + 0.4 * i
        sheet.line((fx, 1.6), (fx + 0.1, 1.2), (fx + 0.25, 0.78), 0.6, 0.9)
    sheet.paint(box(-0.6, 0.55, x - 0.2, 0.9), place.label("roof"), 0.8, 0.02)


def _classroom(sheet: Sheet, place: Place, random: Random, extent: float) -> None:
    sheet.paint(box(-1, -0.5, extent + 1, 1), place.label("wall"), 0)
    x = random.uniform(-0.1, 0.3)
    sheet.paint(box(x, 0.1, x + 0.9, 0.5), place.label("wood"), 0.8)
    sheet.paint(box(x + 0.02, 0.12, x + 0.88, 0.48), place.label("leaves"), 0.7)
    for r in range(3):
        a = x + random.uniform(0.1, 0.3)
        sheet.line(
            (a, 0.2 + 0.09 * r),
            (a + 0.15, 0.19 + 0.09 * r),
            (a + random.uniform(0.2, 0.5), 0.2 + 0.09 * r),
            0.6,
        )
    for i in range(int(extent) + 1):
        wx = x + 1.05 + 0.5 * i
        sheet.paint(box(wx, 0.05, wx + 0.4, 0.55), place.label("window"), 0.9)
        sheet.line((wx + 0.2, 0.05), (wx + 0.2, 0.3), (wx + 0.2, 0.55), 1.0, 0.9)
        sheet.line((wx, 0.3), (wx + 0.2, 0.3), (wx + 0.4, 0.3), 1.0, 0.9)
    sheet.paint(box(-1, 0.72, extent + 1, 2), place.label("ground"), 0.8)
    for i in range(int(2.5 * extent)):
        dx = -0.6 + 0.42 * i
        sheet.paint(
            polygon([(dx, 0.74), (dx + 0.3, 0.74), (dx + 0.34, 0.82), (dx - 0.04, 0.82)]),
            place.label("wood"),
            0.8,
        )
        for leg in (0.0, 0.28):
            sheet.line((dx + leg, 0.82), (dx + leg, 0.9), (dx + leg, 1.0), 1.2, 0.9)


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
