from __future__ import annotations

import numpy as np
import pytest

from mangacolor.images.shades import guess, shades, to_lab, to_shares


def test_all_of_srgb_is_near_a_shade_and_white_is_one() -> None:
    steps = np.linspace(0, 255, 9)
    mesh = np.meshgrid(steps, steps, steps)
    colors = np.stack(mesh, axis=-1).reshape(-1, 3).astype(np.float32)
    apart = np.linalg.norm(to_lab(colors)[:, None] - shades()[None], axis=2).min(axis=1)
    assert np.median(apart) < 10
    assert apart.max() < 25
    assert (shades() == (100, 0, 0)).all(axis=1).any()


def test_a_colour_that_is_known_is_guessed_again() -> None:
    colors = np.random.default_rng(0).integers(0, 256, (300, 3)).astype(np.uint8)
    shares = to_shares(colors)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    made, sure = guess(np.log(shares + 1e-9))
    apart = np.linalg.norm(to_lab(made) - to_lab(colors), axis=1)
    assert np.median(apart) < 6
    assert sure.min() > 0.6


@pytest.mark.parametrize("white", [(255, 255, 255), (252, 253, 252)])
def test_paper_stays_paper(white: tuple[int, int, int]) -> None:
    paper, blue = (to_shares(np.array([c], np.uint8)) for c in (white, (215, 235, 250)))
    made, _ = guess(np.log(0.7 * paper + 0.3 * blue + 1e-9))
    assert made.tolist() == [[255, 255, 255]]


def test_of_two_possible_colours_the_mean_is_none() -> None:
    red, green = (to_shares(np.array([c], np.uint8)) for c in ((220, 30, 30), (30, 160, 40)))
    made, sure = guess(np.log(0.6 * red + 0.4 * green + 1e-9))
    assert np.linalg.norm(made[0].astype(int) - (220, 30, 30)) < 40
    assert sure[0] == pytest.approx(0.6, abs=0.05)
