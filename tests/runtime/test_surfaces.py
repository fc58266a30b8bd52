"""Surfaces of pages and references, whatever says where borders are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mangacolor.images.kinds import Kind, is_paper
from mangacolor.images.panels import find_panels
from mangacolor.images.surfaces import MULTIPLE
from mangacolor.images.views import STRIDES, cut_views
from mangacolor.runtime.looks import PAGE_DETAIL, REFERENCE_DETAILS
from mangacolor.runtime.reference_areas import read_references
from mangacolor.runtime.seen import see_page
from mangacolor.runtime.surfaces import find_kinds, look, see_surfaces


class Seeing:
    """A model that takes what is dark for a border, and all else for skin."""

    sees_afar = False

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.darkest: list[float] = []

    def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.shapes.append(page.shape)
        self.darkest.append(float(page.min()))
        kinds = np.zeros((1, len(Kind), page.shape[2] // 2, page.shape[3] // 2), np.float32)
        kinds[:, Kind.SKIN] = 1
        return (page < 0).astype(np.float32), kinds


class Blind:
    """A model of before."""

    sees_afar = False

    def surfaces(self, page: np.ndarray) -> None:
        return None


def halves(h: int, w: int) -> np.ndarray:
    page = np.full((h, w), 255, np.uint8)
    page[:, w // 2 - 1 : w // 2 + 1] = 0
    return page


@pytest.mark.parametrize("shape", [(200, 150), (64, 64), (30, 40), (1, 7), (300, 20)])
def test_pages_of_any_size_have_areas(shape: tuple[int, int]) -> None:
    model = Seeing()
    found = see_surfaces(model, halves(*shape))
    assert found is not None
    assert found.areas.shape == shape
    assert found.areas.min() >= 1
    assert all(side % MULTIPLE == 0 for side in model.shapes[0][2:])


def test_where_a_page_ends_there_is_no_ink() -> None:
    model = Seeing()
    assert see_surfaces(model, np.full((30, 41), 255, np.uint8)) is not None
    assert all(darkest > 0 for darkest in model.darkest)


def test_large_pages_are_looked_at_at_the_size_that_is_asked_for() -> None:
    found = see_surfaces(Seeing(), halves(400, 300), pixels=30_000)
    assert found is not None
    assert found.areas.shape == (200, 150)


def test_what_looks_from_afar_itself_is_asked_once() -> None:
    class FarSighted(Seeing):
        sees_afar = True

    for model, looks in ((Seeing(), 2), (FarSighted(), 1)):
        assert look(model, halves(200, 150)) is not None
        assert len(model.shapes) == looks


def test_a_page_is_looked_at_at_two_sizes_and_both_count() -> None:
    class Afar(Seeing):
        """Sees nothing of what is near."""

        def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            borders, kinds = super().surfaces(page)
            if len(self.shapes) % 2:
                return np.zeros_like(borders), np.roll(kinds, 1, axis=1)
            return borders, kinds

    model = Afar()
    found = see_surfaces(model, halves(200, 320))
    assert found is not None
    assert model.shapes[1][2] < model.shapes[0][2]
    # A border that only one of them sees, the further one, is none; its kinds count less.
    assert found.areas.max() == 1
    assert 0 < found.kinds[1, Kind.SKIN] < found.kinds[1, Kind.SKIN + 1]


def test_a_border_of_colour_is_one_on_references() -> None:
    color = np.full((120, 160, 3), (200, 60, 60), np.uint8)
    color[:, 80:] = (60, 60, 200)
    grey = np.full((120, 160), 128, np.uint8)
    plain = see_surfaces(Seeing(), grey)
    seen = see_surfaces(Seeing(), grey, color=color)
    assert plain is not None and seen is not None
    assert plain.areas.max() == 1
    assert seen.areas[60, 40] != seen.areas[60, 120]


def test_a_line_of_ink_in_one_colour_is_no_border_of_colour() -> None:
    color = np.full((120, 160, 3), (200, 60, 60), np.uint8)
    color[:, 79:82] = (20, 10, 10)
    seen = see_surfaces(Seeing(), np.full((120, 160), 128, np.uint8), color=color)
    assert seen is not None
    assert seen.areas.max() == 1


def test_views_know_the_kinds_of_their_areas() -> None:
    page = see_page(halves(200, 160), Seeing())  # type: ignore[arg-type]
    assert page.kinds.shape == (3, len(Kind))
    for view in page.views:
        assert (view.kinds.argmax(axis=1) == Kind.SKIN).all()
        assert len(view.kinds) == len(view.numbers)


@pytest.mark.parametrize(("grey", "blank"), [(255, True), (238, True), (60, False)])
def test_a_page_with_nothing_on_it_is_paper(grey: int, blank: bool) -> None:
    page = see_page(np.full((200, 160), grey, np.uint8), Seeing())  # type: ignore[arg-type]
    assert is_paper(page.kinds)[1:].all() == blank


def two_figures() -> np.ndarray:
    """A scene without a frame: by what is white it is two panels, and nothing around them."""
    page = np.full((800, 600), 255, np.uint8)
    for top in (80, 480):
        cv2.rectangle(page, (200, top), (400, top + 220), 0, 3)
    return page


def test_whatever_is_drawn_is_described_in_a_view() -> None:
    page = two_figures()
    assert len(find_panels(page)) == 2
    seen = see_page(page, Seeing())  # type: ignore[arg-type]
    shown = np.unique(np.concatenate([view.numbers for view in seen.views]))
    assert seen.areas[5, 5] in shown and seen.areas[400, 300] in shown
    assert {seen.areas[190, 300], seen.areas[590, 300]} <= set(shown.tolist())


def test_models_of_before_find_areas_by_ink() -> None:
    page = see_page(halves(200, 160), Blind())  # type: ignore[arg-type]
    assert page.areas.max() == 2
    assert not page.kinds.size
    assert np.array_equal(page.areas, see_page(halves(200, 160)).areas)


def test_areas_found_otherwise_have_the_kinds_of_what_they_cover() -> None:
    page = halves(120, 160)
    seen = see_surfaces(Seeing(), page)
    assert seen is not None
    same = find_kinds(Seeing(), page, seen.areas)
    assert same is not None
    np.testing.assert_allclose(same[1:], seen.kinds[1:], atol=1e-5)
    one = find_kinds(Seeing(), page, np.ones_like(seen.areas))
    assert one is not None
    share = np.bincount(seen.areas.ravel(), minlength=len(seen.kinds)) / seen.areas.size
    np.testing.assert_allclose(one[1], share @ seen.kinds, atol=1e-5)


def test_what_was_seen_is_kinds_of_places_in_shares_and_borders_where_ink_is() -> None:
    page = halves(96, 128)
    found = look(Seeing(), page)
    assert found is not None
    borders, kinds = found
    assert borders.shape == page.shape
    assert kinds.shape == (len(Kind), 48, 64)
    np.testing.assert_allclose(kinds[Kind.SKIN], 1)
    np.testing.assert_allclose(np.delete(kinds, Kind.SKIN, axis=0), 0)
    # Seen near and from afar, what is ink is a border, and what is far from it is none.
    assert borders[:, 63:65].min() > 0.9
    assert borders[:, :60].max() == 0


class Describing:
    """What a model of areas does besides, as little of it as will do."""

    def describe(self, picture: np.ndarray) -> list[np.ndarray]:
        h, w = picture.shape[2:]
        noise = np.random.default_rng(h * w)
        return [noise.random((1, 3, h // s, w // s), np.float32) for s in STRIDES]

    def read(self, features: np.ndarray, facts: np.ndarray, colors: np.ndarray) -> np.ndarray:
        return np.concatenate([features, facts, colors], axis=1)


class SeeingAll(Describing, Seeing):
    pass


class BlindAll(Describing, Blind):
    pass


def test_a_reference_offers_what_ink_parts_and_what_colour_parts() -> None:
    # Two colours without a line between them, of which ink shows one, and a line beside them; all
    # so light that the model sees a border in the line alone.
    red, green, blue = (255, 130, 130), (120, 230, 120), (150, 150, 255)
    color = np.full((240, 320, 3), red, np.uint8)
    color[:, 110:] = green
    color[:, 218:] = blue
    color[:, 214:218] = 0
    by_ink = read_references(BlindAll(), [color])  # type: ignore[arg-type]
    both = read_references(SeeingAll(), [color])  # type: ignore[arg-type]
    shades = {tuple(shade) for shade in both.colors.tolist()}
    assert {red, green, blue} <= shades
    assert green not in {tuple(shade) for shade in by_ink.colors.tolist()}
    assert len(both.tokens) > len(by_ink.tokens)
    assert not by_ink.kinds.size and len(both.kinds) == len(both.tokens)
    # All of it is of one reference.
    assert (both.places[:, 0] == 0).all()


def test_the_ground_of_a_reference_without_frames_is_offered() -> None:
    page, sky = two_figures(), (190, 220, 255)
    color = np.where(page[..., None] == 255, np.array(sky, np.uint8), np.uint8(0))
    for top in (80, 480):
        color[top + 4 : top + 217, 204:397] = (240, 200, 180)
    found = read_references(SeeingAll(), [color])  # type: ignore[arg-type]
    assert tuple(found.colors[found.sizes.argmax()].tolist()) == sky


def test_pages_and_references_are_described_larger_than_training_has_them() -> None:
    class Measuring(SeeingAll):
        def __init__(self) -> None:
            super().__init__()
            self.described: list[int] = []

        def describe(self, picture: np.ndarray) -> list[np.ndarray]:
            self.described.append(max(picture.shape[2:]))
            return super().describe(picture)

    page = halves(640, 480)
    seen = see_page(page)
    views = cut_views(page, seen.areas, find_panels(page))
    usual = np.array([max(view.picture.shape) for view in views])
    larger = [max(view.picture.shape) for view in seen.views]
    np.testing.assert_allclose(larger, usual * PAGE_DETAIL, atol=32)
    model = Measuring()
    read_references(model, [np.repeat(page[..., None], 3, axis=2)])  # type: ignore[arg-type]
    both = np.concatenate([usual * detail for detail in REFERENCE_DETAILS])
    np.testing.assert_allclose(model.described, both, atol=32)
    assert min(REFERENCE_DETAILS) > 1 and PAGE_DETAIL > 1


@pytest.mark.parametrize(("toned", "parts"), [(0.0, 2), (0.01, 2), (0.1, 1)])
def test_a_short_weak_border_counts_for_less_on_a_page_with_screentone(
    toned: float, parts: int
) -> None:
    class Weak(Seeing):
        sees_afar = True

        def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            borders, kinds = super().surfaces(page)
            kinds[:] = 1 / len(Kind)
            return borders * np.float32(138 / 255), kinds

    page = halves(192, 256)
    printed = page.copy()
    printed[: round(toned * 192), ::2] -= 60
    found = see_page(page, Weak(), printed)  # type: ignore[arg-type]
    assert found.areas.max() == parts
