"""Arms, legs and hands."""

from __future__ import annotations

from mangacolor.comic.body import ARMS, LEGS, Body, step
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, Point, mix, oval, smooth, tube
from mangacolor.comic.props import draw_prop

__all__ = ["draw_arm", "draw_legs", "limb"]


def limb(a: Point, b: Point, c: Point, widths: tuple[float, float, float]) -> list[Path]:
    """Two bones with flesh on them."""
    wa, wb, wc = widths
    d, e = (
        (mix(a[0], b[0], 0.5), mix(a[1], b[1], 0.5)),
        (mix(b[0], c[0], 0.4), mix(b[1], c[1], 0.4)),
    )
    upper = tube([a, d, b], (wa, mix(wa, wb, 0.4), wb))
    lower = tube([b, e, c], (wb, mix(wb, wc, 0.15) * 1.04, wc))
    return [upper, oval(*a, wa / 2, wa / 2), oval(*b, wb / 2, wb / 2), lower]


def draw_arm(canvas: Canvas, who: Character, body: Body, side: float, sleeve: str) -> None:
    """An arm with its sleeve, of the part named, and hand."""
    look = who.look
    a, b, c, direction = body.arm(side)
    w = body.limb
    skin = who.label("skin")
    hand = ARMS[body.stance.left if side < 0 else body.stance.right][2]
    loose = (
        1.75 if look.top == "kimono" else 1.2 if look.top in ("hoodie", "coat", "jacket") else 1.08
    )
    if body.stance.prop != "none" and hand == "fist" and side > 0:
        draw_prop(canvas, who, c, direction, body.stance.prop)
    if not sleeve or look.sleeves < 0.99:
        canvas.paint_joined(limb(a, b, c, (w, w * 0.82, w * 0.58)), skin, 0.07)
    _hand(
        canvas, who, c, direction, hand, side, mix(1, body.k, 0.35) * (0.88 if body.female else 1.0)
    )
    if not sleeve:
        return
    label = who.label(sleeve)
    if look.sleeves < 0.99:
        end = (mix(a[0], b[0], look.sleeves * 1.5), mix(a[1], b[1], look.sleeves * 1.5))
        path = tube(
            [a, (mix(a[0], end[0], 0.5), mix(a[1], end[1], 0.5)), end], (w * 1.15, w * 1.2, w * 1.3)
        )
        canvas.paint_joined([oval(*a, w * 0.58, w * 0.58), path], label, 0.09)
        _seam(canvas, a, w, side, label, who)
        _fold(canvas, a, end, w, side)
        return
    paths = limb(a, b, c, (w * 1.12, w * 0.98 * mix(1, loose, 0.5), w * 0.8 * loose))
    canvas.paint_joined(paths, label, 0.09)
    _seam(canvas, a, w, side, label, who)
    _fold(canvas, a, b, w, side)
    _fold(canvas, c, b, w, -side)
    if look.top in ("sailor", "gakuran", "coat", "jacket", "hoodie", "cape", "armour"):
        near = (mix(c[0], b[0], 0.14), mix(c[1], b[1], 0.14))
        cuff = tube(
            [near, ((near[0] + c[0]) / 2, (near[1] + c[1]) / 2), c], (w * 0.86 * loose,) * 3
        )
        canvas.paint(cuff, who.label("trim"), 0.9)


def _seam(canvas: Canvas, at: Point, w: float, side: float, label: int, who: Character) -> None:
    """Lets sleeve and chest run into each other where they are one piece."""
    if label in (who.label("top"), who.label("coat")):
        x, y = at
        canvas.paint(oval(x - side * 0.2 * w, y + 0.12 * w, 0.5 * w, 0.5 * w), label, 0)
        canvas.line(
            (x - side * w * 0.45, y + w * 1.3),
            (x - side * w * 0.5, y + w * 0.7),
            (x - side * w * 0.28, y + w * 0.2),
            0.8,
            0.9,
        )


def _fold(canvas: Canvas, a: Point, b: Point, w: float, side: float) -> None:
    """Creases on the inner side of a bend."""
    for share in (0.82, 0.94):
        x, y = mix(a[0], b[0], share), mix(a[1], b[1], share)
        canvas.line(
            (x - side * w * 0.45, y - 0.05),
            (x - side * w * 0.1, y + 0.04),
            (x + side * w * 0.22, y - 0.06),
            0.7,
            0.9,
        )


FINGERS = {"open": (-32, -12, 6, 24), "point": (4,)}


def _hand(
    canvas: Canvas, who: Character, at: Point, direction: float, kind: str, side: float, size: float
) -> None:
    label = who.label("skin")
    with canvas.moved(at[0], at[1], size, -direction, side):
        if kind in FINGERS:
            _open_hand(canvas, label, kind)
            return
        if kind == "fist":
            path = smooth(
                [
                    (-0.14, -0.06),
                    (0.14, -0.06),
                    (0.25, 0.12),
                    (0.22, 0.38),
                    (-0.2, 0.4),
                    (-0.24, 0.14),
                ]
            )
            canvas.paint(path, label, 0.9, 0.05)
            for x in (-0.08, 0.03, 0.13):
                canvas.line((x, 0.39), (x + 0.01, 0.3), (x, 0.2), 0.6, 0.9)
            canvas.line((-0.22, 0.16), (-0.02, 0.14), (0.06, 0.24), 0.7, 0.9)
            return
        path = smooth(
            [
                (-0.13, -0.06),
                (0.13, -0.06),
                (0.2, 0.14),
                (0.16, 0.44),
                (0.02, 0.6),
                (-0.12, 0.5),
                (-0.2, 0.18),
            ]
        )
        canvas.paint(path, label, 0.9, 0.05)
        for x in (-0.05, 0.05):
            canvas.line((x, 0.55), (x + 0.01, 0.42), (x, 0.32), 0.6, 0.9)
        canvas.line((-0.18, 0.18), (-0.1, 0.3), (-0.12, 0.36), 0.7, 0.9)


def _open_hand(canvas: Canvas, label: int, kind: str) -> None:
    for angle in FINGERS[kind]:
        with canvas.moved(0, 0.22, 1.0, -angle):
            path = tube([(0, 0), (0, 0.25), (0, 0.4)], (0.13, 0.125, 0.1), round_end=True)
            canvas.paint(path, label, 0.8)
    palm = smooth(
        [
            (-0.13, -0.08),
            (0.13, -0.08),
            (0.2, 0.15),
            (0.17, 0.36),
            (-0.15, 0.36),
            (-0.2, 0.15),
        ]
    )
    canvas.paint(palm, label, 0)
    canvas.outline(smooth([(-0.13, -0.02), (-0.2, 0.15), (-0.16, 0.32)], closed=False), 0.8)
    canvas.outline(smooth([(0.13, -0.02), (0.2, 0.15), (0.17, 0.32)], closed=False), 0.8)
    thumb = tube([(-0.12, 0.1), (-0.28, 0.22), (-0.32, 0.34)], (0.15, 0.13, 0.1), round_end=True)
    canvas.paint(thumb, label, 0.8)
    if kind == "point":
        for y in (0.16, 0.26):
            canvas.line((0.2, y), (0.1, y + 0.02), (0.02, y), 0.6, 0.9)


def draw_legs(canvas: Canvas, who: Character, body: Body) -> None:
    """Legs, what covers them, and shoes."""
    look = who.look
    w = body.limb * 1.35
    bare = look.bottom in ("skirt", "shorts") or look.top == "dress"
    poses = LEGS[body.stance.legs]
    for side, (thigh, shin) in ((1.0, poses[1]), (-1.0, poses[0])):
        hip = (body.x + side * body.hip * 0.5, body.hip_y + 0.25 * body.k)
        knee = step(hip, side, thigh, body.thigh)
        ankle = step(knee, side, shin, body.shin)
        _shoe(canvas, who, ankle, side, body)
        if bare:
            canvas.paint_joined(
                limb(hip, knee, ankle, (w * 1.15, w * 0.8, w * 0.5)), who.label("skin"), 0.1
            )
            top = (mix(hip[0], knee[0], 0.6), mix(hip[1], knee[1], 0.6))
            if look.hair_seed % 2:
                top = (mix(knee[0], ankle[0], 0.3), mix(knee[1], ankle[1], 0.3))
                sock = [
                    tube(
                        [top, (mix(top[0], ankle[0], 0.4), mix(top[1], ankle[1], 0.4)), ankle],
                        (w * 0.8, w * 0.76, w * 0.52),
                    )
                ]
            else:
                sock = limb(top, knee, ankle, (w * 1.02, w * 0.84, w * 0.52))
            canvas.paint_joined(sock, who.label("legs"), 0.08)
            if look.bottom == "shorts" and look.top != "dress":
                end = (mix(hip[0], knee[0], 0.55), mix(hip[1], knee[1], 0.55))
                short = tube(
                    [hip, (mix(hip[0], end[0], 0.5), mix(hip[1], end[1], 0.5)), end],
                    (w * 1.25, w * 1.3, w * 1.35),
                )
                canvas.paint(short, who.label("bottom"), 1.0, 0.1)
        else:
            canvas.paint_joined(
                limb(hip, knee, ankle, (w * 1.25, w * 0.98, w * 0.86)), who.label("bottom"), 0.1
            )
            _fold(canvas, hip, knee, w, side)
            _fold(canvas, knee, ankle, w, -side)


def _shoe(canvas: Canvas, who: Character, at: Point, side: float, body: Body) -> None:
    x, y = at
    size = 0.5 * mix(1, body.k, 0.5)
    out = side * 0.3 if body.stance.turn < 0.3 else 0.65
    path = smooth(
        [
            (x - size * 0.55, y - 0.05),
            (x + size * 0.55, y - 0.05),
            (x + size * (0.6 + max(0, out)), y + size * 0.55),
            (x + size * (0.55 + max(0, out)), y + size * 0.78),
            (x - size * (0.55 - min(0, out)), y + size * 0.78),
            (x - size * (0.6 - min(0, out)), y + size * 0.5),
        ],
        corners=(0, 1),
    )
    canvas.paint(path, who.label("shoes"), 1.0, 0.06)
