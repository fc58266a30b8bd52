"""Pages whose areas a person wants finer or coarser in a circle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mangacolor.images.kinds import Kind
from mangacolor.runtime.parted import Grain, area_at, part_page
from mangacolor.runtime.seen import SeenPage, see_page

SHAPE = (192, 256)


class Bordered:
    """Sees a border as strong as it is told between two halves of a page, and one kind."""

    sees_afar = False

    def __init__(self, strength: float) -> None:
        self.strength = strength

    def surfaces(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        borders = np.where(np.abs(page) < 0.5, self.strength / 255, 0).astype(np.float32)
        kinds = np.zeros((1, len(Kind), page.shape[2] // 2, page.shape[3] // 2), np.float32)
        kinds[:, Kind.CLOTHES] = 1
        return borders, kinds


def page() -> np.ndarray:
    """White, with a grey line down the middle."""
    grey = np.full(SHAPE, 255, np.uint8)
    grey[:, 127:129] = 128
    return grey


def parted(model: Any, *parts: Grain) -> tuple[SeenPage, SeenPage]:
    seen = see_page(page(), model)
    return seen, part_page(model, page(), seen, parts, page())


@pytest.mark.parametrize(("strength", "level"), [(90, 1), (40, 2), (90, 3)])
def test_a_weak_border_in_the_circle_parts_areas_that_are_finer(strength: int, level: int) -> None:
    seen, finer = parted(Bordered(strength), Grain((0.25, 0.5), 0.5, level))
    left, right = (0.1, 0.5), (0.9, 0.5)
    assert area_at(seen.areas, left) == area_at(seen.areas, right)
    assert area_at(finer.areas, left) != area_at(finer.areas, right)
    assert len(finer.kinds) == finer.areas.max() + 1


def test_a_strong_border_in_the_circle_is_none_for_coarser_areas() -> None:
    seen, coarser = parted(Bordered(150), Grain((0.5, 0.5), 0.9, -1))
    left, right = (0.1, 0.5), (0.9, 0.5)
    assert area_at(seen.areas, left) != area_at(seen.areas, right)
    assert area_at(coarser.areas, left) == area_at(coarser.areas, right)


def test_beyond_the_circle_nothing_changes() -> None:
    # Of each half less than half lies in it.
    seen, small = parted(Bordered(90), Grain((0.5, 0.5), 0.1, 3))
    assert (small.areas == seen.areas).all()


def test_a_model_without_surfaces_leaves_areas_as_they_are() -> None:
    class Blind:
        sees_afar = False

        def surfaces(self, page: np.ndarray) -> None:
            return None

    seen = see_page(page(), Blind())  # type: ignore[arg-type]
    found = part_page(Blind(), page(), seen, [Grain((0.5, 0.5), 0.9, 3)], page())
    assert found is seen
