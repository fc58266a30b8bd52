from __future__ import annotations

import numpy as np

from mangacolor.images.own_color import keep_own


def test_own_colours_come_back_in_their_places_alone() -> None:
    colored = np.full((1200, 900, 3), 50, np.uint8)
    own = np.full((1200, 900, 3), 200, np.uint8)
    places = np.zeros((160, 120), np.uint8)
    places[20:40, 30:60] = 255
    result = keep_own(colored.copy(), own, places)
    assert (result[180:270, 260:420] == 200).all()
    assert (result[400:] == 50).all()
    assert (result[:, 600:] == 50).all()


def test_without_places_nothing_is_kept() -> None:
    colored = np.full((40, 30, 3), 50, np.uint8)
    own = np.full((40, 30, 3), 200, np.uint8)
    assert (keep_own(colored, own, np.zeros((40, 30), np.uint8)) == 50).all()
