"""What is the very same drawing is known by where its things lie."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mangacolor.images.geometry import Float32
from mangacolor.images.views import View
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.same import with_same
from mangacolor.runtime.votes import Votes, cosines_of

# Fields of a page in rows and columns, each an area; their looks tell all but the last two apart.
ROWS, COLUMNS, SIDE = 6, 5, 20
COUNT = ROWS * COLUMNS
AREAS = np.kron(np.arange(1, COUNT + 1).reshape(ROWS, COLUMNS), np.ones((SIDE, SIDE))).astype(
    np.int32
)
TWINS = [COUNT - 2, COUNT - 1]


def looks() -> Float32:
    found = np.eye(COUNT, dtype=np.float32)
    found[TWINS[1]] = found[TWINS[0]]
    return found


def likeness() -> Float32:
    found: Float32 = looks() @ looks().T
    return found


def view(numbers: np.ndarray) -> View:
    none = np.zeros((0, 0), np.float32)
    sizes = np.full(len(numbers), SIDE**2, np.float32)
    picture = np.zeros((2, 2, 3), np.uint8)
    return View(picture, numbers.astype(np.int32), sizes, none, np.zeros((1, 1), np.int32))


def middles() -> Float32:
    y, x = np.divmod(np.arange(COUNT), COLUMNS)
    return np.stack([(x + 0.5) / COLUMNS, (y + 0.5) / ROWS], axis=1).astype(np.float32)


def reference(points: Float32, owner: float = 0) -> ReferenceAreas:
    return ReferenceAreas(
        np.zeros((COUNT, 1), np.float32),
        np.zeros((COUNT, 3), np.uint8),
        places=np.insert(points, 0, owner, axis=1),
        sizes=np.full(COUNT, 1 / COUNT, np.float32),
        looks=looks(),
    )


def undecided() -> Votes:
    """Votes of a page whose twins may be either, half of what they have; the rest is guessed."""
    shares = likeness() / 4
    return Votes(shares.astype(np.float32), np.full((COUNT, 3), 0.3, np.float32))


def seen(points: Float32, owner: float = 0) -> Votes:
    views = [view(np.arange(1, COUNT + 1))]
    (found,) = with_same(AREAS, views, [likeness()], [undecided()], reference(points, owner))
    return found


def mirrored(points: Float32) -> Float32:
    return points * np.array([-1, 1], np.float32) + np.array([1, 0], np.float32)


def on_a_larger_sheet(points: Float32) -> Float32:
    return points * np.float32(0.6) + np.array([0.3, 0.1], np.float32)


@pytest.mark.parametrize("moved", [lambda points: points, mirrored, on_a_larger_sheet])
def test_what_looks_alike_is_what_lies_at_its_place(moved: object) -> None:
    assert callable(moved)
    found = seen(moved(middles()))
    # Neighbours' points are far: nearly all votes are for the area itself.
    assert (found.shares[TWINS, TWINS] > 0.9 * found.shares[TWINS].sum(axis=1)).all()
    assert np.allclose(found.shares.sum(axis=1), undecided().shares.sum(axis=1))


def test_what_is_found_again_is_not_guessed() -> None:
    guesses = seen(middles()).guesses
    assert guesses is not None
    assert not guesses.any()


def test_another_drawing_changes_nothing() -> None:
    points = np.random.default_rng(1).permutation(middles())
    found, before = seen(points), undecided()
    assert (found.shares == before.shares).all()
    assert found.guesses is not None
    assert before.guesses is not None
    assert (found.guesses == before.guesses).all()


def test_what_is_of_no_reference_lies_nowhere() -> None:
    assert (seen(middles(), owner=-1).shares == undecided().shares).all()


def test_of_a_page_one_panel_may_be_the_same() -> None:
    # The other half of the page looks as much like the reference, and lies elsewhere.
    half = COUNT // 2
    points = middles()
    points[:half] = np.random.default_rng(2).permutation(points[:half])
    views = [view(np.arange(1, half + 1)), view(np.arange(half + 1, COUNT + 1))]
    shares, guesses = undecided()
    assert guesses is not None
    votes = [Votes(shares[:half], guesses[:half]), Votes(shares[half:], guesses[half:])]
    parts = [likeness()[:half], likeness()[half:]]
    other, same = with_same(AREAS, views, parts, votes, reference(points))
    assert (other.shares[:, :half] == shares[:half, :half]).all()
    twins = [at - half for at in TWINS]
    assert (same.shares[twins, TWINS] > 0.9 * same.shares[twins].sum(axis=1)).all()


def test_a_reference_that_shows_one_panel_of_a_page_is_found_in_it() -> None:
    # The last third of the page, over the whole of the reference: three times as high as wide. The
    # rest of the page looks like nothing there, and is most of it.
    last = np.arange(2 * COUNT // 3, COUNT)
    views = [view(np.arange(1, last[0] + 1)), view(last + 1)]
    points = (middles()[last] - np.array([0, 2 / 3])) * np.array([1, 3])
    whole = reference(middles())
    panel = ReferenceAreas(
        whole.tokens[last],
        whole.colors[last],
        places=np.insert(points, 0, 0, axis=1).astype(np.float32),
        sizes=whole.sizes[last] * 3,
        looks=whole.looks[last],
    )
    shares, guesses = undecided()
    assert guesses is not None
    votes = [
        Votes(shares[: last[0], last], guesses[: last[0]]),
        Votes(shares[last][:, last], guesses[last]),
    ]
    parts = [likeness()[: last[0]][:, last], likeness()[last][:, last]]
    other, same = with_same(AREAS, views, parts, votes, panel)
    assert (other.shares == votes[0].shares).all()
    twins = [at - last[0] for at in TWINS]
    assert (same.shares[twins, twins] > 0.9 * same.shares[twins].sum(axis=1)).all()


def test_each_panel_of_a_page_may_be_of_another_page() -> None:
    # Thirds of the page, small and each at another place: no one transform explains them.
    thirds = np.split(np.arange(COUNT), 3)
    points = middles() * np.float32(0.3)
    for place, third in enumerate(thirds):
        points[third] += np.float32(0.33 * place)
    shares, guesses = undecided()
    assert guesses is not None
    views = [view(third + 1) for third in thirds]
    votes = [Votes(shares[third], guesses[third]) for third in thirds]
    parts = [likeness()[third] for third in thirds]
    for found in with_same(AREAS, views, parts, votes, reference(points)):
        assert found.guesses is not None
        assert not found.guesses.any()


def test_what_lies_within_an_area_is_a_part_of_it() -> None:
    # One twin lies beside its place, but within its area; the other one in nobody's.
    points = middles()
    within, outside = TWINS
    points[within] += np.float32(0.4) / np.array([COLUMNS, ROWS], np.float32)
    points[outside] = 2
    shares = seen(points).shares[within]
    assert shares[within] > 0.9 * shares.sum()


def test_a_reference_without_places_or_looks_changes_nothing() -> None:
    views, votes = [view(np.arange(1, COUNT + 1))], [undecided()]
    placeless = dataclasses.replace(reference(middles()), places=np.zeros((0, 3), np.float32))
    blind = dataclasses.replace(reference(middles()), looks=np.zeros((0, 0), np.float32))
    for other in (placeless, blind):
        cosines = cosines_of([looks()], other)
        (found,) = with_same(AREAS, views, cosines, votes, other)
        assert found is votes[0]
