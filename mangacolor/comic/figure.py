"""A whole figure: hair behind, body, head, face, hair before."""

from __future__ import annotations

from mangacolor.comic.backhair import draw_back_hair, draw_hair_before
from mangacolor.comic.body import Body, Stance
from mangacolor.comic.cast import Character
from mangacolor.comic.clothes import draw_body
from mangacolor.comic.extras import draw_extras
from mangacolor.comic.face import draw_brows, draw_features
from mangacolor.comic.hair import HairCap, draw_front_hair, shade_forehead
from mangacolor.comic.head import Head, draw_ear, draw_face
from mangacolor.comic.sheet import Sheet

__all__ = ["draw_figure", "draw_head"]


def draw_figure(
    sheet: Sheet, who: Character, head: Head, stance: Stance, tilt: float = 0.0, legs: bool = True
) -> None:
    """A whole figure around its head at (0, 0).

    Args:
        sheet: to draw on.
        who, head: who it is, and how the head is held.
        stance: how the body is held.
        tilt: of the head, degrees.
        legs: whether anything below the hips can be seen.
    """
    body = Body(who, stance)
    with sheet.moved(0, 0, 1.0, tilt):
        draw_back_hair(sheet, who, head, stance.sway)
    draw_body(sheet, who, body, head.pose.turn, legs)
    with sheet.moved(0, 0, 1.0, tilt):
        draw_head(sheet, who, head)
        draw_hair_before(sheet, who, head, stance.sway)


def draw_head(sheet: Sheet, who: Character, head: Head) -> None:
    """A head over what is there already, around (0, 0)."""
    draw_ear(sheet, who, head, 1.0)
    face = draw_face(sheet, who, head)
    cap = HairCap(who, head)
    shade_forehead(sheet, who, cap, face)
    draw_features(sheet, who, head, face)
    if who.look.ears != "cat":
        draw_ear(sheet, who, head, -1.0)
    draw_front_hair(sheet, who, cap)
    with sheet.inside(cap.path):
        draw_brows(sheet, who, head, over_hair=True)
    draw_extras(sheet, who, head, cap)
