"""The graphs that describe and match areas, in ONNX Runtime."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from mangacolor.images.geometry import Float32

__all__ = ["AreaGraphs"]


@dataclasses.dataclass(frozen=True)
class AreaGraphs:
    """Sessions as `mangacolor.runtime.area_model.AreaModel` wants them."""

    describing: ort.InferenceSession
    reading: ort.InferenceSession
    matching: ort.InferenceSession
    finding: ort.InferenceSession | None = None

    def surfaces(self, page: Float32) -> tuple[Float32, Float32] | None:
        if self.finding is None:
            return None
        borders, kinds = self._run(self.finding, page=page)
        return borders, kinds

    def describe(self, picture: Float32) -> Sequence[Float32]:
        return self._run(self.describing, picture=picture)

    def read(self, features: Float32, facts: Float32, colors: Float32) -> Float32:
        (tokens,) = self._run(
            self.reading,
            features=features[None],
            facts=facts[None],
            there=_all(features),
            colors=colors[None],
        )
        return tokens[0]

    def match(
        self, features: Float32, facts: Float32, tokens: Float32
    ) -> tuple[Float32, Float32 | None]:
        scores, *guesses = self._run(
            self.matching,
            features=features[None],
            facts=facts[None],
            there=_all(features),
            tokens=tokens[None],
            tokens_there=_all(tokens),
        )
        # Models of before do not guess.
        return scores[0], guesses[0][0] if guesses else None

    def _run(self, session: ort.InferenceSession, **feeds: npt.NDArray[Any]) -> list[Float32]:
        found: list[Float32] = session.run(None, feeds)
        return found


def _all(rows: Float32) -> npt.NDArray[np.bool_]:
    """One view, or set of references, is filled up with nothing."""
    return np.ones((1, len(rows)), np.bool_)
