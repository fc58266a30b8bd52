from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mangacolor.images.colored import coloring_of, has_chroma, is_colored

Picture = np.ndarray


def drawn(seed: int, fills: list[str]) -> Picture:
    """uint8 (420, 300, 3): ink on paper, shapes filled with the given colours."""
    rng = np.random.default_rng(seed)
    page = Image.new("RGB", (300, 420), "white")
    pen = ImageDraw.Draw(page)
    for number in range(12):
        x, y = int(rng.integers(0, 230)), int(rng.integers(0, 340))
        box = (x, y, x + int(rng.integers(30, 90)), y + int(rng.integers(30, 110)))
        pen.ellipse(box, fill=fills[number % len(fills)], outline="black", width=3)
    return np.asarray(page)


def scans(grey: Picture, rng: np.random.Generator) -> Iterator[tuple[str, Picture]]:
    """Scans of a black-and-white page, float (H, W) 0 ... 1."""
    h, w = grey.shape
    y, x = np.mgrid[0 : 1 : h * 1j, 0 : 1 : w * 1j]

    def printed(ink: tuple[int, ...], paper: tuple[int, ...]) -> Picture:
        low, high = np.array(ink) / 255, np.array(paper) / 255
        return low + (high - low) * grey[..., None]

    plain = printed((20, 20, 20), (250, 245, 235))
    across, far = (x * 0.6 + y * 0.4)[..., None], np.hypot(x - 0.5, y - 0.5)[..., None]
    blotches = rng.integers(0, 256, (h // 40 + 2, w // 40 + 2, 3), dtype=np.uint8)
    blotches = np.asarray(Image.fromarray(blotches).resize((w, h))) / 255 - 0.5  # type: ignore[assignment]
    yield "grey", printed((0, 0, 0), (255, 255, 255))
    yield "yellowed", printed((30, 25, 20), (245, 232, 196))
    yield "brown", printed((50, 35, 25), (222, 196, 150))
    yield (
        "yellowed to one side",
        plain * (1 - across) + printed((30, 25, 20), (225, 200, 150)) * (across),
    )
    yield "brown edges", plain * (1 - far) + printed((40, 30, 20), (190, 150, 95)) * far
    yield "blue ink", printed((30, 40, 130), (252, 250, 245))
    yield "red ink on pink", printed((170, 40, 40), (250, 215, 220))
    yield "noise of the sensor", plain + rng.normal(0, 0.035, (h, w, 3))
    yield "blotches", plain + 0.05 * blotches
    yield "fringes", np.stack([np.roll(grey, 1, 1), grey, np.roll(grey, -1, 0)], axis=2)
    stamped = plain.copy()
    stamped[360:395, 240:280] *= (1, 0.3, 0.3)
    yield "a red stamp", stamped


@pytest.mark.parametrize("fills", [["white"], ["white", "#b0b0b0", "#404040", "black"]])
def test_no_scan_of_a_black_and_white_page_is_called_coloured(fills: list[str]) -> None:
    rng = np.random.default_rng(0)
    for seed in range(3):
        grey = drawn(seed, fills)[..., 0] / 255
        for name, scan in scans(grey, rng):
            picture = (np.clip(scan, 0, 1) * 255).astype(np.uint8)
            assert not is_colored(picture), (seed, name)


@pytest.mark.parametrize(
    "fills",
    [
        ["tomato", "gold", "seagreen", "royalblue"],
        # Faint, as of watercolour.
        ["#e6d2c8", "#d2e1eb", "#e1ebd2"],
        ["white", "white", "white", "tomato", "royalblue"],
    ],
)
def test_pages_in_colour_are_called_coloured_on_yellowed_paper_too(fills: list[str]) -> None:
    for seed in range(3):
        page = drawn(seed, fills)
        assert is_colored(page), seed
        assert is_colored((page * (1.0, 0.98, 0.92)).astype(np.uint8)), seed


def test_a_picture_without_chroma_has_none() -> None:
    assert not has_chroma(drawn(0, ["#b0b0b0", "white"]))
    assert has_chroma(np.full((10, 10, 3), (240, 160, 40), np.uint8))
    assert has_chroma(drawn(0, ["white", "tomato"]))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (3000, 2, 3)])
def test_any_size_works(shape: tuple[int, ...]) -> None:
    assert not is_colored(np.full(shape, 200, np.uint8))


@pytest.mark.parametrize("pieces", [16, 48])
@pytest.mark.parametrize("axis", [0, 1])
def test_strips_are_judged_piece_by_piece(pieces: int, axis: int) -> None:
    fills = ["tomato", "gold", "seagreen", "royalblue"]
    colored = np.concatenate([drawn(seed % 4, fills)[:300] for seed in range(pieces)], axis)
    plain = np.concatenate([drawn(seed % 4, ["white"])[:300] for seed in range(pieces)], axis)
    assert is_colored(colored)
    assert has_chroma(colored)
    assert not is_colored(plain)
    assert not has_chroma(plain)
    some = plain.copy()
    some[tuple(slice(0, side) for side in (300, 300))] = colored[:300, :300]
    assert has_chroma(some)


@pytest.mark.parametrize("share", [0.02, 0.05])
@pytest.mark.parametrize("top", [10, 180])
def test_a_page_with_a_coloured_title_is_not_in_colour_and_keeps_it(share: float, top: int) -> None:
    page = drawn(1, ["white"]).copy()
    bottom = top + round(420 * share / 0.6)
    title = page[top:bottom, 60:240]
    title[title[..., 0] > 100] = (210, 30, 40)
    whole, places = coloring_of(page)
    assert not whole
    kept = np.asarray(Image.fromarray(places).resize((300, 420)))
    assert (kept[top + 3 : bottom - 3, 66:234] > 0).mean() > 0.7
    assert (kept > 0).mean() < 4 * share + 0.05


def test_a_spread_with_one_half_in_colour_is_coloured_in_the_other() -> None:
    colored = drawn(1, ["tomato", "gold", "seagreen", "royalblue"])
    plain = drawn(2, ["white"])
    for halves in ((colored, plain), (plain, colored)):
        whole, places = coloring_of(np.concatenate(halves, axis=1))
        assert not whole
        left, right = (half.mean() for half in np.array_split(places > 0, 2, axis=1))
        assert (left > 0.2, right > 0.2) == (halves[0] is colored, halves[1] is colored)
    assert is_colored(np.concatenate([colored, colored], axis=1))
