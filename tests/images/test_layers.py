"""Layers laid on each other are the page; the flats are flat."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageChops

from mangacolor.images.areas import find_areas
from mangacolor.images.filled import lay_filled
from mangacolor.images.layers import Layer, to_layers
from mangacolor.images.tones import smooth_tones
from tests.images.test_filled import BLUE, RED, drawn

SCALES = (1, 5)


def flattened(layers: list[Layer]) -> np.ndarray:
    """Laid on each other by Pillow, which knows nothing of how they were made."""
    made = Image.new("RGB", layers[0].picture.shape[1::-1], "fuchsia")
    for layer in layers:
        picture = Image.fromarray(layer.picture)
        if layer.blend == "multiply":
            made = ImageChops.multiply(made, picture)
        elif layer.blend == "screen":
            made = ImageChops.screen(made, picture)
        else:
            made.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return np.asarray(made)


def page_in_color(scale: int = 1, dots: bool = False, **how: float) -> tuple[np.ndarray, ...]:
    """A page, itself in colour, its areas and their colours."""
    page = drawn(scale, dots)
    shade = smooth_tones(page)
    areas = find_areas(shade)
    palette = np.full((int(areas.max()) + 1, 3), BLUE, np.uint8)
    h, w = areas.shape
    palette[areas[130 * h // 300, 100 * w // 400]] = RED
    return page, lay_filled(page, areas, palette, shade=shade, **how), areas, palette  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dots", [False, True])
@pytest.mark.parametrize("how", [{}, {"strength": 0.4}, {"saturation": 3.0}, {"strength": 2.0}])
def test_the_layers_on_each_other_are_the_page(
    scale: int, dots: bool, how: dict[str, float]
) -> None:
    page, colored, areas, _ = page_in_color(scale, dots, **how)
    made = flattened(to_layers(page, colored, areas))
    assert np.abs(made.astype(int) - colored).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (700, 2), (5, 3)])
def test_pages_too_small_for_areas_have_layers_all_the_same(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    page = rng.integers(0, 256, shape, np.uint8)
    colored = rng.integers(0, 256, (*shape, 3), np.uint8)
    made = flattened(to_layers(page, colored, find_areas(page)))
    assert np.abs(made.astype(int) - colored).max() <= 2


def test_any_picture_at_all_can_be_put_together_again() -> None:
    rng = np.random.default_rng(0)
    page = rng.integers(0, 256, (70, 90), np.uint8)
    colored = rng.integers(0, 256, (70, 90, 3), np.uint8)
    areas = rng.integers(0, 5, (7, 9), np.int32)
    made = flattened(to_layers(page, colored, areas))
    assert np.abs(made.astype(int) - colored).max() <= 2


@pytest.mark.parametrize("scale", SCALES)
def test_each_area_is_one_colour_and_has_hard_edges(scale: int) -> None:
    page, colored, areas, palette = page_in_color(scale)
    flats = to_layers(page, colored, areas)[1].picture
    large = np.asarray(Image.fromarray(areas).resize(page.shape[::-1], 0))
    seen = 0
    for area in np.unique(areas):
        (color,) = np.unique(flats[large == area], axis=0)
        # What is little but ink is black.
        if (page[large == area] == 255).mean() > 0.5:
            assert np.abs(color - [*palette[area].astype(int), 255]).max() <= 1
            seen += 1
    assert seen == 3


def test_paper_has_no_flat_colour_and_ink_is_the_page() -> None:
    page = drawn()
    areas = find_areas(page)
    paper, flats, light, shade, ink = to_layers(page, np.stack([page] * 3, axis=2), areas)
    assert (paper.picture == 255).all()
    assert (flats.picture[..., 3] == 0).all()
    assert (light.picture == 0).all() and (shade.picture == 255).all()
    assert (ink.picture == page[..., None]).all()


def test_another_colour_in_the_flats_is_another_colour_of_the_page() -> None:
    page, colored, areas, _ = page_in_color(dots=True)
    layers = to_layers(page, colored, areas)
    flats = layers[1].picture.copy()
    circle = (flats[..., 0] > flats[..., 2]) & (flats[..., 3] == 255)
    assert 0.05 < circle.mean() < 0.5
    flats[circle, :3] = (0, 250, 0)
    layers[1] = Layer("flats", flats)
    made = flattened(layers).astype(int)
    # It is seen where the circle is, and nowhere else.
    white = circle & (page == 255)
    assert (np.median(made[white][:, 1] - made[white][:, 0])) > 100
    assert np.abs(made[~circle] - colored[~circle]).max() <= 2
