"""The graphs that describe and match areas, fed as `AreaModel` has it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mangacolor.images.geometry import Float32
from mangacolor.runtime.reference_areas import ReferenceAreas
from mangacolor.runtime.remembered import read_remembered

__all__ = ["AreaGraphs"]


@dataclasses.dataclass(frozen=True)
class AreaGraphs:
    """Graphs as `mangacolor.runtime.area_model.AreaModel` wants them.

    Attributes:
        run: runs the graph in a file on inputs by name, and tells in words what fails.
        describing, reading, matching, finding: the files; not every bundle has the last one.
        recalling: file of what it remembers, if it does.
        sees_afar: whether what finds areas looks from afar as well.
    """

    run: Callable[[Path, Mapping[str, npt.NDArray[Any]]], list[Float32]]
    describing: Path
    reading: Path
    matching: Path
    finding: Path | None = None
    recalling: Path | None = None
    sees_afar: bool = False

    @functools.cached_property
    def remembered(self) -> ReferenceAreas | None:
        return None if self.recalling is None else read_remembered(self.recalling)

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

    def _run(self, graph: Path, **feeds: npt.NDArray[Any]) -> list[Float32]:
        return self.run(graph, feeds)


def _all(rows: Float32) -> npt.NDArray[np.bool_]:
    """One view, or set of references, is filled up with nothing."""
    return np.ones((1, len(rows)), np.bool_)
