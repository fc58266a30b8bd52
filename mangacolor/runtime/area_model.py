"""What colouring by areas needs of its networks, wherever they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from mangacolor.images.geometry import Float32
from mangacolor.images.views import View, pool, to_picture

if TYPE_CHECKING:
    from mangacolor.runtime.reference_areas import ReferenceAreas

__all__ = ["AreaModel", "SurfaceModel", "TaughtModel", "described"]


class SurfaceModel(Protocol):
    """What finds areas; all arrays are float32."""

    @property
    def sees_afar(self) -> bool:
        """Whether a part of it looks from afar, so that one look is enough."""

    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        """(1, 1, h, w), -1 ink ... +1 paper, to borders (1, 1, h, w) and kinds (1, k, h/2, w/2) in
        [0, 1]; None where there is no such network."""


class AreaModel(SurfaceModel, Protocol):
    """The networks, wherever they run; all arrays are float32."""

    def describe(self, picture: Float32) -> Sequence[Float32]:
        """(1, 3, h, w) in [-1, 1] to features at 1/4, 1/8, 1/16 and 1/32."""

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        """K areas of a reference, (K, F), (K, FACTS) and (K, 3) in [-1, 1], to tokens (K, D)."""

    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        """K areas of a page, (K, F) and (K, FACTS), and T tokens (T, D) to scores (K, T + 1), and
        guesses (K, len(shades())) if it makes them."""


class TaughtModel(AreaModel, Protocol):
    """The same of a model that may remember pages."""

    @property
    def remembered(self) -> ReferenceAreas | None:
        """What it remembers of pages that it was taught by, of `to_remember`; None: nothing."""


def described(model: AreaModel, view: View) -> Float32:
    """Features of a view's areas, float32 (K, F)."""
    return pool(view, model.describe(to_picture(view)))
