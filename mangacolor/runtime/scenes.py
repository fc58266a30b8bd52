"""Scenes: what is together in a panel is together in a panel of the references, too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import are_figures
from mangacolor.images.views import View

__all__ = ["together"]

# How much votes for a panel count that is so much less alike, and from how much on an area says
# nothing more of it: that area is not in it.
_STRICT, _AWAY = 15.0, 0.2


def together(votes: Float32, view: View, cosine: Float32, panels: npt.NDArray[np.int32]) -> Float32:
    """Votes of a view's areas that know which panels of the references it is most like.

    Figures and what is behind them each for themselves: they may be of two scenes.

    Args:
        votes: float32 (K, T).
        view: of a page.
        cosine: float32 (K, T), how much its areas look like the references'.
        panels: int32 (T,), of `ReferenceAreas`; empty if they are not known.

    Returns:
        float32 (K, T), each area's as many as before.
    """
    known = np.flatnonzero(panels >= 0)
    if not len(known) or len(panels) != votes.shape[1]:
        return votes
    order = known[np.argsort(panels[known], kind="stable")]
    _, starts, panel = np.unique(panels[order], return_index=True, return_inverse=True)
    best = np.maximum.reduceat(cosine[:, order], starts, axis=1)
    # How much less alike than in the panel where it is most alike.
    less = np.maximum(best - best.max(axis=1, keepdims=True), np.float32(-_AWAY))
    figure = are_figures(view.kinds) if view.kinds.size else np.ones(len(votes), np.float32)
    weight = np.sqrt(view.sizes)
    favour = np.zeros(best.shape, np.float32)
    for part in (figure, 1 - figure):
        whole = (weight * part) @ less / max(float((weight * part).sum()), 1e-6)
        favour += part[:, None] * (whole - whole.max())
    found = votes.copy()
    found[:, order] *= np.exp(np.float32(_STRICT) * favour)[:, panel]
    total = votes.sum(axis=1, keepdims=True)
    found *= total / np.maximum(found.sum(axis=1, keepdims=True), np.float32(1e-9))
    return found
