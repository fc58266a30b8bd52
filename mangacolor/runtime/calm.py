"""What is behind figures is laid more calmly where the references do not say what it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32, UInt8
from mangacolor.images.kinds import Kind
from mangacolor.images.shades import to_lab, to_rgb
from mangacolor.runtime.colored_areas import GUESSED
from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["calmed"]

# Share of the votes from which a colour is laid as it is, and down to which the less of it is
# the less it has: below the lower one the mean of all votes is laid.
_SURE, _UNSURE = np.float32(0.45), np.float32(0.25)


def calmed(
    kinds: Float32,
    votes: Float32,
    references: ReferenceAreas,
    elected: tuple[UInt8, Float32, npt.NDArray[np.int32]],
) -> UInt8:
    """Colours that are laid on areas: that of a backdrop of which votes disagree is nearer to
    the mean of all, which is no surface's and far from none.

    Figures keep what is likeliest: their hair and clothes, where right, would turn brown.

    Args:
        kinds: float32 (K, len(Kind)), how probably areas are of a kind.
        votes: float32 (K, T), shares of the references' areas.
        references: whose areas.
        elected: colours uint8 (K, 3), shares float32 (K,) and matches int32 (K,) of `color_views`.

    Returns:
        uint8 (K, 3) sRGB.
    """
    colors, share, matches = elected
    total = np.maximum(votes.sum(axis=1), np.float32(1e-9))
    doubt = np.clip((_SURE - share / total) / (_SURE - _UNSURE), 0, 1)
    doubt *= kinds[:, Kind.BACKDROP] * (matches != GUESSED)
    unsure = np.flatnonzero(doubt > 0)
    if not len(unsure):
        return colors
    mean = votes[unsure] @ to_lab(references.colors) / total[unsure, None]
    own = to_lab(colors[unsure])
    laid = colors.copy()
    laid[unsure] = np.rint(to_rgb(own + doubt[unsure, None] * (mean - own))).clip(0, 255)
    return laid
