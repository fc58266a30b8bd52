from __future__ import annotations

import numpy as np

from mangacolor.images.own_color import keep_own


def test_own_colours_come_back_in_their_places_alone() -> None:
    colored = np.full((1200, 900, 3), 50, np.uint8)
    own = np.full((1200, 900, 3), (200, 100, 90), np.uint8)
    places = np.zeros((160, 120), np.uint8)
    places[20:40, 30:60] = 255
    result = keep_own(colored.copy(), own, places)
    assert (result[180:270, 260:420] == (200, 100, 90)).all()
    assert (result[400:] == 50).all()
    assert (result[:, 600:] == 50).all()


def test_without_places_nothing_is_kept() -> None:
    colored = np.full((40, 30, 3), 50, np.uint8)
    own = np.full((40, 30, 3), 200, np.uint8)
    assert (keep_own(colored, own, np.zeros((40, 30), np.uint8)) == 50).all()


def test_a_title_keeps_its_colour_and_the_page_is_coloured_up_to_it() -> None:
    # What is found of colours is found on a page reduced, and reaches far beyond them.
    own = np.full((880, 550, 3), 255, np.uint8)
    own[10:40, 20:200] = (220, 0, 0)
    places = np.zeros((160, 100), np.uint8)
    places[0:11, 0:41] = 255
    found = keep_own(np.full_like(own, 90), own, places)
    assert (found[12:38, 22:198] == (220, 0, 0)).all()
    assert (found[46:] == 90).all() and (found[:, 206:] == 90).all()
    assert (found[41:46, 30:190] >= 90).all()


def test_white_within_a_coloured_panel_stays() -> None:
    own = np.full((880, 550, 3), 255, np.uint8)
    own[100:500, 100:400] = (40, 90, 200)
    own[250:350, 200:300] = 255
    places = np.zeros((160, 100), np.uint8)
    places[17:92, 17:74] = 255
    found = keep_own(np.full_like(own, 90), own, places)
    assert np.array_equal(found[102:498, 102:398], own[102:498, 102:398])
    assert (found[520:] == 90).all()
