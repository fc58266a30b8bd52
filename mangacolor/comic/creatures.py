"""Animals and beasts that go with a cast."""

from __future__ import annotations

import dataclasses
from random import Random

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.curves import mix, oval, smooth, tube
from mangacolor.comic.palette import Palette, hsv, luma_of, towards
from mangacolor.comic.shapes import Shape, draw_shapes

__all__ = ["CREATURE_PARTS", "Creature", "draw_creature", "make_creature"]

CREATURE_PARTS = ("fur", "belly", "eye", "eye white", "accent", "mouth", "wing")
KINDS = ("cat", "dog", "rabbit", "bear", "bird", "dragon", "slime", "ghost")


_TIP = (0, 1, 2)
# Ears of one side; the third of a row is how much longer ears rise, see `shapes.placed`.
_EARS: dict[str, tuple[Shape, ...]] = {
    "cat": (
        Shape("fur", ((0.2, -0.75), (0.85, -0.1, -1.4), (0.95, -0.3)), corners=_TIP),
        Shape("accent", ((0.4, -0.75), (0.78, 0, -1.15), (0.85, -0.45)), corners=_TIP, edge=0.7),
    ),
    "dog": (Shape("wing", ((0.5, -0.85), (1.05, -0.7), (1.35, 0.1), (1.15, 0, 0.5), (0.85, 0))),),
    "rabbit": (
        Shape(
            "fur",
            ((0.35, -0.6), (0.45, 0, -1.3), (0.6, 0, -2.1)),
            widths=(0.4, 0.48, 0.28),
            round_end=True,
            shadow=0.05,
        ),
        Shape(
            "accent",
            ((0.36, -0.8), (0.45, 0, -1.3), (0.57, 0, -1.9)),
            widths=(0.16, 0.22, 0.12),
            round_end=True,
            edge=0.6,
        ),
    ),
    "bear": (
        Shape("fur", ((0.72, -0.72),), radii=(0.32, 0.32)),
        Shape("accent", ((0.72, -0.7),), radii=(0.17, 0.17), edge=0.7),
    ),
    "dragon": (Shape("accent", ((0.3, -0.8), (0.6, 0, -1.6), (0.7, -0.6)), corners=_TIP),),
}
# A feather on a bird's head.
_CREST = Shape("wing", ((0, -0.8), (0.2, -1.1), (0.35, 0, -1.4)), widths=(0.2, 0.18, 0.0), edge=0.9)


@dataclasses.dataclass(frozen=True)
class Creature:
    """One animal: its kind, shape and first label."""

    name: str
    base: int
    kind: str
    fat: float
    ears: float
    eyes: float
    seed: int

    def label(self, part: str) -> int:
        """The label of a part of `CREATURE_PARTS`."""
        return self.base + CREATURE_PARTS.index(part)


def make_creature(random: Random, name: str, base: int, palette: Palette) -> Creature:
    """Draws lots for an animal and adds its labels to the palette."""
    fur = hsv(random.random(), random.uniform(0.05, 0.7), random.uniform(0.25, 0.98))
    colors = {
        "fur": fur,
        "belly": towards(fur, (255, 250, 240), random.uniform(0.5, 0.9)),
        "eye": hsv(random.random(), 0.7, 0.6),
        "eye white": (255, 255, 255),
        "accent": hsv(random.random(), random.uniform(0.6, 0.9), random.uniform(0.7, 1)),
        "mouth": (200, 80, 90),
        "wing": towards(fur, hsv(random.random(), 0.7, 0.8), 0.7),
    }
    for offset, part in enumerate(CREATURE_PARTS):
        dark = 1 - luma_of(colors[part])
        tone = round(0.5 * dark, 2) if dark > 0.3 and part not in ("eye white", "mouth") else 0.0
        palette.add(
            base + offset, f"{name} {part}", colors[part], tone, part == "fur" and dark > 0.72, 0.25
        )
    return Creature(
        name,
        base,
        random.choice(KINDS),
        random.uniform(0.85, 1.25),
        random.uniform(0.7, 1.3),
        random.uniform(0.8, 1.3),
        random.getrandbits(32),
    )


def draw_creature(canvas: Canvas, pet: Creature, mood: float, sway: float) -> None:
    """Draws an animal whose head is about a unit circle at (0, 0) and that stands at y = 2.6.

    Args:
        canvas: to draw on.
        pet: which animal.
        mood: 0 calm ... 1 shouting.
        sway: where its tail points, -1 to 1.
    """
    fur, belly = pet.label("fur"), pet.label("belly")
    if pet.kind in ("slime", "ghost"):
        _drop(canvas, pet, mood)
        return
    if pet.kind not in ("bird", "bear", "rabbit"):
        tail = tube(
            [(0.5, 2.2), (1.3, 2.0), (1.6 + 0.3 * sway, 1.2), (1.5 + 0.6 * sway, 0.6)],
            (0.35, 0.36, 0.3, 0.12),
        )
        canvas.paint(tail, fur, 1.0, 0.08)
    if pet.kind in ("dragon", "bird"):
        for side in (-1, 1):
            wing = smooth(
                [
                    (side * 0.5, 1.2),
                    (side * 1.6, 0.5 + 0.3 * sway),
                    (side * 1.9, 1.4),
                    (side * 1.4, 1.5),
                    (side * 1.3, 2.0),
                    (side * 0.6, 1.9),
                ],
                corners=(0, 1, 2, 3, 4),
            )
            canvas.paint(wing, pet.label("wing"), 1.0, 0.1)
    f = pet.fat
    for side in (-1, 1):
        canvas.paint(oval(side * 0.42 * f, 2.5, 0.32, 0.2), fur, 1.0, 0.05)
    canvas.paint(oval(0, 1.65, 0.78 * f, 0.95), fur, 1.0, 0.14)
    canvas.paint(oval(0, 1.8, 0.45 * f, 0.62), belly, 0.6)
    for side in (-1, 1):
        arm = tube(
            [
                (side * 0.6 * f, 1.2),
                (side * 0.85 * f, 1.5 - mood * 0.4),
                (side * 0.8 * f, 1.9 - mood),
            ],
            (0.3, 0.3, 0.26),
            round_end=True,
        )
        if pet.kind != "bird":
            canvas.paint(arm, fur, 1.0, 0.05)
    _ears(canvas, pet)
    head = smooth(
        [
            (0, -0.95),
            (0.75, -0.7),
            (1.05 * f, 0.1),
            (0.7, 0.8),
            (0, 0.92),
            (-0.7, 0.8),
            (-1.05 * f, 0.1),
            (-0.75, -0.7),
        ]
    )
    canvas.paint(head, fur, 1.0, 0.16)
    if pet.seed % 3 == 0 and pet.kind != "bird":
        with canvas.inside(head):
            canvas.paint(oval(0.5, -0.1, 0.5, 0.6), belly, 0.7)
    _face(canvas, pet, mood)


def _ears(canvas: Canvas, pet: Creature) -> None:
    for side in (-1, 1):
        draw_shapes(canvas, _EARS.get(pet.kind, ()), pet.label, across=side, rise=pet.ears)
    if pet.kind == "bird":
        for side in (-1, 0, 1):
            draw_shapes(canvas, (_CREST,), pet.label, across=side, rise=pet.ears)


def _face(canvas: Canvas, pet: Creature, mood: float) -> None:
    size = 0.2 * pet.eyes
    for side in (-1, 1):
        ball = oval(side * 0.42, 0.0, size, size * 1.25)
        canvas.paint(ball, pet.label("eye"), 1.0)
        canvas.black(oval(side * 0.42, 0.0, size * 0.65, size * 0.9))
        canvas.white(
            oval(side * 0.42 - 0.07, -0.1, size * 0.35, size * 0.4), pet.label("eye white")
        )
    if pet.kind == "bird":
        canvas.paint(
            smooth([(-0.26, 0.22), (0.26, 0.22), (0, 0.62)], corners=(0, 1, 2)),
            pet.label("accent"),
            1.0,
        )
        return
    canvas.paint(oval(0, 0.42, 0.42, 0.3), pet.label("belly"), 0.7)
    if mood > 0.5:
        canvas.paint(
            smooth([(-0.24, 0.48), (0.24, 0.48), (0, 0.8)], corners=(0, 1)), pet.label("mouth"), 1.0
        )
    else:
        for side in (-1, 1):
            canvas.line((side * 0.24, 0.46), (side * 0.12, 0.64), (0, 0.42), 1.0, 0.6)
    canvas.black(smooth([(-0.11, 0.26), (0.11, 0.26), (0, 0.38)]))
    if pet.kind == "cat":
        for side in (-1, 1):
            for i in (0, 1):
                canvas.line(
                    (side * 0.6, 0.35 + 0.14 * i),
                    (side * 0.9, 0.34 + 0.16 * i),
                    (side * 1.3, 0.25 + 0.26 * i),
                    0.6,
                )


def _drop(canvas: Canvas, pet: Creature, mood: float) -> None:
    f = pet.fat
    if pet.kind == "slime":
        points = [
            (0.05, -1.3),
            (0.5, -0.4),
            (1.2 * f, 1.2),
            (1.3 * f, 2.3),
            (0.6, 2.6),
            (-0.6, 2.6),
            (-1.3 * f, 2.3),
            (-1.2 * f, 1.2),
            (-0.5, -0.4),
        ]
        body = smooth(points, corners=(0,))
    else:
        points = [(0, -1.1), (0.8, -0.7), (1.0 * f, 0.3), (1.1 * f, 2.0)]
        points += [(mix(0.9, -0.9, i / 4) * f, 2.5 + (0.15 if i % 2 else -0.15)) for i in range(5)]
        points += [(-1.1 * f, 2.0), (-1.0 * f, 0.3), (-0.8, -0.7)]
        body = smooth(points)
    canvas.paint(body, pet.label("fur"), 1.0, 0.25)
    with canvas.moved(0, 0.5):
        _face(canvas, pet, mood)
    canvas.lighten(oval(-0.6, -0.2, 0.14, 0.24), pet.label("fur"))
