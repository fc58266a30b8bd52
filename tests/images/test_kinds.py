"""Kinds of areas as facts."""

from __future__ import annotations

import numpy as np

from mangacolor.images.kinds import Kind, alike, are_worn, is_paper


def surely(*kinds: Kind, share: float = 1.0) -> np.ndarray:
    """Areas that are of a kind with so much certainty, and else of any other."""
    found = np.full((len(kinds), len(Kind)), (1 - share) / (len(Kind) - 1), np.float32)
    found[np.arange(len(kinds)), list(kinds)] = share
    return found


def test_hair_is_like_hair_and_hardly_like_skin() -> None:
    found = alike(surely(Kind.HAIR), surely(Kind.HAIR, Kind.SKIN))
    assert found[0, 0] == 1
    assert found[0, 1] < 0.2


def test_what_clothes_are_and_what_things_is_all_the_same() -> None:
    assert alike(surely(Kind.CLOTHES), surely(Kind.THING, Kind.SKIN))[0, 0] == 1


def test_the_most_alike_counts_whole_though_nobody_is_sure() -> None:
    unsure = surely(Kind.HAIR, share=0.5)
    assert alike(unsure, surely(Kind.HAIR, Kind.SKIN))[0, 0] == 1


def test_where_kinds_are_not_known_all_are_alike() -> None:
    nothing = np.zeros((0, 0), np.float32)
    for some, others in ((nothing, surely(Kind.HAIR)), (surely(Kind.HAIR), nothing)):
        assert (np.ones((3, 2), np.float32) * alike(some, others) == 1).all()


def test_gutters_and_words_are_paper_and_a_white_shirt_is_not() -> None:
    both = surely(Kind.BALLOON, share=0.5)
    both[0, Kind.LETTERING] = 0.4
    assert is_paper(both).all()
    found = is_paper(surely(Kind.GUTTER, Kind.BALLOON, Kind.CLOTHES, Kind.EFFECT))
    assert found.tolist() == [True, True, False, False]


def test_an_area_is_surer_than_its_places() -> None:
    mostly = np.zeros((1, len(Kind)), np.float32)
    mostly[0, Kind.SKIN], mostly[0, Kind.HAIR] = 0.7, 0.3
    skin, hair = alike(mostly, surely(Kind.SKIN, Kind.HAIR))[0]
    # The shares of its places as they are would make it .69.
    assert skin == 1 and hair < 0.4


def test_hair_and_clothes_are_worn_and_skin_is_not() -> None:
    kinds = surely(Kind.HAIR, Kind.CLOTHES, Kind.SKIN, Kind.BACKDROP)
    assert are_worn(kinds).tolist() == [1, 1, 0, 0]
    assert not are_worn(np.zeros((0, 0), np.float32)).any()
