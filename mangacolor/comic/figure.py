"""A whole figure: hair behind, body, head, face, hair before."""

from __future__ import annotations

from mangacolor.comic.backhair import draw_back_hair, draw_hair_before
from mangacolor.comic.body import Body, Stance
from mangacolor.comic.canvas import Canvas
from mangacolor.comic.characters import Character
from mangacolor.comic.clothes import draw_body
from mangacolor.comic.extras import draw_extras
from mangacolor.comic.face import draw_brows, draw_features
from mangacolor.comic.hair import HairCap, draw_front_hair, shade_forehead
from mangacolor.comic.head import Head, draw_ear, draw_face

__all__ = ["draw_figure", "draw_head"]


def draw_figure(
    canvas: Canvas, who: Character, head: Head, stance: Stance, tilt: float = 0.0, legs: bool = True
) -> None:
    """A whole figure around its head at (0, 0).

    Args:
        canvas: to draw on.
        who, head: who it is, and how the head is held.
        stance: how the body is held.
        tilt: of the head, degrees.
        legs: whether anything below the hips can be seen.
    """
    body = Body(who, stance)
    with canvas.moved(0, 0, 1.0, tilt):
        draw_back_hair(canvas, who, head, stance.sway)
    draw_body(canvas, who, body, head.pose.turn, legs)
    with canvas.moved(0, 0, 1.0, tilt):
        draw_head(canvas, who, head)
        draw_hair_before(canvas, who, head, stance.sway)


def draw_head(canvas: Canvas, who: Character, head: Head) -> None:
    """A head over what is there already, around (0, 0)."""
    draw_ear(canvas, who, head, 1.0)
    face = draw_face(canvas, who, head)
    cap = HairCap(who, head)
    shade_forehead(canvas, who, cap, face)
    draw_features(canvas, who, head, face)
    if who.look.ears != "cat":
        draw_ear(canvas, who, head, -1.0)
    draw_front_hair(canvas, who, cap)
    with canvas.inside(cap.path):
        draw_brows(canvas, who, head, over_hair=True)
    draw_extras(canvas, who, head, cap)
