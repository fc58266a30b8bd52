"""Faces: brows, nose, mouth, and what they express."""

from __future__ import annotations

from typing import NamedTuple

from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.curves import Path, oval, polygon, quad, smooth, spindle
from mangacolor.comic.eyes import draw_eye
from mangacolor.comic.head import Head
from mangacolor.comic.mouths import draw_mouth

__all__ = ["MOODS", "Mood", "draw_brows", "draw_features"]


class Mood(NamedTuple):
    """An expression: how open eyes are (left, right; 0 closed), brows' height and anger, mouth."""

    left: float
    right: float
    raised: float
    anger: float
    mouth: str
    blush: float = 0.0
    mark: str = ""
    shut: str = "down"


MOODS = {
    "calm": Mood(1, 1, 0, 0, "line"),
    "smile": Mood(1, 1, 0.03, -0.1, "smile"),
    "laugh": Mood(0, 0, 0.07, -0.2, "laugh", 0.6, shut="up"),
    "joy": Mood(1.05, 1.05, 0.07, -0.15, "open", 0.5),
    "angry": Mood(0.82, 0.82, -0.05, 1, "frown", mark="vein"),
    "shout": Mood(1.05, 1.05, -0.03, 0.9, "shout"),
    "grit": Mood(0.75, 0.75, -0.05, 0.9, "grit", mark="sweat"),
    "sad": Mood(0.8, 0.8, 0.03, -0.8, "sad"),
    "cry": Mood(0, 0, 0.03, -0.9, "wave", 0.3, "tears", "down"),
    "surprise": Mood(1.22, 1.22, 0.1, -0.2, "o", mark="lines"),
    "shy": Mood(0.9, 0.9, 0.03, -0.5, "small", 1.0, "sweat"),
    "smug": Mood(0.6, 0.6, 0.02, 0.4, "smirk"),
    "wink": Mood(1, 0, 0.05, -0.1, "cat", 0.3, shut="up"),
    "sleepy": Mood(0.45, 0.45, 0.05, -0.2, "line"),
    "fear": Mood(1.15, 1.15, 0.05, -0.8, "wave", mark="sweat"),
    "firm": Mood(0.95, 0.95, -0.03, 0.6, "line"),
    "talk": Mood(1, 1, 0.02, 0, "talk"),
}


def draw_brows(canvas: Canvas, who: Character, head: Head, over_hair: bool) -> None:
    """Brows; over hair only their outlines are drawn, as if hair let them through."""
    for side in (-1, 1):
        if side < 0 or head.pose.turn < 0.72:
            path = _brow(who, head, MOODS[head.pose.mood], side)
            if over_hair:
                canvas.outline(path, 0.45)
            else:
                canvas.paint(path, who.label("hair"), 0.6)


def draw_features(canvas: Canvas, who: Character, head: Head, face: Path) -> None:
    """Draws brows, eyes, nose and mouth on a face."""
    mood = MOODS[head.pose.mood]
    look = who.look
    draw_brows(canvas, who, head, over_hair=False)
    with canvas.inside(face):
        if mood.blush:
            _blush(canvas, who, head, mood.blush)
        for side, opened in ((-1, mood.left), (1, mood.right)):
            if side > 0 and head.pose.turn > 0.72:
                continue
            x, y = head.at(side * look.eye_gap, look.eye_y)
            with canvas.moved(x, y, 1.0, 0.0, side * head.narrowing(side * look.eye_gap)):
                draw_eye(
                    canvas,
                    who,
                    mood.shut,
                    opened,
                    (head.pose.gaze[0] * side, head.pose.gaze[1]),
                    side,
                )
        if look.freckles:
            for i in range(6):
                x, y = head.at((-1) ** i * (0.42 + 0.08 * (i // 2)), 0.76 + 0.05 * (i // 2 % 2))
                canvas.black(oval(x, y, 0.018, 0.018))
        if look.wrinkles:
            for side in (-1, 1):
                a, b = head.at(side * 0.2, 0.74), head.at(side * 0.34, 0.98)
                canvas.line(a, ((a[0] + b[0]) / 2 + 0.05 * side, (a[1] + b[1]) / 2), b, 0.6)
        if look.scar:
            a, b = head.at(0.2 * look.side + 0.3, 0.1), head.at(0.2 * look.side + 0.4, 0.85)
            canvas.line(a, ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), b, 0.9)
        x, y = head.at(0, look.length - 0.36)
        with canvas.moved(x, y, 1.0, 0.0, head.narrowing(0)):
            draw_mouth(canvas, who, mood.mouth)
    _nose(canvas, who, head)
    if look.beard != "none":
        _beard(canvas, who, head, face)
    if mood.mark:
        _mark(canvas, who, head, mood.mark)


def _brow(who: Character, head: Head, mood: Mood, side: float) -> Path:
    look = who.look
    y = look.eye_y - look.eye_h * 1.15 - 0.17 - mood.raised
    x = look.eye_gap
    inner, outer = y + 0.13 * mood.anger + 0.02, y - 0.05 * mood.anger + 0.04
    reach = look.eye_w * (0.95 if look.brow_kind != "short" else 0.55)
    a = head.at(side * (x - reach), inner)
    c = head.at(side * (x + reach), outer)
    rise = {"arched": 0.13, "straight": 0.03, "thick": 0.07, "short": 0.05}[look.brow_kind]
    b = head.at(side * (x + 0.1 * reach), y - rise)
    wide = look.brow * (1.5 if look.brow_kind in ("thick", "short") else 1)
    return spindle(a, b, c, wide * 0.8, wide, 0.01)


def _nose(canvas: Canvas, who: Character, head: Head) -> None:
    look, t = who.look, head.pose.turn
    if t > 0.8:
        return
    y = (look.eye_y + look.length - 0.36) / 2 + 0.05
    x, y = head.at(0, y)
    x += 0.12 * t * 2
    if look.nose == "dot":
        canvas.black(oval(x, y, 0.022, 0.018))
    elif look.nose == "tick" or (t > 0.3 and look.nose == "wedge"):
        canvas.line((x - 0.02, y - 0.07), (x + 0.07, y), (x - 0.03, y + 0.03), 0.9)
    elif look.nose == "wedge":
        canvas.darken(
            polygon([(x, y - 0.1), (x + 0.07, y + 0.02), (x - 0.01, y + 0.03)]), who.label("skin")
        )
        canvas.line((x + 0.06, y + 0.02), (x + 0.01, y + 0.04), (x - 0.03, y + 0.02), 0.8)
    elif look.nose == "long":
        canvas.line((x - 0.03, y - 0.3), (x + 0.03, y - 0.1), (x + 0.09, y + 0.02), 0.7)
        canvas.line((x + 0.09, y + 0.02), (x + 0.04, y + 0.07), (x - 0.06, y + 0.04), 0.9)
    else:
        canvas.line((x - 0.05, y + 0.03), (x, y + 0.06), (x + 0.05, y + 0.03), 0.9)


def _blush(canvas: Canvas, who: Character, head: Head, strength: float) -> None:
    look = who.look
    for side in (-1, 1):
        x, y = head.at(side * (look.eye_gap + 0.06), look.eye_y + look.eye_h + 0.1)
        if side > 0 and head.pose.turn > 0.6:
            continue
        canvas.tint(oval(x, y, 0.24, 0.11), 0x00F05060 | int(0x60 * strength) << 24)
        if strength > 0.4:
            for i in range(3):
                dx = (i - 1) * 0.1
                canvas.line((x + dx + 0.03, y - 0.06), (x + dx, y), (x + dx - 0.03, y + 0.06), 0.55)


def _beard(canvas: Canvas, who: Character, head: Head, face: Path) -> None:
    label, low = who.label("hair"), who.look.length
    if who.look.beard in ("full", "goatee"):
        wide = 0.75 if who.look.beard == "full" else 0.25
        y = low - 0.42 if who.look.beard == "full" else low - 0.22
        points = [
            head.at(x, y0)
            for x, y0 in (
                (-wide, y - (0.2 if wide > 0.5 else 0)),
                (-wide * 0.5, y + 0.28),
                (0, y + 0.26),
                (wide * 0.5, y + 0.28),
                (wide, y - (0.2 if wide > 0.5 else 0)),
                (wide * 0.7, low - 0.05),
                (0, low + 0.28),
                (-wide * 0.7, low - 0.05),
            )
        ]
        canvas.paint(smooth(points, corners=(0, 4, 6)), label, 0.9, 0.05)
    if who.look.beard in ("full", "moustache"):
        y = low - 0.47
        points = [
            head.at(x, y0)
            for x, y0 in (
                (-0.36, y + 0.14),
                (-0.12, y - 0.03),
                (0, y),
                (0.12, y - 0.03),
                (0.36, y + 0.14),
                (0.1, y + 0.1),
                (0, y + 0.07),
                (-0.1, y + 0.1),
            )
        ]
        canvas.paint(smooth(points, corners=(0, 2, 4)), label, 0.8)


def _mark(canvas: Canvas, who: Character, head: Head, mark: str) -> None:
    if mark == "sweat":
        x, y = head.at(-0.72, 0.15)
        drop = smooth(
            [(x, y - 0.2), (x + 0.1, y + 0.06), (x, y + 0.14), (x - 0.1, y + 0.06)], corners=(0,)
        )
        canvas.paint(drop, who.label("eye white"), 0.7)
        canvas.tint(drop, 0x5060B0E0)
    elif mark == "vein":
        x, y = head.at(-0.5, -0.55)
        for turn in range(4):
            with canvas.moved(x, y, 1, turn * 90 + 20):
                canvas.outline(quad((0.05, 0.16), (0.05, 0.05), (0.16, 0.05)), 1.1)
    elif mark == "tears":
        for side in (-1, 1):
            if side > 0 and head.pose.turn > 0.6:
                continue
            x, y = head.at(side * who.look.eye_gap, who.look.eye_y + 0.12)
            stream = smooth([(x - 0.07, y), (x + 0.07, y), (x + 0.1, y + 0.5), (x - 0.04, y + 0.5)])
            canvas.paint(stream, who.label("eye white"), 0.6)
            canvas.tint(stream, 0x6060B0E0)
    elif mark == "lines":
        for i in range(4):
            x, y = head.at(-0.75 + 0.1 * i, -0.05)
            canvas.line((x, y - 0.3), (x, y - 0.1), (x, y + 0.2 - 0.03 * i), 0.5, 0.8)
