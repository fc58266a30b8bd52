"""Colour as an eye sees it: differences and palettes in CIELAB, by scikit-image and scipy."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import wasserstein_distance
from skimage.color import deltaE_ciede2000, rgb2lab
from torch import Tensor

__all__ = ["ciede2000", "palette_distance"]

# Directions in the plane of a* and b* along which two palettes are compared.
_DIRECTIONS = 8


def ciede2000(result: Tensor, truth: Tensor) -> float:
    """Mean colour difference over the pixels of a picture.

    Args:
        result, truth: float (3, h, w), sRGB in [0, 1].

    Returns:
        0 for the same colours, about 1 for a difference that can just be seen, about 100 between
        black and white; lower is better.

    Source: CIE 142-2001 (CIEDE2000), white point D65.
    """
    return float(deltaE_ciede2000(_lab(truth), _lab(result)).mean(dtype=np.float64))


def palette_distance(result: Tensor, reference: Tensor) -> float:
    """How far the colours of a result are from the colours of its reference, wherever they lie.

    The sliced Wasserstein-1 distance of the two clouds of (a*, b*): the mean, over 8 directions,
    of how far colour has to be moved. Lightness is left out, since most of it is the ink's.

    Args:
        result: float (3, h, w), sRGB in [0, 1].
        reference: float (3, h', w'), of any other size.

    Returns:
        0 for the same palette in the same shares, in units of CIELAB; lower is nearer. Two
        pictures of one story are some way apart, so that 0 is no aim with another picture.

    Source: Rabin, Peyre, Delon and Bernot, SSVM 2011 (the sliced distance).
    """
    made, given = (_lab(x)[..., 1:].reshape(-1, 2) for x in (result, reference))
    angles = [math.pi * i / _DIRECTIONS for i in range(_DIRECTIONS)]
    distances = [
        wasserstein_distance(made @ along, given @ along)
        for along in (np.array([math.cos(a), math.sin(a)]) for a in angles)
    ]
    return float(np.mean(distances))


def _lab(color: Tensor) -> npt.NDArray[np.float32]:
    lab: npt.NDArray[np.float32] = rgb2lab(color.permute(1, 2, 0).numpy())
    return lab
