"""A model that is opened once and colours chapter after chapter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from mangacolor.batch.known import Known
from mangacolor.batch.references import Reference
from mangacolor.bundle import Bundle, read_bundle
from mangacolor.config import Runtime
from mangacolor.errors import ModelError, SetupError
from mangacolor.runtime.engine import Engine, StyleTensors
from mangacolor.runtime.reference_areas import ReferenceAreas, gathered

__all__ = ["Held"]

# References that the painter of a model of areas looks at: what it keeps of each is large.
MOST_PAINTED = 4

_Looked = tuple[StyleTensors, ReferenceAreas | None]


class Held:
    """A verified bundle, its engine once a page has needed it, and what it knows by then.

    Attributes:
        folder: of the bundle.
        bundle: what it says.
        device, memory: what was asked for, as `Engine.open` has them.
        known: files of pages that were read before.

    Raises:
        ModelError: as `read_bundle`.
    """

    def __init__(self, folder: Path, device: Runtime = "auto", memory: float | None = None) -> None:
        self.folder, self.device, self.memory = folder, device, memory
        self.bundle: Bundle = read_bundle(folder)
        self.known = Known()
        self._engine: Engine | None = None
        self._described: dict[tuple[str, int], ReferenceAreas] = {}
        self._looked: tuple[tuple[tuple[str, int], ...], _Looked] | None = None

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine, for the block; it is opened the first time, and after a block that failed.

        Raises:
            SetupError, ModelError: as `Engine.open`.
        """
        if self._engine is None:
            self._engine = Engine.open(self.bundle, self.device, self.memory)
        try:
            yield self._engine
        except (ModelError, SetupError):
            self._engine = None
            raise

    def look_at(self, engine: Engine, references: Sequence[Reference]) -> _Looked:
        """The style and the areas of references; kept until others are looked at.

        Raises:
            ModelError: a graph fails.
        """
        key = tuple((r.digest, r.piece) for r in references)
        if self._looked is None or self._looked[0] != key:
            # Where areas are matched the painter needs no more than an idea of the palette.
            few = references[:MOST_PAINTED] if self.bundle.style == "areas" else references
            style = engine.style_of([reference.read() for reference in few])
            self._looked = key, (style, self._areas_of(engine, references))
        return self._looked[1]

    def _areas_of(self, engine: Engine, references: Sequence[Reference]) -> ReferenceAreas | None:
        """The areas of references, of which only those are described that were not before."""
        if self.bundle.style != "areas":
            return None
        described: dict[tuple[str, int], ReferenceAreas] = {}
        for reference in references:
            key = reference.digest, reference.piece
            known = described.get(key) or self._described.get(key)
            if known is None:
                worn = [reference.read()] if reference.changes else None
                known = engine.read_areas([reference.read_unchanged()], worn)
                assert known is not None
            described[key] = known
        self._described = described
        return gathered([described[r.digest, r.piece] for r in references])
