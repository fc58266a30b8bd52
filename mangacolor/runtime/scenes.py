"""Scenes: what is together in a panel is together in a panel of the references, too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32
from mangacolor.images.kinds import are_figures
from mangacolor.images.views import PLACE, View

__all__ = ["together"]

# How much less votes count for a panel that is so much less alike, for figures and for what is
# behind them, and from how much on an area says nothing more of it: that area is not in it.
_STRICT, _BEHIND, _AWAY = 10.0, 6.0, 0.2
# How near, of half a view's sides, areas are that say something of each other: two people in
# one panel may be of two panels.
_NEAR = 0.65


def together(votes: Float32, view: View, cosine: Float32, panels: npt.NDArray[np.int32]) -> Float32:
    """Votes of a view's areas that know which panels of the references those around are most like.

    Figures and what is behind them each for themselves: they may be of two scenes. What an area
    itself looks like counts already.

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
    around = _around(view)
    favour = np.zeros(best.shape, np.float32)
    for strict, part in ((_STRICT, figure), (_BEHIND, 1 - figure)):
        weight = around * part
        whole = weight @ less / np.maximum(weight.sum(axis=1, keepdims=True), np.float32(1e-6))
        gain = whole - whole.max(axis=1, keepdims=True)
        favour += np.float32(strict) * part[:, None] * gain
    found = votes.copy()
    found[:, order] *= np.exp(favour)[:, panel]
    total = votes.sum(axis=1, keepdims=True)
    found *= total / np.maximum(found.sum(axis=1, keepdims=True), np.float32(1e-9))
    return found


def _around(view: View) -> Float32:
    """How much areas say of each other, by how large and how near they are: float32 (K, K)."""
    places = view.facts[:, PLACE]
    square = ((places[:, None] - places) ** 2).sum(axis=2)
    found: Float32 = np.sqrt(view.sizes) * np.exp(-square / np.float32(2 * _NEAR**2))
    np.fill_diagonal(found, 0)
    return found
