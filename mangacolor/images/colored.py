"""Whether a page is in colour already, or black and white on paper of some tint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from mangacolor.images.geometry import Float32, UInt8, fit_size, resize

__all__ = ["has_chroma", "is_colored"]

# Longer side at which a page is judged, and how far it is blurred: the colour fringes that a
# scanner leaves on both sides of a line cancel out.
_SIDE, _BLUR = 160, 2.0
# Distance of a chroma from what the page's tint explains that is colour; noise stays below.
_COLOR = 9.0
# Share of the page that must be in colour: a stamp or a library's mark is less.
_SHARE = 0.04
# Distance from grey in any place of a picture that is worth calling a colour.
_GREY = 8.0
# Rec. 601: blue and red difference.
_CHROMA = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# How often what does not fit the tint is left out and the tint sought again.
_ROUNDS = 4


def is_colored(picture: UInt8) -> bool:
    """Whether a picture has colours and not one tint.

    A black-and-white page on yellowed paper, printed in one colour of ink, or scanned with a cast,
    has one chroma for every brightness, which changes slowly over the page. What differs from that
    is colour.

    Args:
        picture: uint8 (H, W, 3) sRGB.
    """
    chroma, luma = _chroma(picture)
    off = _distance_from_tint(chroma, luma)
    return bool((off > _COLOR).mean() > _SHARE)


def has_chroma(picture: UInt8) -> bool:
    """Whether a picture, uint8 (H, W, 3) sRGB, is anything but grey."""
    chroma, _ = _chroma(picture)
    return bool((np.linalg.norm(chroma, axis=2) > _GREY).mean() > _SHARE)


def _chroma(picture: UInt8) -> tuple[Float32, Float32]:
    """float32 (h, w, 2) and luma (h, w), of the reduced picture."""
    height, width = picture.shape[:2]
    h, w = fit_size(height, width, _SIDE)
    small = resize(picture, min(h, height), min(w, width)).astype(np.float32)
    small = ndimage.gaussian_filter(small, (_BLUR, _BLUR, 0), mode="nearest")
    return small @ _CHROMA.T, small @ _LUMA


def _distance_from_tint(chroma: Float32, luma: Float32) -> npt.NDArray[np.float64]:
    """Distance of each pixel's chroma from the tint that fits most pixels, (h, w)."""
    h, w = luma.shape
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    light = luma / 127.5 - 1
    # Paper and ink have each its tint, with anything between; casts come from the side.
    terms = [np.ones_like(light), light, light**2, x, y, x * light, y * light, x * x, y * y, x * y]
    basis = np.stack(terms, axis=2).reshape(-1, len(terms)).astype(np.float64)
    wanted = chroma.reshape(-1, 2).astype(np.float64)
    trust = np.ones(len(basis))
    for _ in range(_ROUNDS):
        weighted = basis * trust[:, None]
        ridge = 1e-3 * len(basis) * np.eye(len(terms))
        fitted = basis @ np.linalg.solve(weighted.T @ basis + ridge, weighted.T @ wanted)
        off = np.linalg.norm(wanted - fitted, axis=1)
        trust = 1 / (1 + (off / _COLOR) ** 2)
    return off.reshape(h, w)
