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
    """Three sessions as `mangacolor.runtime.areas.AreaModel` wants them."""

    describing: ort.InferenceSession
    reading: ort.InferenceSession
    matching: ort.InferenceSession

    def describe(self, picture: Float32) -> Sequence[Float32]:
        return self._run(self.describing, picture=picture)

    def read_references(
        self, features: Float32, facts: Float32, there: npt.NDArray[np.bool_], colors: Float32
    ) -> Float32:
        (tokens,) = self._run(
            self.reading, features=features, facts=facts, there=there, colors=colors
        )
        return tokens

    def match(
        self,
        features: Float32,
        facts: Float32,
        there: npt.NDArray[np.bool_],
        tokens: Float32,
        tokens_there: npt.NDArray[np.bool_],
    ) -> Float32:
        (scores,) = self._run(
            self.matching,
            features=features,
            facts=facts,
            there=there,
            tokens=tokens,
            tokens_there=tokens_there,
        )
        return scores

    def _run(self, session: ort.InferenceSession, **feeds: npt.NDArray[Any]) -> list[Float32]:
        found: list[Float32] = session.run(None, feeds)
        return found
